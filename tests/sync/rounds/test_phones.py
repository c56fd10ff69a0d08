"""Phones on real laptops: who receives them, how they merge, and that they leave with the role that needed them."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.commands import address_book
from store.commands.address_book import PhoneChanges
from store.commands.people import Newcomers, write_drafts
from store.queries.name_lookup import NamedLine, list_named
from store.search.session import find
from sync.central.admin import admin
from tests.sync.central_fixture import Central
from tests.sync.laptops import Laptop, bureau, project

PHONE = "19900000001"


def call(laptop: Laptop, named: str) -> str:
    """Name a person on this laptop; gives their id."""
    with laptop.open() as device:
        newcomers = Newcomers(device.ledger.database.connection())
        return write_drafts(device.ledger, newcomers, [], newcomers.person(named)).id


def change(laptop: Laptop, person: str, *, phone: str | None = None, **changes: str | None) -> None:
    """Edit a person on this laptop."""
    with laptop.open() as device:
        address_book.edit(device.ledger, "person", person, phones=PhoneChanges(phone), **changes)


def people(laptop: Laptop) -> dict[str, NamedLine]:
    """Everybody whom the laptop knows, by name."""
    with laptop.open() as device:
        return {one.name: one for one in list_named(device.ledger.database.connection(), "person")}


def found(laptop: Laptop, text: str) -> list[str]:
    """What the lookup finds on this laptop."""
    with laptop.open() as device:
        return [hit.title for hit in find(device.ledger.database.connection(), text)]


def joined(folder: Path, at: Central, office: Laptop, role: str) -> Laptop:
    """A laptop of somebody with this role, in step; a role of a project or department has its one there."""
    own = project(office, f"项目{role}")
    department = office.put("unit", name=f"局{role}")
    office.sync()
    named = {"projects": [own.id]} if role in ("butler", "lead_leader") else {}
    code = at.invite(role, role, department=department.id if role == "department" else None, **named)
    laptop = Laptop(folder / role).join(at, code)
    assert laptop.sync().verified
    return laptop


@pytest.mark.soak(turns=3)
@pytest.mark.parametrize(
    ("role", "receives"),
    [
        ("bureau", True),
        ("butler", True),
        ("lead_leader", True),
        ("department", True),
        ("supervision_office", False),
        ("principal_leader", False),
    ],
)
def test_phones_reach_who_needs_them(role: str, receives: bool, tmp_path: Path, at: Central) -> None:
    """The digits are on the laptops of those who call people, and in no line, index or sum of the others, who know the
    person all the same and agree with the central."""
    office = bureau(tmp_path / "office", at)
    call(office, f"甲建国 {PHONE}")
    laptop = joined(tmp_path, at, office, role)
    assert (PHONE.encode() in laptop.dump()) is receives
    assert people(laptop)["甲建国"].number == (PHONE if receives else None)
    assert found(laptop, "00000001") == (["甲建国"] if receives else [])
    assert found(laptop, "甲建国") == ["甲建国"]
    change(office, "甲建国", phone="19900000077")
    office.sync()
    assert laptop.sync().verified
    assert people(laptop)["甲建国"].number == ("19900000077" if receives else None)
    assert found(laptop, "00000077") == (["甲建国"] if receives else [])
    assert laptop.rows("SELECT count(*) FROM agreement WHERE bucket = 't'") == [(int(receives),)]


def test_phones_leave_with_the_role(tmp_path: Path, at: Central) -> None:
    """Who supervises from now on loses lines, history and index of the phones, and keeps the people; another role
    brings them back."""
    office = bureau(tmp_path / "office", at)
    call(office, f"甲建国 {PHONE}")
    laptop = joined(tmp_path, at, office, "bureau")
    change(office, "甲建国", phone="19900000077")
    office.sync()
    laptop.sync()
    admin.grant(at.data_dir, "bureau", "supervision_office")
    admin.withdraw(at.data_dir, "bureau", "bureau")
    assert laptop.sync().verified
    assert b"199000000" not in laptop.dump()
    assert laptop.rows("SELECT * FROM history WHERE kind = 'contact'") == []
    assert (found(laptop, "00000077"), found(laptop, "甲建国")) == ([], ["甲建国"])
    admin.grant(at.data_dir, "bureau", "bureau")
    assert laptop.sync().verified
    assert found(laptop, "甲建国 00000077") == ["甲建国"]


def test_a_phone_and_a_title_never_meet_in_conflict(pair: tuple[Laptop, Laptop]) -> None:
    """One laptop notes a new phone, another a title: both stand, and nothing was superseded."""
    first, second = pair
    call(first, f"甲建国 {PHONE}")
    for laptop in (first, second):
        laptop.sync()
    change(first, "甲建国", phone="19900000077")
    change(second, "甲建国", title="局长")
    results = [laptop.sync() for laptop in (first, second, first)]
    assert [(one.superseded, one.verified) for one in results] == [(0, True)] * 3
    assert first.dump() == second.dump()
    for laptop in pair:
        assert people(laptop)["甲建国"].number == "19900000077"
        assert laptop.rows("SELECT title FROM person WHERE name = '甲建国'") == [("局长",)]
        assert laptop.rows("SELECT reason FROM history WHERE reason != 'edited'") == []


def test_two_phones_are_one_line_of_which_the_later_wins(pair: tuple[Laptop, Laptop]) -> None:
    """Two laptops note a first phone of the same person: one line, the earlier one kept in its history, the person's
    own line untouched."""
    first, second = pair
    person = call(first, "甲建国")
    for laptop in (first, second):
        laptop.sync()
    change(first, "甲建国", phone=PHONE)
    change(second, "甲建国", phone="19900000077")
    for laptop in (first, second, first):
        laptop.sync()
    assert first.dump() == second.dump()
    for laptop in pair:
        assert people(laptop)["甲建国"].number == "19900000077"
        assert found(laptop, "甲建国") == ["甲建国"]
        assert found(laptop, "00000001") == []
    assert first.rows("SELECT kind, json_extract(body, '$.phone') FROM history WHERE reason = 'superseded'") == [
        ("contact", PHONE)
    ]
    assert first.rows("SELECT count(*) FROM history WHERE id = ?", person) == [(0,)]
