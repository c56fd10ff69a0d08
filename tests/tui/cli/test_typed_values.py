"""What the command line asks back before it writes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from store.values.workdays import add_workdays, use_entered_years
from tests.tui.cli.conftest import CommandLine

ISSUE = ("issue", "add", "--project", "续1", "--title", "临时用电")


def test_no_name_is_born_by_accident(imported: CommandLine) -> None:
    """An unfinished name is refused with whom it may mean, nothing is written, and --new lets it be born."""
    imported.run("issue", "add", "--project", "续1", "--title", "甲", "--department", "供电公司")
    refused = imported.run(*ISSUE, "--department", "供电", "--json", code=2).error
    assert refused["code"] == "name_like_known"
    assert "供电公司" in refused["what"]
    assert len(imported.json("issue", "list")) == 1
    born = imported.run(*ISSUE, "--department", "供电", "--new")
    assert "供电" in born.err
    assert imported.run("project", "edit", "续1", "--lead-unit", "区供电公司", "--json", code=2).error
    name = imported.json("project", "list")[0]["name"]
    refused = imported.run("project", "add", "--name", f"★{name}（新）", "--json", code=2).error
    assert (refused["code"], name in refused["what"]) == ("name_like_known", True)
    assert imported.json("project", "add", "--name", f"★{name}（新）", "--new")["name"] == f"★{name}（新）"


def test_a_day_that_is_mostly_a_slip_is_asked_back(imported: CommandLine) -> None:
    """A visit long ago, a due date in a year without known holidays: refused as understood, --yes takes it."""
    far = ("visit", "add", "--project", "续1", "--text", "查看", "--at", "2020.3.5 9:00")
    refused = imported.run(*far, "--json", code=2).error
    assert (refused["code"], "2020-03-05" in refused["what"]) == ("day_far_back", True)
    assert imported.json(*far, "--yes")["at"] == "2020-03-05T09:00+08:00"
    assert imported.run(*ISSUE, "--due", "2099年2月17日", "--json", code=2).error["code"] == "holidays_unknown"
    assert imported.json(*ISSUE, "--due", "2099年2月17日", "--yes")["due"] == "2099-02-17"
    assert imported.run(*ISSUE, "--due", "2026-W48-1", "--json", code=2).error["code"] == "bad_time"


def test_periods_and_days_that_are_over(imported: CommandLine) -> None:
    """A period is stored under its one name; an act sets no day that is over without --yes, while an issue may be
    entered afterwards; a part of a day is told."""
    score = ("evaluation", "add", "--unit", "供电公司", "--outcome", "none", "--period")
    assert imported.json(*score, "2025年三季度")["period"] == "2025Q3"
    assert imported.run(*score, "适当时候", "--json", code=2).error["code"] == "bad_period"
    late = imported.run(*ISSUE, "--department", "供电公司", "--owner", "丑宁", "--due", "昨天", "--json")
    assert late.err
    for verb, option in (("extend", "--due"), ("assign", "--due"), ("wait", "--until")):
        why = () if verb == "assign" else ("--reason", "等")
        typed = ("issue", verb, "临时用电", option, "昨天", *why)
        assert imported.run(*typed, "--json", code=2).error["code"] == "due_in_past", verb
    seen = imported.run("visit", "add", "--project", "续1", "--text", "查看", "--at", "昨天上午")
    assert "09:00" in seen.err


def test_clearing_a_role_and_logging_nothing(imported: CommandLine) -> None:
    """An empty name ends the role; an empty visit is none."""
    assert imported.json("project", "edit", "续1", "--enterprise-contact", "")["enterprise_contact"] is None
    assert (
        imported.run("visit", "add", "--project", "续1", "--text", "", "--json", code=2).error["code"] == "visit_empty"
    )
    seen = imported.json("visit", "add", "--project", "续1", "--text", "查看", "--who", "张三及李四等5人")
    assert (seen["participants"], seen["participants_note"]) == (["张三", "李四"], "等5人")


def test_the_holidays_of_a_year_are_entered_once_for_all(imported: CommandLine, tmp_path: Path) -> None:
    """What the bureau enters from a table counts at once: working days do not land on it, and the year is known."""
    table = tmp_path / "放假安排.csv"
    table.write_text("日期,安排\n2062-01-02至2062-01-04,放假\n2062-01-07,上班\n", "utf-8")
    rehearsed = imported.json("holiday", "import", str(table), "--dry-run")
    assert imported.json("holiday", "list") == []
    assert imported.json("holiday", "import", str(table)) == rehearsed == imported.json("holiday", "list")
    assert rehearsed[0]["worked"] == ["2062-01-07"]
    assert imported.json(*ISSUE, "--due", "2062年1月5日")["due"] == "2062-01-05"
    assert add_workdays(date(2061, 12, 30), 2) == date(2062, 1, 6)
    use_entered_years({})
    assert add_workdays(date(2061, 12, 30), 2) == date(2062, 1, 3)
