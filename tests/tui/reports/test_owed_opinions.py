"""Whose opinion is missing stands wherever a department's work is counted: figures, findings, sheets, the day."""

from __future__ import annotations

from typing import Any

import pytest

from store.queries.report_rows import DepartmentLoad, department_loads
from store.queries.today import today
from store.values.periods import period_containing
from tests.tui.reports.conftest import District
from tui.presenters.summary import part_page
from tui.reports.hand_over import Successor, hand_over_sheet
from tui.reports.meeting_sheet import meeting_sheet
from tui.reports.overview import period_overview
from tui.reports.report import Report
from tui.reports.summary import summary
from tui.widgets.charts import BarTable

POWER, ROADS = "供电公司", "交通局"
DAY_MS = 86_400_000


@pytest.fixture
def shared(worked: District) -> District:
    """The sample's issue is assigned to its department with two others, of which one has spoken."""
    for verb, given in (("assign", {"with": f"{POWER};{ROADS}"}), ("opinion", {"text": "可以", "department": ROADS})):
        worked.sample.clock.now += 1000
        worked.sample.act(worked.sample.issue, verb, **given)
    return worked


def rows_of(report: Report, title: str) -> list[tuple[Any, ...]]:
    """The rows of one table of a report."""
    return [tuple(row) for row in next(one for one in report.tables if one.title == title).rows]


@pytest.mark.proves("R25", "R27", "R33")
def test_the_summary_counts_who_is_owed(shared: District) -> None:
    """How many issues lack an opinion, and how many each department owes, also one that leads none; who has spoken owes
    nothing. Once it has lasted as long as turns an issue yellow, it is a finding that names the department."""
    report = summary(shared.connection, shared.on)
    figures = {row[0]: row[1] for row in rows_of(report, "Figures")}
    assert figures["Opinions still owed"] == 1
    assert {row[0]: row[6] for row in rows_of(report, "By department")} == {"水务局": 0, "住建局": 0, POWER: 1}
    found = [row for row in rows_of(report, "What stands out") if str(row[0]).startswith("Opinion owed")]
    assert not found
    asked = shared.on.today
    shared.sample.clock.now += 20 * DAY_MS
    (late,) = [
        row for row in rows_of(summary(shared.connection, shared.on), "What stands out")
        if str(row[0]).startswith("Opinion owed")
    ]  # fmt: skip
    assert POWER in late[2] and ROADS not in late[2] and asked in late[2]
    overview = period_overview(shared.connection, shared.on, period_containing(2026 * 12, 12))
    (bars,) = [block for block in part_page("departments", overview) if isinstance(block, BarTable)]
    assert {bar.label: bar.numbers[-1] for bar in bars.rows}[POWER] == "1"


@pytest.mark.proves("R33", "R34", "R38")
def test_the_sheets_say_who_is_owed(shared: District) -> None:
    """The meeting sheet has a page for the department that owes, with the issue and who leads it; so has the load from
    which a meeting is set up; the hand-over sheet names it beside the issue."""
    report = meeting_sheet(shared.connection, shared.on)
    pages = {one.title: one for one in report.tables}
    assert set(pages) == {"水务局", POWER} and report.total == 2
    ((_light, number, *_middle, asked, decided),) = [tuple(row) for row in pages[POWER].rows]
    assert (number, decided) == (shared.number(shared.sample.issue), None)
    assert str(asked).splitlines() == ["Say your opinion, or that it is not your matter", "水务局 leads it"]
    assert "owes its opinion on 1 issue" in pages[POWER].note and "owes" not in pages["水务局"].note
    loads = department_loads(shared.connection, shared.on)
    power = next(load for load in loads if load.department == POWER)
    assert power == DepartmentLoad(power.department_id, POWER, 0, 0, 0, 0, 1)
    assert department_loads(shared.connection, shared.on, power.department_id) == [power]
    sheet = hand_over_sheet(shared.connection, shared.on, "乙", [Successor("丙", (shared.sample.water,))])
    assert {row[1]: row[-1] for row in rows_of(sheet, "Open issues")}[number] == POWER


def test_the_day_says_who_is_owed(shared: District) -> None:
    """Each issue of the day names the departments whose opinion it lacks."""
    entries = [entry for group in today(shared.connection, shared.on, ()).groups for entry in group.entries]
    assert {entry.line: entry.owed for entry in entries}[shared.sample.issue] == POWER
