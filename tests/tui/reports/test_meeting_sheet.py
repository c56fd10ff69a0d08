"""The meeting sheet: a page for each department (R12, R13, R34)."""

from __future__ import annotations

from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn

from store.commands import meetings
from store.queries.report_rows import OpenIssue
from tests.store.devices import device
from tests.tui.reports.conftest import District
from tests.tui.reports.opening import FORMATS, sheets, written
from tui.reports.meeting_sheet import NOTHING_OPEN, meeting_sheet, pending_decision


@pytest.mark.parametrize("kind", FORMATS)
def test_open_issues_with_their_lights_and_decisions(kind: str, worked: District, tmp_path: Path) -> None:
    """What is open, in which light, and what is to be decided; the closed issue is not in it, nor is its department."""
    cells = written(meeting_sheet(worked.connection, worked.on), tmp_path, kind)
    number = worked.number(worked.sample.issue)
    row = cells[-1]
    assert row[:5] == ["blue", number, "供水改造工程", "临时用水未接通", "丁水"]
    assert row[6] == "open"
    assert row[8:] == ["Assign it: department, owner, due date", ""]
    assert not [row for row in cells if "进场道路狭窄" in row]


def test_each_department_has_its_page(worked: District, tmp_path: Path) -> None:
    """A sheet and a page for each department that has something open; what has no department yet comes last."""
    worked.sample.record("无主问题")
    worked.sample.record("用地", department="自然资源局", owner="己地")
    report = meeting_sheet(worked.connection, worked.on)
    assert report.total == 3
    written(report, tmp_path, "xlsx")
    names = list(sheets(tmp_path / "out.xlsx"))
    assert set(names[:2]) == {"水务局", "自然资源局"}
    assert names[2:] == ["No department yet"]
    written(meeting_sheet(worked.connection, worked.on), tmp_path, "docx")
    document = docx.Document(str(tmp_path / "out.docx"))
    assert len(list(document.element.body.iter(qn("w:pageBreakBefore")))) == 2
    assert [one.text for one in document.paragraphs if one.style and one.style.name == "Heading 1"] == names


def test_the_worst_light_comes_first(worked: District) -> None:
    """Within a department: red, yellow, blue, then what has no light; the note counts them."""
    worked.sample.record("早已逾期", department="水务局", owner="丁水", due="2026-01-05")
    worked.sample.record("还早", department="水务局", owner="丁水", due="2099-01-05")
    department = worked.connection.execute("SELECT id FROM unit WHERE name = '水务局'").fetchone()[0]
    (page,) = meeting_sheet(worked.connection, worked.on, department=department).tables
    assert page.note.startswith("Open 3 · red 1 · yellow 0 · blue 1")
    assert [row[3] for row in page.rows if isinstance(row, tuple)] == ["早已逾期", "临时用水未接通", "还早"]


def issue(**known: object) -> OpenIssue:
    """An issue in progress without a light, but for what is given."""
    plain = OpenIssue("1", "甲", "乙", None, None, None, None, "in_progress", 1, None, None)
    return plain._replace(**known)  # type: ignore[arg-type]


def test_decisions_follow_from_state_and_dates(worked: District) -> None:
    """Each state and light asks for its own decision; the escalation only for what is long overdue and can go up."""
    on = worked.on
    asked = {
        "Resolve it": issue(state="escalated", light="red", due="2026-01-05"),
        "Assign it": issue(state="open", light="red"),
        "The department accepts": issue(state="assigned"),
        "Approve the settlement": issue(state="settled"),
        "Long overdue": issue(light="red", due="2026-01-05"),
        "Overdue": issue(light="red", due="2026-01-05", level=3),
        "It has waited": issue(state="waiting", light="yellow"),
        "No progress": issue(light="yellow"),
        "Due soon": issue(light="blue"),
        "Nothing": issue(),
    }
    assert [pending_decision(one, on)[: len(words)] for words, one in asked.items()] == list(asked)


@pytest.mark.soak(turns=5)
@pytest.mark.parametrize("kind", FORMATS)
def test_with_nothing_open_there_is_one_page_that_says_so(kind: str, worked: District, tmp_path: Path) -> None:
    """An empty ledger gives a sheet with a head and a sentence."""
    empty = device(tmp_path, "empty")
    report = meeting_sheet(empty.database.connection(), worked.on)
    assert report.total == 0
    assert report.tables[0].note == NOTHING_OPEN
    assert written(report, tmp_path, kind)[-1][0] == "Light"
    empty.database.close()


@pytest.mark.parametrize("kind", FORMATS)
def test_the_sheet_of_a_meeting_without_issues_says_who_met_and_what_was_said(
    kind: str, worked: District, tmp_path: Path
) -> None:
    """A meeting that was held and to which no issue was linked has a sheet with all that is known of it."""
    written_line = meetings.record_meeting(
        worked.sample.ledger, project=worked.sample.water, level="2", chair="甲领导", place="二楼", at="今天 10:30",
        departments="水务局", participants="甲领导;丁水", text="供水方案研究\n分两步实施", title="供水专题会",
    )  # fmt: skip
    cells = written(meeting_sheet(worked.connection, worked.on, meeting=written_line.id), tmp_path, kind)
    told = "\n".join("|".join(row) for row in cells)
    for text in ("供水专题会", "10:30", "甲领导", "水务局", "丁水", "二楼", "分两步实施"):
        assert text in told
