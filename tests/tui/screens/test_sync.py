"""The agreement screen: a round as it runs, whoever runs it, how the last ones went, and how each project stands."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from store.commands.attachments import attach
from store.home.blobs.transfers import Transfers, read_marks
from store.home.sync_history import RoundRecord
from store.ledger.line import Line, new_id
from store.queries.attachments import latest_attachments
from store.queries.bin import bin_entries
from store.queries.intake import FAULT
from store.writer.healing import HealingLedger
from store.writer.local_writes import Ledger
from store.writer.sync_writes import SyncLedger
from store.writer.upgrade import open_store
from tests.tui.driving import drive, make_app, press, screen_text, settled, until
from tests.tui.sample import KEY, NOON_MS, issue_id
from tui.app.app import GuanjiaApp
from tui.i18n import translate
from tui.screens.sync import SyncScreen

_ELSEWHERE = """
import os, sys, time
from pathlib import Path
from store.home.paths import Home, RoundLock
from store.home.sync_progress import MIN_WRITE_INTERVAL_S, ProgressWriter, RoundProgress

home = Home(Path(sys.argv[1]))
assert RoundLock(home.round_lock).acquire("daemon")
tell = ProgressWriter(home.round_progress)
for sent in (200, 450):
    tell(RoundProgress(os.getpid(), "daemon", %d, "push", sent, 800, 0, 0, 52_000, 800))
    print("told", flush=True)
    time.sleep(MIN_WRITE_INTERVAL_S)
    sys.stdin.readline()
tell.clear()
print("ended", flush=True)
sys.stdin.readline()
"""


class Elsewhere:
    """A round run by another process, which continues on request."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def heard(self) -> str:
        """The next thing that it says."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def go_on(self) -> None:
        """Let it take its next step."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()


@contextmanager
def elsewhere(home: Path) -> Iterator[Elsewhere]:
    """A daemon's round in this home, as a process of its own."""
    command = [sys.executable, "-c", _ELSEWHERE % NOON_MS, str(home)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Elsewhere(process)
        finally:
            process.kill()


def ended(home: Path, *rounds: RoundRecord) -> None:
    """These rounds have ended."""
    exchange = SyncLedger(open_store(home / "ledger.db", KEY), wall_clock=lambda: NOON_MS)
    for one in rounds:
        exchange.end_round(one)
    exchange.database.close()


def one(outcome: str = "done", ran_by: str = "sync", *, pushed: int = 0, minutes: int = 10) -> RoundRecord:
    """A round that ended so many minutes before noon."""
    at = NOON_MS - minutes * 60_000
    return RoundRecord(at - 2000, at, ran_by, outcome, None, outcome == "done", pushed, 0, 0, 0, 1234, 567_000, 2000)


def test_a_round_of_another_process_is_shown_as_it_goes_on(home: Path) -> None:
    """Its lines done and to do, its bytes and who runs it are on the screen; when it ends they are gone."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "6")
        with elsewhere(home) as other:
            assert other.heard() == "told"
            await until(pilot, lambda: "200 / 800" in screen_text(pilot))
            assert "[######------------------]" in screen_text(pilot)
            assert "52 kB" in screen_text(pilot)
            other.go_on()
            await until(pilot, lambda: "450 / 800" in screen_text(pilot))
            other.go_on()
            await until(pilot, lambda: "450 / 800" not in screen_text(pilot))
            assert pilot.app.round is None  # type: ignore[attr-defined]

    drive(make_app(home), script)


@pytest.mark.needs("linux")
def test_a_round_that_was_killed_is_not_shown_as_running(home: Path) -> None:
    """The process dies without a word; within the second the screen no longer says that a round runs."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "6")
        with elsewhere(home) as other:
            assert other.heard() == "told"
            await until(pilot, lambda: "200 / 800" in screen_text(pilot))
            other.process.send_signal(signal.SIGKILL)
            other.process.wait()
            await until(pilot, lambda: "200 / 800" not in screen_text(pilot))
        assert (home / "round.now").exists()

    drive(make_app(home), script)


def test_the_last_rounds_are_listed_and_say_what_they_mean(home: Path) -> None:
    """Newest first, quiet rounds counted; enter shows one, with the remedy where it failed; escape goes back."""
    quiet = [one(minutes=minutes) for minutes in (9, 8, 7)]
    ended(home, one(pushed=12), *quiet, one("not_the_central", minutes=5))

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "6")
        screen = pilot.app.screen
        assert isinstance(screen, SyncScreen)
        assert [row.times for row in screen.rows._window.rows] == [1, 3, 1]
        assert not screen.check_action("back", ())
        await press(pilot, "enter")
        assert "设置（,）" in screen_text(pilot)
        await press(pilot, "escape", "end", "enter")
        assert "12" in screen_text(pilot)
        assert "567 kB" in screen_text(pilot)

    drive(make_app(home), script)


def test_each_project_says_whether_it_was_found_equal(home: Path) -> None:
    """Tab leads to the projects: the one with unsent visits first and with their number, an equal one with the time."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "6", "tab")
        screen = pilot.app.screen
        assert isinstance(screen, SyncScreen)
        rows = {row.number: row for row in screen.rows._window.rows}
        assert next(iter(rows)) == "1"
        assert [rows[number].unsent for number in ("1", "2", "3")] == [2, 1, 0]
        await press(pilot, "tab")
        assert "乙卫东" in screen_text(pilot)
        await press(pilot, "shift+tab", "shift+tab")
        assert screen.current == "rounds"

    drive(make_app(home), script, size=(160, 45))


def test_a_notice_is_read_and_put_away(home: Path) -> None:
    """A notice is listed with its meaning, and one key dismisses it for good."""
    exchange = SyncLedger(open_store(home / "ledger.db", KEY), wall_clock=lambda: NOON_MS)
    exchange.add_notice("clock_healed", {"lines": 4, "offset_ms": 90_000})
    exchange.database.close()

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "6")
        screen = pilot.app.screen
        assert isinstance(screen, SyncScreen)
        assert not screen.check_action("dismiss_notice", ())
        await press(pilot, "shift+tab")
        assert screen.rows.total == 1
        await press(pilot, "d")
        await until(pilot, lambda: screen.rows.total == 0)

    drive(make_app(home), script, size=(120, 30))


def test_what_a_meeting_brought_is_shown_apart(home: Path) -> None:
    """What a colleague gave is counted in the head and listed in a part of its own, with what becomes of it."""
    ledger = HealingLedger(open_store(home / "ledger.db", KEY), wall_clock=lambda: NOON_MS)
    connection = ledger.database.connection()
    colleague, device = connection.execute("SELECT id FROM person LIMIT 1").fetchone()[0], new_id()
    line = Line(new_id(), "policy", None, NOON_MS << 16, device, colleague, False, {"title": "碰头时给的政策"})
    assert ledger.take_provisional([line], device, colleague) == (1, 0)
    ledger.database.close()

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "6")
        screen = pilot.app.screen
        assert isinstance(screen, SyncScreen)
        assert "碰头得来、待中心确认" in screen_text(pilot)
        await press(pilot, "shift+tab", "shift+tab", "shift+tab")
        assert (screen.current, screen.rows.total) == ("meetings", 1)
        assert "碰头时给的政策" in screen_text(pilot)
        await press(pilot, "enter")
        assert "暂存" in screen_text(pilot)
        await press(pilot, "escape", "z")
        await until(pilot, lambda: screen.rows.total == 0)

    drive(make_app(home), script)
    store = open_store(home / "ledger.db", KEY)
    assert [each.line for each in bin_entries(store.connection())] == [line.id]
    store.close()


def test_records_with_provisional_versions_are_marked(home: Path) -> None:
    """A colleague gave a newer version of a project at a meeting: lists, the day and the project's page say so with one
    word, before the name."""
    ledger = HealingLedger(open_store(home / "ledger.db", KEY), wall_clock=lambda: NOON_MS)
    connection = ledger.database.connection()
    colleague, device = connection.execute("SELECT id FROM person LIMIT 1").fetchone()[0], new_id()
    issue, of, name = connection.execute(
        "SELECT s.id, p.id, p.name FROM issue_state s JOIN project p ON p.id = s.project_id "
        "WHERE s.state = 'open' ORDER BY length(p.number), p.number LIMIT 1"
    ).fetchone()
    step = {"issue_id": issue, "act": "progress", "text": "碰头时说的"}
    line = Line(new_id(), "issue_step", of, NOON_MS << 16, device, colleague, False, step)
    assert ledger.take_provisional([line], device, colleague) == (1, 0)
    ledger.database.close()

    async def script(pilot: Pilot[None]) -> None:
        assert f"暂存 {name[:4]}" in screen_text(pilot)
        await press(pilot, "3")
        assert "暂存 " in screen_text(pilot)
        await press(pilot, "1")
        assert "碰头得来的 1 条待中心确认" in screen_text(pilot)
        assert isinstance(pilot.app, GuanjiaApp)
        await pilot.app.open_screen("issue", issue)
        await settled(pilot)
        assert "碰头得来的 1 条待中心确认" in screen_text(pilot)

    drive(make_app(home), script, size=(160, 45))


@pytest.mark.parametrize(("language", "end"), [("zh", "两份签名都在本机上。"), ("en", "statements.")])
def test_a_rewritten_log_is_told_whole_on_a_small_terminal(home: Path, language: str, end: str) -> None:
    """The alarm stands before the facts, to its last word and with its time as people write it, and the facts below."""
    translate.set_language(language)
    fault = json.dumps({"code": "rewritten", "at": NOON_MS})
    with closing(open_store(home / "ledger.db", KEY)) as database, database.write() as connection:
        connection.execute("INSERT INTO meta (key, value) VALUES (?, ?)", (FAULT, fault))

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "6")
        shown = screen_text(pilot)
        assert "2026-05-20 12:00" in shown
        assert shown.index(end) < shown.index("https://guanjia.example")

    drive(make_app(home), script)


def test_the_queue_of_files_is_shown_paused_and_asked(home: Path, tmp_path: Path) -> None:
    """The part of files says what waits, why, and how far it is; p pauses them, and lets them travel again."""
    paper = tmp_path / "协议.pdf"
    paper.write_bytes(b"%PDF-1.7 " + bytes(2_000))
    database = open_store(home / "ledger.db", KEY)
    attach(Ledger(database, wall_clock=lambda: NOON_MS), issue_id(1), [paper])
    (row,) = latest_attachments(database.connection())

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "6", *["tab"] * 4)
        await settled(pilot)
        assert "协议.pdf" in screen_text(pilot) and "记录尚未上报" in screen_text(pilot)
        await press(pilot, "p")
        await settled(pilot)
        assert read_marks(database).paused and "已暂停（p）" in screen_text(pilot)
        await press(pilot, "ctrl+p")
        await settled(pilot)
        assert not read_marks(database).paused
        with database.write() as connection:
            connection.execute("DELETE FROM outbox")  # the central has the line
        with Transfers(database) as transfers:
            transfers.progress((row.bucket, row.sha256), 1_000)
        await until(pilot, lambda: "[####------] 49%" in screen_text(pilot))

    drive(make_app(home), script)
    database.close()
