"""The cost of a key, counted: statements of the store, rows read, bytes sent; and what is loaded before the first
paint.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from textual.pilot import Pilot

from store.db.connection import Connection
from store.db.database import Database
from tests.bench.terminal import Terminal, Wanted
from tests.tui.driving import drive, press, type_text, until
from tests.tui.sample import KEY, NOON_MS
from tests.tui.widgets.test_long_list import Item, OneList
from tui.app.app import GuanjiaApp
from tui.data.rows import WINDOW_RADIUS, RowWindow
from tui.widgets.long_list import LongList

ROOT = Path(__file__).parents[3]
DOWN = "\x1b[B"
PROGRAM = """
import sys
from pathlib import Path
from store.writer.upgrade import open_store
from tests.tui.sample import KEY, NOON_MS
from tui.app.app import GuanjiaApp
home = Path(sys.argv[1])
clock = lambda: NOON_MS
GuanjiaApp(lambda: open_store(home / "ledger.db", KEY), home, theme="dark", now_ms=clock, start_mode="issues").run()
"""


def listening(home: Path, start: str) -> tuple[GuanjiaApp, list[str]]:
    """The app over a store that records its statements, except the change check of every second; and the record."""
    asked: list[str] = []

    def hear(statement: str) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN", "COMMIT")):
            asked.append(statement)

    class Heard(Database):
        """The store."""

        def connection(self) -> Connection:
            """This thread's connection, listened to."""
            connection = super().connection()
            connection.set_trace_callback(hear)
            return connection

    path = home / "ledger.db"
    return GuanjiaApp(lambda: Heard(path, KEY), home, theme="dark", now_ms=lambda: NOON_MS, start_mode=start), asked


@pytest.mark.parametrize(("size", "statements"), [((80, 24), 0), ((160, 45), 6)])
def test_moving_the_cursor_asks_only_for_the_preview(home: Path, size: tuple[int, int], statements: int) -> None:
    """Where the list is alone a move runs no statement; beside it the preview is read, and nothing else."""
    app, asked = listening(home, "issues")

    async def script(pilot: Pilot[None]) -> None:
        for _move in range(3):
            asked.clear()
            await press(pilot, "down")
            assert len(asked) <= statements, asked

    drive(app, script, size)


def test_each_keystroke_of_the_lookup_is_one_question(home: Path) -> None:
    """Each character is one search, whether typed one by one or all in one go."""
    app, _asked = listening(home, "projects")

    async def script(pilot: Pilot[None]) -> None:
        assert app.reader is not None
        await press(pilot, "slash")
        before = app.reader.lookup.generation
        for character in "gdq":
            await press(pilot, character)
        assert app.reader.lookup.generation == before + 3
        await type_text(pilot, "zzz")
        assert app.reader.lookup.generation <= before + 6

    drive(app, script)


@dataclass
class Measured:
    """A source of 100,000 rows; notes how many it has read each time."""

    read: list[int] = field(default_factory=list)

    def window(self, anchor: str | None, place: int, reach: int) -> RowWindow[Item]:
        """Rows around a line or a position."""
        start = max((int(anchor) if anchor else place) - reach, 0)
        rows = [Item(str(number)) for number in range(start, min(start + 2 * reach + 1, 100_000))]
        self.read.append(len(rows))
        return RowWindow(rows, start, 100_000)


def test_what_is_in_view_is_read_first(rows: int = 23) -> None:
    """A list of 100,000 rows shows a page after reading two pages' worth, then one window around it; moving within
    that reads nothing, and so does going to the end but for the same two."""
    source = Measured()

    async def run() -> None:
        async with OneList().run_test(size=(80, rows + 1)) as pilot:
            rows_shown = pilot.app.query_one(LongList)
            rows_shown.show(source)
            await until(pilot, lambda: len(source.read) == 2)
            assert source.read == [2 * rows + 1, 2 * WINDOW_RADIUS + 1]
            for _move in range(100):
                rows_shown.action_move(1)
            await pilot.pause()
            assert len(source.read) == 2
            rows_shown.action_edge(1)
            await until(pilot, lambda: len(source.read) == 4)
            assert source.read[2:] == [rows + 1, WINDOW_RADIUS + 1]

    asyncio.run(run())


@pytest.mark.soak(turns=2)
@pytest.mark.parametrize(("size", "most"), [((80, 24), 1_500), ((160, 45), 8_000)])
def test_a_move_of_the_cursor_is_few_bytes(home: Path, size: tuple[int, int], most: int) -> None:
    """One line down sends two lines to the terminal; where there is a preview, that and no more of the screen."""
    terminal = Terminal([sys.executable, "-c", PROGRAM, str(home)], {**os.environ, "PYTHONPATH": str(ROOT)}, size)
    try:
        terminal.learn("W2026-004")
        terminal.settle(0.5)
        terminal.press(DOWN, Wanted("W2026-002", lit=True))
        terminal.settle(0.5)
        terminal.press(DOWN, Wanted("W2026-004", lit=True))
        terminal.settle(0.5)
        assert terminal.sent <= most
    finally:
        terminal.close()


LOADED = """
import sys, tui.cli.main, tui.cli.open_app
from tui.app.app import GuanjiaApp
GuanjiaApp.run = lambda self, **_options: print(*sys.modules)
tui.cli.open_app.has_terminal = lambda: True
tui.cli.main.run(["--home", sys.argv[1]])
"""


def test_opening_the_screens_loads_no_command_line(home: Path) -> None:
    """From the command to the app nothing of click, of the other commands, of sync or of the store's library."""
    command = [sys.executable, "-c", LOADED, str(home)]
    loaded = set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())
    assert "tui.app.app" in loaded
    assert not {"click", "sqlcipher3", "pydantic", "httpx", "tui.cli.root", "tui.data.reader"} & loaded
    assert not {
        name for name in loaded if name.startswith(("sync", "store.queries", "store.ledger.models", "store.commands"))
    }
    ours = [name for name in loaded if name.startswith(("tui.", "store."))]
    assert len(ours) <= 53, sorted(ours)
