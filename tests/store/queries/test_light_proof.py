"""The proof of a light as read from a store: the versions that counted on the day, and nothing later."""

from __future__ import annotations

from datetime import date, timedelta

from store.commands import issues as commands
from store.commands.holidays import enter_years
from store.commands.limits import set_limit
from store.queries.issues import issue
from store.queries.light_proof import light_proof
from store.values.workdays import HolidayCalendar, use_entered_years
from tests.store.queries.sample import TODAY, Sample

DAY_MS = 86_400_000


def test_a_proof_of_today_is_the_light_of_the_list(district: Sample) -> None:
    """Same light and due date as the ledger's row; author, number and the sources of limits are there."""
    row = issue(district.connection, district.issue, district.on)
    proof = light_proof(district.connection, district.issue, TODAY)
    assert row is not None
    assert proof is not None
    assert (proof.number, proof.light, proof.due, proof.state) == (
        row.row.number, row.row.light, row.row.due, row.row.state,
    )  # fmt: skip
    assert {limit.at for limit in proof.limits} == {None}
    assert proof.people == {row.author_id}


def test_a_past_day_is_proved_by_what_was_written_until_then(district: Sample) -> None:
    """The act, the edit and the limit of the next day change the next day's proof; the day's own stays the same to the
    byte, and before it was recorded there is none."""
    before = light_proof(district.connection, district.issue, TODAY)
    district.clock.now += DAY_MS
    set_limit(district.ledger, "due_soon", "1")
    commands.edit(district.ledger, district.issue, title="临时用水仍未接通", due="+9")
    district.act(district.issue, "assign", department="水务局", owner="丁水", due="+9")
    after = light_proof(district.connection, district.issue, TODAY + timedelta(1))
    assert before is not None
    assert after is not None
    assert light_proof(district.connection, district.issue, TODAY) == before
    assert (before.light, before.state, after.light, after.state) == ("blue", "open", None, "assigned")
    assert (after.title, [limit.value for limit in after.limits if limit.at]) == ("临时用水仍未接通", [1])
    assert before.digest != after.digest
    assert light_proof(district.connection, district.issue, TODAY - timedelta(1)) is None


def test_an_act_that_was_taken_back_never_counted(district: Sample) -> None:
    """Not even on the day on which it stood for a moment."""
    before = light_proof(district.connection, district.issue, TODAY)
    district.act(district.issue, "remind", text="请尽快")
    district.clock.now += 1000
    commands.take_back(district.ledger, district.issue)
    after = light_proof(district.connection, district.issue, TODAY)
    assert before is not None
    assert after is not None
    assert (after.light, after.rule, after.due_dates) == (before.light, before.rule, before.due_dates)


def test_a_past_day_is_counted_by_the_holidays_that_are_known_now(district: Sample) -> None:
    """A year that is entered later: the named days off, the source and the counted days of a day that is over agree."""
    commands.edit(district.ledger, district.issue, due="2030-01-04")
    before = light_proof(district.connection, district.issue, TODAY)
    district.clock.now += DAY_MS
    enter_years(district.ledger, {2030: HolidayCalendar(frozenset({date(2030, 1, 1), date(2030, 1, 2)}))})
    try:
        after = light_proof(district.connection, district.issue, TODAY)
        assert before is not None
        assert after is not None
        years = [(proof.calendar[-1].source, proof.calendar[-1].off) for proof in (before, after)]
        assert years == [("assumed", ()), ("entered", ("2030-01-01", "2030-01-02"))]
        assert before.deadlines[0].left - after.deadlines[0].left == 2
    finally:
        use_entered_years({})
