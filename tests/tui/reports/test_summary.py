"""The summary, its periods, and what its rules find (R27, R46)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from store.commands import address_book, issues, register_lines, visits
from store.domain.registers import DELIVERY_REGISTER, POLICY_REGISTER, PROCEDURE_REGISTER, PROGRESS_REGISTER
from store.domain.status_lights import light_thresholds
from store.values.exceptions import BadPeriod
from store.values.periods import parse_period, period_containing
from store.values.times import district_time
from store.writer.local_writes import Draft
from tests.store.devices import device
from tests.store.queries.sample import TODAY
from tests.tui.reports.conftest import District
from tests.tui.reports.opening import FORMATS, sheets, written
from tui.reports.exceptions import OneScopeAlone
from tui.reports.options import ReportRequest, build_report
from tui.reports.report import Report
from tui.reports.rules import RULES
from tui.reports.summary import summary

MONTH = TODAY.isoformat()[:7]


def table(report: Report, title: str) -> list[tuple[Any, ...]]:
    """The rows of one table of a report."""
    return [tuple(row) for row in next(one for one in report.tables if one.title == title).rows]


def findings(district: District, rule: str, **more: Any) -> list[tuple[Any, Any]]:
    """What a rule found: the project and the sentence."""
    report = summary(district.connection, more.get("on", district.on), period=more.get("period"))
    return [row[1:] for row in table(report, "What stands out") if str(row[0]).startswith(rule)]


@pytest.mark.parametrize(
    ("text", "since", "until", "before", "name"),
    [
        ("2026-07", "2026-07-01", "2026-07-31", "2026-06-01", "2026-07"),
        ("2026年7月", "2026-07-01", "2026-07-31", "2026-06-01", "2026-07"),
        ("202601", "2026-01-01", "2026-01-31", "2025-12-01", "2026-01"),
        ("2026Q1", "2026-01-01", "2026-03-31", "2025-10-01", "2026Q1"),
        ("2026h2", "2026-07-01", "2026-12-31", "2026-01-01", "2026H2"),
        ("2026W48", "2026-11-23", "2026-11-29", "2026-11-16", "2026W48"),
        ("2027-w01", "2027-01-04", "2027-01-10", "2026-12-28", "2027W01"),
        ("2026年第1周", "2025-12-29", "2026-01-04", "2025-12-22", "2026W01"),
        (" 2026 ", "2026-01-01", "2026-12-31", "2025-01-01", "2026"),
    ],
)
def test_periods(text: str, since: str, until: str, before: str, name: str) -> None:
    """Weeks, months, quarters, halves and years, and the period of the same length before each."""
    found = parse_period(text, TODAY)
    assert (found.since, found.until, found.previous.since, found.name) == (since, until, before, name)


@pytest.mark.parametrize("months", [1, 3, 12])
@pytest.mark.parametrize("month", [2026 * 12, 2026 * 12 + 4, 2026 * 12 + 11, 1900 * 12])
def test_a_month_is_in_its_period(month: int, months: int) -> None:
    """The month, quarter or year of a month has that month in it, and is called what `parse_period` understands."""
    found = period_containing(month, months)
    assert found.first <= month < found.first + found.months == found.first + months
    assert parse_period(found.name, TODAY) == found


@pytest.mark.parametrize(
    "text", ["", "2026-13", "2026Q5", "2026W54", "2026-W48-1", "07", "last months", "2026-00", "20260101"]
)
def test_what_is_no_period_is_refused(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(BadPeriod):
        parse_period(text, TODAY)


@pytest.mark.proves("R27")
def test_figures_are_those_of_the_ledger(worked: District) -> None:
    """What was done in the month, and how things stand today."""
    figures = {row[0]: row[1:] for row in table(summary(worked.connection, worked.on), "Figures")}
    done = {
        "Visits and contacts": 1, "Projects visited": 1, "Special meetings": 1, "Issues recorded": 2,
        "Issues settled": 1, "Issues closed": 1, "Settlements returned": 0,
    }  # fmt: skip
    assert {name: figures[name] for name in done} == {name: (number, 0) for name, number in done.items()}
    stands = {"Projects on the list": 2, "Open issues": 1, "Blue: due soon": 1, "Red: overdue": 0}
    assert {name: figures[name] for name in stands} == {name: (number, None) for name, number in stands.items()}


def test_acts_out_of_turn_are_not_counted(worked: District) -> None:
    """A return that met a closed issue changed nothing, and no figure counts it."""
    worked.sample.clock.now += 1000
    step = {"issue_id": worked.closed, "act": "returned", "reason": "重来"}
    worked.sample.ledger.put_many([Draft("issue_step", step, worked.sample.water)])
    figures = {row[0]: row[1] for row in table(summary(worked.connection, worked.on), "Figures")}
    assert figures["Settlements returned"] == 0


def test_another_month_has_its_own_figures(worked: District) -> None:
    """A month in which nothing happened has nought of everything; in the month after, this one is the period before."""
    before = table(summary(worked.connection, worked.on, period="2001-01"), "Figures")
    assert {row[1] for row in before if row[2] is not None} == {0}
    after = parse_period(MONTH, TODAY)._replace(first=parse_period(MONTH, TODAY).first + 1)
    figures = table(summary(worked.connection, worked.on, period=after.since[:7]), "Figures")
    assert {row[0]: row[2] for row in figures}["Issues recorded"] == 2


def test_twelve_months_departments_and_categories(worked: District) -> None:
    """The months end with the period's; departments and categories count what is open and what was closed."""
    report = summary(worked.connection, worked.on)
    months = table(report, "Twelve months")
    assert len(months) == 12
    assert months[-1] == (MONTH, 2, 1, 1, 0)
    assert table(report, "By department") == [("水务局", 1, 0, 0, 1, 0, 0), ("住建局", 0, 0, 0, 0, 1, 0)]
    assert table(report, "By category") == [("Not said", 1, 1), ("land", 1, 0)]
    assert {one.title for one in report.tables if one.chart} == {
        "Twelve months", "Closing times and ageing", "By department", "By category",
    }  # fmt: skip


def test_closing_times_and_ageing(worked: District) -> None:
    """Days from recording to closing, in bands and as a median, for what was closed in the period; the open ones by
    how long they have been open."""
    ledger = worked.sample.ledger
    closed = worked.connection.execute("SELECT max(closed_at) FROM issue_state").fetchone()[0]
    for days in (0, 7, 8, 30, 31, 90, 91, 400):
        made = issues.record(ledger, project=worked.sample.water, title=f"过了{days}天").id
        raised = district_time(closed - days * 86_400_000).isoformat()
        with ledger.database.write() as connection:
            connection.execute("UPDATE issue SET raised_at = ? WHERE id = ?", (raised, made))
            connection.execute("UPDATE issue_state SET state = 'closed', closed_at = ? WHERE id = ?", (closed, made))
    report = summary(worked.connection, worked.on)
    rows = table(report, "Closing times and ageing")
    assert rows == [("0-7 days", 3, 1), ("8-30 days", 2, 0), ("31-90 days", 2, 0), ("over 90 days", 2, 0)]
    assert "closed: 30" in next(one for one in report.tables if one.title == "Closing times and ageing").note
    assert table(report, "Twelve months")[-1][4] == 30


def test_the_six_ones_are_counted(worked: District) -> None:
    """Each of the six ones: how many projects have it and how many lack it."""
    rows = table(summary(worked.connection, worked.on), "Completeness of the six ones")
    assert {row[0]: row[1:] for row in rows} == {
        "lead_leader": (1, 1, 0), "lead_unit": (1, 1, 0), "service_team": (0, 1, 1), "project_secretary": (0, 1, 1),
        "enterprise_contact": (1, 1, 0),
    }  # fmt: skip


# The rules


def test_a_quiet_district_gets_no_suggestion(worked: District) -> None:
    """The sample's only flaw is a project that nobody serves: one finding, one suggestion that names its rule."""
    report = summary(worked.connection, worked.on)
    missing = "Missing: lead_leader, lead_unit, service_team, enterprise_contact"
    assert table(report, "What stands out") == [("Six ones incomplete", "供热  改造", missing)]
    assert table(report, "Suggestions") == [("The lead unit names who is missing", "供热  改造", "Six ones incomplete")]


def test_silence_and_overdue_are_found(worked: District) -> None:
    """Two months later nobody has been in touch and the issue is long overdue: it is to go one level up."""
    later = light_thresholds(district_time(worked.sample.clock() + 60 * 86_400_000).date())
    due = worked.connection.execute("SELECT due FROM issue WHERE id = ?", (worked.sample.issue,)).fetchone()[0]
    worked.sample.act(worked.sample.issue, "assign")
    named = f"{worked.number(worked.sample.issue)} 临时用水未接通"
    assert findings(worked, "Long overdue", on=later) == [("供水改造工程", f"{named} was due on {due}")]
    assert [project for project, _said in findings(worked, "Silence", on=later)] == ["供水改造工程", "供热  改造"]
    rows = table(summary(worked.connection, later), "Suggestions")
    assert ("Escalate it to level 2", "供水改造工程", "Long overdue (limit 3)") in rows


@pytest.mark.proves("R46")
def test_a_swarm_is_found(worked: District) -> None:
    """More than three units on site within a week are too many; three are not, nor do calls count."""
    ledger = worked.sample.ledger
    for n, name in enumerate(("子一", "丑二", "寅三", "卯四")):
        issues.record(ledger, project=worked.sample.water, title=f"问题{n}", department=f"第{n}局", owner=name)
        address_book.edit(ledger, "person", name, unit=f"第{n}局")
    visits.log(ledger, project=worked.sample.water, who="子一；丑二", how="visit")
    visits.log(ledger, project=worked.sample.water, who="寅三", how="meeting")
    visits.log(ledger, project=worked.sample.water, who="卯四", how="phone")
    assert findings(worked, "Swarm") == []
    visits.log(ledger, project=worked.sample.water, who="卯四", how="discussion")
    assert findings(worked, "Swarm") == [("供水改造工程", f"4 units on site since {worked.on.swarm_since}")]


def test_waiting_past_its_day_is_found(worked: District) -> None:
    """An issue that waits although its until-date has passed."""
    for verb, given in (("assign", {}), ("accept", {}), ("wait", {"reason": "等批复", "until": "2026-01-05"})):
        worked.sample.clock.now += 1000
        worked.sample.act(worked.sample.issue, verb, **given)
    ((_project, said),) = findings(worked, "Waited out")
    assert said.endswith("waited until 2026-01-05")


def test_sent_back_twice_is_found(worked: District) -> None:
    """A settlement that was returned once is no matter; twice is."""
    worked.sample.act(worked.sample.issue, "assign")
    worked.sample.act(worked.sample.issue, "accept")
    for times in range(2):
        assert findings(worked, "Sent back") == []
        worked.sample.act(worked.sample.issue, "settle", measure="接通", evidence="照片")
        worked.sample.act(worked.sample.issue, "return", reason="证据不足")
        assert len(findings(worked, "Sent back")) == times
    assert findings(worked, "Sent back", period="2001-01") == []


def test_registers_are_looked_at(worked: District) -> None:
    """A promise past its day, a project behind schedule, a policy that a project has not been told."""
    ledger, water = worked.sample.ledger, worked.sample.water
    register_lines.add(
        ledger,
        PROCEDURE_REGISTER,
        project=water,
        code="X1",
        name="施工许可",
        status="conditional",
        promise_due="2026-01-05",
    )
    register_lines.add(ledger, PROGRESS_REGISTER, project=water, month="2026-06", planned="1000万", done="100万")
    register_lines.add(
        ledger, PROGRESS_REGISTER, project=worked.sample.heat, month="2026-06", planned="1000万", done="450万"
    )
    register_lines.add(ledger, POLICY_REGISTER, title="用水若干措施", text="全文")
    register_lines.add(ledger, DELIVERY_REGISTER, project=water, policy="用水若干措施", act="transmit", at="now")
    assert findings(worked, "Promise past") == [("供水改造工程", "施工许可 was accepted on a promise for 2026-01-05")]
    assert findings(worked, "Behind schedule") == [("供水改造工程", "40 points behind in 2026-06")]
    assert findings(worked, "Policy not") == [(None, "用水若干措施 has not reached 1 projects")]
    assert findings(worked, "Behind schedule", period="2026-05") == []


def test_every_rule_is_told_apart() -> None:
    """No two rules have one name, since the suggestions are marked by it."""
    assert len({rule.name for rule in RULES}) == len(RULES)


@pytest.mark.parametrize("kind", FORMATS)
def test_the_summary_opens_in_every_format(kind: str, worked: District, tmp_path: Path) -> None:
    """Figures, lists and suggestions are in every format."""
    cells = written(summary(worked.connection, worked.on), tmp_path, kind)
    assert any(row[place : place + 3] == ["Issues recorded", "2", "0"] for row in cells for place in (0, 3))
    assert ["The lead unit names who is missing", "供热  改造", "Six ones incomplete"] in [row[:3] for row in cells]


def test_a_summary_of_one_person_or_unit_has_theirs_alone(worked: District) -> None:
    """Of a unit what it leads, of a person what that person serves, which the frame says; what belongs to no project is
    not counted; of nobody's there is nothing; both at once are refused."""

    def of_one(**options: str) -> Report:
        return build_report("summary", ReportRequest(worked.connection, worked.on, dict(options)))

    ids = dict(worked.connection.execute("SELECT name, id FROM unit UNION SELECT name, id FROM person").fetchall())
    led = of_one(unit=ids["水务局"])
    figures = {row[0]: row[1] for row in table(led, "Figures")}
    assert (figures["Issues recorded"], figures["Open issues"], figures["Issues closed"]) == (1, 1, 0)
    assert "Trainings" not in figures
    assert table(led, "By department") == [("水务局", 1, 0, 0, 1, 0, 0)]
    assert led.frame is not None and led.frame.scope.startswith("only the issues that 水务局 leads, and their projects")
    assert {row[0]: row[1] for row in table(of_one(unit=ids["住建局"]), "Figures")}["Issues closed"] == 1
    butler = worked.connection.execute(
        "SELECT person_id FROM assignment WHERE role = 'butler' AND project_id = ?", (worked.sample.water,)
    ).fetchone()[0]
    served = of_one(person=butler)
    assert [row[1] for row in table(served, "Projects")] == ["供水改造工程"]
    assert {row[0]: row[1] for row in table(served, "Figures")}["Issues recorded"] == 2
    idle = of_one(person=ids["丁水"])
    assert {row[1] for row in table(idle, "Figures")} == {0}
    with pytest.raises(OneScopeAlone):
        of_one(unit=ids["水务局"], person=butler)


def test_a_summary_is_printed_on_few_pages(worked: District, tmp_path: Path) -> None:
    """Its figures stand on one sheet of a workbook, with their charts, and a document is printed upright."""
    report = summary(worked.connection, worked.on)
    written(report, tmp_path, "xlsx")
    assert list(sheets(tmp_path / "out.xlsx")) == ["Figures", "Projects", "What stands out"]
    assert not report.landscape


@pytest.mark.parametrize("kind", FORMATS)
def test_a_summary_of_nothing(kind: str, worked: District, tmp_path: Path) -> None:
    """A new home has a summary too: noughts, and nothing that stands out."""
    empty = device(tmp_path, "empty")
    report = summary(empty.database.connection(), worked.on)
    assert (table(report, "What stands out"), table(report, "Suggestions")) == ([], [])
    cells = written(report, tmp_path, kind)
    assert any(row[place : place + 3] == ["Open issues", "0", ""] for row in cells for place in (0, 3))
    empty.database.close()
