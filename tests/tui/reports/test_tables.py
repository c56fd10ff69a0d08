"""The ledgers as reports: what they say is what the ledger says, in every format, and they are read page by page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from store.commands.attachments import attach
from store.queries import report_rows as reading
from store.queries.issues import IssueFilter, issues
from store.queries.report_rows import PAGE_ROWS
from store.queries.visits import visits
from store.writer.local_writes import Draft
from tests.store.devices import device
from tests.store.queries.sample import TODAY
from tests.tui.reports.conftest import District
from tests.tui.reports.opening import FORMATS, written
from tui.reports.report import Report
from tui.reports.tables import issue_ledger, service_log, work_ledger

BUILDERS = (issue_ledger, service_log, work_ledger)


def rows_of(report: Report) -> list[dict[str, Any]]:
    """A report's rows by their columns' keys."""
    (table,) = report.tables
    keys = [column.key for column in table.columns]
    return [dict(zip(keys, row, strict=True)) for row in table.rows]


@pytest.mark.parametrize("kind", FORMATS)
def test_the_issue_ledger_says_what_the_ledger_says(kind: str, worked: District, tmp_path: Path) -> None:
    """Every issue is in it with its state, its light, what was done and the number it was closed under."""
    cells = [row for row in written(issue_ledger(worked.connection, worked.on), tmp_path, kind) if not said_below(row)]
    cells = cells[-2:]
    ledger = list(reversed(issues(worked.connection, worked.on)))
    assert [(row[0], row[2], row[9]) for row in cells] == [(one.number, one.title, one.state) for one in ledger]
    water, road = cells
    assert water[5:12] == ["水务局", "丁水", str(TODAY), ledger[0].due, "open", "1", "blue"]
    assert kind == "docx" or road[13:16] == ["拓宽至六米", str(TODAY), "2026-0001"]


def said_below(row: list[str]) -> bool:
    """Whether this is a row of a document that stands below another, over the whole width."""
    return len(row) > 1 and len(set(row)) == 1


def test_a_long_row_of_a_ledger_is_read_on_paper(worked: District, tmp_path: Path) -> None:
    """A document says below an issue what stands in the last columns of a table, where there is something to say; a
    workbook prints those columns on pages of their own, and nothing is left out."""
    report = issue_ledger(worked.connection, worked.on)
    rows = written(report, tmp_path, "docx")
    details = [row[0] for row in rows if said_below(row)]
    assert details[-1] == (
        f"Latest: 拓宽至六米    Measure taken: 拓宽至六米    Closed: {TODAY}    Close-out number: 2026-0001"
    )
    assert {len(row) for row in rows} == {12}
    written(issue_ledger(worked.connection, worked.on), tmp_path, "xlsx")
    sheet = load_workbook(tmp_path / "out.xlsx").active
    assert sheet is not None
    areas = sheet.print_area.replace("'Issue ledger'!", "").split(",")
    assert [area.replace("$", "")[0] for area in areas] == ["A", "M"]
    assert [area.replace("$", "").split(":")[1][0] for area in areas] == ["L", "S"]


@pytest.mark.parametrize("kind", FORMATS)
def test_the_service_log_says_who_was_where(kind: str, worked: District, tmp_path: Path) -> None:
    """A visit with its time, place, participants, the issues it raised, and how many files are attached to it."""
    paper = tmp_path / "签到表.pdf"
    paper.write_bytes(b"%PDF-1.7")
    attach(worked.sample.ledger, worked.sample.visit, [paper])
    (row,) = written(service_log(worked.connection, worked.on), tmp_path, kind)[1:][-1:]
    (visit,) = visits(worked.connection)
    assert row[0] == visit.at[:16].replace("T", " ")
    assert row[1:5] == ["供水改造工程", "visit", "工地", "甲建国、丙志远"]
    assert row[6] == f"{worked.number(worked.sample.issue)} 临时用水未接通"
    assert row[9] == "1"


@pytest.mark.proves("R37", "R47")
@pytest.mark.parametrize("kind", FORMATS)
def test_the_work_ledger_has_what_the_notice_asks_for(kind: str, worked: District, tmp_path: Path) -> None:
    """Time, place, participants, issues solved, result and approval (R47, R48): a visit, a meeting, a settlement, in
    the order in which they happened."""
    visit, meeting, settlement = written(work_ledger(worked.connection, worked.on), tmp_path, kind)[-3:]
    road = f"{worked.number(worked.closed)} 进场道路狭窄"
    assert [row[1] for row in (visit, meeting, settlement)] == ["visit", "Special meeting", "Settlement"]
    assert visit[3:5] == ["工地", "甲建国、丙志远"]
    assert (visit[7], visit[8]) == ("open", "")
    assert (meeting[3], meeting[6]) == ("三楼会议室", road)
    assert settlement[4] == "甲"
    assert settlement[6:] == [road, "closed: 拓宽至六米", f"approved {TODAY}, 2026-0001"]


def test_the_issue_ledger_is_narrowed(worked: District) -> None:
    """By project, department and state, and by the days on which issues were recorded; the total follows."""
    department = worked.connection.execute("SELECT id FROM unit WHERE name = '住建局'").fetchone()[0]
    for chosen, found in (
        (IssueFilter(project=worked.sample.water), 2),
        (IssueFilter(project=worked.sample.heat), 0),
        (IssueFilter(department=department), 1),
        (IssueFilter(state="closed"), 1),
        (IssueFilter(state="waiting"), 0),
    ):
        report = issue_ledger(worked.connection, worked.on, chosen)
        assert (len(rows_of(report)), report.total) == (found, found), chosen
    spans: tuple[tuple[dict[str, Any], int], ...] = (
        ({"since": str(TODAY)}, 2),
        ({"until": str(TODAY)}, 2),
        ({"until": "2001-01-01"}, 0),
    )
    for days, found in spans:
        assert len(rows_of(issue_ledger(worked.connection, worked.on, **days))) == found


@pytest.mark.parametrize("build", [service_log, work_ledger])
def test_logs_are_narrowed_by_project_and_days(build: Any, worked: District) -> None:
    """Only the project's lines, only those of the days from one to another, both included."""
    whole = build(worked.connection, worked.on)
    count = len(rows_of(whole))
    assert whole.total == count
    for chosen, found in (
        ({"project": worked.sample.water}, count),
        ({"project": worked.sample.heat}, 0),
        ({"since": "2001-01-01", "until": str(TODAY)}, count),
        ({"until": "2001-01-01"}, 0),
        ({"since": "2099-01-01"}, 0),
    ):
        report = build(worked.connection, worked.on, **chosen)
        assert (len(rows_of(report)), report.total) == (found, found), chosen


def test_a_settlement_out_of_turn_is_no_work(worked: District) -> None:
    """A settlement that met a closed issue changed nothing, and is not in the work ledger."""
    worked.sample.clock.now += 1000
    step = {"issue_id": worked.closed, "act": "settled", "measure": "又一次", "evidence": "无"}
    worked.sample.ledger.put_many([Draft("issue_step", step, worked.sample.water)])
    found = rows_of(work_ledger(worked.connection, worked.on))
    assert [row["what"] for row in found] == ["visit", "Special meeting", "Settlement"]


@pytest.mark.soak(turns=5)
@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("build", BUILDERS)
def test_an_empty_ledger_gives_an_empty_report(build: Any, kind: str, tmp_path: Path, worked: District) -> None:
    """A new home's reports open, with a head and no rows."""
    empty = device(tmp_path, "empty")
    report = build(empty.database.connection(), worked.on)
    assert report.total == 0
    cells = written(report, tmp_path, kind)
    columns = report.tables[0].columns
    assert cells[-1] == [column.heading for column in columns if kind != "docx" or not column.below]
    empty.database.close()


class Watched:
    """A connection that counts the rows that its cursors have given and that nobody has let go."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.fetched = 0

    def execute(self, *arguments: Any) -> Any:
        """As the connection does, counting."""
        cursor = self.connection.execute(*arguments)
        return cursor if "WITH page" not in arguments[0] else self._counted(cursor)

    def _counted(self, cursor: Any) -> Iterator[Any]:
        for row in cursor:
            self.fetched += 1
            yield row


@pytest.mark.parametrize("build", [service_log, work_ledger])
def test_a_ledger_is_read_as_it_is_written(build: Any, worked: District) -> None:
    """Of 1,200 visits no more are fetched than were drawn, but for one of each stream; and none is missed or doubled
    where pages meet."""
    sample, count = worked.sample, 1_200
    with sample.ledger.database.write() as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(visit)")]
        line = dict(zip(columns, connection.execute("SELECT * FROM visit").fetchone(), strict=True))
        rows = (
            {**line, "id": f"01990000-0000-7000-8000-{n:012}", "at": f"2026-03-05T09:{n % 60:02}+08:00"}
            for n in range(count)
        )
        places = ", ".join("?" * len(columns))
        connection.executemany(
            f"INSERT INTO visit VALUES ({places})", ([row[name] for name in columns] for row in rows)
        )
    watched = Watched(worked.connection)
    report = build(watched, worked.on)
    (table,) = report.tables
    assert watched.fetched == 0
    times = []
    for drawn, row in enumerate(table.rows, 1):
        assert watched.fetched <= drawn + 2
        times.append(row[0])
    assert len(times) == report.total
    assert report.total > 2 * PAGE_ROWS
    assert times == sorted(times)


def test_pages_of_the_issue_ledger_meet(worked: District) -> None:
    """Read two rows at a time, the issue ledger has each issue once, oldest first."""
    for n in range(5):
        worked.sample.record(f"第{n}个问题")
    listing = reading.issue_listing(worked.on, IssueFilter())
    titles = [row.title for row in reading.issue_ledger_rows(worked.connection, worked.on, listing, page_rows=2)]
    assert titles == ["临时用水未接通", "进场道路狭窄", *(f"第{n}个问题" for n in range(5))]
