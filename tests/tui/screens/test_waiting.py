"""The bureau decides on its screen what lone homes proposed and what came back without a receipt (issue 12)."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from store.ledger.line import new_id
from tests.tui.driving import drive, key_event, make_app, press, screen_text, settled, until
from tests.tui.role_samples import hold, store_of
from tests.tui.sample import NOON_MS
from tests.tui.screens.test_seat import COMMAND, ago
from tui.data.waiting_lines import waiting_rows, waiting_versions
from tui.presenters.waiting import changes_text, waiting_page, waiting_summary
from tui.screens.panels import Confirm
from tui.screens.waiting import WaitingScreen
from tui.widgets.grouped_list import GroupedList

PROJECT, PERSON = new_id(), new_id()


def waits(number: int, kind: str, person: str, body: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A line that waits, as the command prints it."""
    facts = {"seq": number, "source": "proposal", "id": new_id(), "kind": kind, "project": PROJECT, "person": person}
    facts |= {"account": f"a{person}", "author": person, "written": ago(1), "brought": ago(0), "deleted": False}
    return facts | {"body": body, "present": None, "present_deleted": False, "late": False} | more


WAITING = [
    waits(7, "project", "王五", {"name": "风电", "number": "续1"}, id=PROJECT),
    waits(8, "assignment", "王五", {"role": "butler", "person_id": PERSON}),
    waits(9, "visit", "王五", {"text": "看了现场"}),
    waits(12, "visit", "赵六", {"text": "改了"}, present={"text": "原来"}, source="claim"),
]


def test_what_a_line_would_change_is_said_before_it_is_decided() -> None:
    """A new line, a change with both sides, a deletion, one that comes too late: each is told as what it is; roles are
    told with whose and where, by names."""
    new, role, _visit, edit = waiting_versions(WAITING)
    names = {PERSON: "乙卫东", PROJECT: "风电"}
    assert waiting_summary(role, names) == "项目管家  乙卫东  风电"
    gone, back, late = waiting_versions([
        waits(1, "visit", "甲", {}, deleted=True, present={"text": "x"}),
        waits(2, "visit", "甲", {}, present_deleted=True),
        waits(3, "visit", "甲", {}, present={"text": "x"}, late=True),
    ])  # fmt: skip
    told = [changes_text(each) for each in (new, edit, gone, back, late)]
    assert told == ["新增一条", "修改一条", "删除一条", "恢复一条", "只入历史"]
    rows = waiting_rows([new, edit], {7: "风电", 12: "改了"})
    assert [row.id for row in rows] == ["all", "home:a王五", "7", "home:a赵六", "12"]
    page = str(waiting_page(rows[4], ["改了"], names, NOON_MS))
    assert "- 原来" in page
    assert "+ 改了" in page


def test_the_bureau_decides_by_line_by_home_and_all(home: Path, tmp_path: Path) -> None:
    """Today says how much waits; enter shows it by home; y takes a line in at once and asks about several, b asks
    and only ctrl+d agrees; exactly what is listed is named to the central; where it does not answer, the list stays."""
    hold(home, "bureau")
    with closing(store_of(home)) as database, database.write() as connection:
        connection.execute("INSERT INTO meta (key, value) VALUES ('waiting', '4')")
    (tmp_path / "waiting.json").write_text(json.dumps(WAITING))
    script = tmp_path / "admin.py"
    script.write_text(COMMAND.format(folder=str(tmp_path)))
    app = make_app(home, start="today")
    app.program_command = (sys.executable, "-S", str(script))

    async def play(pilot: Pilot[None]) -> None:
        assert "有 4 条记录等营商局决定" in screen_text(pilot)
        whys = [row.why for row in pilot.app.screen.query_one(GroupedList)._window.rows if not row.heading]
        await press(pilot, *["down"] * whys.index("waiting"), "enter")
        assert isinstance(pilot.app.screen, WaitingScreen)
        await press(pilot, "down", "down", "y")
        await press(pilot, "up", "y")
        assert isinstance(pilot.app.screen, Confirm)
        assert "采纳 3 条" in screen_text(pilot)
        await press(pilot, "enter", "home", "b", "enter")
        await press(pilot, "ctrl+d")
        (tmp_path / "waiting.json").unlink()
        await press(pilot, "r")
        await settled(pilot)
        assert "不能这样" in screen_text(pilot)
        assert "看了现场" in screen_text(pilot)

    drive(app, play)
    ran = [json.loads(line)[2:-1] for line in (tmp_path / "ran").read_text().splitlines()]
    assert [each for each in ran if each] == [
        ["--accept", "-", "7"],
        ["--accept", "-", "7", "8", "9"],
        ["--reject", "-", "7", "8", "9", "12"],
    ]


def is_shown(pilot: Pilot[None], text: str) -> bool:
    """Whether the screen has this text."""
    return text in screen_text(pilot)


def test_a_decision_is_told_also_where_the_screen_was_closed(home: Path, tmp_path: Path) -> None:
    """Who decides and goes away hears what became of it: that it was decided, or why not."""
    hold(home, "bureau")
    (tmp_path / "waiting.json").write_text(json.dumps(WAITING))
    script = tmp_path / "admin.py"
    script.write_text(COMMAND.format(folder=str(tmp_path)))
    app = make_app(home, start="today")
    app.program_command = (sys.executable, "-S", str(script))

    async def play(pilot: Pilot[None]) -> None:
        for answers, told in ((True, "已决定"), (False, "不能这样")):
            await press(pilot, "P")
            await settled(pilot)
            assert isinstance(pilot.app.screen, WaitingScreen)
            (tmp_path / "wait").touch()
            if not answers:
                (tmp_path / "waiting.json").unlink()
            pilot.app.post_message(key_event("down"))
            pilot.app.post_message(key_event("down"))
            pilot.app.post_message(key_event("y"))
            pilot.app.post_message(key_event("escape"))
            await until(pilot, lambda: not isinstance(pilot.app.screen, WaitingScreen))
            (tmp_path / "wait").unlink()
            await until(pilot, partial(is_shown, pilot, told))

    drive(app, play)
