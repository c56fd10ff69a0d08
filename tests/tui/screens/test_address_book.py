"""The address book on the screen: reached by one key, a phone corrected in a few, doubles made one, taken apart."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from store.commands import address_book
from store.commands.address_book import PhoneChanges
from store.queries.people import contacts, listing
from store.writer.local_writes import Ledger
from tests.tui.conflicts import store_of
from tests.tui.driving import drive, make_app, press, screen_text, settled, type_text
from tests.tui.sample import NOON_MS
from tui.screens.address_book import AddressBookScreen

DAY = "2026-05-20"


def names(home: Path) -> dict[str, str | None]:
    """Who is in the book: main phones by name."""
    database = store_of(home)
    shown = contacts(database.connection(), "person", listing("person", DAY))
    database.close()
    return {entry.name: entry.phone for entry in shown}


def add(home: Path, name: str, phone: str) -> None:
    """Somebody more."""
    database = store_of(home)
    address_book.add(Ledger(database, wall_clock=lambda: NOON_MS), "person", name, phones=PhoneChanges(phone))
    database.close()


def change(home: Path, name: str, phones: PhoneChanges) -> None:
    """Somebody's phones change, as by another process."""
    database = store_of(home)
    address_book.edit(Ledger(database, wall_clock=lambda: NOON_MS), "person", name, phones=phones)
    database.close()


def further_phones(home: Path, name: str) -> set[str]:
    """Somebody's numbers but the main one."""
    database = store_of(home)
    shown = contacts(database.connection(), "person", listing("person", DAY))
    database.close()
    return {phone.phone for entry in shown if entry.name == name for phone in entry.phones if not phone.main}


def name_under_cursor(pilot: Pilot[None]) -> str:
    """Whom the cursor is on."""
    assert isinstance(pilot.app.screen, AddressBookScreen)
    row = pilot.app.screen.rows.row
    assert row is not None
    return row.entry.name


@pytest.mark.proves("R28")
def test_a_phone_is_corrected_copied_and_seen_everywhere(home: Path) -> None:
    """One key opens the book from any screen; e, the digits and ^S correct the phone of whom the cursor is on; y copies
    it; the page names projects and open issues; the lookup finds and opens them by @."""

    keys = ("7", "e", "ctrl+s")
    assert len(keys) <= 4

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "3", keys[0])
        depth = len(pilot.app.screen_stack)
        await press(pilot, keys[0])  # it is here already
        assert len(pilot.app.screen_stack) == depth
        name = name_under_cursor(pilot)
        await press(pilot, keys[1])
        await type_text(pilot, "13912345678")
        await press(pilot, keys[2])
        assert names(home)[name] == "13912345678"
        await press(pilot, "y")
        assert pilot.app.clipboard == "13912345678"
        await press(pilot, "enter")
        assert "13912345678" in screen_text(pilot)
        assert "企业联系人" in screen_text(pilot)
        await press(pilot, "slash")
        await type_text(pilot, f"@{name}")
        await press(pilot, "enter")
        await settled(pilot)
        assert name_under_cursor(pilot) == name

    drive(make_app(home), script)


def test_a_phone_that_arrives_while_the_form_is_open_stays(home: Path) -> None:
    """Of the further phones only those go that the form has shown and that are no longer named."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "7")
        name = name_under_cursor(pilot)
        change(home, name, PhoneChanges(more=(("办公", "0418-2812345"),)))
        await settled(pilot)
        await press(pilot, "e", "tab", "tab")
        change(home, name, PhoneChanges(more=(("家", "0418-2899999"),)))
        await type_text(pilot, "；19900000088")
        await press(pilot, "ctrl+s")
        await settled(pilot)
        assert further_phones(home, name) == {"0418-2812345", "0418-2899999", "19900000088"}

    drive(make_app(home), script)


def test_doubles_are_worked_through_and_nobody_is_entered_twice(home: Path) -> None:
    """A name like a known one is asked about before it is entered. The bureau works through the proposals: w makes a
    pair one, x keeps it apart; t takes a record out again, and u takes that back. x retires; tab shows the units."""
    add(home, "壬福生同志", "13900000002")

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "7", "n")
        await type_text(pilot, "乙卫东同志")
        await press(pilot, "ctrl+s")
        assert "再保存一次" in screen_text(pilot)
        await press(pilot, "ctrl+s", "d", "w")
        assert "乙卫东同志" not in names(home)
        await press(pilot, "x")
        await press(pilot, "escape", "home", "down", "down", "t")
        await press(pilot, "1")
        assert {"乙卫东同志", "壬福生同志"} <= names(home).keys()
        await press(pilot, "u", "u", "home", "x")
        assert not {"乙卫东同志", "丁红梅"} & names(home).keys()
        await press(pilot, "tab")
        assert "供电公司" in screen_text(pilot)

    drive(make_app(home), script)


def test_three_records_of_one_person_are_made_one_at_once(home: Path) -> None:
    """Of the three pairs that three records make the last is one already when its turn comes: no error is told. u takes
    all back."""
    add(home, "壬福生同志", "13900000002")
    add(home, "壬福生主任", "13900000003")
    before = names(home)

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "7", "d", "space", "space", "space", "w")
        await settled(pilot)
        assert "已合并" in screen_text(pilot)
        assert len(names(home)) == len(before) - 2
        await press(pilot, "u", "u")  # the first asks
        await settled(pilot)
        assert names(home) == before

    drive(make_app(home), script)
