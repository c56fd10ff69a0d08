"""The app: opens at once, shows errors, follows commits of others, and loses no key typed ahead."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from store.db.database import Database
from store.exceptions import GuanjiaError, HomeNotFound, WrongKey
from store.writer.local_writes import Ledger
from store.writer.upgrade import open_store
from tests.tui.driving import drive, make_app, press, screen_lines, screen_text, settled, type_text, until
from tests.tui.idle import run_in_idle_loop
from tests.tui.sample import KEY, NOON_MS, line_id
from tui.app.app import GuanjiaApp
from tui.i18n import translate
from tui.screens.lookup import LookupScreen
from tui.screens.projects import ProjectsScreen
from tui.screens.welcome import WelcomeScreen
from tui.widgets.long_list import LongList


def other_process(home: Path) -> Ledger:
    """A writer that shares nothing with the app but the file, as another process would."""
    return Ledger(open_store(home / "ledger.db", KEY), wall_clock=lambda: NOON_MS + 1000)


def test_the_first_paint_does_not_wait_for_the_store(home: Path) -> None:
    """While the store is still opening, the frame is painted, says so, and takes keys."""
    may_open = threading.Event()

    def open_slowly() -> Database:
        assert may_open.wait(30)
        return open_store(home / "ledger.db", KEY)

    async def run() -> None:
        app = GuanjiaApp(open_slowly, home, theme="dark", now_ms=lambda: NOON_MS, start_mode="projects")
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.press("down", "question_mark", "escape")
            first = screen_text(pilot)
            assert "正在打开台账" in first
            assert "项目名称" in first
            assert app.reader is None
            may_open.set()
            await settled(pilot)
            assert "北山新能源材料" in screen_text(pilot)
        assert app.reader is not None
        app.reader.database.close()

    run_in_idle_loop(run())


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (HomeNotFound(home="/home/yi"), "guanjia init"),
        (WrongKey(path="/home/yi/ledger.db"), "打不开台账"),
    ],
)
def test_what_cannot_be_opened_is_said_with_a_next_step(error: GuanjiaError, said: str, tmp_path: Path) -> None:
    """No ledger and a wrong key each give a page that says what to do; keys that need a ledger do nothing there."""

    def refuse() -> Database:
        raise error

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "v", "slash", "3")
        assert isinstance(pilot.app.screen, WelcomeScreen)
        assert said in screen_text(pilot)

    drive(GuanjiaApp(refuse, tmp_path, theme="dark"), script)


def test_a_ledger_without_a_project_says_how_to_begin(empty_home: Path) -> None:
    """An empty list is never without a next step."""

    async def script(pilot: Pilot[None]) -> None:
        assert "导入责任分劈表" in screen_text(pilot)

    drive(make_app(empty_home), script)


def test_a_commit_of_another_process_appears_by_itself(home: Path) -> None:
    """A project renamed elsewhere is shown in its new name; the cursor stays on its line, no key is lost."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "down", "down")
        screen = pilot.app.screen
        assert isinstance(screen, ProjectsScreen)
        under_cursor = screen.rows.row
        assert under_cursor is not None
        other = other_process(home)
        other.put("project", {"name": "新来的项目", "number": "0", "category": "continuing"}, id=line_id("new"))
        other.edit("project", line_id("project", 1), name="改了名的项目")
        other.database.close()
        await until(pilot, lambda: "改了名的项目" in screen_text(pilot) and "新来的项目" in screen_text(pilot))
        assert screen.rows.row is not None
        assert screen.rows.row.id == under_cursor.id
        await press(pilot, "down")
        assert screen.rows.row.id == line_id("project", 4)

    drive(make_app(home), script)


def test_a_commit_elsewhere_eats_no_keystroke(home: Path) -> None:
    """While others commit, every character typed into the lookup arrives, in order."""
    typed = "供电线路未接通"

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "slash")
        other = other_process(home)
        for character in typed:
            other.put("unit", {"name": f"单位{character}", "kind": "other"})
            await pilot.press(character)
        other.database.close()
        await settled(pilot)
        assert pilot.app.screen.query_one(Input).value == typed
        assert "W2026-001" in screen_text(pilot)

    drive(make_app(home), script)


def test_the_standing_follows_the_ledger(home: Path) -> None:
    """What another process leaves unsent is counted on the top line."""

    async def script(pilot: Pilot[None]) -> None:
        assert pilot.app.sync_status is not None  # type: ignore[attr-defined]
        before = pilot.app.sync_status.unsent  # type: ignore[attr-defined]
        other = other_process(home)
        other.put("unit", {"name": "新单位", "kind": "other"})
        other.database.close()
        await until(pilot, lambda: f"{before + 1} 条未上报" in screen_lines(pilot)[0])

    drive(make_app(home), script)


def test_keys_typed_ahead_reach_the_screen_that_the_first_one_opens(home: Path) -> None:
    """``/`` and a query in one burst, as a fast typist or a paste sends it, lose nothing and do nothing else."""

    async def script(pilot: Pilot[None]) -> None:
        await type_text(pilot, "/gdq")
        assert isinstance(pilot.app.screen, LookupScreen)
        assert pilot.app.screen.query_one(Input).value == "gdq"

    drive(make_app(home), script)


def test_the_lookup_key_works_as_an_input_method_sends_it(home: Path) -> None:
    """With Chinese punctuation on, ``/`` arrives as ``、`` and still looks up."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "、")
        assert isinstance(pilot.app.screen, LookupScreen)

    drive(make_app(home), script)


def test_the_other_language_is_one_key_away_and_remembered(home: Path) -> None:
    """Switching the language redraws every screen in it and keeps the setting."""
    kept: list[tuple[str, str]] = []

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "f11")
        assert "projects" in screen_lines(pilot)[0]
        assert "Butler" in screen_text(pilot)
        assert "北山新能源" in screen_text(pilot)
        await press(pilot, "ctrl+t")
        assert pilot.app.theme == "light"
        assert kept == [("language", "en"), ("theme", "light")]

    app = make_app(home)
    app._save_setting = lambda name, value: kept.append((name, value))
    drive(app, script)
    assert translate.current_language() == "en"


def test_a_round_is_run_and_its_outcome_told(home: Path) -> None:
    """ctrl+r runs the sync command once as a child process and shows its outcome."""
    fake = (sys.executable, "-c", 'print(\'{"pushed": 3, "pulled": 5, "superseded": 1, "rejected": 0}\')')

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "ctrl+r")
        await until(pilot, lambda: "上报 3 条，收到 5 条" in screen_text(pilot))
        assert "被后来的修改覆盖" in screen_text(pilot)

    drive(make_app(home, sync=fake), script)


def test_a_round_that_fails_says_what_the_command_said(home: Path) -> None:
    """Offline is a sentence of the command's own, and no more than that."""
    said = '{"error": {"code": "unreachable", "what": "够不着中心", "data": "什么也没丢", "todo": "继续工作"}}'
    fake = (sys.executable, "-c", f"import sys; sys.stderr.write('''{said}'''); sys.exit(4)")

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "ctrl+r")
        await until(pilot, lambda: "够不着中心" in screen_text(pilot))

    drive(make_app(home, sync=fake), script)


def test_ctrl_c_never_ends_the_program(home: Path) -> None:
    """ctrl+c does not quit; the app shows, in the language in use, which key does."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "ctrl+c")
        await until(pilot, lambda: "退出请按 ^Q" in screen_text(pilot))

    drive(make_app(home), script)


def test_what_nobody_foresaw_is_told_and_logged_and_the_screen_goes_on(home: Path) -> None:
    """A mistake of the program while reading is a sentence and a line in the log; the app keeps running."""

    async def script(pilot: Pilot[None]) -> None:
        assert isinstance(pilot.app.screen, ProjectsScreen)
        pilot.app.screen.read_in_thread(lambda reader: 1 // 0, lambda _found: None)
        await until(pilot, lambda: "ZeroDivisionError" in screen_text(pilot))
        await press(pilot, "3")
        assert "W2026-006" in screen_text(pilot)

    drive(make_app(home), script)
    assert "ZeroDivisionError" in (home / "guanjia.log").read_text()


def test_the_preview_comes_with_the_room_for_it(home: Path) -> None:
    """When the terminal is made wide, at any width, the project under the cursor is shown beside the list."""

    async def script(pilot: Pilot[None]) -> None:
        for width in (160, 250):
            await pilot.resize_terminal(80, 24)
            await pilot.resize_terminal(width, 45)
            await settled(pilot)
            assert "19900000003" in screen_text(pilot)

    drive(make_app(home), script)


LIGHT = """
import asyncio, sys
from pathlib import Path
from tui.app.app import GuanjiaApp
async def main():
    app = GuanjiaApp(lambda: None, Path("."), theme="dark")
    app.open_reader = lambda: print(*sys.modules)
    async with app.run_test() as pilot:
        await pilot.pause()
asyncio.run(main())
"""


def test_the_first_paint_loads_nothing_that_reads_the_store() -> None:
    """When the frame is on the screen, neither the store's library, nor the models, nor the forms are loaded."""
    done = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "tui.screens.today" in loaded
    heavy = {"sqlmodel", "pydantic", "sqlcipher3", "orjson", "watchfiles", "store.db.database", "tui.data.writer"}
    assert not heavy & loaded
    assert "textual.widgets._text_area" not in loaded


def test_the_palette_does_what_it_lists(home: Path) -> None:
    """Typing a part of an action and enter does it, as its key would on the screen below."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "ctrl+k")
        await type_text(pilot, "解决问题台账")
        await press(pilot, "enter")
        assert "W2026-006" in screen_text(pilot)

    drive(make_app(home), script)


def test_the_palette_knows_initials_and_names_its_keys(home: Path) -> None:
    """Initials find an action; an empty list says so; the key bar fits at 80 × 24 and offers no help, which does not
    reach it."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "ctrl+k")
        shown = screen_text(pilot)
        assert " Esc " in shown
        assert "帮助" not in shown.splitlines()[-4]
        await type_text(pilot, "qqqq")
        assert app.screen.query_one(LongList).total == 0
        await press(pilot, *["backspace"] * 4)
        await type_text(pilot, "jjwttz")
        await press(pilot, "enter")
        assert "W2026-006" in screen_text(pilot)

    app = make_app(home)
    drive(app, script)


def test_entering_the_home_that_is_open_keeps_its_one_reader(home: Path) -> None:
    """Joined from within, the ledger is not opened and followed a second time: each commit is read once."""
    opened: list[Database] = []

    def opening() -> Database:
        opened.append(open_store(home / "ledger.db", KEY))
        return opened[-1]

    app = GuanjiaApp(opening, home, theme="dark", now_ms=lambda: NOON_MS)

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "6", "comma")
        await app.switch_home()
        await settled(pilot)
        assert len(app.screen_stack) == 1

    drive(app, script)
    assert len(opened) == 1
