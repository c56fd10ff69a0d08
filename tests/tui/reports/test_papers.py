"""Papers of authority: what each says is in the ledger, and what only an office knows is a place to fill in."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import docx
import pytest

from store.commands import evaluations, meetings, register_lines
from store.domain.registers import FOLLOW_UP_REGISTER
from store.values.times import district_time
from tests.store.queries.sample import TODAY
from tests.tui.reports.conftest import District
from tests.tui.reports.opening import write_report
from tui.reports.exceptions import IssueFinished
from tui.reports.options import REPORTS, ReportRequest, build_report, resolve_options
from tui.reports.report import Report, ReportSection

MONTH = TODAY.isoformat()[:7]
LATE = (TODAY - timedelta(days=7)).isoformat()


@pytest.fixture
def stuck(worked: District) -> District:
    """Beside the sample's: an overdue issue that waits for somebody, and was supervised."""
    late = worked.sample.record(
        "外部供电未接通", department="供电公司", owner="庚电", due=LATE, category="utilities", text="塔吊停工两台"
    )
    for verb, given in (
        ("assign", {}),
        ("accept", {}),
        ("wait", {"reason": "等待省公司批复", "until": LATE}),
        ("supervise", {"text": "三日内拿出临时供电方案"}),
    ):
        worked.sample.clock.now += 1000
        worked.sample.act(late, verb, **given)
    return worked


def paper(district: District, name: str, **options: str) -> Report:
    """The paper of that name, in its frame, with options as they are typed."""
    connection, now = district.connection, district_time(district.sample.clock())
    resolved = resolve_options(connection, now, dict.fromkeys(REPORTS[name].options) | options)
    return build_report(name, ReportRequest(connection, district.on, resolved))


def texts(report: Report) -> str:
    """Everything that the tables and texts of a report say, a line for each row."""
    told: list[str] = []
    for table in report.tables:
        told.append(table.title)
        told.append(table.note)
        for row in table.rows:
            cells = (row.title,) if isinstance(row, ReportSection) else row
            told.append(" | ".join(str(cell) for cell in cells if cell is not None))
    return "\n".join(told)


def rows(report: Report, title: str) -> list[tuple[Any, ...]]:
    """The rows of one table."""
    return [tuple(row) for row in next(table for table in report.tables if table.title == title).rows]


@pytest.mark.proves("R11")
def test_a_weekly_sheet_says_what_was_done_what_moved_what_is_stuck_and_what_comes(stuck: District) -> None:
    """Figures beside those of the week before, each visit, each act on an issue, why an issue is stuck, the next due
    dates."""
    report = paper(stuck, "weekly", period="2026W39")
    figures = {row[0]: row[1:] for row in rows(report, "Figures")}
    assert figures["Special meetings"] == (1, 0)
    assert figures["Visits and contacts"] == (0, 1)
    moved = {row[1].split(" ", 1)[1]: row for row in rows(report, "What moved")}
    assert "settled 拓宽至六米" in moved["进场道路狭窄"][4]
    assert moved["进场道路狭窄"][5] == "closed"
    ((serial, issue, project, holder, due, why),) = rows(report, "What is stuck")
    assert (serial, project, holder, due) == (1, "供水改造工程", "供电公司 庚电", LATE)
    assert issue.endswith("外部供电未接通")
    for part in ("working days overdue: 6", "reason given: 等待省公司批复", "latest: 三日内拿出临时供电方案"):
        assert part in why
    coming = rows(report, "What comes")
    assert [(row[2], row[4]) for row in coming] == [("Issue due", "临时用水未接通")]
    before = paper(stuck, "weekly", period="2026W38")
    assert "甲建国、丙志远" in texts(before)


@pytest.mark.proves("R27")
def test_a_months_report_is_a_letter_of_sentences_that_an_officer_can_sign(stuck: District) -> None:
    """Figures, what moved, what is stuck and why, what comes next; the recipient is what was typed, or a place."""
    typed = {"recipient": "区委、区政府", "number": "〔2026〕7号", "copies": "区人大常委会、区政协"}
    report = paper(stuck, "monthly", period=MONTH, **typed)
    assert report.frame is not None and report.frame.closing_lines(0)[-1] == "Copies: 区人大常委会、区政协"
    assert report.frame is not None
    assert (report.frame.layout, report.frame.to, report.frame.number) == ("letter", "区委、区政府", "〔2026〕7号")
    told = texts(report)
    assert "visits and contacts 1, projects visited 1, special meetings 1; issues recorded 3, settled 1" in told
    assert "进场道路狭窄" in told and "拓宽至六米; now closed." in told
    assert "外部供电未接通" in told and "reason given: 等待省公司批复" in told
    assert "Issue due 1" in told
    unsaid = paper(stuck, "monthly")
    assert unsaid.frame is not None
    assert unsaid.frame.to == "________"
    again = stuck.sample.record("重复登记")
    stuck.sample.clock.now += 1000
    stuck.sample.act(again, "cancel", reason="与另一问题重复")
    parts = texts(paper(stuck, "monthly", period=MONTH)).split("Cancelled: 1.")
    assert "重复登记" not in parts[0] and "no department yet" in parts[1] and "led by no" not in parts[1]


@pytest.mark.proves("R16")
def test_a_supervision_notice_has_a_page_for_each_overdue_issue(stuck: District) -> None:
    """Whose it is, since when it is late, what was asked before, and room for the department's reply."""
    report = paper(stuck, "supervision-notice", due="+3")
    (page,) = report.tables
    said = dict(rows(report, page.title))
    assert (said["Issue"], said["Leading department"], said["Owner"]) == ("外部供电未接通", "供电公司", "庚电")
    assert (said["Due"], said["Working days overdue"], said["Text"]) == (LATE, "6", "塔吊停工两台")
    assert said["What is asked"] == "三日内拿出临时供电方案"
    assert said["Supervised and reminded"] == f"{TODAY.isoformat()} supervised"
    assert said["Reply until"] == "24 9 2026"
    assert said["What the department did, and when it will be done"].strip() == ""
    one = paper(stuck, "supervision-notice", issue="临时用水未接通")
    assert dict(rows(one, one.tables[0].title))["Reply until"] == "________"
    other = paper(stuck, "supervision-notice", department="水务局")
    assert "No issue is overdue." in texts(other)


def test_nobody_supervises_a_closed_issue(worked: District) -> None:
    """The notice is refused with the issue's number."""
    with pytest.raises(IssueFinished, match=worked.number(worked.closed)):
        paper(worked, "supervision-notice", issue=worked.closed)


def test_a_reminder_goes_to_one_department_with_its_list(stuck: District) -> None:
    """The letter names the department, how many issues and until when; the annex lists these alone."""
    report = paper(stuck, "reminder-notice", department="供电公司", due="2026-09-30")
    assert report.frame is not None
    assert (report.frame.to, report.frame.annexes) == ("供电公司", ("Issues to be seen to",))
    assert report.frame.scope.startswith("only 供电公司")
    assert "Please settle them until 30 9 2026" in texts(report)
    assert [row[3] for row in rows(report, "Issues to be seen to")] == ["供电公司 庚电"]
    nothing = paper(stuck, "reminder-notice", department="住建局")
    assert "nothing is overdue" in texts(nothing)
    assert nothing.frame is not None and nothing.frame.annexes == ()


@pytest.mark.proves("R13")
def test_a_minute_says_who_met_and_has_each_decision_as_an_issue(stuck: District) -> None:
    """Time, place, chair, what was said, who was there with their units; each item by its issue's number, with what
    was decided, who does it, by when."""
    sample = stuck.sample
    late = stuck.connection.execute("SELECT id FROM issue WHERE title = '外部供电未接通'").fetchone()[0]
    sample.clock.now += 1000
    meeting = meetings.record_meeting(
        sample.ledger, issues=late, level="2", chair="甲建国", place="二楼会议室", at="今天 10:30", title="供电专题会",
        departments="供电公司", participants="甲建国;丁水", text="会议听取了汇报。",
    )  # fmt: skip
    sample.clock.now += 1000
    sample.act(late, "resolve", meeting=meeting.id, text="先接临时线。")
    report = paper(stuck, "minute", meeting=meeting.id)
    assert (report.title, report.frame and report.frame.layout) == ("供电专题会", "minute")
    told = texts(report)
    for part in (
        "10:30, 甲建国 held a special meeting at 二楼会议室",
        "会议听取了汇报。",
        "Decided (resolved): 先接临时线.",
    ):
        assert part in told
    assert "Present: 住建局 甲建国" in told or "Present: 甲建国" in told
    ((_serial, number, title, decided, holder, due, _state),) = rows(report, "What was decided, as issues")
    assert (number, title, holder, due) == (stuck.number(late), "外部供电未接通", "供电公司 庚电", LATE)
    assert "先接临时线" in decided
    assert paper(stuck, "minute").title == "供电专题会"


@pytest.mark.proves("R54", "R55")
def test_a_circular_names_who_was_commended_and_criticised_and_why(stuck: District) -> None:
    """By the evaluations of that period alone; the rankings and what is overdue are annexes."""
    ledger = stuck.sample.ledger
    evaluations.evaluate(ledger, period=MONTH, unit="住建局", outcome="commendation", reason="办结快")
    evaluations.evaluate(
        ledger, period=MONTH, unit="供电公司", outcome="criticism", fault="perfunctory", reason="两月无进展"
    )
    evaluations.evaluate(ledger, period="2025", unit="水务局", outcome="commendation", reason="去年的事")
    report = paper(stuck, "circular", period=MONTH)
    told = texts(report)
    assert "(1) 住建局: 办结快" in told
    assert "(1) 供电公司: perfunctory; 两月无进展" in told
    assert "去年的事" not in told
    assert "Overdue issues: 1. By department: 供电公司 1." in told
    assert re.search(r"Escalate it to level 2: \S+ 外部供电未接通\.", told)  # what is asked says of which issue
    assert report.frame is not None
    assert report.frame.annexes == ("Ranking of the units", "Ranking of the butlers", "Overdue issues")


@pytest.mark.proves("R52")
def test_a_ranking_can_be_counted_by_hand(stuck: District) -> None:
    """住建局 closed what was due and its enterprise is satisfied; 供电公司 took its issue up and did not solve it."""
    register_lines.add(
        stuck.sample.ledger, FOLLOW_UP_REGISTER, issue=stuck.closed, at="now", how="phone", satisfaction="satisfied"
    )
    report = paper(stuck, "ranking", period=MONTH)
    units = rows(report, "Ranking of the units")
    assert units[0] == (1, "住建局", "1/1", 100.0, "1/1", 100.0, "1/1", 100.0)
    assert units[1] == (2, "供电公司", "1/1", 100.0, "0/1", 0.0, None, None)
    butlers = rows(report, "Ranking of the butlers")
    assert [row[:2] for row in butlers] == [(1, "乙卫东")]


@pytest.mark.proves("R47")
def test_a_visit_sheet_is_of_a_visit_or_to_be_filled_in(stuck: District) -> None:
    """The latest visit, or that of a day, as it was recorded; of a project alone a sheet with its open issues and room
    to write. Both have places for the enterprise's opinion and signature."""
    recorded = dict(rows(paper(stuck, "visit-sheet"), "Visit sheet"))
    assert (recorded["Place"], recorded["Participants"]) == ("工地", "甲建国、丙志远")
    assert recorded["Enterprise contact"] == "丙志远 19900000003"
    of_day = dict(rows(paper(stuck, "visit-sheet", visit="昨天"), "Visit sheet"))
    assert of_day == recorded
    blank = rows(paper(stuck, "visit-sheet", project="2"), "Visit sheet")
    assert [row[1] for row in blank if row[0] == "When"] == [None]
    open_issues = [row[1] for row in blank if row[0] == "Open issue"]
    assert "外部供电未接通" in open_issues[0] and len(open_issues) == 2
    for sheet in (recorded, dict(blank)):
        assert {"Opinion of the enterprise", "Enterprise contact (signature)", "Butler (signature)"} <= sheet.keys()
    assert "No visit was recorded." in texts(paper(stuck, "visit-sheet", visit="2001-01-01"))


def test_a_hand_over_sheet_can_be_had_before_anything_changes_hands(stuck: District) -> None:
    """All that a butler serves with what is open; nothing is written, and who takes over is a place."""
    lines = stuck.connection.execute("SELECT count(*) FROM assignment").fetchone()
    report = paper(stuck, "hand-over", person="乙卫东")
    told = texts(report)
    assert "乙卫东 hands over to ________" in told
    assert "外部供电未接通" in told and "临时用水未接通" in told
    assert stuck.connection.execute("SELECT count(*) FROM assignment").fetchone() == lines


@pytest.mark.parametrize("name", ["monthly", "minute"])
def test_a_letter_is_printed_with_mark_number_title_text_unit_and_date(
    name: str, stuck: District, tmp_path: Path
) -> None:
    """In this order, in .docx; the annex stands on a page of its own after the date."""
    path = tmp_path / "letter.docx"
    report = paper(stuck, name)
    write_report(report, path)
    document = docx.Document(str(path))
    printed = [(str(one.style and one.style.name), one.text) for one in document.paragraphs if one.text]
    styles = [style for style, _text in printed]
    assert styles[:3] == ["LetterMark", "LetterNumber", "Title"]
    assert printed[2][1] == report.title
    if name == "monthly":
        unit, day = [text for style, text in printed if style == "LetterSigned"]
        assert (unit, day) == ("示范区", f"{TODAY.day} {TODAY.month} {TODAY.year}")
    assert "LetterText" in styles and styles.index("LetterDraft") > styles.index("LetterText")


@pytest.mark.parametrize("name", ["weekly", "monthly"])
def test_a_paper_of_one_person_or_unit_tells_theirs_alone(name: str, stuck: District) -> None:
    """What moved, what is stuck and what comes is of the unit that leads it, or of the projects served."""
    ids = dict(stuck.connection.execute("SELECT name, id FROM unit UNION SELECT name, id FROM person").fetchall())
    assert "进场道路狭窄" in whole(paper(stuck, name)) and "外部供电未接通" in whole(paper(stuck, name))
    told = whole(paper(stuck, name, unit=ids["住建局"]))
    assert "进场道路狭窄" in told and "外部供电未接通" not in told
    assert "进场道路狭窄" not in whole(paper(stuck, name, person=ids["丁水"]))


def whole(report: Report) -> str:
    """All that stands in a report's tables."""
    rows = [row for table in report.tables for row in table.rows]
    return "\n".join(row.title if isinstance(row, ReportSection) else " ".join(map(str, row)) for row in rows)
