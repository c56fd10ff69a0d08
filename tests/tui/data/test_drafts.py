"""Drafts of forms: nothing typed is lost, however fast a form is left, and no edit of others is reverted."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import TextArea

from store.exceptions import DiskFull
from store.home.drafts import unsaved_drafts
from store.queries import lines, visits
from store.writer.local_writes import Ledger
from store.writer.sync_writes import SyncLedger
from store.writer.upgrade import open_store
from tests.tui.driving import drive, make_app, press, screen_text, settled, type_text, until
from tests.tui.sample import KEY, NOON_MS, issue_id, line_id, visit_draft
from tui.app.app import GuanjiaApp
from tui.data.reader import Reader
from tui.data.writer import Writer
from tui.screens.form import Form
from tui.screens.issue_form import IssueForm
from tui.widgets.fields import TextField

SEEN = "设备已进场，供电仍未接通。"


def other_process(home: Path) -> Ledger:
    """The ledger, as another process sees it."""
    return Ledger(open_store(home / "ledger.db", KEY), wall_clock=lambda: NOON_MS + 5000)


@contextmanager
def nothing_is_read(pilot: Pilot[None]) -> Iterator[None]:
    """As long as the block lasts, no form learns what it begins with: its thread waits, as it does at first."""
    app = pilot.app
    assert isinstance(app, GuanjiaApp) and app.reader is not None
    with app.reader._writer_lock:
        yield


async def typed_at_once(pilot: Pilot[None]) -> None:
    """Open the form for a visit and type, before the form has read anything."""
    await pilot.press("v")
    await until(pilot, lambda: isinstance(pilot.app.screen, Form))
    pilot.app.screen.query_one(TextArea).insert(SEEN)
    await pilot.pause()


def test_what_is_typed_before_the_form_has_read_is_kept(home: Path) -> None:
    """Text that was there before the form knew its draft is saved within a second, without another key."""

    async def script(pilot: Pilot[None]) -> None:
        with nothing_is_read(pilot):
            await typed_at_once(pilot)
        ledger = other_process(home)
        await until(pilot, lambda: (visit_draft(ledger) or {}).get("text") == SEEN)

    drive(make_app(home), script)


@pytest.mark.soak(turns=2)
@pytest.mark.parametrize("leaving", ["escape", "ctrl+q"])
def test_who_leaves_at_once_loses_nothing(home: Path, leaving: str) -> None:
    """Escape, or leaving the program, right after typing: the draft is saved, and what it held before stays in it."""
    other_process(home).save_draft(f"visit:new:{line_id('project', 1)}", {"place": "北门"})

    async def script(pilot: Pilot[None]) -> None:
        with nothing_is_read(pilot):
            await typed_at_once(pilot)
            pilot.app.post_message(_key(leaving))
            await asyncio.sleep(0.1)

    drive(make_app(home), script)
    kept = visit_draft(other_process(home)) or {}
    assert (kept.get("text"), kept.get("place")) == (SEEN, "北门")


@pytest.mark.soak(turns=2)
@pytest.mark.parametrize("leaving", ["escape", "ctrl+q"])
def test_a_form_whose_last_words_cannot_be_kept_is_not_left(home: Path, leaving: str) -> None:
    """The disk is full when the form is left right after typing: it stays open with every word."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "v")
        app = pilot.app
        assert isinstance(app, GuanjiaApp) and app.reader is not None
        with full_disk(app.reader.writer):
            app.screen.query_one(TextArea).insert(SEEN)
            await pilot.press(leaving)
            await settled(pilot)
            assert isinstance(app.screen, Form)
            assert app.screen.query_one(TextArea).text == SEEN
        await press(pilot, leaving)

    drive(make_app(home), script)
    assert (visit_draft(other_process(home)) or {}).get("text") == SEEN


@contextmanager
def full_disk(writer: Writer) -> Iterator[None]:
    """No draft can be saved inside the block."""

    class Full(SyncLedger):
        def save_draft(self, key: str, body: Mapping[str, Any]) -> None:
            raise DiskFull()

    roomy, writer.ledger = writer.ledger, Full(writer.ledger.database)
    yield
    writer.ledger = roomy


def _key(name: str) -> events.Key:
    return events.Key(name, None)


def test_a_saved_visit_is_not_followed_by_its_draft(home: Path) -> None:
    """A draft whose thread is overtaken by the save is not written after it."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "v")
        await type_text(pilot, SEEN)
        with nothing_is_read(pilot):
            form = pilot.app.screen
            assert isinstance(form, Form)
            form.keep_draft()
            await pilot.press("ctrl+s")
        await until(pilot, lambda: not isinstance(pilot.app.screen, Form))

    drive(make_app(home), script)
    ledger = other_process(home)
    assert visits.visits(ledger.database.connection(), limit=1)[0].text == SEEN
    assert visit_draft(ledger) is None


def test_a_draft_of_an_edit_holds_what_was_changed_and_nothing_else(home: Path) -> None:
    """The line was edited elsewhere after the draft was made: the form says so, shows the edit, and saving keeps
    both."""

    async def script(pilot: Pilot[None]) -> None:
        pilot.app.open_screen("issue_form", issue_id(1))  # type: ignore[attr-defined]
        await settled(pilot)
        pilot.app.screen.query_one("#field-title", TextField).input.value = "供电线路未接通"
        await press(pilot, "escape")
        other_process(home).edit("issue", issue_id(1), text="变压器到货。")
        pilot.app.open_screen("issue_form", issue_id(1))  # type: ignore[attr-defined]
        await settled(pilot)
        await until(pilot, lambda: "在别处被修改" in screen_text(pilot))
        assert pilot.app.screen.query_one(TextArea).text == "变压器到货。"
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: not isinstance(pilot.app.screen, Form))

    drive(make_app(home), script)
    line = lines.current_line(other_process(home).database.connection(), issue_id(1))
    assert line is not None
    assert (line.body["title"], line.body["text"]) == ("供电线路未接通", "变压器到货。")


def test_looking_at_an_edit_form_changes_nothing(home: Path) -> None:
    """Opening a line's form and saving, or leaving, writes no version and keeps no draft, for every issue there is."""
    ledger = other_process(home)
    issues = [row[0] for row in ledger.database.connection().execute("SELECT id FROM issue")]
    before = {one: lines.current_line(ledger.database.connection(), one) for one in issues}

    async def script(pilot: Pilot[None]) -> None:
        for one in issues:
            for key in ("escape", "ctrl+s"):
                pilot.app.open_screen("issue_form", one)  # type: ignore[attr-defined]
                await settled(pilot)
                await press(pilot, key)
                await until(pilot, lambda: not isinstance(pilot.app.screen, Form))

    drive(make_app(home), script)
    assert {one: lines.current_line(ledger.database.connection(), one) for one in issues} == before
    assert unsaved_drafts(ledger.database.connection(), ledger.device_state) == []


@pytest.mark.soak(turns=2)
@pytest.mark.parametrize(("key", "said"), [("i", "请填写：标题"), ("v", "请填写：情况")])
def test_what_a_form_needs_is_asked_for(home: Path, key: str, said: str) -> None:
    """Saving an empty form names the missing fields and focuses the first."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, key, "ctrl+s")
        assert said in screen_text(pilot)
        assert isinstance(pilot.app.screen, Form)

    drive(make_app(home), script)


def test_a_draft_stays_with_its_project(home: Path) -> None:
    """What was begun for one project is not offered for another, and is back where it was begun."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "v")
        await type_text(pilot, SEEN)
        await press(pilot, "escape", "down", "v")
        assert pilot.app.screen.query_one(TextArea).text == ""
        await press(pilot, "escape", "up", "v")
        assert pilot.app.screen.query_one(TextArea).text == SEEN

    drive(make_app(home), script)


def test_a_corrected_phone_takes_no_draft_with_it(home: Path) -> None:
    """A phone is corrected, and then the line of the form is refused: the draft is still there at once."""

    class RefusedForm(IssueForm):
        def save(self, reader: Reader, values: Mapping[str, object]) -> str:
            raise DiskFull()

    reader = Reader(open_store(home / "ledger.db", KEY), home, now_ms=lambda: NOON_MS)
    ledger, form = reader.writer.ledger, RefusedForm(None, line_id("project", 1))
    form._answers.phones[line_id("person", "丁红梅")] = "13912345678"
    ledger.save_draft(form.draft_key, {"title": SEEN})
    with pytest.raises(DiskFull):
        form._save(reader, {"title": SEEN}, ())
    assert [draft.body for draft in unsaved_drafts(ledger.database.connection(), ledger.device_state)] == [
        {"title": SEEN}
    ]
    reader.database.close()
