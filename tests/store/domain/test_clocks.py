"""The clocks of an issue: which act must be done by when, against a slow and plain reading of the same rules."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.domain.clocks import Clock, issue_clocks, under_rules
from store.domain.issue_lifecycle import IssueState, compute_state
from store.domain.status_lights import light_rule, light_thresholds
from store.domain.time_rules import PAUSING, time_rules_of
from store.ledger.hlc import hlc_from_ms
from store.ledger.line import Body, Line
from store.values.office_hours import DAY, minute_number, minute_text
from store.values.times import SHANGHAI
from store.values.workdays import is_workday

MONDAY = datetime(2026, 9, 21, 9, tzinfo=SHANGHAI)
"""Before the Mid-Autumn Festival and the National Day, with weekends that are worked."""
LEADING, OTHER = "0190d000-0000-7000-8000-00000000000a", "0190d000-0000-7000-8000-00000000000b"


def line(line_id: str, kind: str, at: datetime, body: Body, counter: int = 0) -> Line:
    """A line written at a moment."""
    return Line(line_id, kind, "p", hlc_from_ms(int(at.timestamp() * 1000), counter), "laptop", "a", False, body)


def rule(
    act: str | None, days: int, counting: str, *, pauses: str = "none", start: str = "called", **more: str
) -> Line:
    """A rule of the district, valid since last year."""
    says = {"days": days, "counting": counting, "start": start, "pauses": pauses, "valid_from": "2025-01-01", **more}
    return line(f"rule of {act} {more}", "time_rule", MONDAY, says | ({"act": act} if act else {}))


ISSUE = line("issue", "issue", MONDAY, {"number": "1", "title": "临时用水", "urgency": "immediate"})


def life(*acts: tuple[str, int, Body]) -> list[Line]:
    """Steps, each so many minutes after the issue was recorded."""
    return [
        line(f"s{n}", "issue_step", MONDAY + timedelta(minutes=after), {"act": act, **body}, n)
        for n, (act, after, body) in enumerate(acts, 1)
    ]


def state_of(steps: list[Line], *rules: Line) -> IssueState:
    """The issue's state under these rules."""
    return under_rules(compute_state(ISSUE, steps), ISSUE, steps, time_rules_of(rules))


def clocks_of(steps: list[Line], *rules: Line) -> list[Clock]:
    """The issue's clocks under these rules."""
    return [*issue_clocks(ISSUE, steps, time_rules_of(rules))]


@pytest.mark.proves("R12", "R40")
def test_every_act_has_its_time() -> None:
    """Each begins with what calls for it and ends with what answers it, and who does not is late."""
    hour = 60
    steps = life(
        ("assigned", 1 * hour, {"department_id": LEADING, "with_ids": [OTHER], "due": "2026-10-30"}),
        ("told", 2 * hour, {}),
        ("accepted", 24 * hour, {}),
        ("opinion", 26 * hour, {"department_id": OTHER, "text": "同意"}),
        ("settled", 48 * hour, {}),
    )
    rules = (
        rule("accept", 4, "hours"), rule("contact", 1, "clock_hours"), rule("opinion", 3, "workdays"),
        rule("progress", 1, "workdays"), rule("approve", 2, "workdays"), rule("settle", 20, "workdays"),
    )  # fmt: skip
    found = {clock.act: clock for clock in clocks_of(steps, *rules)}
    now = minute_text(minute_number(MONDAY + timedelta(hours=72)))
    told = {act: (clock.limit, clock.state(now)) for act, clock in found.items()}
    assert told == {
        "accept": ("2026-09-21T15:30", "late"),
        "contact": ("2026-09-21T10:00", "late"),
        "progress": ("2026-09-23T24:00", "met"),
        "opinion": ("2026-09-24T24:00", "met"),
        "settle": ("2026-10-30T24:00", "met"),
        "approve": ("2026-09-28T24:00", "running"),  # Thursday and Monday: Friday is 中秋
    }
    assert (found["accept"].department, found["opinion"].department, found["settle"].rule) == (LEADING, OTHER, None)
    assert found["approve"].state("2026-09-29T00:00") == "over"


def test_a_light_is_the_most_pressing_of_the_clocks() -> None:
    """Not accepted within four office hours it is red at that minute, not the day after; within time it is blue; a rule
    for news takes the place of the limit of seven days."""
    steps = life(("assigned", 0, {"department_id": LEADING, "due": "2026-10-30"}))
    state = state_of(steps, rule("accept", 4, "hours"))
    assert state.limit_at == "2026-09-21T14:30"

    def light(minutes: int, judged: IssueState = state) -> str:
        return light_rule(light_thresholds(MONDAY + timedelta(minutes=minutes)), judged)

    assert (light(330), light(331)) == ("act_due_soon", "act_overdue")
    accepted = [*steps, *life(("accepted", 60, {}))]
    accepted[1] = accepted[1]._replace(id="s2", stamp=accepted[1].stamp + 9)
    quiet = state_of(accepted, rule("accept", 4, "hours"), rule("progress", 2, "workdays"))
    assert (quiet.limit_at, quiet.progress_until) == (None, "2026-09-23T24:00")
    assert (light(2 * DAY, quiet), light(3 * DAY, quiet)) == ("in_time", "no_progress")
    assert light(3 * DAY, state_of(accepted)) == "in_time"


def test_waiting_by_agreement_is_not_late() -> None:
    """Whatever is over, until the agreed day; the rule says so, for who disagrees."""
    steps = life(
        ("assigned", 0, {"department_id": LEADING}),
        ("accepted", 10, {}),
        ("waiting", 20, {"until": "2026-10-15", "waiting_for": "agreement", "reason": "等企业选址"}),
    )
    state = state_of(steps, rule("settle", 8, "hours", start="assigned"), rule("contact", 1, "clock_hours"))
    assert state.due == "2026-09-22"
    assert state.limit_at == "2026-10-15T24:00"
    judged = light_thresholds(datetime(2026, 9, 29, 9, tzinfo=SHANGHAI))
    assert light_rule(judged, state) == "waits"
    waiting = [clock.state(judged.now) for clock in clocks_of(steps, rule("contact", 1, "clock_hours"))]
    assert waiting == ["paused"]
    assert light_rule(light_thresholds(datetime(2026, 10, 16, 0, 0, tzinfo=SHANGHAI)), state) == "overdue"


def test_a_rule_that_this_version_does_not_know_counts_for_nothing() -> None:
    """One for an act that a later version adds is none for settling, nor is one of an unknown counting."""
    steps = life(("assigned", 0, {"department_id": LEADING}), ("accepted", 10, {}))
    assert state_of(steps, rule("inspect", 1, "workdays")).due is None
    assert state_of(steps, rule(None, 1, "months")).due is None
    assert state_of(steps, rule(None, 1, "workdays")).due == "2026-09-22"


@pytest.mark.parametrize("answer", ["extended", "extension_refused"])
def test_a_request_is_answered_once(answer: str) -> None:
    """The first answer counts, on all devices; the other one is out of turn. Only what is granted moves the day, and
    what names no request extends as it always did."""
    asked: list[tuple[str, int, Body]] = [
        ("assigned", 0, {"department_id": LEADING, "due": "2026-09-25"}),
        ("extension_asked", 10, {"due": "2026-10-12", "reason": "待评审"}),
    ]
    state = compute_state(ISSUE, life(*asked))
    assert (state.state, state.due, state.extension) == ("assigned", "2026-09-25", "s2")
    said: Body = {"due": "2026-10-12", "reason": "同意", "request_id": "s2"}
    other = "extension_refused" if answer == "extended" else "extended"
    both = compute_state(ISSUE, life(*asked, (answer, 20, said), (other, 30, said)))
    assert both.out_of_turn == ("s4",)
    assert (both.due, both.extension) == ("2026-10-12" if answer == "extended" else "2026-09-25", None)
    older = compute_state(ISSUE, life(*asked, ("extended", 20, {"due": "2026-10-20"})))
    assert (older.due, older.extension, older.out_of_turn) == ("2026-10-20", None, ())
    unasked = compute_state(ISSUE, life(asked[0], ("extension_refused", 20, {})))
    assert unasked.out_of_turn == ("s2",)


class _Wait(NamedTuple):
    """A wait that was agreed on: since when, until which day, when it ended (None: it lasts), and for whom."""

    since: int
    until: date
    ended: int | None
    whom: str


_COUNTS = st.fixed_dictionaries(
    {
        "counting": st.sampled_from(["workdays", "days", "hours", "clock_hours"]),
        "days": st.integers(1, 12),
        "pauses": st.sampled_from(sorted(PAUSING)),
    }
)
_GAPS = st.tuples(
    st.integers(1, 3000), st.integers(0, 9), st.integers(1, 5000), st.sampled_from(sorted(PAUSING["any"]))
)


@given(says=_COUNTS, act=st.sampled_from(["settle", "contact"]), gaps=st.lists(_GAPS, max_size=2), ends=st.booleans())
def test_any_limit_is_where_a_plain_walk_ends(
    says: Body, act: str, gaps: list[tuple[int, int, int, str]], ends: bool
) -> None:
    """Minute by minute for hours, day by day for days: each that counts takes one off, unless the issue waits for
    somebody for whom the rule pauses."""
    steps: list[tuple[str, int, Body]] = [("assigned", 0, {"department_id": LEADING}), ("accepted", 0, {})]
    waits: list[_Wait] = []
    at = 0
    for number, (gap, agreed, lasted, whom) in enumerate(gaps):
        since = at + gap
        until = (MONDAY + timedelta(minutes=since)).date() + timedelta(agreed)
        still = number == len(gaps) - 1 and not ends
        steps.append(("waiting", since, {"until": until.isoformat(), "waiting_for": whom}))
        at = since + lasted
        waits.append(_Wait(since, until, None if still else at, whom))
        if not still:
            steps.append(("progress", at, {}))
    start = "assigned" if act == "settle" else "called"
    (clock,) = clocks_of(life(*steps), rule(act, **says, start=start))
    assert clock.limit == plain_limit(says, waits)


def plain_limit(says: Body, waits: list[_Wait]) -> str:
    """The same, by walking through the minutes or the days since Monday at nine."""
    begun = minute_number(MONDAY)
    pausing = [wait for wait in waits if wait.whom in PAUSING[says["pauses"]]]
    if says["counting"] in ("workdays", "days"):
        left, day = says["days"], MONDAY.date()
        for wait in pausing:
            first = (MONDAY + timedelta(minutes=wait.since)).date()
            last = wait.until if wait.ended is None else (MONDAY + timedelta(minutes=wait.ended)).date()
            left += sum(
                says["counting"] == "days" or is_workday(first + timedelta(n))
                for n in range(1, (last - first).days + 1)
            )
        while left:
            day += timedelta(1)
            left -= says["counting"] == "days" or is_workday(day)
        return f"{day.isoformat()}T24:00"
    left, minute = says["days"] * 60, begun
    for wait in pausing:
        ends = (wait.until.toordinal() + 1) * DAY if wait.ended is None else begun + wait.ended
        left += sum(counts(says, each) for each in range(begun + wait.since, ends))
    while left:
        left -= counts(says, minute)
        minute += 1
    return minute_text(minute, day_is_over=True)


def counts(says: Body, minute: int) -> bool:
    """Whether a minute counts."""
    if says["counting"] == "clock_hours":
        return True
    day, rest = divmod(minute, DAY)
    open_hours = 510 <= rest < 720 or 810 <= rest < 1050
    return open_hours and is_workday(date.fromordinal(day))
