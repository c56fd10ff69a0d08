"""What a role may not do is not offered: not in the key line, not in the palette, and its key does nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from textual.pilot import Pilot

from store.writer.upgrade import open_store
from tests.tui.driving import drive, make_app, press, screen_lines, screen_text
from tests.tui.sample import KEY
from tui.screens.bars import available_actions

OFFERED = {
    ("butler", "projects"): {"log_visit", "record_issue", "edit"},
    ("lead_leader", "projects"): {"log_visit"},
    ("department", "projects"): set(),
    ("bureau", "projects"): {"log_visit", "record_issue", "new", "edit"},
    ("supervision_office", "projects"): set(),
    ("butler", "issues"): {"log_visit", "record_issue", "new", "edit"},
    ("department", "issues"): set(),
}
WRITES = {"log_visit", "record_issue", "new", "edit"}
DIGITS = {"projects": "2", "issues": "3"}


def give_role(home: Path, role: str) -> None:
    """Let the home's person have this role alone."""
    database = open_store(home / "ledger.db", KEY)
    with database.write() as connection:
        roles = json.dumps([{"role": role, "project": None, "department": None}])
        connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('roles', ?)", (roles,))
    database.close()


@pytest.mark.soak(turns=4)
@pytest.mark.parametrize(("role", "place"), OFFERED, ids=str)
def test_a_role_is_offered_what_it_may_write(home: Path, role: str, place: str) -> None:
    """The keys that write are those of the role's row in the table of authority."""
    give_role(home, role)

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, DIGITS[place])
        screen = pilot.app.screen
        known = {action.id for action in available_actions(screen, place)} & WRITES
        assert known == OFFERED[role, place]
        if "log_visit" not in known:
            assert " v " not in screen_lines(pilot)[-1]
            await press(pilot, "v", "f7", "i", "e")
            assert pilot.app.screen is screen

    drive(make_app(home), script)


def test_a_leader_without_an_act_is_told_why(home: Path) -> None:
    """No empty menu: a sentence says who decides, and where."""
    give_role(home, "principal_leader")

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "3", "a")
        assert "在专题会议上议定" in screen_text(pilot)
        assert not pilot.app.screen.is_modal

    drive(make_app(home), script)
