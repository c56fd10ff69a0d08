"""Logging a visit."""

from __future__ import annotations

import pytest

from store.commands.exceptions import ActNotAllowed, EmptyVisit, NameUnknown
from store.commands.issues import act
from store.commands.visits import edit, log, split_names
from store.domain.status_lights import light_thresholds
from store.exceptions import BadLine, BadTime, FutureTime, LineNotFound
from store.queries.issues import issue
from store.queries.status import count_lines
from store.queries.visits import visit
from store.values.times import district_time
from store.writer.local_writes import Ledger
from tests.store.queries.sample import TODAY, Sample


@pytest.mark.proves("R14", "R42", "R47")
def test_a_visit_is_logged_as_typed(district: Sample) -> None:
    """Project by part of its name, time in words, participants in one string, issues by number (R47)."""
    logged = log(
        district.ledger,
        project="供热",
        at="今天 9:05",
        how="phone",
        who="甲建国；丙志远",
        text="谈了供热",
        moved=["用水"],
    )
    shown = visit(district.connection, logged.id)
    assert shown is not None
    assert (shown.project_id, shown.at, shown.how) == (district.heat, f"{TODAY}T09:05+08:00", "phone")
    assert (shown.participants, shown.place) == (("甲建国", "丙志远"), None)
    assert [one.id for one in shown.issues_moved] == [district.issue]


def test_what_stands_beside_the_names_is_kept(district: Sample) -> None:
    """等5人 is no participant and not lost; writing the names again changes both."""
    made = log(district.ledger, project=district.heat, who="甲建国及丙志远等5人")
    shown = visit(district.connection, made.id)
    assert shown is not None
    assert (shown.participants, shown.participants_text) == (("甲建国", "丙志远"), "甲建国、丙志远等5人")
    edit(district.ledger, made.id, who="甲建国 丙志远")
    after = visit(district.connection, made.id)
    assert after is not None
    assert after.participants_text == "甲建国、丙志远"


def test_without_a_time_a_visit_is_now(district: Sample) -> None:
    """A visit logged on the spot needs no time."""
    shown = visit(district.connection, log(district.ledger, project=district.heat, text="到现场").id)
    assert shown is not None
    assert shown.at.startswith(TODAY.isoformat())


@pytest.mark.parametrize("ahead", ["明天", "2099-01-01"])
def test_a_visit_is_not_dated_ahead(district: Sample, ahead: str) -> None:
    """A slip in the year would say for years that somebody was there lately: refused when logged and when edited; the
    evening of today is not."""
    before = count_lines(district.connection)
    with pytest.raises(FutureTime):
        log(district.ledger, project=district.heat, at=ahead)
    with pytest.raises(FutureTime):
        edit(district.ledger, district.visit, at=ahead)
    assert count_lines(district.connection) == before
    log(district.ledger, project=district.heat, at="23:59", text="到现场")


def test_a_clock_that_fell_back_keeps_nobody_from_logging_the_true_day(district: Sample) -> None:
    """A laptop that says 1970 still takes the day that its own ledger has seen."""
    true_day = district.ledger.wall_clock()
    log(district.ledger, project=district.heat, text="到现场")
    behind = Ledger(district.ledger.database, wall_clock=lambda: 1000)
    made = log(behind, project=district.heat, at=f"{district_time(true_day):%Y-%m-%d 08:00}", text="到现场")
    assert visit(district.connection, made.id) is not None


def test_nothing_is_logged_when_something_is_wrong(district: Sample) -> None:
    """An unknown project or issue, no time, no known way, nothing said at all: refused, and nothing is written."""
    before = count_lines(district.connection)
    with pytest.raises(NameUnknown):
        log(district.ledger, project="燃气")
    with pytest.raises(NameUnknown):
        log(district.ledger, project=district.water, raised=["燃气"])
    with pytest.raises(BadTime):
        log(district.ledger, project=district.water, at="soon")
    with pytest.raises(EmptyVisit):
        log(district.ledger, project=district.water, how="phone", text=" \u3000")
    with pytest.raises(EmptyVisit):
        edit(district.ledger, log(district.ledger, project=district.heat, text="写错").id, text=" ")
    before += 1
    with pytest.raises(BadLine, match="how"):
        log(district.ledger, project=district.water, how="telegram", text="问候")
    assert count_lines(district.connection) == before


def test_an_edit_changes_what_is_named_and_nothing_else(district: Sample) -> None:
    """What is not given stays, an empty text removes a field, lists are replaced whole."""
    edit(district.ledger, district.visit, at="+0", who="乙卫东", place="", raised=[])
    shown = visit(district.connection, district.visit)
    assert shown is not None
    assert (shown.at, shown.place, shown.participants) == (f"{TODAY}T00:00+08:00", None, ("乙卫东",))
    assert (shown.how, shown.issues_raised) == ("visit", ())
    edit(district.ledger, district.visit, text="补记", moved=["用水"])
    again = visit(district.connection, district.visit)
    assert again is not None
    assert (again.text, again.participants, len(again.issues_moved)) == ("补记", ("乙卫东",), 1)


def test_a_deleted_visit_cannot_be_edited(district: Sample) -> None:
    """What is gone is said to be gone."""
    district.ledger.delete("visit", district.visit)
    with pytest.raises(LineNotFound):
        edit(district.ledger, district.visit, text="x")


def test_participants_are_split_at_any_usual_separator() -> None:
    """Western and Chinese separators, blanks and repeats make one clean list."""
    assert split_names("甲; 乙；丙、丁,戊，甲\n") == ["甲", "乙", "丙", "丁", "戊"]
    assert split_names(["甲;乙", "丙"]) == ["甲;乙", "丙"]
    assert split_names(None) == split_names("") == []


def test_issues_are_raised_and_moved_with_the_visit_in_one_transaction(district: Sample) -> None:
    """What came up becomes an issue of the visit, what moved gets its step; nothing of it is written where one part
    cannot be (R24, R47)."""
    act(district.ledger, district.issue, "assign", department="水务局", owner="甲建国", due="+3")
    act(district.ledger, district.issue, "accept")
    logged = log(
        district.ledger,
        project=district.water,
        at="今天 9:05",
        raising=[{"title": "水压不足", "department": "新设部门"}, {"title": "道路未通"}],
        moving=[{"issue": district.issue, "text": "已踏勘"}],
    )
    shown = visit(district.connection, logged.id)
    assert shown is not None
    assert [one.title for one in shown.issues_raised] == ["水压不足", "道路未通"]
    assert [one.id for one in shown.issues_moved] == [district.issue]
    raised = issue(district.connection, shown.issues_raised[0].id, light_thresholds(TODAY))
    assert raised is not None
    assert (raised.row.state, raised.row.department, raised.source, raised.source_id, raised.raised_at) == (
        "open", "新设部门", "visit", logged.id, shown.at,
    )  # fmt: skip
    moved = issue(district.connection, district.issue, light_thresholds(TODAY))
    assert moved is not None
    assert (moved.steps[-1].act, moved.steps[-1].text, moved.steps[-1].at) == ("progress", "已踏勘", shown.at)
    before = count_lines(district.connection)
    with pytest.raises(ActNotAllowed):
        log(
            district.ledger,
            project=district.water,
            raising=[{"title": "噪声"}],
            moving=[{"issue": district.issue, "verb": "accept"}],
        )
    assert count_lines(district.connection) == before


def test_a_visit_that_is_corrected_takes_further_issues(district: Sample) -> None:
    """What is remembered later comes to the issues that the visit names already."""
    logged = log(district.ledger, project=district.water, raising=[{"title": "水压不足"}])
    edit(district.ledger, logged.id, text="补记", raising=[{"title": "道路未通"}])
    shown = visit(district.connection, logged.id)
    assert shown is not None
    assert [one.title for one in shown.issues_raised] == ["水压不足", "道路未通"]
    assert shown.text == "补记"
