"""Issue ledgers taken in: with their history, as nobody's act, and again without doubling anything."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from store import commands
from store.domain.status_lights import light_thresholds
from store.queries.issues import IssueDetail, issue
from store.writer.sync_writes import SyncLedger
from tests.store.devices import device, dump
from tests.store.importing.records.samples import codes, take, verdicts, with_projects

HEAD = [
    "序号", "项目名称", "问题类别", "存在问题", "责任单位", "责任人", "提出时间", "办理期限", "进展情况", "解决措施",
    "是否解决", "办结时间", "销号编号",
]  # fmt: skip
CLOSED = [
    "1", "续1", "用电", "用电容量不足", "供电公司", "己玉成", "2026年3月5日", "2026-06-30", "已勘察", "增容",
    "已办结", "2026.6.20", "销2026-01",
]  # fmt: skip
OPEN = [
    "2",
    "临江热电厂二期工程",
    "资金",
    "工程款未到位",
    "财政局、住建局",
    "",
    "2026-04-01",
    "",
    "",
    "",
    "办理中",
    "",
    "",
]


@pytest.fixture
def ledger(tmp_path: Path) -> SyncLedger:
    """A store with projects."""
    return with_projects(device(tmp_path, "a"))


def details(ledger: SyncLedger) -> dict[str, IssueDetail]:
    """Every issue by its title."""
    connection = ledger.database.connection()
    ids = [str(row[0]) for row in connection.execute("SELECT id FROM issue WHERE deleted = 0")]
    thresholds = light_thresholds(date(2026, 11, 30))
    found = [issue(connection, id, thresholds) for id in ids]
    return {each.row.title: each for each in found if each is not None}


def test_an_issue_comes_with_its_history_which_nobody_here_did(ledger: SyncLedger, tmp_path: Path) -> None:
    """State, days, measure and close-out number are those of the table; its steps name the table and not who took it
    over, and a second department co-handles."""
    report = take(ledger, tmp_path, "issues", HEAD, CLOSED, OPEN)
    assert (verdicts(report), report.units) == ({"new": 2}, 3)
    closed, unsettled = (details(ledger)[title] for title in ("用电容量不足", "工程款未到位"))
    assert (closed.row.state, closed.row.close_number, closed.row.due) == ("closed", "销2026-01", "2026-06-30")
    assert closed.row.category == "utilities"
    assert [step.act for step in closed.steps] == [
        "recorded",
        "assigned",
        "accepted",
        "progress",
        "settled",
        "approved",
    ]
    assert {(step.author_id, step.author, step.out_of_turn) for step in closed.steps} == {("", "《台账.csv》", False)}
    assert [step.at[:10] for step in closed.steps] == ["2026-03-05", "", "", "", "2026-06-20", "2026-06-20"]
    assert (unsettled.row.state, len(unsettled.row.co_handlers)) == ("in_progress", 1)
    assert codes(report) == ["first_leads"]


def test_the_same_table_changes_nothing_and_a_corrected_one_only_what_differs(
    ledger: SyncLedger, tmp_path: Path
) -> None:
    """Ids follow from what a row is about: nothing is doubled, on no device; a later table goes on with the history."""
    take(ledger, tmp_path, "issues", HEAD, CLOSED, OPEN)
    before = dump(ledger)
    assert verdicts(take(ledger, tmp_path, "issues", HEAD, CLOSED, OPEN, name="又.csv")) == {"same": 2}
    assert dump(ledger) == before
    later = [*OPEN[:9], "已拨付", "已办结", "2026-07-01", ""]
    assert verdicts(take(ledger, tmp_path, "issues", HEAD, CLOSED, later)) == {"same": 1, "changes": 1}
    assert details(ledger)["工程款未到位"].row.state == "closed"
    back = take(ledger, tmp_path, "issues", HEAD, CLOSED, OPEN)
    assert (verdicts(back), codes(back)[-1]) == ({"same": 2}, "first_leads")
    assert details(ledger)["工程款未到位"].row.state == "closed"
    other = with_projects(device(tmp_path, "b"))
    take(other, tmp_path, "issues", HEAD, CLOSED, OPEN)
    assert {each.row.number for each in details(other).values()} == {
        each.row.number for each in details(ledger).values()
    }


def test_what_officers_did_since_stays(ledger: SyncLedger, tmp_path: Path) -> None:
    """An issue that was acted on here after it was taken over is told and left as it is."""
    take(ledger, tmp_path, "issues", HEAD, OPEN)
    number = details(ledger)["工程款未到位"].row.number
    commands.issues.act(ledger, number, "progress", text="已请示")
    later = [*OPEN[:9], "已拨付", "已办结", "2026-07-01", ""]
    before = dump(ledger)
    changed = take(ledger, tmp_path, "issues", HEAD, [*later[:7], "2026-12-01", *later[8:]])
    assert (verdicts(changed), codes(changed)[-1]) == ({"refused": 1}, "worked_on")
    assert dump(ledger) == before


def test_a_list_of_ones_own_is_the_same_and_a_row_that_differs_says_in_what(ledger: SyncLedger, tmp_path: Path) -> None:
    """What a step said of department, owner and due date is no other than what lists show; a row that says something
    else of an issue that is handled here is refused with what it says."""
    id = commands.issues.record(ledger, project="续1", title="缺电", due="2027-01-05").id
    commands.issues.act(ledger, id, "assign", department="区住建局", owner="乙卫东", due="2027-02-01")
    number = details(ledger)["缺电"].row.number
    head = ["编号", "问题", "项目名称", "状态", "责任部门", "责任人", "期限"]
    row = [number, "缺电", "北山风电场", "已交办", "区住建局", "乙卫东", "2027-02-01"]
    assert verdicts(take(ledger, tmp_path, "issues", head, row)) == {"same": 1}
    for place, text in ((3, "已销号"), (4, "区水利局"), (6, "2027-03-01")):
        report = take(ledger, tmp_path, "issues", head, [*row[:place], text, *row[place + 1 :]])
        assert (verdicts(report), codes(report)) == ({"refused": 1}, ["worked_on"])
        assert text in str(report.refused[0].warning.values["what"])


def test_a_row_that_is_unclear_is_left_out_with_why(ledger: SyncLedger, tmp_path: Path) -> None:
    """Unknown projects and too short parts of names, rows without an issue and doubled rows are refused one by one, the
    others taken; a rehearsal says the same and writes nothing."""
    rows = [
        CLOSED,
        ["2", "没有的项目", "", "缺地", *[""] * 9],
        ["3", "临江", "", "缺水", *[""] * 9],
        ["4", "续1", *[""] * 11],
        ["5", "续1", "", "用电容量不足", *[""] * 9],
        ["合计", "5", *[""] * 11],
    ]
    empty = dump(ledger)
    rehearsed = take(ledger, tmp_path, "issues", HEAD, *rows, dry=True)
    assert dump(ledger) == empty
    report = take(ledger, tmp_path, "issues", HEAD, *rows)
    assert report.rows == rehearsed.rows
    assert [each.warning.code for each in report.refused] == [
        "unknown_project",
        "unknown_project",
        "no_title",
        "twice",
    ]
    assert [row.title for row in issue_list_rows(ledger)] == ["用电容量不足"]


def issue_list_rows(ledger: SyncLedger) -> list[Any]:
    """The rows of the issue list."""
    return [detail.row for detail in details(ledger).values()]


def test_an_issue_is_known_by_its_number(ledger: SyncLedger, tmp_path: Path) -> None:
    """A numbered issue may be worded anew; the same number under another project is refused."""
    head = ["问题编号", "项目名称", "问题内容", "责任部门", "状态"]
    take(ledger, tmp_path, "issues", head, ["A-1", "续1", "缺电", "供电公司", "未办理"])
    report = take(ledger, tmp_path, "issues", head, ["A-1", "续1", "用电容量不足", "供电公司", "未办理"])
    assert verdicts(report) == {"changes": 1}
    assert [row.title for row in issue_list_rows(ledger)] == ["用电容量不足"]
    other = take(ledger, tmp_path, "issues", head, ["A-1", "续2", "缺电", "供电公司", "未办理"])
    assert codes(other) == ["number_of_other_project"]
