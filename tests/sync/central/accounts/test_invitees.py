"""Who joins as whom: an invitation is for one person, and nobody becomes another by a name or a claim."""

from __future__ import annotations

import pytest

from store.ledger.line import derived_id, new_id
from sync.central.accounts.invitees import WhichPerson
from sync.central.admin import admin
from sync.exceptions import PersonNotSpecified, UnknownName
from tests.sync.central_fixture import DISTRICT, Central, Laptop


def invite(central: Central, name: str, which: WhichPerson = WhichPerson(), role: str = "bureau") -> str:  # noqa: B008
    """A code, as the operator asks for it."""
    return str(admin.invite(central.data_dir, name, role, which=which)["code"])


def refusal(central: Central, code: str, person: str, name: str = "我") -> tuple[int, str]:
    """Status and code of a join that is refused, by a home of this person."""
    laptop = Laptop(central.url)
    asked = {"protocol": 1, "code": code, "device": {"id": laptop.device, "name": "x"}}
    response = laptop.post("/v1/join", asked | {"person": {"id": person, "name": name}})
    return response.status_code, response.json()["code"]


def test_nobody_joins_as_a_leader_who_has_no_account_yet(central: Central) -> None:
    """An invited person whose home claims to be somebody else of the ledger is refused, whether that one has an account
    or not; the code stays good for the person whom it is for."""
    boss = central.enrol("局长")
    leader = boss.line("person", {"name": "李副区长"})
    boss.push([leader])
    code = invite(central, "科员")
    for claimed, name in ((leader.id, "李副区长"), (leader.id, "科员"), (boss.person, "局长")):
        assert refusal(central, code, claimed, name) == (409, "other_person")
    answer = Laptop(central.url).join(code, person={"id": new_id(), "name": "科员"})
    assert answer["person"]["id"] not in (leader.id, boss.person)


def test_a_known_account_is_joined_only_by_its_own_person(central: Central) -> None:
    """A code for one more device of an account does not turn a colleague's home into that account."""
    first, second = central.enrol("王"), central.enrol("张")
    code = invite(central, "王", WhichPerson(again=True))
    assert refusal(central, code, second.person, "张") == (409, "other_person")
    assert Laptop(central.url).join(code, person={"id": first.person, "name": "王"})["person"]["id"] == first.person


def test_a_person_to_come_cannot_be_taken_beforehand(central: Central) -> None:
    """An id that follows from a name is nobody's to bring along: the ledger may know that person tomorrow."""
    claimed = derived_id(DISTRICT, "person", "李副区长", "")
    answer = Laptop(central.url).join(invite(central, "科员"), person={"id": claimed, "name": "科员"})
    assert answer["person"]["id"] != claimed


def test_a_code_without_a_name_takes_over_no_account(central: Central) -> None:
    """The first code of a district, which names nobody, makes an account of its own, whatever its home is called."""
    leader = central.enrol("王区长", "principal_leader")
    answer = Laptop(central.url).join(central.admin_code, person={"id": new_id(), "name": "王区长"})
    assert answer["person"]["id"] != leader.person
    assert len(admin.list_accounts(central.data_dir)) == 2


def test_a_code_without_a_name_is_for_nobody_whom_the_ledger_knows(central: Central) -> None:
    """Its home cannot become a person of the ledger by bearing that name."""
    boss = central.enrol("局长")
    leader = boss.line("person", {"name": "李副区长"})
    boss.push([leader])
    answer = Laptop(central.url).join(central.admin_code, person={"id": new_id(), "name": "李副区长"})
    assert answer["person"]["id"] != leader.id


@pytest.mark.soak(turns=6)
@pytest.mark.parametrize("joined", [False, True])
@pytest.mark.parametrize("spelt", ["张伟", "张 伟", "张　伟", "张\u200b伟", "张伟同志", "张伟（管家）"])
def test_a_second_invitation_for_a_name_asks(central: Central, joined: bool, spelt: str) -> None:
    """Two men called 张伟: the second invitation asks which one is meant, before the first has joined and after,
    however the name is spaced, and with a title or something invisible in it; each gets his own account (S14, W1)."""
    code = invite(central, "张伟", role="butler")
    first = Laptop(central.url)
    if joined:
        first.join(code)
    with pytest.raises(PersonNotSpecified) as asked:
        invite(central, spelt, role="lead_leader")
    assert "张伟" in str(asked.value.values["candidates"])
    other = Laptop(central.url)
    roles = other.join(invite(central, spelt, WhichPerson(new=True), "lead_leader"))["roles"]
    if not joined:
        first.join(code)
    assert first.person != other.person
    assert [role["role"] for role in roles] == ["lead_leader"]


def test_the_same_person_again_gets_one_more_device(central: Central) -> None:
    """--again is for who is known by that name; a code that was lost ends with the next one for the same person."""
    lost = invite(central, "张伟")
    again = invite(central, "张伟", WhichPerson(again=True))
    assert refusal(central, lost, new_id()) == (403, "bad_invite")
    first, second = Laptop(central.url), Laptop(central.url)
    first.join(again)
    second.join(invite(central, "张伟", WhichPerson(again=True)))
    assert first.person == second.person


def test_which_of_two_is_said_by_id(central: Central) -> None:
    """Where two have one name, --again asks too, and an id that is another's is refused."""
    first = central.enrol("张伟")
    second, third = Laptop(central.url), Laptop(central.url)
    second.join(invite(central, "张伟", WhichPerson(new=True)))
    with pytest.raises(PersonNotSpecified):
        invite(central, "张伟", WhichPerson(again=True))
    with pytest.raises(UnknownName):
        invite(central, "李四", WhichPerson(person=first.person))
    third.join(invite(central, "张伟", WhichPerson(person=second.person)))
    assert third.person == second.person != first.person


def test_a_merged_record_is_nobody_beside_the_one_that_stays(central: Central) -> None:
    """Who was merged into an account's person is that account under either name, not somebody new; of two records
    without an account the one that stays is invited, without a question. Namesakes are told apart by unit and phone."""
    boss = central.enrol("局长")
    known = central.enrol("李娜")
    office = boss.line("unit", {"name": "住建局", "kind": "department"})
    other, first, second = (boss.line("person", {"name": name}) for name in ("李丽娜", "王芳", "王芳"))
    pairs = ((other.id, known.person), (first.id, second.id))
    merges = [boss.line("merge", {"what": "person", "from_id": old, "into_id": kept}) for old, kept in pairs]
    namesakes = [boss.line("person", {"name": "赵敏", "unit_id": office.id}), boss.line("person", {"name": "赵敏"})]
    phone = boss.line("contact", {"person_id": namesakes[1].id, "phone": "19900000022"})
    lines = [office, other, first, second, *merges, *namesakes, phone]
    assert {outcome["outcome"] for outcome in boss.push(lines)} == {"applied"}
    with pytest.raises(PersonNotSpecified) as asked:
        invite(central, "李丽娜")
    assert "李娜" in str(asked.value.values["candidates"])
    made = admin.invite(central.data_dir, "李丽娜", "auditor", which=WhichPerson(person=known.person))
    assert made["person"] == known.person and made["account"] is not None
    assert admin.invite(central.data_dir, "王芳", "auditor")["person"] == second.id
    with pytest.raises(PersonNotSpecified) as asked:
        invite(central, "赵敏")
    assert "住建局" in str(asked.value.values["candidates"]) and "…0022" in str(asked.value.values["candidates"])


def test_a_name_that_sounds_or_looks_like_a_known_one_is_asked_about(central: Central) -> None:
    """王伍, ⺩五 with a radical for 王, and wangwu may be the 王五 who has an account; 王六 is somebody else. With
    --new each is another person."""
    central.enrol("王五")
    for name in ("王伍", "⺩五", "wangwu", "Wang Wu"):
        with pytest.raises(PersonNotSpecified, match="王五"):
            invite(central, name)
    assert invite(central, "王六")
    assert invite(central, "王伍", WhichPerson(new=True))
