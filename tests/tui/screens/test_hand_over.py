"""Replacing a butler on the screens: one act with a question before it, keys counted; in bulk from the address book."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from store.queries.hand_over import GivenUp, TakenOver, served_projects
from tests.tui.conflicts import store_of
from tests.tui.driving import drive, make_app, press, screen_text, settled, type_text
from tests.tui.role_samples import hold
from tests.tui.sample import NOON_MS, line_id
from tui.data.bureau_seat import SeatSnapshot
from tui.data.subprocess import CommandResult
from tui.presenters.notices import changed_hands_heads
from tui.presenters.seat import unsent_text
from tui.screens.hand_over import HandOverForm
from tui.screens.panels import Confirm
from tui.widgets.page import PageView

DAY = "2026-05-20"


def served(home: Path, name: str) -> list[str]:
    """The numbers of the projects of a butler."""
    database = store_of(home)
    rows = served_projects(database.connection(), line_id("person", name), DAY)
    database.close()
    return [row.number for row in rows]


@pytest.mark.proves("R07", "R18")
def test_a_butler_is_replaced_with_three_keys_and_a_name(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On the project’s screen H, the name, ^S, enter: who, what, until when and what is unsent are shown before it is
    written; the sheet lies among the person’s files, and u takes the hand-over back."""
    monkeypatch.setenv("HOME", str(tmp_path))
    keys = ("H", "ctrl+s", "enter")

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "enter", keys[0])
        await type_text(pilot, "丑宁")
        await press(pilot, keys[1])
        shown = screen_text(pilot).replace("\n", "")
        for told in (
            "由 乙卫东 移交给 丑宁",
            "北山新能源",
            "未办结问题 2 个",
            "乙卫东 任至",
            "未上报",
            "06-19",
            "交接单",
        ):
            assert told in shown
        assert served(home, "丑宁") == ["3"]
        await press(pilot, keys[2])
        await settled(pilot)
        assert "已移交 1 个项目" in screen_text(pilot)
        assert (served(home, "丑宁"), served(home, "乙卫东")) == (["1", "3"], ["8"])
        await press(pilot, "u", "u")
        await settled(pilot)
        assert (served(home, "丑宁"), served(home, "乙卫东")) == (["3"], ["1", "8"])

    drive(make_app(home), script)
    assert len(keys) <= 5
    assert [path.name for path in tmp_path.glob("*.docx")] == ["工作交接单-乙卫东-丑宁-2026-05-20.docx"]


def test_all_projects_of_a_butler_go_to_several(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the butler’s entry in the address book: what is selected goes to one, the rest to another; a file that
    cannot be written hands nothing over, and who is replaced by themselves is told so."""
    monkeypatch.setenv("HOME", str(tmp_path))

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "7", "slash")
        await type_text(pilot, "@乙卫东")
        await press(pilot, "enter", "H", "space", "H")
        await type_text(pilot, "丑宁")
        await press(pilot, "tab")
        await type_text(pilot, str(tmp_path / "missing" / "sheet.docx"))
        await press(pilot, "ctrl+s", "enter")
        assert served(home, "乙卫东") == ["1", "8"]
        assert isinstance(pilot.app.screen, HandOverForm)
        await press(pilot, "ctrl+u", "ctrl+s", "enter")
        assert (served(home, "丑宁"), served(home, "乙卫东")) == (["1", "3"], ["8"])
        await press(pilot, "H")
        await type_text(pilot, "乙卫东")
        await press(pilot, "ctrl+s")
        assert not isinstance(pilot.app.screen, Confirm)
        await press(pilot, "ctrl+u")
        await type_text(pilot, "壬福生")
        await press(pilot, "ctrl+s", "enter")
        assert served(home, "乙卫东") == []
        assert "没有要移交的项目" in screen_text(pilot)

    drive(make_app(home), script)


@pytest.mark.proves("R07", "R43")
def test_the_projects_of_a_butler_go_to_several_in_one_act(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The form has a field for each project: what it says counts before the first field, the question names who gets
    what, one sheet is written, and one u takes all of it back. Without the first field only what is named goes."""
    monkeypatch.setenv("GUANJIA_EXPORT_FOLDER", str(tmp_path))

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "7", "slash")
        await type_text(pilot, "@乙卫东")
        await press(pilot, "enter", "H", "H", "tab", "tab")
        await type_text(pilot, "壬福生")
        await press(pilot, "ctrl+s")
        assert not [text for text in pilot.app.screen.query_one("#question", PageView).texts() if "北山" in text]
        await press(pilot, "escape", "shift+tab", "shift+tab")
        await type_text(pilot, "丑宁")
        await press(pilot, "ctrl+s")
        shown = screen_text(pilot).replace("\n", "")
        assert "移交给 丑宁、壬福生" in shown and "交给丑宁：" in shown and "交给壬福生：" in shown
        await press(pilot, "enter")
        await settled(pilot)
        assert "已移交 2 个项目" in screen_text(pilot)
        assert [served(home, name) for name in ("丑宁", "壬福生", "乙卫东")] == [["1", "3"], ["2", "7", "8"], []]
        await press(pilot, "u", "u")
        await settled(pilot)
        assert [served(home, name) for name in ("丑宁", "壬福生", "乙卫东")] == [["3"], ["2", "7"], ["1", "8"]]

    drive(make_app(home), script)
    assert [path.name for path in tmp_path.glob("*.docx")] == ["工作交接单-乙卫东-丑宁-壬福生-2026-05-20.docx"]


def test_who_may_not_write_assignments_is_not_offered_it(home: Path) -> None:
    """A butler’s H does nothing."""
    hold(home, "butler")

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "enter", "H")
        assert "移交" not in screen_text(pilot)

    drive(make_app(home), script)


def test_what_the_giver_has_unsent_is_as_their_devices_said() -> None:
    """The counts of the devices that are let in, with the time; where the central has told nothing, that."""
    devices = [
        {"id": "d1", "account_id": "a1", "seen_at": "2026-05-20T09:10:00+08:00", "unsent": 12},
        {
            "id": "d2",
            "account_id": "a1",
            "seen_at": "2026-05-01T09:10:00+08:00",
            "unsent": 9,
            "revoked_at": "2026-05-02",
        },
    ]
    told = {"people": [{"id": "a1", "name": "乙卫东", "person": "p1"}], "devices": devices}
    known = SeatSnapshot().updated(CommandResult(0, told), NOON_MS)
    assert unsent_text(known, {"p1"}, "乙卫东", NOON_MS) == "09:10 时 乙卫东 有 12 条未上报。"
    failed = known.updated(CommandResult(1, stderr=json.dumps({})), NOON_MS)
    assert (failed.rows, failed.read_ms, failed.error is not None) == (known.rows, NOON_MS, True)
    for nothing in (None, SeatSnapshot()):
        assert "不知道" in unsent_text(nothing, {"p1"}, "乙卫东", NOON_MS)


def test_each_choice_of_projects_has_a_draft_of_its_own() -> None:
    """Who was typed for some of a butler's projects is not shown for others, nor lost when those are handed over."""
    one, two, other = ({"a": "", "b": ""}, {"b": "", "a": ""}, {"a": "", "c": ""})
    keys = [HandOverForm("giver", projects).draft_key for projects in (one, two, other, {"a": ""}, {"c": ""})]
    assert keys[0] == keys[1] and len(set(keys)) == 4


def test_projects_that_change_hands_at_once_are_told_in_one_line_of_the_day() -> None:
    """However many and however long their names are: the first, how many, and who has them now, none with a wrong
    name."""
    names = [f"新能源材料有限公司年产九万吨碳酸二甲酯（一期）项目{number}" for number in range(12)]
    taken = [TakenOver(str(number), name, "butler", "2026-05-20", "甲") for number, name in enumerate(names)]
    left = GivenUp("2026-05-20", tuple(names[:3]), 0, "2026-06-20", ("乙", "丙", "乙"))
    came, gone = changed_hands_heads(taken, [left], NOON_MS)
    assert "等 12 个项目自" in came and came.endswith("此前为甲。")
    assert "等项目（现由乙负责）" in gone and "现由丙负责" in gone
    assert cell_len(came) <= 78
