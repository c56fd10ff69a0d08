"""Beginning inside the program: each way by its key, with the real commands as processes and a real central."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from textual.pilot import Pilot

from store.db.database import Database
from store.db.device_facts import read_device_facts
from store.exceptions import WrongKey
from store.home.paths import Home
from store.importing import import_table
from store.queries.status import count_lines
from store.writer.local_writes import Ledger
from store.writer.upgrade import open_store
from tests.store.importing.samples import HEAD, to_csv
from tests.store.importing.samples import project as table_row
from tests.sync.central_fixture import Central, running_central
from tests.sync.laptops import bureau, project
from tests.tui.cli.fork_server import COMMAND_LINE, forked_command
from tests.tui.driving import drive, make_app, press, screen_text, settled, type_text, until
from tests.tui.sample import KEY
from tui.app.app import GuanjiaApp
from tui.cli.open_app import save_where_home_is
from tui.cli.session import open_session
from tui.screens.import_columns import ColumnMenu, HeadingMenu
from tui.screens.import_table import ImportScreen
from tui.screens.panels import Confirm
from tui.screens.projects import ProjectsScreen
from tui.screens.setup import DemoForm, JoinForm
from tui.screens.sync import SyncScreen
from tui.screens.welcome import WelcomeScreen
from tui.widgets.fields import TextField
from tui.widgets.path_field import expand_path, path_candidates

TABLE = Path(__file__).parents[3] / "store" / "importing" / "sample.txt"
STORY_ONLY = "tests.sync.programs:story_only"
"""The program's command line, its demo without the year that takes half a minute."""


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keys in files, and nothing of the tester's own."""
    for name in [name for name in os.environ if name.startswith("GUANJIA_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GUANJIA_CREDENTIALS", "file")
    monkeypatch.setenv("TMPDIR", str(tmp_path))


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Central]:
    """A central on loopback."""
    with running_central(tmp_path) as running:
        yield running


def new_app(home: Path, program: str = COMMAND_LINE) -> GuanjiaApp:
    """The app as the command line makes it, on a home that may not be there yet."""
    command = forked_command(program)

    def open_at(path: Path) -> Database:
        return open_session(path).database

    app = GuanjiaApp(
        partial(open_at, home),
        home,
        theme="dark",
        sync=(*command, "sync", "--json"),
        save_setting=lambda name, value: save_where_home_is(app.home, name, value),
        start_mode="projects",
    )
    app.program_command, app.open_at = command, open_at
    return app


def projects_in(app: GuanjiaApp) -> int:
    """How many projects the list has."""
    screen = app.screen
    return screen.rows.total if isinstance(screen, ProjectsScreen) else 0


def test_a_central_is_joined_and_its_projects_come_without_a_restart(
    tmp_path: Path, at: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no keyring is, a file may keep the key, which is asked. A wrong code is reported and what was typed stays,
    also after leaving the form; the right one opens the ledger, and the first round brings its lines."""
    monkeypatch.delenv("GUANJIA_CREDENTIALS")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    teacher = bureau(tmp_path / "a", at)
    project(teacher, "来自中心的项目")
    teacher.sync()
    app = new_app(tmp_path / "home")

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "c")
        await type_text(pilot, at.url + "\n")
        await type_text(pilot, "WRONG\n")
        await until(pilot, lambda: "加入码无效" in screen_text(pilot))
        await press(pilot, "escape", "f4")
        assert isinstance(app.screen, JoinForm)
        assert at.url in screen_text(pilot)
        await press(pilot, "tab", *["backspace"] * len("WRONG"))
        await type_text(pilot, at.invite("李乙") + "\n")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await press(pilot, "enter")
        await until(pilot, lambda: "来自中心的项目" in screen_text(pilot))
        await until(pilot, lambda: bool(app.sync_status and app.sync_status.verified_at))  # read when the file changes

    drive(app, script)


def test_a_central_that_cannot_be_reached_is_said_as_long_as_it_matters(tmp_path: Path) -> None:
    """Nobody listens there, or the address is none: sentences in the form, and no ledger is opened."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{free.getsockname()[1]}"
    app = new_app(tmp_path / "home")

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "c")
        await press(pilot, "ctrl+s")
        assert "地址" in screen_text(pilot) or "Address" in screen_text(pilot)
        for address in (nobody, "http://guanjia.example"):
            field = app.screen.query("Input").first()
            field.value = address  # type: ignore[attr-defined]
            app.screen.query("Input").last().value = "A2RF-TP09-D0C4"  # type: ignore[attr-defined]
            await press(pilot, "ctrl+s")
            await until(pilot, lambda address=address: address in screen_text(pilot).replace("\n", ""))  # type: ignore[misc]
            assert "A2RF-TP09-D0C4" in screen_text(pilot)
        assert app.reader is None

    drive(app, script)
    assert not Home(tmp_path / "home").exists


def test_who_works_alone_takes_a_table_in_after_a_look_at_it(tmp_path: Path) -> None:
    """The ledger is made and opened; Tab completes the path; a folder or a strange file is reported and the path stays;
    the changes are shown before anything is written; then the projects are there."""
    (tmp_path / "tables").mkdir()
    shutil.copy(TABLE, tmp_path / "tables" / "责任分劈表.txt")
    (tmp_path / "tables" / "责任.xlsx").write_bytes(b"nothing of the kind")
    app = new_app(tmp_path / "home")

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "f9")
        await type_text(pilot, "210903\n")
        await type_text(pilot, "张三\n")
        await until(pilot, lambda: app.reader is not None and isinstance(app.screen, ImportScreen))
        await settled(pilot)
        await type_text(pilot, f"{tmp_path}/tab")
        await press(pilot, "tab")
        await press(pilot, "tab")
        screen = app.screen
        assert isinstance(screen, ImportScreen)
        await until(pilot, lambda: screen.path == f"{tmp_path}/tables/责任")
        await type_text(pilot, ".")
        await press(pilot, "tab", "enter")
        assert screen.path.endswith("责任.xlsx")
        await until(pilot, lambda: bool(screen.query_one("#said").has_class("-bad")))
        await press(pilot, *["backspace"] * len(".xlsx"))
        await type_text(pilot, "分")
        await press(pilot, "tab", "enter")
        assert screen.path.endswith("责任分劈表.txt")
        await until(pilot, lambda: "20" in screen_text(pilot) and not screen.query_one("#said").has_class("-bad"))
        assert app.reader is not None
        assert count_lines(app.reader.database.connection()) == 1  # the person whose ledger it is
        await press(pilot, "ctrl+s")
        await press(pilot, "escape")
        await until(pilot, lambda: projects_in(app) == 9)

    drive(app, script)
    assert read_device_facts(open_session(tmp_path / "home").database.connection())["person_name"] == "张三"


def test_a_district_code_that_no_central_has_is_not_begun_with(tmp_path: Path) -> None:
    """It could never be joined to a central: the form says so, and nothing is made."""
    app = new_app(tmp_path / "home")

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "w")
        await type_text(pilot, "12\n")
        await type_text(pilot, "张三\n")
        said = app.screen.query_one("#said")
        assert said.has_class("-bad")
        assert "210903" in str(said.render())

    drive(app, script)
    assert not (tmp_path / "home").exists()


def test_before_there_is_a_ledger_looks_and_settings_are_within_reach(tmp_path: Path) -> None:
    """The theme, the language, the palette and the settings need no ledger, and leave none behind; what needs one is
    neither in the palette nor in the help."""
    app = new_app(tmp_path / "home")

    async def script(pilot: Pilot[None]) -> None:
        before = app.theme
        await press(pilot, "ctrl+t")
        assert app.theme != before
        assert not app._error_shown
        await press(pilot, "comma")
        assert type(app.screen).__name__ == "SettingsScreen"
        await press(pilot, "escape", "ctrl+k")
        assert type(app.screen).__name__ == "CommandPalette"
        assert "F11" in screen_text(pilot)
        assert "F7" not in screen_text(pilot)
        await press(pilot, "escape", "question_mark")
        assert "F11" in screen_text(pilot)
        assert "F7 " not in screen_text(pilot)

    drive(app, script, size=(100, 60))
    assert not (tmp_path / "home").exists()


def test_an_empty_ledger_leads_to_the_import(empty_home: Path) -> None:
    """The list without a project names the key that takes a table in; the palette has it, too."""

    async def script(pilot: Pilot[None]) -> None:
        assert "I（F10）" in screen_text(pilot)
        await press(pilot, "f10")
        assert isinstance(pilot.app.screen, ImportScreen)
        await type_text(pilot, f"'{TABLE}'\n")
        await press(pilot, "ctrl+s", "escape")
        assert isinstance(pilot.app.screen, ProjectsScreen)
        await until(pilot, lambda: pilot.app.screen.rows.total == 9)

    drive(make_app(empty_home), script)


def test_a_column_that_is_not_understood_is_asked_about(empty_home: Path, tmp_path: Path) -> None:
    """The screen asks what each column is, with what stands in it; a key answers, and the table is read again. No
    option of a command stands there."""
    file = tmp_path / "table.csv"
    rows = [[*HEAD, "保障人", "服务人"], [*table_row(1, "北山"), "己玉成", "丁红梅19900000004"]]
    file.write_bytes(to_csv(rows))

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "f10")
        await type_text(pilot, f"'{file}'\n")
        await until(pilot, lambda: isinstance(pilot.app.screen, ColumnMenu))
        assert "保障人" in screen_text(pilot) and "己玉成" in screen_text(pilot)
        assert "--" not in screen_text(pilot)
        await press(pilot, "0")
        await until(pilot, lambda: "丁红梅" in screen_text(pilot))
        await press(pilot, "4")
        await until(pilot, lambda: isinstance(pilot.app.screen, ImportScreen) and "北山" in screen_text(pilot))
        assert pilot.app.screen.query_one("#field-columns", TextField).value == "保障人=-；服务人=部门联系人"
        await press(pilot, "ctrl+s", "escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, ProjectsScreen) and pilot.app.screen.rows.total == 1)

    drive(make_app(empty_home), script)


def test_headings_without_a_project_are_asked_about(empty_home: Path, tmp_path: Path) -> None:
    """Where no heading is a project's or a butler's, the screen asks which column is which, and takes the table;
    a heading may have any character."""
    file = tmp_path / "table.csv"
    file.write_bytes(to_csv([["序号", "标的", "跑腿人'"], ["1", "北山", "丁红梅19900000004"]]))

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "f10")
        await type_text(pilot, f"'{file}'\n")
        for key in ("2", "3"):
            await until(pilot, lambda: isinstance(pilot.app.screen, HeadingMenu))
            await press(pilot, key)
            await settled(pilot)
        await until(pilot, lambda: isinstance(pilot.app.screen, ImportScreen) and "丁红梅" in screen_text(pilot))
        assert pilot.app.screen.query_one("#field-columns", TextField).value == "标的=项目名称；跑腿人'=项目管家"

    drive(make_app(empty_home), script)


def test_what_the_ledger_says_already_is_not_taken_in_again(empty_home: Path) -> None:
    """A table that changes nothing says so, and a path that is corrected after a look is looked at first."""
    database = open_store(empty_home / "ledger.db", KEY)
    import_table(Ledger(database), TABLE)
    database.close()

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "I")
        await type_text(pilot, f"{TABLE}\n")
        assert "9" in screen_text(pilot)
        await type_text(pilot, "x")
        await press(pilot, "ctrl+s")
        assert pilot.app.screen.query_one("#said").has_class("-bad")

    drive(make_app(empty_home), script)


def test_the_sample_district_is_made_told_and_opened(tmp_path: Path) -> None:
    """A folder that is not empty is refused; an empty one gets the demo, whose output is shown; then laptop A is open,
    its central answers, and the person's own variables are removed."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("x")
    app = new_app(tmp_path / "home", STORY_ONLY)

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "d")
        screen = app.screen
        assert isinstance(screen, DemoForm)
        await type_text(pilot, f"{tmp_path}/full\n")
        await until(pilot, lambda: screen.query_one("#said").has_class("-bad"))
        assert f"{tmp_path}/full"[-12:] in screen_text(pilot)
        await press(pilot, *["backspace"] * len(f"{tmp_path}/full"))
        await pilot.press("enter")
        await until(pilot, lambda: "79" in screen_text(pilot))
        await until(pilot, lambda: app.reader is not None and projects_in(app) == 9)
        assert app.home.name == "laptop-a"
        assert "GUANJIA_CREDENTIALS" not in os.environ
        await press(pilot, "ctrl+r")
        await until(pilot, lambda: "上报 0 条" in screen_text(pilot))

    drive(app, script, size=(100, 40))
    for end in app.exit_callbacks:
        end()
    assert list(tmp_path.glob("guanjia-demo-*")) == []
    assert not (tmp_path / "home").exists()


def test_what_could_not_be_opened_is_tried_again_by_a_key(home: Path) -> None:
    """After the cause was removed the ledger opens without a restart; ways to begin are not offered where there is a
    ledger."""
    tries = [1]

    def opening() -> Database:
        if tries.pop() if tries else 0:
            raise WrongKey(path=home / "ledger.db")
        return open_store(home / "ledger.db", KEY)

    async def script(pilot: Pilot[None]) -> None:
        screen = pilot.app.screen
        assert isinstance(screen, WelcomeScreen)
        assert not screen.check_action("join", ())
        await press(pilot, "t")
        await until(pilot, lambda: "北山新能源" in screen_text(pilot))

    drive(GuanjiaApp(opening, home, theme="dark"), script)


def test_a_ledger_that_works_alone_is_offered_to_join(empty_home: Path, home: Path) -> None:
    """The agreement screen leads to the form of joining, and only where there is no central."""
    with open_store(empty_home / "ledger.db", KEY).write() as connection:
        connection.execute("DELETE FROM meta WHERE key = 'central'")

    async def alone(pilot: Pilot[None]) -> None:
        await press(pilot, "6", "c")
        assert isinstance(pilot.app.screen, JoinForm)

    async def joined(pilot: Pilot[None]) -> None:
        await press(pilot, "6", "c")
        assert isinstance(pilot.app.screen, SyncScreen)

    drive(make_app(empty_home), alone)
    drive(make_app(home), joined)


def test_paths_are_completed_as_a_shell_does(tmp_path: Path) -> None:
    """Folders and fitting files that begin so; hidden ones only when asked for; pasted quotes and spaces are read."""
    for name in ("表 一.xlsx", "表二.csv", "表.exe", ".藏.txt"):
        (tmp_path / name).write_text("")
    (tmp_path / "表夹").mkdir()
    endings = (".xlsx", ".csv", ".txt")
    assert path_candidates(f"{tmp_path}/表", endings) == ["表 一.xlsx", "表二.csv", f"表夹{os.sep}"]
    assert path_candidates(f"{tmp_path}/.", endings) == [".藏.txt"]
    assert path_candidates(f"{tmp_path}/", endings)[0] == "表 一.xlsx"
    assert path_candidates(f"{tmp_path}/none/x", endings) == []
    assert expand_path(f"'{tmp_path}/表 一.xlsx' ") == f"{tmp_path}/表 一.xlsx"
    assert expand_path(f"{tmp_path}/表\\ 一.xlsx") == f"{tmp_path}/表 一.xlsx"
