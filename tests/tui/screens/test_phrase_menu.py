"""Phrases in text fields: chosen by initials, put where the cursor is."""

from __future__ import annotations

from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import TextArea

from store.commands import phrases
from store.writer.local_writes import Ledger
from store.writer.upgrade import open_store
from tests.tui.driving import drive, make_app, press, screen_text, type_text
from tests.tui.sample import KEY, NOON_MS
from tui.screens.issue_form import IssueForm
from tui.screens.visit_form import VisitForm


def keep(home: Path, *texts: str) -> None:
    """Phrases of the district."""
    database = open_store(home / "ledger.db", KEY)
    for text in texts:
        phrases.add(Ledger(database, wall_clock=lambda: NOON_MS), text=text)
    database.close()


def test_a_phrase_is_put_where_the_cursor_is_by_its_initials(home: Path) -> None:
    """In a visit's text and in an issue's title: a key, initials, enter; what was typed stays around it."""
    keep(home, "已到现场踏勘，正在编制方案。", "请于本周内答复")

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "v")
        form = pilot.app.screen
        assert isinstance(form, VisitForm)
        form.query_one("#field-text TextArea", TextArea).focus()
        await type_text(pilot, "上午到场。明日再去。")
        await press(pilot, *["left"] * 5, "f2")
        assert "正在编制方案" in screen_text(pilot) and "请于本周内答复" in screen_text(pilot)
        await type_text(pilot, "ydxc")
        assert "请于本周内答复" not in screen_text(pilot)
        await press(pilot, "enter")
        assert form.draft_values()["text"] == "上午到场。已到现场踏勘，正在编制方案。明日再去。"
        await press(pilot, "ctrl+s", "i")
        issue = pilot.app.screen
        assert isinstance(issue, IssueForm)
        await type_text(pilot, "供电：")
        await press(pilot, "ctrl+b")
        await type_text(pilot, "答复")
        await press(pilot, "enter")
        assert issue.draft_values()["title"] == "供电：请于本周内答复"

    drive(make_app(home), script)
