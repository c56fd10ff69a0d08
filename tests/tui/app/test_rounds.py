"""The app syncs by itself where no daemon does, and never where one runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from store.home.paths import Home, RoundLock
from tests.tui.driving import drive, make_app, press, screen_text, type_text, until
from tui.app.app import GuanjiaApp
from tui.cli.open_app import say_unsent
from tui.data.sync_status import SyncStatus

FAKE_ROUND = ("sh", "-c", 'echo x >> "$GUANJIA_HOME/rounds"; echo "{}"', "--json")
"""Stands for ``guanjia sync --json``: notes that it ran."""


def app_at(home: Path) -> GuanjiaApp:
    """The app as a person opens it, with a round that only notes that it ran."""
    app = make_app(home, sync=FAKE_ROUND)
    app.auto_sync, app.save_delay_s = True, 0.01
    return app


def rounds(home: Path) -> int:
    """How many rounds ran."""
    path = home / "rounds"
    return len(path.read_text("ascii").split()) if path.exists() else 0


async def log_visit(pilot: Pilot[None]) -> None:
    """Log a visit in the form."""
    await press(pilot, "v")
    await type_text(pilot, "看了现场")
    await press(pilot, "ctrl+s")


def test_the_app_syncs_when_it_opens_and_after_saving(home: Path) -> None:
    """One round at once, one after what was saved, without a word."""

    async def script(pilot: Pilot[None]) -> None:
        await until(pilot, lambda: rounds(home) == 1)
        await log_visit(pilot)
        await until(pilot, lambda: rounds(home) == 2)
        assert "已上报" not in screen_text(pilot)

    drive(app_at(home), script)
    assert rounds(home) == 2


def test_where_a_daemon_runs_the_app_leaves_rounds_to_it(home: Path) -> None:
    """A daemon notices what was saved by itself."""
    lock = RoundLock(Home(home).round_lock)
    assert lock.acquire("daemon")

    async def script(pilot: Pilot[None]) -> None:
        await log_visit(pilot)

    drive(app_at(home), script)
    lock.release()
    assert rounds(home) == 0


def test_leaving_says_what_was_not_sent(capsys: pytest.CaptureFixture[str]) -> None:
    """In the terminal that is left; a home that works alone sends nothing, so there is nothing to say."""
    say_unsent(SyncStatus("乙", "区", central="https://c", unsent=3))
    assert "还有 3 条没有上报" in capsys.readouterr().err
    say_unsent(SyncStatus("乙", "区", unsent=3))
    say_unsent(SyncStatus("乙", "区", central="https://c"))
    assert capsys.readouterr().err == ""
