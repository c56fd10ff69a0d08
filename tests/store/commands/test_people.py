"""Who is meant, and whom a command names for the first time."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.commands import address_book
from store.commands.address_book import PhoneChanges
from store.commands.exceptions import NameAmbiguous, NameMistyped, NameUnknown
from store.commands.people import (
    Newcomers,
    ensure_department,
    former_person_id,
    split_phone,
    unit_id,
    write_drafts,
)
from store.commands.resolve import resolve
from store.importing.matching import IdAllocator
from store.ledger.line import derived_id
from store.queries.lines import current_line
from store.queries.name_lookup import find_by_name
from store.search.contact_phones import contact_id
from store.search.session import find
from tests.store.devices import MergeOnlyCentral, device, sync
from tests.store.queries.sample import Sample, statements


def newcomers(district: Sample) -> Newcomers:
    """Nobody named yet."""
    return Newcomers(district.connection)


def shown(district: Sample, person: str) -> str:
    """A person as candidates are shown."""
    return str(find_by_name(district.connection, "person", person)[0])


def body_of(district: Sample, line_id: str) -> Mapping[str, Any]:
    """What a line says."""
    stored = current_line(district.connection, line_id)
    assert stored is not None
    return stored.body


def test_a_known_name_is_found_not_written_again(district: Sample) -> None:
    """By name, phone or id the same person is meant, and nothing is drafted."""
    fresh = newcomers(district)
    found = {
        fresh.person(text)
        for text in ("乙卫东", "乙 卫东", "19900000002", "乙卫东 199-0000-0002", "乙卫东 +8619900000002")
    }
    assert len(found) == 1
    assert fresh.person(found.copy().pop()) in found
    assert fresh.drafts == []


def test_many_names_are_looked_up_at_once(district: Sample) -> None:
    """A training of the whole district reads the names of all people once, and of each who is named one line by its
    id."""
    known = newcomers(district)
    known.person("乙卫东")
    with statements(district.connection) as seen:
        assert len({known.person(name) for name in ("甲建国", "丙志远", "丁水", "乙卫东")}) == 4
    assert len(seen) <= 4
    assert all("WHERE id IN (SELECT value" in statement for statement in seen)


def test_an_unknown_name_is_written_down_and_told(district: Sample) -> None:
    """A department named for the first time becomes a unit, and the caller learns of it (R49)."""
    written = ensure_department(district.ledger, " 应急管理局 ")
    assert [(one.kind, one.name) for one in written.added] == [("unit", "应急管理局")]
    stored = current_line(district.connection, written.id)
    assert stored is not None
    assert stored.body == {"name": "应急管理局", "kind": "department"}
    assert ensure_department(district.ledger, "应急管理局").added == ()


def test_two_laptops_write_down_the_same_department_as_one_line(tmp_path: Path) -> None:
    """Named offline on two devices, a department is one line after both have synced."""
    central, devices = MergeOnlyCentral(), [device(tmp_path, name) for name in "ab"]
    for one in devices:
        ensure_department(one, "应急管理局")
    for one in (*devices, *devices):
        sync(one, central)
    assert len(central.lines) == 1
    assert [len(find_by_name(one.database.connection(), "unit", "应急管理局")) for one in devices] == [1, 1]


def test_ids_of_units_are_those_that_intake_gives() -> None:
    """Named by hand on one device and imported from a table on another, a unit is one line."""
    given = IdAllocator("210903", []).allocate("unit", "水务局", is_same=lambda _line: True)
    assert given == unit_id("210903", "水 务局")


def test_an_id_gives_no_phone_away(district: Sample) -> None:
    """A new person's id is random: nobody who knows the name finds the phone by trying all there are. Named twice in
    one command, it is one person."""
    fresh = newcomers(district)
    person = fresh.person("丁水 19900000007")
    assert person[14] == "7" and person != newcomers(district).person("丁水 19900000007")
    assert (fresh.person("丁 水 +86 199-0000-0007"), len(fresh.added)) == (person, 1)


def test_a_part_of_a_name_is_never_a_newcomers_name(district: Sample) -> None:
    """Where unknown names are written down, only the whole name means somebody: 建国 is not 甲建国."""
    fresh = newcomers(district)
    person = fresh.person("建国")
    assert [draft.body["name"] for draft in fresh.drafts] == ["建国"]
    assert fresh.person("建国") == person
    assert len(fresh.drafts) == 1


def test_another_phone_is_another_person(district: Sample) -> None:
    """A person is matched on name and phone; the bare name of two is ambiguous, and the candidates are listed."""
    fresh = newcomers(district)
    write_drafts(district.ledger, fresh, [], fresh.person("乙卫东 19900000099"))
    assert [(one.kind, one.body.get("phone")) for one in fresh.drafts] == [
        ("person", None),
        ("contact", "19900000099"),
    ]
    with pytest.raises(NameAmbiguous) as refused:
        newcomers(district).person("乙卫东")
    assert "19900000002" in str(refused.value)
    assert "19900000099" in str(refused.value)


def test_a_phone_that_rings_nobody_is_no_name(district: Sample) -> None:
    """Digits alone are not written down as somebody's name, nor is an id that is not here, nor nothing."""
    for text in ("19900000077", derived_id("nobody"), "", " "):
        with pytest.raises(NameUnknown):
            newcomers(district).person(text)


def test_a_renamed_unit_is_not_taken_back(district: Sample) -> None:
    """When the unit that once had this name is called something else now, a new one is written down."""
    first = ensure_department(district.ledger, "环保局").id
    district.ledger.edit("unit", first, name="生态环境局")
    second = ensure_department(district.ledger, "环保局").id
    assert first != second
    district.ledger.edit("unit", second, name="环保分局")
    named = newcomers(district)
    assert named.unit("环保局") == named.unit("环 保局") and len(named.added) == 1
    assert find_by_name(district.connection, "unit", "生态环境局")[0].id == first


def test_a_deleted_unit_comes_back_under_its_id(district: Sample) -> None:
    """Naming a deleted department again restores that line."""
    first = ensure_department(district.ledger, "环保局").id
    district.ledger.delete("unit", first)
    assert ensure_department(district.ledger, "环保局").id == first
    assert len(find_by_name(district.connection, "unit", "环保局")) == 1


def test_an_ambiguous_part_lists_the_candidates(district: Sample) -> None:
    """A part of several names is refused with all of them (contract.md: exits 1)."""
    with pytest.raises(NameAmbiguous, match=r"供水改造工程 \(2\); 供热  改造 \(10\)"):
        resolve(district.connection, "project", "改造")
    assert resolve(district.connection, "project", "供水").id == district.water


def test_a_mistyped_name_says_which_was_meant(district: Sample) -> None:
    """The nearest name is offered; where nothing is near, finding is."""
    with pytest.raises(NameMistyped, match="供水改造工程"):
        resolve(district.connection, "project", "供水改进工程")
    with pytest.raises(NameUnknown, match="guanjia find"):
        resolve(district.connection, "project", "zzzz")


def test_a_person_can_be_corrected(district: Sample) -> None:
    """A new unit is an edit of the person's line, a new phone one of their contact line; no phone takes that away."""
    edited = address_book.edit(district.ledger, "person", "丁水", phones=PhoneChanges("19900000055"), unit="供水公司")
    assert [one.name for one in edited.added] == ["供水公司"]
    assert shown(district, "丁水") == "丁水 (19900000055, 供水公司)"
    assert "phone" not in body_of(district, edited.id)
    address_book.edit(district.ledger, "person", "丁水", phones=PhoneChanges(""))
    assert shown(district, "丁水") == "丁水 (供水公司)"
    address_book.edit(district.ledger, "person", "丁水", phones=PhoneChanges("19900000056"), title="科长")
    assert shown(district, "丁水") == "丁水 (19900000056, 供水公司)"


def test_a_new_phone_keeps_what_is_noted_beside_the_old_one(district: Sample) -> None:
    """A contact line's note, and what a newer version wrote into it, outlive a change of the phone."""
    person = find_by_name(district.connection, "person", "甲建国")[0].id
    contact = contact_id("210903", person)
    district.ledger.edit("contact", contact, note="晚上勿扰", later=[1])
    address_book.edit(district.ledger, "person", person, phones=PhoneChanges("19900000055"))
    assert body_of(district, contact) == {
        "person_id": person, "phone": "19900000055", "note": "晚上勿扰", "later": [1],
    }  # fmt: skip


def test_a_phone_in_the_persons_own_line_counts_until_there_is_a_newer_one(district: Sample) -> None:
    """What an older version wrote is shown, found and named by; a new phone leaves the person's line, and so does a
    phone that is taken away."""
    for phone in ("19900000055", None):
        old = district.ledger.put("person", {"name": "辛柱", "phone": "19900000011", "title": "局长"}).id
        assert shown(district, old) == "辛柱 (19900000011)"
        assert newcomers(district).person("辛柱 199-0000-0011") == old
        assert [hit.id for hit in find(district.connection, "00000011")] == [old]
        address_book.edit(district.ledger, "person", old, title="主任")
        assert shown(district, old) == "辛柱 (19900000011)"
        address_book.edit(district.ledger, "person", old, phones=PhoneChanges(phone or ""))
        assert body_of(district, old) == {"name": "辛柱", "title": "主任"}
        assert shown(district, old) == f"辛柱 ({phone or old})"
        assert find(district.connection, "00000011") == []
        district.ledger.delete("person", old)


def test_who_does_not_see_a_phone_means_the_same_person_by_it(district: Sample) -> None:
    """Where the phone is not known, the id that an older version derived from name and phone tells the person; another
    phone is another person all the same."""
    known = district.ledger.put("person", {"name": "辛柱"}, id=former_person_id("210903", "辛柱", "19900000011")).id
    assert newcomers(district).person("辛柱 19900000011") == known
    assert newcomers(district).person("辛柱 19900000012") != known


@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        ("乙卫东 19900000002", ("乙卫东", "19900000002")),
        ("乙卫东19900000002", ("乙卫东", "19900000002")),
        ("乙卫东（19900000002）", ("乙卫东", "19900000002")),
        ("乙卫东：+86 199 0000 0002", ("乙卫东", "+86 199 0000 0002")),
        ("乙卫东 0418-2900000", ("乙卫东", "0418-2900000")),
        ("乙卫东", ("乙卫东", None)),
        ("三组2", ("三组2", None)),
        ("19900000002", ("19900000002", None)),
    ],
)
def test_a_phone_may_follow_a_name(typed: str, parts: tuple[str, str | None]) -> None:
    """Glued, spaced or in brackets, a phone is told from the name before it."""
    assert split_phone(typed) == parts


@given(st.text(max_size=20))
def test_splitting_loses_no_digit(typed: str) -> None:
    """Whatever is typed, every digit is in the name or in the phone."""
    name, phone = split_phone(typed)
    assert [c for c in typed if c.isdigit()] == [c for c in name + (phone or "") if c.isdigit()]
