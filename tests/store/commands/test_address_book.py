"""The address book: a phone is corrected in one place, doubles become one or are kept apart, retiring changes nothing
of what was."""

from __future__ import annotations

import pytest

from store.commands import address_book, projects
from store.commands.address_book import PhoneChanges
from store.commands.exceptions import NameUnknown, NotMerged, PhoneDiffers, SelfMergeOfRecord
from store.commands.new_names import refuse_likenesses
from store.commands.people import Newcomers
from store.queries.doubles import doubles
from store.queries.issues import issues
from store.queries.name_lookup import find_by_name
from store.queries.people import (
    ContactEntry,
    ContactFilter,
    ContactKind,
    contact,
    contact_key,
    contacts,
    listing,
    merged_records,
)
from store.queries.projects import project
from store.queries.projects import projects as list_projects
from store.search.session import find
from store.writer.local_writes import Draft
from tests.store.queries.sample import TODAY, Sample

DAY = TODAY.isoformat()


def entry(district: Sample, name: str, kind: ContactKind = "person") -> ContactEntry:
    """The page of a person or unit."""
    line_id = find_by_name(district.connection, kind, name)[0].id
    shown = contact(district.connection, kind, line_id, DAY)
    assert shown is not None
    return shown


def phones(district: Sample, name: str) -> list[tuple[str, str | None, bool]]:
    """Somebody's phones: number, label, whether it is the main one."""
    return [(each.phone, each.label, each.main) for each in entry(district, name).phones]


def change(district: Sample, name: str, *, main: str | None = None, gone: tuple[str, ...] = ()) -> None:
    """Change phones as typed."""
    address_book.edit(district.ledger, "person", name, phones=PhoneChanges(main, gone=gone))


@pytest.mark.proves("R28")
def test_a_phone_is_corrected_in_one_place(district: Sample) -> None:
    """The correction is shown in every project that the person serves, the wrong number finds nobody any more, and
    nobody is added."""
    projects.edit(district.ledger, district.heat, roles={"enterprise_contact": "丙志远"})
    address_book.edit(district.ledger, "person", "丙志远", phones=PhoneChanges("19900000033"))
    for project_id in (district.water, district.heat):
        detail = project(district.connection, project_id, district.on)
        assert detail is not None
        assert [row.phone for row in detail.people if row.role == "enterprise_contact"] == ["19900000033"]
    assert find(district.connection, "19900000003") == []
    assert len(find_by_name(district.connection, "person", "丙志远")) == 1
    with pytest.raises(PhoneDiffers, match="丙志远"):
        refuse_likenesses(district.connection, [("person", "丙志远 19900000044")])


def test_several_phones_each_with_what_it_is_for(district: Sample) -> None:
    """Further phones stand behind the main one, find the person, change places with it, and go."""
    more = (("办公", "0418-2812345"), ("", "19900000009"))
    address_book.edit(district.ledger, "person", "甲建国", phones=PhoneChanges(label="手机", more=more))
    assert phones(district, "甲建国") == [
        ("19900000001", "手机", True), ("19900000009", None, False), ("0418-2812345", "办公", False),
    ]  # fmt: skip
    assert [hit.title for hit in find(district.connection, "2812345")] == ["甲建国"]
    assert find_by_name(district.connection, "person", "0418-2812345")[0].name == "甲建国"
    address_book.edit(district.ledger, "person", "甲建国", phones=PhoneChanges("19900000009"))
    assert phones(district, "甲建国")[:2] == [("19900000009", None, True), ("19900000001", "手机", False)]
    address_book.edit(district.ledger, "person", "甲建国", phones=PhoneChanges("", gone=("0418 2812345",)))
    assert [phone for phone, _label, _main in phones(district, "甲建国")] == ["19900000001"]


def test_a_label_goes_with_its_number(district: Sample) -> None:
    """The office line that becomes the main one stays the office line, and the mobile is not called one."""
    address_book.edit(district.ledger, "person", "甲建国", phones=PhoneChanges(more=(("办公", "0418-2812345"),)))
    change(district, "甲建国", main="0418-2812345")
    assert phones(district, "甲建国") == [("0418-2812345", "办公", True), ("19900000001", None, False)]
    change(district, "甲建国", main="19900000001")
    assert phones(district, "甲建国") == [("19900000001", None, True), ("0418-2812345", "办公", False)]


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        (PhoneChanges(label="手机"), [("19900000077", "手机", True)]),
        (PhoneChanges("19900000078"), [("19900000078", None, True)]),
        (PhoneChanges(gone=("19900000077",)), []),
        (PhoneChanges(""), []),
        (
            PhoneChanges(more=(("办公", "0418-2812345"), ("手机", "19900000077"))),
            [("19900000077", "手机", True), ("0418-2812345", "办公", False)],
        ),
    ],
)
def test_the_number_of_an_older_version_stays(
    district: Sample, changes: PhoneChanges, shown: list[tuple[str, str | None, bool]]
) -> None:
    """A number in the person's own line is kept when another one is added or it gets a label."""
    district.ledger.put("person", {"name": "戊旧号", "phone": "19900000077"})
    address_book.edit(district.ledger, "person", "戊旧号", phones=changes)
    assert phones(district, "戊旧号") == shown


def test_who_was_merged_is_known_by_each_of_their_numbers(district: Sample) -> None:
    """Typed with the number that the merged record had, main or further, nobody is added."""
    typed = PhoneChanges("19911112222", more=(("", "19911113333"),))
    other = address_book.add(district.ledger, "person", "甲国建", phones=typed).id
    kept = address_book.merge(district.ledger, "person", "甲建国", other)
    for number in ("19911112222", "19911113333"):
        assert [line.id for line in find_by_name(district.connection, "person", number)] == [kept]
        assert Newcomers(district.connection).person(f"甲国建 {number}") == kept


def test_a_number_that_two_records_shared_is_corrected_in_both(district: Sample) -> None:
    """Doubles are often found by their phone: corrected after the merge, the wrong number is with neither."""
    address_book.add(district.ledger, "person", "甲建国同志", phones=PhoneChanges("19900000001"))
    address_book.merge(
        district.ledger, "person", "甲建国", find_by_name(district.connection, "person", "甲建国同志")[0].id
    )
    change(district, "甲建国", main="19900000099")
    assert phones(district, "甲建国") == [("19900000099", None, True)]
    assert find_by_name(district.connection, "person", "19900000001") == []
    change(district, "甲建国", main="")
    assert phones(district, "甲建国") == []


@pytest.mark.proves("R31")
def test_a_unit_has_its_named_contact(district: Sample) -> None:
    """A department names whom to ask for; the phone is the person's own, so that it is corrected in one place."""
    address_book.edit(district.ledger, "unit", "住建局", contact="戊联络 19900000055")
    address_book.edit(
        district.ledger, "person", "戊联络", phones=PhoneChanges("19900000056"), unit="住建局", title="科长"
    )
    office, person = entry(district, "住建局", "unit"), entry(district, "戊联络")
    assert (office.contact, person.phone, person.unit, person.title) == ("戊联络", "19900000056", "住建局", "科长")
    assert person.apart == "住建局 …0056"
    address_book.edit(district.ledger, "unit", "住建局", contact="")
    assert entry(district, "住建局", "unit").contact is None


def test_the_entry_has_roles_issues_and_phones_of_merged_records(district: Sample) -> None:
    """After a merge the one that stays has the other's phone, projects and open issues; taken out again, it has its own
    only. A record is merged into one other, and never into itself."""
    address_book.add(district.ledger, "person", "乙卫东同志", phones=PhoneChanges("19900000077"))
    projects.edit(district.ledger, district.heat, roles={"butler": "乙卫东同志"})
    district.record("缺水", department="住建局", owner="乙卫东同志")
    before = entry(district, "19900000002")
    kept = address_book.merge(district.ledger, "person", "19900000002", "乙卫东同志")
    merged = entry(district, "乙卫东同志")
    assert (merged.id, merged.name, merged.former) == (kept, "乙卫东", ("乙卫东同志",))
    assert [each.phone for each in merged.phones] == ["19900000002", "19900000077"]
    assert (len(merged.roles), merged.open_issues) == (2, before.open_issues + 1)
    (record,) = merged_records(district.connection, "person", kept)
    with pytest.raises(SelfMergeOfRecord, match="乙卫东"):
        address_book.merge(district.ledger, "person", "乙卫东", "乙卫东同志")
    change(district, "乙卫东", gone=("19900000077",))
    change(district, "乙卫东", main="19900000078")
    assert [each.phone for each in entry(district, "乙卫东").phones] == ["19900000078"]
    address_book.unmerge(district.ledger, "person", record[0])
    assert entry(district, "乙卫东同志").name == "乙卫东同志"
    assert entry(district, kept).roles == before.roles
    with pytest.raises(NotMerged):
        address_book.unmerge(district.ledger, "person", record[0])
    with pytest.raises(NameUnknown):
        address_book.merge(district.ledger, "person", "乙卫东", "无此人")


def test_merged_the_other_way_round(district: Sample) -> None:
    """Who was merged can be made the one that stays: the merge before is taken back with it."""
    second = address_book.add(district.ledger, "person", "乙卫东同志").id
    first = address_book.merge(district.ledger, "person", "乙卫东", second)
    address_book.unmerge(district.ledger, "person", second)
    assert address_book.merge(district.ledger, "person", second, first) == second
    assert [line.id for line in find_by_name(district.connection, "person", "乙卫东")] == [second]


def test_likely_doubles_are_proposed_until_they_are_settled(district: Sample) -> None:
    """An equal phone, another spelling, title or dot, the district before an office, and names of one unit that sound
    alike are proposed; who was merged or kept apart is not proposed again, whoever looks."""
    for name, phone in (
        ("丙志远经理", "19900000034"),
        ("王某", "199-0000-0001"),
        ("艾力·买买提", None),
        ("艾力•买买提", None),
    ):
        address_book.add(district.ledger, "person", name, phones=PhoneChanges(phone), unit="教育局")
    for name in ("张炜", "张伟"):
        address_book.add(district.ledger, "person", name, unit="教育局")
    address_book.add(district.ledger, "unit", "区住建局")
    people = doubles(district.connection, "person", DAY)
    pairs = {frozenset((pair.first.name, pair.second.name)): pair.reasons for pair in people}
    assert pairs == {
        frozenset(("丙志远", "丙志远经理")): ("spelling",),
        frozenset(("甲建国", "王某")): ("phone",),
        frozenset(("艾力·买买提", "艾力•买买提")): ("name", "reading"),
        frozenset(("张炜", "张伟")): ("reading",),
    }
    assert [(pair.first.name, pair.second.name) for pair in doubles(district.connection, "unit", DAY)] == [
        ("住建局", "区住建局")
    ]
    for pair in people:
        if pair.reasons == ("reading",):
            address_book.keep_apart(district.ledger, "person", pair.second.id, pair.first.id)
        else:
            address_book.merge(district.ledger, "person", pair.first.id, pair.second.id)
    assert doubles(district.connection, "person", DAY) == []


def test_who_has_retired_is_in_the_list_no_more_but_in_what_was(district: Sample) -> None:
    """From a day on somebody is not listed unless asked for; their project still names them; it can be taken back."""
    address_book.retire(district.ledger, "person", "乙卫东")
    chosen = listing("person", DAY)
    assert "乙卫东" not in [each.name for each in contacts(district.connection, "person", chosen)]
    everybody = listing("person", DAY, ContactFilter(retired=True))
    assert "乙卫东" in [each.name for each in contacts(district.connection, "person", everybody)]
    detail = project(district.connection, district.water, district.on)
    assert detail is not None
    assert detail.row.butler == "乙卫东"
    address_book.retire(district.ledger, "person", "乙卫东", back=True)
    assert entry(district, "乙卫东").retired_on is None


def test_the_list_is_filtered_and_paged_by_key(district: Sample) -> None:
    """By unit, role, project and words; a page goes on behind the row before, in a number of statements that does not
    grow with the page."""
    drafts = [Draft("person", {"name": f"人员{n:03}"}) for n in range(40)]
    district.ledger.put_many(drafts)
    connection = district.connection
    first = contacts(connection, "person", listing("person", DAY), limit=15)
    rest = contacts(connection, "person", listing("person", DAY, ContactFilter(after=first[-1].id)))
    everybody = contacts(connection, "person", listing("person", DAY))
    assert first + rest == everybody == sorted(everybody, key=contact_key)
    butlers = contacts(connection, "person", listing("person", DAY, ContactFilter(role="butler")))
    serving = contacts(connection, "person", listing("person", DAY, ContactFilter(project=district.water)))
    assert [each.name for each in butlers] == ["乙卫东"]
    assert {each.name for each in serving} == {"甲建国", "乙卫东", "丙志远"}
    assert [
        each.name for each in contacts(connection, "unit", listing("unit", DAY, ContactFilter(role="lead_unit")))
    ] == ["住建局"]


def test_namesakes_are_told_apart_wherever_they_are_shown(district: Sample) -> None:
    """Two people of one name in two offices are shown with office and last digits in lists, steps and logs, and the
    name as it is shown can be typed back; who has no namesake is shown by name alone."""
    for office, phone in (("住建局", "19900001111"), ("发改局", "19900002222")):
        address_book.add(district.ledger, "person", "王伟", phones=PhoneChanges(phone), unit=office)
    first = find_by_name(district.connection, "person", "19900001111")[0].id
    issue = district.record("缺水", department="住建局", owner=first)
    projects.edit(district.ledger, district.heat, roles={"butler": "王伟（发改局 …2222）"})
    row = next(row for row in issues(district.connection, district.on) if row.id == issue)
    assert row.owner == "王伟（住建局 …1111）"
    shown = {each.name: each.butler for each in list_projects(district.connection, district.on)}
    assert sorted(filter(None, shown.values())) == ["乙卫东", "王伟（发改局 …2222）"]
