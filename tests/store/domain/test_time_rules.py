"""Time rules: the due date that the district's rules give, against a slow and plain reading of the same rules."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.domain.clocks import under_rules
from store.domain.issue_lifecycle import compute_state
from store.domain.time_rules import time_rules_of
from store.ledger.hlc import hlc_from_ms
from store.ledger.line import Body, Line
from store.values.times import SHANGHAI
from store.values.workdays import is_workday

FIRST = date(2026, 1, 5)
URGENCIES = (None, "urgent", "routine")
CATEGORIES = (None, "land", "funding")
WAITS = ("enterprise", "authority", "agreement")
PAUSES = {
    "none": (),
    "enterprise": ("enterprise",),
    "outside": ("enterprise", "authority"),
    "any": WAITS,
}


def line(line_id: str, kind: str, day: date, body: Body, counter: int = 0) -> Line:
    """A line written at noon of a day."""
    noon = datetime.combine(day, time(12), SHANGHAI)
    return Line(line_id, kind, "p", hlc_from_ms(int(noon.timestamp() * 1000), counter), "laptop", "a", False, body)


def rule(line_id: str, **fields: object) -> Line:
    """A rule of ten working days since the assignment, paused by nothing, unless said otherwise."""
    usual = {"days": 10, "counting": "workdays", "start": "assigned", "pauses": "none", "valid_from": "2025-01-01"}
    return line(line_id, "time_rule", date(2025, 1, 1), {**usual, **fields})


def issue(**fields: object) -> Line:
    """An issue recorded on the first day."""
    return line("i", "issue", FIRST, {"number": "1", "title": "临时用水", **fields})


def acts(*done: tuple[str, date, Body]) -> list[Line]:
    """Steps, each on a day."""
    return [line(f"s{n}", "issue_step", day, {"act": act, **body}, n) for n, (act, day, body) in enumerate(done, 1)]


def due_of(own: Line, steps: list[Line], *rules: Line) -> str | None:
    """The due date of the issue."""
    return under_rules(compute_state(own, steps), own, steps, time_rules_of(rules)).due


@pytest.mark.parametrize(
    ("assigned", "days", "counting", "due"),
    [
        ("2026-01-05", 1, "workdays", "2026-01-06"),
        ("2026-02-13", 1, "workdays", "2026-02-14"),  # a Saturday that is worked before the Spring Festival
        ("2026-02-14", 1, "workdays", "2026-02-24"),
        ("2026-02-13", 2, "workdays", "2026-02-24"),
        ("2026-02-27", 1, "workdays", "2026-02-28"),  # the Saturday that is worked after it
        ("2026-04-03", 1, "workdays", "2026-04-07"),  # 清明: Monday the 6th is off
        ("2026-04-30", 1, "workdays", "2026-05-06"),
        ("2026-05-08", 1, "workdays", "2026-05-09"),
        ("2026-06-18", 1, "workdays", "2026-06-22"),  # 端午: Friday the 19th is off
        ("2026-09-18", 1, "workdays", "2026-09-20"),  # a Sunday that is worked
        ("2026-09-24", 1, "workdays", "2026-09-28"),  # 中秋: Friday the 25th is off
        ("2026-09-30", 1, "workdays", "2026-10-08"),
        ("2026-10-09", 1, "workdays", "2026-10-10"),
        ("2026-10-01", 1, "workdays", "2026-10-08"),  # assigned on a day off
        ("2026-10-01", 1, "days", "2026-10-02"),
        ("2026-09-30", 8, "days", "2026-10-08"),
        ("2026-12-31", 1, "days", "2027-01-01"),
        ("2026-01-05", 5, "workdays", "2026-01-12"),
        ("2025-12-31", 1, "workdays", "2026-01-04"),  # a Sunday that is worked after New Year
        ("2026-01-05", 20, "workdays", "2026-02-02"),
    ],
)
def test_known_dates_around_the_holidays(assigned: str, days: int, counting: str, due: str) -> None:
    """Twenty dates by hand from the calendar of 2026 that the State Council announced."""
    steps = acts(("assigned", date.fromisoformat(assigned), {}))
    assert due_of(issue(), steps, rule("r", days=days, counting=counting)) == due


def test_a_due_date_that_somebody_set_stays() -> None:
    """The issue's own, an assignment's and an extension's each stand; the rule gives none."""
    steps = acts(("assigned", FIRST, {"due": "2026-03-01"}))
    assert due_of(issue(due="2026-02-02"), [], rule("r", start="recorded")) == "2026-02-02"
    assert due_of(issue(), steps, rule("r")) == "2026-03-01"
    state = under_rules(compute_state(issue(), steps), issue(), steps, time_rules_of([rule("r")]))
    assert state.due_rule is None


def test_the_rule_that_fits_best_counts() -> None:
    """One for the category before one for the urgency before one for all; of equal ones the one valid since later; none
    that was not valid on the day on which the time began."""
    steps = acts(("assigned", FIRST, {}))
    every, urgent = rule("all", days=9), rule("urgent", days=2, urgency="urgent")
    land, later = rule("land", days=4, category="land"), rule("later", days=3, valid_from="2026-01-01")
    both = rule("both", days=1, urgency="urgent", category="land")
    over = rule("over", days=7, valid_from="2026-01-02", valid_until="2026-01-04")
    to_come = rule("to come", days=8, valid_from="2026-01-06")
    assert due_of(issue(), steps, every, urgent, land, over, to_come) == "2026-01-16"
    assert due_of(issue(), steps, every, later) == "2026-01-08"
    assert due_of(issue(urgency="urgent"), steps, every, later, urgent) == "2026-01-07"
    assert due_of(issue(urgency="urgent", category="land"), steps, every, urgent, land) == "2026-01-09"
    assert due_of(issue(urgency="urgent", category="land"), steps, every, urgent, land, both) == "2026-01-06"
    assert due_of(issue(), steps, urgent, to_come) is None


def test_a_pause_ends_with_the_waiting_and_not_before() -> None:
    """An assignment that adds a department, that department's dispute and a reminder leave it waiting, and the due date
    where it was; progress ends it."""
    leading, other = "0190d000-0000-7000-8000-00000000000a", "0190d000-0000-7000-8000-00000000000b"
    day, until = date(2026, 3, 2), {"until": "2026-03-20", "waiting_for": "enterprise"}
    waiting: list[tuple[str, date, Body]] = [
        ("assigned", day, {"department_id": leading, "with_ids": [other]}),
        ("accepted", day, {}),
        ("waiting", day, until),
    ]
    meanwhile: list[tuple[str, date, Body]] = [
        ("assigned", date(2026, 3, 4), {"department_id": leading, "with_ids": [other]}),
        ("disputed", date(2026, 3, 5), {"department_id": other}),
        ("reminded", date(2026, 3, 6), {}),
    ]
    ends: tuple[str, date, Body] = ("progress", date(2026, 3, 9), {})
    paused = rule("r", days=1, pauses="enterprise")
    assert due_of(issue(), acts(*waiting), paused) == "2026-03-23"
    assert due_of(issue(), acts(*waiting, *meanwhile), paused) == "2026-03-23"
    assert due_of(issue(), acts(*waiting, *meanwhile, ends), paused) == "2026-03-10"


def test_a_reopened_issue_begins_anew() -> None:
    """What was counted before does not matter."""
    done: list[tuple[str, date, Body]] = [
        ("assigned", FIRST, {}),
        ("accepted", FIRST, {}),
        ("settled", FIRST, {}),
    ]
    versions = [{"id": "s3", "stamp": acts(*done)[2].stamp, "device": "laptop"},
                {"id": "i", "stamp": issue().stamp, "device": "laptop"}]  # fmt: skip
    done += [("approved", FIRST, {"versions": versions}), ("reopened", date(2026, 3, 2), {})]
    assert due_of(issue(), acts(*done), rule("r", days=1)) == "2026-03-03"


_BODIES = st.fixed_dictionaries({"urgency": st.sampled_from(URGENCIES), "category": st.sampled_from(CATEGORIES)})
_RULES = st.lists(
    st.fixed_dictionaries(
        {
            "days": st.integers(1, 40),
            "counting": st.sampled_from(["workdays", "days"]),
            "start": st.sampled_from(["recorded", "assigned"]),
            "pauses": st.sampled_from(sorted(PAUSES)),
            "urgency": st.sampled_from(URGENCIES),
            "category": st.sampled_from(CATEGORIES),
            "valid_from": st.sampled_from(["2025-01-01", "2026-01-05", "2026-01-09"]),
        }
    ),
    max_size=4,
)
_WAITS = st.lists(
    st.tuples(st.integers(0, 12), st.integers(1, 30), st.integers(1, 30), st.sampled_from(WAITS)), max_size=3
)


@given(body=_BODIES, rules=_RULES, assigned_after=st.none() | st.integers(0, 20), waits=_WAITS, ends=st.booleans())
def test_any_rules_and_waits_give_what_a_plain_count_gives(
    body: Body, rules: list[Body], assigned_after: int | None, waits: list[tuple[int, int, int, str]], ends: bool
) -> None:
    """Day by day: each day that counts takes one off, unless the issue waits for somebody for whom the rule pauses."""
    steps: list[tuple[str, date, Body]] = []
    paused: list[tuple[date, date, str]] = []
    day = FIRST + timedelta(assigned_after or 0)
    if assigned_after is not None:
        steps += [("assigned", day, {}), ("accepted", day, {})]
        for number, (gap, agreed, lasted, whom) in enumerate(waits):
            begun = day + timedelta(gap)
            until = begun + timedelta(agreed)
            steps.append(("waiting", begun, {"until": until.isoformat(), "waiting_for": whom}))
            still = number == len(waits) - 1 and not ends
            day = until if still else begun + timedelta(lasted)
            paused.append((begun, day, whom))
            if not still:
                steps.append(("progress", day, {}))
    own, lines = issue(**{name: value for name, value in body.items() if value}), acts(*steps)
    assigned = FIRST + timedelta(assigned_after) if assigned_after is not None else None
    known = [rule(f"r{n}", **each) for n, each in enumerate(rules)]
    state = compute_state(own, lines)
    wanted = plain_due(body, known, FIRST, assigned, paused)
    assert under_rules(state, own, lines, time_rules_of(known)).due == (wanted and wanted.isoformat())


def plain_due(
    issue_body: Body, rules: list[Line], recorded: date, assigned: date | None, paused: list[tuple[date, date, str]]
) -> date | None:
    """The same, by walking through the days."""
    best: tuple[tuple[bool, bool, str, str], Line, date] | None = None
    for each in rules:
        start = recorded if each.body["start"] == "recorded" else assigned
        if start is None or each.body["valid_from"] > start.isoformat():
            continue
        if any(each.body[name] not in (None, issue_body[name]) for name in ("urgency", "category")):
            continue
        rank = (each.body["category"] is not None, each.body["urgency"] is not None, each.body["valid_from"], each.id)
        if best is None or rank[:3] > best[0][:3]:
            best = (rank, each, start)
    if best is None:
        return None
    says, day = best[1].body, best[2]

    def counts(each: date) -> bool:
        return says["counting"] == "days" or is_workday(each)

    pausing = PAUSES[says["pauses"]]
    left = says["days"] + sum(
        counts(begun + timedelta(n))
        for begun, ended, whom in paused
        if whom in pausing
        for n in range(1, (ended - begun).days + 1)
        if begun + timedelta(n) > day
    )
    while left:
        day += timedelta(1)
        left -= counts(day)
    return day
