"""What officers do every day, played in the real app by the keys of the table in ``tui/README.md``, and counted."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest
from textual.pilot import Pilot

from store.db.connection import Connection
from store.db.device_facts import read_device_facts
from store.domain.status_lights import light_thresholds
from store.queries import issues, visits
from store.queries.hand_over import served_projects
from store.queries.issues import IssueDetail
from store.queries.people import contacts, listing
from store.values.times import district_time
from tests.tui.cli.fork_server import forked_command
from tests.tui.conflicts import lose_two, still_lost, store_of
from tests.tui.driving import drive, make_app, press, screen_text, settled, type_text, until
from tests.tui.role_samples import hold, submit
from tests.tui.sample import NOON_MS, issue_id, line_id
from tui.app.app import GuanjiaApp
from tui.cli.open_app import save_where_home_is
from tui.cli.session import open_session
from tui.screens.import_table import ImportScreen
from tui.screens.meeting_mode import MeetingScreen
from tui.screens.today import TodayScreen

README = Path(__file__).parents[3] / "tui" / "README.md"
TABLE = Path(__file__).parents[3] / "store" / "importing" / "sample.txt"
DAY = "2026-05-20"
TODAY = light_thresholds(district_time(NOON_MS).date())
KEY_NAMES = {"esc": "escape", "/": "slash"}


class Row(NamedTuple):
    """A task of the table: its keys in order, ``…`` where something is typed, and how many keys it says."""

    task: str
    steps: list[str]
    said: int


def rows() -> dict[str, Row]:
    """The table of the README, by task."""
    table = README.read_text("utf-8").split("<!-- tasks -->")[1].split("<!-- end of tasks -->")[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.strip().splitlines()[2:]]
    return {task: Row(task, re.findall("`[^`]+`|…", keys), int(count)) for task, keys, count in cells}


async def play(pilot: Pilot[None], task: str, *texts: str) -> None:
    """Play one task by its keys, with these texts where the table has ``…``."""
    row, left = rows()[task], list(texts)
    for step in row.steps:
        if step == "…":
            await type_text(pilot, left.pop(0))
        else:
            await press(pilot, key_of(step.strip("`")))
    assert left == []


def key_of(shown: str) -> str:
    """The key that is shown so."""
    if shown.startswith("^"):
        return f"ctrl+{shown[1:].lower()}"
    return KEY_NAMES.get(shown, shown.lower() if len(shown) > 1 else shown)


async def today(pilot: Pilot[None]) -> None:
    """Back to where the program opens, from wherever the last task ended: its digit, after a meeting has been left."""
    while any(isinstance(screen, MeetingScreen) for screen in pilot.app.screen_stack):
        await press(pilot, "escape")
    await press(pilot, "1")
    assert isinstance(pilot.app.screen, TodayScreen)


def visited(home: Path) -> bool:
    """The visit is logged with the issue that came up."""
    latest = visits.visits(connection_of(home), limit=1)[0]
    visit = visits.visit(connection_of(home), latest.id)
    return (
        visit is not None
        and visit.text == "设备已进场。"
        and [each.title for each in visit.issues_raised] == ["道路未通"]
    )


def assigned(home: Path) -> bool:
    """Issue 5 has a department, an owner and a due date."""
    row = issue_now(home, 5).row
    return (row.state, row.department, row.owner, row.due) == ("assigned", "供电公司", "巳士杰", "2026-05-29")


def settled_two(home: Path) -> bool:
    """Issue 2 is settled, with measure and evidence."""
    found = issue_now(home, 2)
    step = found.steps[-1]
    return (found.row.state, step.measure, step.evidence) == ("settled", "补正完成", "收件回执")


def phone_of(home: Path, name: str) -> str | None:
    """Somebody's main phone."""
    return next(
        each.phone for each in contacts(connection_of(home), "person", listing("person", DAY)) if each.name == name
    )


def imported(home: Path) -> bool:
    """The nine projects of the table stand beside the sample's own eight."""
    (count,) = connection_of(home).execute("SELECT count(*) FROM project").fetchone()
    return bool(count == 17)


def served(home: Path, name: str) -> set[str | None]:
    """The numbers of the projects of a butler."""
    return {row.number for row in served_projects(connection_of(home), line_id("person", name), DAY)}


def connection_of(home: Path) -> Connection:
    return store_of(home).connection()


def issue_now(home: Path, number: int) -> IssueDetail:
    found = issues.issue(connection_of(home), issue_id(number), TODAY)
    assert found is not None
    return found


@pytest.fixture
def office(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GuanjiaApp:
    """The app at the bureau, where settlements wait and versions have lost; the central is a command that answers."""
    monkeypatch.setenv("HOME", str(tmp_path))
    submit(home)
    lose_two(home)
    hold(home, "bureau")
    code = {"code": "ABCD-EFGH-JKMN", "id": "c1", "name": "吴管家", "expires_at": "2026-05-21T12:00:00+08:00"}
    answers = {"overview": {"codes": [], "people": [], "devices": []}, "invite": code}
    app = make_app(home, start="today")
    app.program_command = (sys.executable, "-S", "-c", f"import json, sys; print(json.dumps({answers!r}[sys.argv[2]]))")
    return app


@pytest.mark.proves("R14", "R48")
def test_the_tasks_of_every_day_take_the_keys_of_the_table(office: GuanjiaApp, home: Path, tmp_path: Path) -> None:
    """Each is played from today by the keys of the README alone; the ledger says what it should afterwards."""
    played = rows()
    order: list[tuple[str, Sequence[str], Callable[[Pilot[None]], bool]]] = [
        ("hold a meeting over a department", ["zrzy"], lambda pilot: "W2026-002" in screen_text(pilot)),
        ("find and copy a phone in a meeting", ["dhm"], lambda pilot: pilot.app.clipboard == "19900000001"),
        ("log a visit with an issue that came up", ["设备已进场。", "道路未通"], lambda _: visited(home)),
        ("find an issue and assign it", ["bwys", "供电公司", "巳士杰", "下周五"], lambda _: assigned(home)),
        ("find an issue and settle it", ["002", "补正完成", "收件回执"], lambda _: settled_two(home)),
        ("approve what waits longest", [], lambda _: issue_now(home, 3).row.state == "closed"),
        ("correct a phone", ["@丁红梅", "13912345678"], lambda _: phone_of(home, "丁红梅") == "13912345678"),
        ("replace a butler", ["北山新能源", "丑宁"], lambda _: served(home, "丑宁") == {"1", "3"}),
        ("take in a table", [str(TABLE)], lambda _: imported(home)),
        (
            "write the summary of the month to a file",
            [],
            lambda _: (tmp_path / "汇总分析-2026-05-20.xlsx").exists(),
        ),
        ("bring back a version that lost", [], lambda _: len(still_lost(home)) == 1),
        ("invite somebody", ["吴管家"], lambda pilot: "ABCD-EFGH-JKMN" in screen_text(pilot)),
    ]
    wrong = []

    async def script(pilot: Pilot[None]) -> None:
        for task, texts, happened in order:
            if "in a meeting" not in task:
                await today(pilot)
            await play(pilot, task, *texts)
            await settled(pilot)
            if not happened(pilot):
                wrong.append(f"{task}\n{screen_text(pilot)}")

    drive(office, script, (100, 30))
    assert wrong == [], "\n".join(wrong)
    assert [task for task, *_rest in order] == [*played][1:]
    assert {row.task: row.said for row in played.values()} == {
        row.task: sum(step != "…" for step in row.steps) for row in played.values()
    }


def test_a_ledger_is_begun_where_no_keyring_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real command finds no keyring; the screen asks whether a file may keep the key, and enter makes the ledger,
    which opens again without any variable set."""
    for name in [name for name in os.environ if name.startswith("GUANJIA_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    home = tmp_path / "home"
    app = GuanjiaApp(
        lambda: open_session(home).database,
        home,
        theme="dark",
        save_setting=lambda name, value: save_where_home_is(app.home, name, value),
    )
    app.program_command, app.open_at = forked_command(), lambda path: open_session(path).database

    async def script(pilot: Pilot[None]) -> None:
        await play(pilot, "begin a ledger where no keyring is", "210903", "张三")
        await until(pilot, lambda: app.reader is not None and isinstance(app.screen, ImportScreen))

    drive(app, script)
    database = open_session(home).database
    assert read_device_facts(database.connection())["person_name"] == "张三"
    database.close()
    assert (home / "credentials" / "key").stat().st_mode & 0o777 == 0o600
