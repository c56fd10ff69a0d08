"""The service log."""

from __future__ import annotations

from datetime import timedelta

from store.commands import visits as register
from store.queries.paging import index_listing, position_of
from store.queries.visits import listing, visit, visit_key, visits
from tests.store.queries.sample import TODAY, Sample, statements


def test_a_visit_says_who_was_where_and_which_issues_it_names(district: Sample) -> None:
    """One line of the service log has time, place, participants and the issues by number and title (R47)."""
    shown = visit(district.connection, district.visit)
    assert shown is not None
    assert (shown.project, shown.place, shown.how, shown.author) == ("供水改造工程", "工地", "visit", "甲")
    assert shown.participants == ("甲建国", "丙志远")
    assert [(issue.id, issue.title) for issue in shown.issues_raised] == [(district.issue, "临时用水未接通")]
    assert shown.issues_moved == ()
    assert visit(district.connection, district.issue) is None


def test_the_log_is_newest_first_and_one_query(district: Sample) -> None:
    """However long the log is, reading it takes one statement; deleted visits are left out."""
    for day in ("2026-01-05", "2026-03-05", "2026-02-05"):
        register.log(district.ledger, project=district.heat, at=f"{day} 09:00", text="到现场")
    gone = register.log(district.ledger, project=district.heat, at="2026-04-01 09:00", text="到现场").id
    district.ledger.delete("visit", gone)
    with statements(district.connection) as seen:
        rows = visits(district.connection)
    assert len(seen) == 1
    assert [row.at[:10] for row in rows] == [
        (TODAY - timedelta(days=1)).isoformat(),
        "2026-03-05",
        "2026-02-05",
        "2026-01-05",
    ]


def test_the_log_narrows_to_a_project_and_to_days(district: Sample) -> None:
    """From a day to a day, both included, of one project or of all."""
    for hour in ("2026-03-04 23:59", "2026-03-05 00:00", "2026-03-06 23:59", "2026-03-07 00:00"):
        register.log(district.ledger, project=district.heat, at=hour, text="到现场")
    found = visits(district.connection, listing(project=district.heat, since="2026-03-05", until="2026-03-06"))
    assert [row.at[5:16] for row in found] == ["03-06T23:59", "03-05T00:00"]
    assert visits(district.connection, listing(project=district.water, until="2026-03-06")) == []


def test_the_row_under_the_cursor_is_found_again(district: Sample) -> None:
    """After somebody else's commit the position of a row follows from its key."""
    row = visits(district.connection)[0]
    assert position_of(district.connection, listing(), visit_key(row)) == 0
    register.log(district.ledger, project=district.heat, at="now", text="到现场")
    assert position_of(district.connection, listing(), visit_key(row)) == 1
    assert index_listing(district.connection, listing()).count == 2
