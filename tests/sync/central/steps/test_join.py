"""Accounts: one-time codes, tokens, homes that worked alone, revoking, renewing, and what the audit says of it all."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.ledger.hlc import system_clock_ms
from store.ledger.line import new_id
from store.values.text import fold_code
from sync.central.accounts.authentication import hash_secret
from sync.central.accounts.invitees import WhichPerson
from sync.central.accounts.rate_limit import (
    AUDITED_REFUSED_TOKENS,
    MAX_REFUSED_TOKENS,
)
from sync.central.admin import admin
from sync.central.admin.setup import open_database
from sync.central.db.tables import DEVICE, INVITE
from sync.exceptions import AmbiguousName
from sync.protocol.documents import EXCHANGE
from tests.sync.central.ledger import ids, outcome_codes, project, unit
from tests.sync.central_fixture import DISTRICT, DISTRICT_NAME, Central, Laptop, running_central


def joining(laptop: Laptop, code: str, **more: object) -> dict[str, object]:
    """The body of a join request."""
    return {"protocol": 1, "code": code, "device": {"id": laptop.device, "name": "笔记本"}, **more}


def refusal(laptop: Laptop, code: str, **more: object) -> tuple[int, str]:
    """Status and code of a join that is refused."""
    response = laptop.post("/v1/join", joining(laptop, code, **more))
    return response.status_code, response.json()["code"]


def test_a_code_works_once(central: Central) -> None:
    """The first account is the bureau's; its code opens once, typed in whatever case and spacing."""
    laptop, other = Laptop(central.url), Laptop(central.url)
    answer = laptop.join(central.admin_code.lower().replace("-", " "))
    assert answer["district"] == {"code": DISTRICT, "name": DISTRICT_NAME}
    assert answer["roles"] == [{"role": "bureau", "project": None, "department": None}]
    assert laptop.hello()["central"] == answer["central"]
    assert refusal(other, central.admin_code) == (403, "bad_invite")
    assert refusal(other, "ABCD-EFGH-JKMN") == (403, "bad_invite")


def test_a_code_lasts_ten_minutes(tmp_path: Path) -> None:
    """A code that was good nine minutes after it was made is none after eleven."""
    minutes = [0]
    with running_central(tmp_path, wall=lambda: system_clock_ms() + minutes[0] * 60_000) as central:
        good, late = central.invite("甲"), central.invite("乙")
        minutes[0] = 9
        Laptop(central.url).join(good)
        minutes[0] = 11
        assert refusal(Laptop(central.url), late) == (403, "bad_invite")


def test_an_account_is_the_person_whom_the_ledger_knows(central: Central) -> None:
    """An officer whom the responsibility table has named is that person; where two share a name the bureau says which,
    or that it is a third, and the device of a new person is told to write their line."""
    boss = central.enrol("局长")
    known, *twins = [boss.line("person", {"name": name}) for name in ("乙卫东", "辛柱", "辛 柱")]
    boss.push([known, *twins])
    whose = [("乙 卫东", WhichPerson()), ("辛柱", WhichPerson(twins[1].id)), ("辛柱", WhichPerson(new=True))]
    made = [admin.invite(central.data_dir, name, "bureau", which=which) for name, which in whose]
    assert [invited["person"] for invited in made] == [known.id, twins[1].id, None]
    answers = [Laptop(central.url).join(str(invited["code"])) for invited in made]
    assert [answer["person"]["id"] for answer in answers[:2]] == [known.id, twins[1].id]
    assert answers[2]["person"]["id"] not in {known.id, *(twin.id for twin in twins)}
    assert [answer["introduce"] for answer in answers] == [False, False, True]


def test_everybody_keeps_their_own_person_line(central: Central) -> None:
    """A department's officer, who writes nothing of the district, may write about themselves, and about nobody else."""
    boss = central.enrol("局长")
    house = unit(boss)
    boss.push([house])
    officer = central.enrol("科员", "department", department=house.id)
    me, another = (officer.line("person", {"name": name}) for name in ("科员", "旁人"))
    assert outcome_codes(officer.push([me._replace(id=officer.person), another])) == ["applied", "forbidden"]


def test_a_lone_home_keeps_its_person(central: Central) -> None:
    """A home that worked alone becomes an account with its own person, so that its lines are accepted as they are."""
    laptop = Laptop(central.url)
    laptop.person = new_id()
    earlier = project(laptop)
    answer = laptop.join(central.invite("王"), person={"id": laptop.person, "name": "王"}, district=DISTRICT)
    assert answer["person"] == {"id": earlier.author, "name": "王"}
    assert outcome_codes(laptop.push([earlier])) == ["applied"]


def test_an_invite_for_a_known_name_adds_a_device(central: Central) -> None:
    """A second device of one account speaks for the same person, and the invite's role is added."""
    first = central.enrol("王", "butler")
    second = Laptop(central.url)
    answer = second.join(central.invite("王", "lead_leader"), person={"id": new_id(), "name": "王"})
    assert answer["person"]["id"] == first.person
    assert {role["role"] for role in answer["roles"]} == {"butler", "lead_leader"}
    assert [person["devices"] for person in admin.list_accounts(central.data_dir)] == [2]


def test_another_districts_home_is_turned_away(central: Central) -> None:
    """A home of another district is refused and the code stays good."""
    code = central.invite("王")
    response = Laptop(central.url).post("/v1/join", joining(Laptop(central.url), code, district="110101"))
    assert response.status_code == 409
    assert response.json() | {"detail": ""} == {
        "code": "other_district", "detail": "", "ours": "110101", "theirs": DISTRICT,
    }  # fmt: skip
    Laptop(central.url).join(code)


def test_a_device_belongs_to_one_account(central: Central) -> None:
    """A device's id cannot be enrolled for another account; the same account may enrol it anew, which voids its old
    token."""
    first = central.enrol("王")
    other = Laptop(central.url)
    other.device = first.device
    assert refusal(other, central.invite("张")) == (409, "device_taken")
    old = first.token
    first.join(central.invite("王"))
    assert first.hello()["protocol"] == 1
    first.client.headers["authorization"] = f"Bearer {old}"
    assert first.post("/v1/hello", first.greeting()).status_code == 401


def test_revoking_works_from_the_next_request(central: Central) -> None:
    """A revoked device is refused at once, in every call; other devices of the account are not."""
    laptop, other = central.enrol("王"), Laptop(central.url)
    other.join(central.invite("王"))
    assert laptop.hello()["protocol"] == 1
    revoked = admin.revoke(central.data_dir, laptop.device)
    assert [(device["id"], bool(device["revoked_at"])) for device in revoked] == [(laptop.device, True)]
    for path in (EXCHANGE, "/v1/hello", "/v1/push", "/v1/pull", "/v1/fetch", "/v1/verify", "/v1/renew"):
        asked = {**laptop.greeting(), "lines": [], "buckets": [], "device": {"id": new_id(), "name": "x"}}
        asked |= {"device": laptop.device} if path == "/v1/hello" else {}
        asked |= {"buckets": {}, "cursor": None} if path == "/v1/verify" else {}
        response = laptop.post(path, asked)
        assert (response.status_code, response.json()["code"]) == (401, "revoked"), path
    assert laptop.client.get("/v1/live").json()["code"] == "revoked"
    assert other.hello()["protocol"] == 1


def test_a_device_called_like_a_person_does_not_stand_for_them(central: Central) -> None:
    """Whoever names a laptop like a colleague, or like themselves, is not what is stopped in that one's place."""
    central.enrol("局长")
    for name in ("王", "李"):
        laptop = Laptop(central.url)
        laptop.post("/v1/join", joining(laptop, central.invite(name)) | {"device": {"id": new_id(), "name": "王"}})
    with pytest.raises(AmbiguousName):
        admin.revoke(central.data_dir, "王")
    (account,) = (one["id"] for one in admin.list_accounts(central.data_dir) if one["name"] == "王")
    assert len(admin.revoke(central.data_dir, str(account))) == 1


def test_unknown_tokens_are_refused(central: Central) -> None:
    """Whatever else is in the header gets the same answer."""
    laptop = Laptop(central.url)
    for token in ("x", "a.b.c", f"{DISTRICT}.{new_id()}.x", f"{DISTRICT}.{new_id()}.", "x" * 5000, "é.é.é"):
        header = {b"authorization": f"Bearer {token}".encode()}
        response = laptop.client.post("/v1/hello", json=laptop.greeting(), headers=header)
        assert (response.status_code, response.json()["code"]) == (401, "unknown_token"), token
    assert laptop.post("/v1/hello", laptop.greeting()).headers["www-authenticate"] == "Bearer"


def test_a_changed_secret_is_refused(central: Central) -> None:
    """The right device with a wrong secret is refused."""
    laptop = central.enrol("王")
    laptop.client.headers["authorization"] = f"Bearer {laptop.token[:-1]}{'a' if laptop.token[-1] != 'a' else 'b'}"
    assert laptop.post("/v1/hello", laptop.greeting()).json()["code"] == "unknown_token"


def test_only_hashes_are_stored(central: Central) -> None:
    """Neither codes nor tokens are in the database, only their hashes; a token has 256 random bits."""
    laptop = central.enrol("王")
    secret = laptop.token.rpartition(".")[2]
    assert len(secret) == 43
    database = open_database(central.data_dir)
    with database.read() as connection:
        stored = repr([connection.execute(table.select()).all() for table in (DEVICE, INVITE)])
    database.close()
    assert hash_secret(secret) in stored
    assert secret not in stored
    assert central.admin_code not in stored
    assert fold_code(central.admin_code) not in stored


def test_names_are_made_inert(central: Central) -> None:
    """Control characters in a device's name, which the operator sees listed, are dropped."""
    laptop = Laptop(central.url)
    named = {"id": laptop.device, "name": "a\x1b[31m\u202eb\x00"}
    laptop.ask("/v1/join", {"protocol": 1, "code": central.invite("王"), "device": named})
    assert [device["name"] for device in admin.list_devices(central.data_dir)] == ["a[31mb"]


def test_everything_is_in_the_audit(central: Central) -> None:
    """The audit tells of invitations, joins, refused joins and tokens, roles, revocations and every write of a line, in
    the order of their commits, and pages through them (R50)."""
    laptop = central.enrol("王")
    refusal(Laptop(central.url), "ZZZZ-ZZZZ-ZZZZ", district=DISTRICT)
    first = project(laptop)
    second = first._replace(stamp=first.stamp + 1, base=first.stamp, body={**first.body, "name": "改"})
    laptop.push([first])
    laptop.push([second])
    admin.grant(central.data_dir, "王", "lead_leader")
    admin.withdraw(central.data_dir, "王", "lead_leader")
    admin.revoke(central.data_dir, laptop.device)
    laptop.post("/v1/hello", laptop.greeting())
    entries = admin.audit_page(central.data_dir)
    actions = [entry["action"] for entry in entries]
    assert actions == [
        "create", "invite", "write", "grants", "join", "join_refused", "write", "write", "write", "grants", "grant",
        "write", "grants", "withdraw", "revoke", "token_refused",
    ]  # fmt: skip
    writes = [entry for entry in entries if entry["action"] == "write" and entry["account"]]
    assert [(w["name"], w["device"], w["line"]) for w in writes] == [("王", laptop.device, first.id)] * 2
    assert [(w["stamp"], w["from_stamp"]) for w in writes] == [(first.stamp, None), (second.stamp, first.stamp)]
    paged, after = [], 0
    while page := admin.audit_page(central.data_dir, after=after, limit=3):
        paged += page
        after = page[-1]["seq"]
    assert paged == entries
    assert [entry["at"] for entry in entries] == sorted(entry["at"] for entry in entries)
    assert laptop.token.rpartition(".")[2] not in repr(entries)


def test_a_flood_of_refused_tokens_is_not_written_down(tmp_path: Path) -> None:
    """The first refusals of an address are in the audit, the many after them are not, and at last it must wait."""
    with running_central(tmp_path) as central:
        laptop = central.enrol("王")
        admin.revoke(central.data_dir, laptop.device)
        codes = [laptop.post("/v1/hello", laptop.greeting()).json()["code"] for _ in range(MAX_REFUSED_TOKENS + 1)]
        assert codes == ["revoked"] * MAX_REFUSED_TOKENS + ["too_many"]
        actions = [entry["action"] for entry in admin.audit_page(central.data_dir)]
        assert actions.count("token_refused") == AUDITED_REFUSED_TOKENS


def test_districts_of_one_database_know_nothing_of_each_other(central: Central) -> None:
    """A second district has accounts, names and lines of its own; a token or an id of the first is nothing there."""
    code = admin.create(central.data_dir, "110101", "东城")
    first, second = Laptop(central.url), Laptop(central.url)
    first.join(central.admin_code)
    second.join(code, person={"id": first.person, "name": "局长"})
    assert second.person == first.person
    own = project(first)
    assert outcome_codes(first.push([own])) == ["applied"]
    twin = own._replace(device=second.device, author=second.person)
    assert second.pull()["lines"] == []
    assert outcome_codes(second.push([twin])) == ["applied"]
    assert ids(second.ask("/v1/fetch", {"buckets": [f"h:{own.id}"]})) == [own.id]
    assert [admin.stats(central.data_dir, district=code)["lines"] for code in (DISTRICT, "110101")] == [2, 2]
    second.client.headers["authorization"] = f"Bearer 110101.{first.token.partition('.')[2]}"
    assert second.post("/v1/hello", second.greeting()).status_code == 401


def test_when_a_device_was_seen(tmp_path: Path) -> None:
    """The operator sees when a device was last seen: a round records it, at most once an hour."""
    later = [0]
    with running_central(tmp_path, wall=lambda: system_clock_ms() + later[0]) as central:
        laptop = central.enrol("局长")
        times = []
        for minutes in (1, 30, 90, 100):
            later[0] = minutes * 60_000
            laptop.hello()
            times.append(admin.list_devices(central.data_dir)[0]["seen_at"])
    assert times[0] == times[1] < times[2] == times[3]


@pytest.mark.parametrize(
    "typed",
    ["{}", " {} ", "{}\u3000", "\u200b{}"],
)
@pytest.mark.parametrize("dash", ["", " ", "-", "－", "—", "–", "‑", "·", "."])
def test_a_code_is_taken_as_people_type_it(typed: str, dash: str) -> None:
    """Width, case, dashes, blanks and look-alike letters of a code do not matter."""
    wide = str.maketrans({c: chr(ord(c) + 0xFEE0) for c in "ABK019"})
    for code in ("0A1B", "oaib", "OALB", "0ａ1ｂ", "0A1B".translate(wide)):
        assert fold_code(typed.format(dash.join((code, "9k2z")))) == "0A1B9K2Z"


def test_the_holder_of_a_code_is_told_whom_it_is_for(central: Central) -> None:
    """Name and roles, as often as one asks, without the code being spent; nothing for a code that is none."""
    code, laptop = central.invite("王", "butler"), Laptop(central.url)
    for typed in (code, code.lower().replace("-", "—")):
        answer = laptop.ask("/v1/invitation", {"code": typed})
        assert answer == {"name": "王", "own": False, "roles": ["butler"]}
    assert laptop.join(code)["person"]["name"] == "王"
    for wrong in (code, "ZZZZ-ZZZZ-ZZZZ"):
        response = Laptop(central.url).post("/v1/invitation", {"code": wrong})
        assert (response.status_code, response.json()["code"]) == (403, "bad_invite")


def test_a_device_whose_answer_was_lost_uses_its_code_once_more(central: Central) -> None:
    """The same device gets the same account and a token that works; another one, or a revoked one, gets nothing."""
    code, laptop = central.invite("王"), Laptop(central.url)
    first, before = laptop.join(code), laptop.token
    again = laptop.join(code)
    assert (again["person"], again["roles"]) == (first["person"], first["roles"])
    assert laptop.token != before
    assert laptop.hello()["protocol"] == 1
    assert len(admin.list_devices(central.data_dir)) == 1
    assert refusal(Laptop(central.url), code) == (403, "bad_invite")
    admin.revoke(central.data_dir, laptop.device)
    assert refusal(laptop, code) == (403, "bad_invite")


def test_a_code_used_once_more_brings_no_role_back(central: Central) -> None:
    """The device whose role was withdrawn joins again while its code lasts, and has what the account has now."""
    central.enrol("局长")
    code, laptop = central.invite("王", "bureau"), Laptop(central.url)
    assert [role["role"] for role in laptop.join(code)["roles"]] == ["bureau"]
    admin.withdraw(central.data_dir, "王", "bureau")
    assert laptop.join(code)["roles"] == []


def test_a_used_code_is_worth_nothing_to_colleagues(central: Central) -> None:
    """Who has seen a code that was used, and reads in a line which device has used it, does not get a token of it, nor
    learns whom it is for; that device's own goes on."""
    code, laptop = central.invite("王"), Laptop(central.url)
    laptop.join(code)
    laptop.push([project(laptop)])
    thief = Laptop(central.url)
    thief.device = laptop.device
    assert refusal(thief, code) == (403, "bad_invite")
    assert thief.post("/v1/invitation", {"code": code, "device": laptop.device}).status_code == 403
    assert laptop.hello()["protocol"] == 1
