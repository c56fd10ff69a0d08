"""Snapshots of every screen, in two languages at three sizes. After an intended change: pytest --snapshot-update."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from syrupy.location import PyTestLocation
from syrupy.types import SnapshotIndex
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from store.db.database import Database
from store.exceptions import HomeNotFound
from store.writer.local_writes import Ledger
from store.writer.upgrade import open_store
from tests.tui.conflicts import lose_two
from tests.tui.driving import drive, make_app, press, settled, type_text
from tests.tui.registers_sample import fill_registers
from tests.tui.role_samples import store_of, submit
from tests.tui.sample import KEY, NOON_MS, line_id
from tests.tui.screens.test_address_book import add as add_person
from tests.tui.screens.test_lock import app_of, home_with_pin
from tests.tui.screens.test_seat import AUDIT, OVERVIEW, answering_app
from tests.tui.screens.test_stand_in import stand_in
from tests.tui.screens.test_waiting import WAITING
from tui.app.app import GuanjiaApp
from tui.i18n import translate

Pictures = Callable[..., list[str]]
Homes = Callable[[str], Path]
OF_REGISTERS = (
    "project_board",
    "project_progress",
    "registers",
    "register_procedures",
    "register_line",
    "register_form",
    "limits",
    "reports",
)
SIZES = {"80x24": (80, 24), "120x30": (120, 30), "160x45": (160, 45)}
OPENED_AT_EACH_SIZE = ("filters", "acts", "decide", "jump", "visit_with_issue", "palette")
"""Panels and labels lie where there was room when they were opened, so that each size needs an app of its own."""
OF_OFFICE = ("approvals", "meeting_setup", "meeting", "decide", "minutes")
SCREENS: dict[str, tuple[str, ...]] = {
    "today": ("1", "down"),
    "projects": ("down",),
    "project": ("enter",),
    "project_issues": ("enter", "tab", "tab"),
    "project_board": ("enter", "tab", "tab", "tab"),
    "project_progress": ("enter", "tab", "tab", "tab", "tab"),
    "visit": ("enter", "enter"),
    "issues": ("3", "end"),
    "filters": ("3", "f", "right", "tab"),
    "issue": ("3", "enter"),
    "acts": ("3", "a"),
    "act_form": ("3", "end", "up", "a", "a"),
    "acts_on_several": ("3", "space", "space", "a"),
    "approvals": ("3", "p"),
    "meeting_setup": ("m",),
    "meeting": ("m", "space", "down", "space", "enter"),
    "decide": ("m", "space", "down", "space", "enter", "full_stop"),
    "minutes": ("m", "space", "down", "space", "enter", "escape"),
    "lookup": ("slash", "text:gd"),
    "lookup_empty": ("slash",),
    "history": ("h", "down"),
    "conflicts": ("1", "l"),
    "rejected": ("1", "x"),
    "give_up": ("1", "x", "ctrl+d"),
    "sync": ("6",),
    "sync_projects": ("6", "tab"),
    "sync_devices": ("6", "tab", "tab"),
    "summary": ("5",),
    "summary_part": ("5", "down", "enter"),
    "address_book": ("7", "down", "down"),
    "settings": ("comma",),
    "setting": ("comma", "enter"),
    "import_table": ("I",),
    "jump": ("v", "ctrl+o"),
    "visit_form": ("v", "text:供电线路仍未接通，企业已备好调试方案。"),
    "visit_with_issue": ("v", "text:供电线路仍未接通。", "f8", "text:临时用电没有批下来"),
    "issue_form": ("i",),
    "project_form": ("e",),
    "registers": ("4",),
    "register_procedures": ("enter", "r", "enter"),
    "register_line": ("4", "down", "down", "enter", "enter"),
    "register_form": ("4", "down", "down", "enter", "n"),
    "limits": ("4", "end", "up", "enter"),
    "reports": ("4", "end", "enter"),
    "palette": ("colon",),
    "help": ("3", "question_mark"),
}

BUREAU_TOUR: dict[str, tuple[str, ...]] = {
    "told": (),
    "waiting": ("P", "down", "down"),
    "accounts": ("escape", "A", "down"),
    "invite": ("n",),
    "audit": ("escape", "a"),
    "doubles": ("7", "d"),
    "units": ("escape", "tab"),
    "contact": ("tab", "home", "down", "down", "enter"),
    "contact_form": ("escape", "e"),
    "erasure_form": ("escape", "ctrl+d"),
    "stand_in_form": ("escape", "up", "s"),
    "hand_over": ("escape", "down", "H"),
    "hand_over_form": ("H",),
    "holidays": ("escape", "escape", "4", "end", "up", "up", "enter"),
    "holiday_form": ("n",),
    "pin_form": ("escape", "comma", "p"),
    "bin": ("escape", "1", "b"),
}
"""The bureau's screens: each is reached by its keys from the one before it, so that one app shows them all."""


@pytest.fixture(scope="module")
def conflict_home_built(sample_built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample with a version that lost and a line that was refused."""
    home = Path(shutil.copytree(sample_built, tmp_path_factory.mktemp("snapshots") / "home"))
    ledger = Ledger(open_store(home / "ledger.db", KEY), wall_clock=lambda: NOON_MS - 7_200_000)
    ledger.edit("project", line_id("project", 1), note="二期用地已获批准", stage="completed")
    refused = ("clock_ahead", "2031-01-01T00:00+08:00", NOON_MS - 3_600_000, line_id("visit", 2))
    with ledger.database.write() as connection:
        connection.execute("UPDATE outbox SET state = 'rejected', code = ?, reason = ?, at = ? WHERE id = ?", refused)
    ledger.database.close()
    lose_two(home)
    return home


@pytest.fixture(scope="module")
def register_home_built(conflict_home_built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with a line in every register."""
    home = Path(shutil.copytree(conflict_home_built, tmp_path_factory.mktemp("registers") / "home"))
    fill_registers(home)
    return home


@pytest.fixture(scope="module")
def office_home_built(conflict_home_built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with issues that wait for the bureau."""
    home = Path(shutil.copytree(conflict_home_built, tmp_path_factory.mktemp("office") / "home"))
    submit(home)
    return home


@pytest.fixture
def conflict_home(conflict_home_built: Path, tmp_path: Path) -> Path:
    """A copy of it for one test: forms leave drafts."""
    return Path(shutil.copytree(conflict_home_built, tmp_path / "home"))


@pytest.fixture
def homes(
    conflict_home_built: Path,
    register_home_built: Path,
    office_home_built: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Homes:
    """A copy for one test, of what its screen shows, under a path that is the same on every machine."""

    def copy(name: str) -> Path:
        whole = (
            register_home_built
            if name in OF_REGISTERS
            else office_home_built
            if name in OF_OFFICE
            else conflict_home_built
        )
        shutil.rmtree(tmp_path / "home", ignore_errors=True)
        shutil.copytree(whole, tmp_path / "home")
        monkeypatch.chdir(tmp_path)
        return Path("home")

    return copy


@pytest.fixture(params=translate.LANGUAGES)
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    """Both languages, one after the other."""
    translate.set_language(request.param)
    yield request.param


class PictureExtension(SingleFileSnapshotExtension):
    """One file a picture, named by the test's parameters and the size."""

    _file_extension = "svg"
    _write_mode = WriteMode.TEXT

    @classmethod
    def get_snapshot_name(cls, *, test_location: PyTestLocation, index: SnapshotIndex = 0) -> str:
        """As if the size were the last parameter of the test."""
        name = test_location.snapshot_name
        return f"{name.removesuffix(']')}-{index}]" if isinstance(index, str) else name


@pytest.fixture
def pictures(snapshot: SnapshotAssertion) -> Pictures:
    """Compares an app's screen after these keys with its committed pictures, and lists the sizes at which they
    differ: ``pictures(make, keys, sizes)``. One app runs, whose terminal has one size after the other. A tour of
    several screens has keys by name, each from the screen before."""
    committed = snapshot.use_extension(PictureExtension)

    def compare(
        make: Callable[[], GuanjiaApp],
        keys: Sequence[str] | Mapping[str, Sequence[str]],
        sizes: Sequence[str] = tuple(SIZES),
    ) -> list[str]:
        async def script(pilot: Pilot[None]) -> None:
            for name, more in tour.items():
                await play(pilot, more)
                for size in sizes:
                    if len(tour) > 1 or size != sizes[0]:
                        await pilot.resize_terminal(*SIZES[size])
                    await settle_drawing(pilot)
                    taken["-".join(filter(None, (name, size)))] = take_picture(pilot)

        tour = keys if isinstance(keys, Mapping) else {"": keys}
        taken: dict[str, str] = {}
        drive(make(), script, SIZES[sizes[0]], notifications=False)
        return [name for name, picture in taken.items() if picture != committed(name=name)]

    return compare


def take_picture(pilot: Pilot[None]) -> str:
    """What is on the screen, without the number that makes names unique among pictures on one page."""
    picture = pilot.app.export_screenshot(title=pilot.app.title, simplify=True)
    return re.sub(r"\bterminal-\d+-([\w-]+)", r"terminal-\1", picture)


async def play(pilot: Pilot[None], keys: Sequence[str]) -> None:
    """Press keys and type texts."""
    for key in keys:
        if key.startswith("text:"):
            await type_text(pilot, key.removeprefix("text:"))
        else:
            await press(pilot, key)


@pytest.mark.soak(turns=6)
@pytest.mark.parametrize("name", SCREENS)
def test_screen(name: str, language: str, homes: Homes, pictures: Pictures) -> None:
    """The screen looks as in its committed pictures."""
    if name in OPENED_AT_EACH_SIZE:
        for size in SIZES:
            home = homes(name)
            assert pictures(lambda home=home: make_app(home), SCREENS[name], (size,)) == []
    else:
        assert pictures(lambda: make_app(homes(name)), SCREENS[name]) == []


def refuse() -> Database:
    """There is no ledger."""
    raise HomeNotFound(home="/home/yi/ledger")


@pytest.mark.soak(turns=2, of="language")
def test_welcome(language: str, tmp_path: Path, pictures: Pictures) -> None:
    """Where there is no ledger, the screen says how one begins."""
    assert pictures(lambda: GuanjiaApp(refuse, tmp_path, theme="dark"), ()) == []


@pytest.mark.soak(turns=2, of="language")
@pytest.mark.parametrize("key", ["c", "w", "d"])
def test_beginning(key: str, language: str, pictures: Pictures) -> None:
    """The forms with which a ledger begins: join, work alone, look around."""
    assert pictures(lambda: GuanjiaApp(refuse, Path("/home/yi/ledger"), theme="dark"), (key,)) == []


@pytest.mark.soak(turns=2, of="language")
def test_bureau(language: str, homes: Homes, tmp_path: Path, pictures: Pictures) -> None:
    """What the bureau does from its own seat, and the address book: with the central's answers as files."""
    home = homes("bureau")
    add_person(home, "壬福生同志", "13900000002")
    stand_in(home, "乙卫东", "甲建国")
    stand_in(home, "丑宁", "乙卫东")
    with closing(store_of(home)) as database, database.write() as connection:
        connection.execute("INSERT INTO meta (key, value) VALUES ('waiting', '4')")
    app = answering_app(home, tmp_path, overview=OVERVIEW, audit=AUDIT, waiting=WAITING)
    assert pictures(lambda: app, BUREAU_TOUR) == []


@pytest.mark.soak(turns=2, of="language")
def test_lock(language: str, homes: Homes, pictures: Pictures) -> None:
    """The lock shows nothing but itself, and what is wrong with the PIN."""
    locked = home_with_pin(homes("lock"))
    assert pictures(lambda: app_of(locked), ("9", "9", "enter")) == []


@pytest.mark.soak(turns=4)
@pytest.mark.parametrize("theme", ["light", "contrast"])
@pytest.mark.parametrize("name", ["projects", "issues", "visit_form", "acts"])
def test_theme(name: str, theme: str, conflict_home: Path, snapshot: SnapshotAssertion) -> None:
    """The other themes, on the screens that have lists, lights, forms and panels."""
    taken: list[str] = []

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, *(key for key in SCREENS[name] if not key.startswith("text:")))
        await settle_drawing(pilot)
        taken.append(take_picture(pilot))

    drive(make_app(conflict_home, theme=theme), script, notifications=False)
    assert taken.pop() == snapshot.use_extension(PictureExtension)


async def settle_drawing(pilot: Pilot[None]) -> None:
    """Stop blinking cursors, below a panel as well, and wait for all readers, so that two pictures are equal."""
    await settled(pilot)
    for screen in pilot.app.screen_stack:
        for field in screen.query(Input):
            field.cursor_blink = False
        for area in screen.query(TextArea):
            area.cursor_blink = False
            area.notify_style_update()  # else it takes the line without a cursor, which it has kept, for the new one
            area.refresh()
    await settled(pilot)
