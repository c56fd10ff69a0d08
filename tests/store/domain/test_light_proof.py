"""The proof of a light: what it says is what was computed, and equal inputs give equal proofs."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.domain.clocks import under_rules
from store.domain.issue_lifecycle import compute_state
from store.domain.light_proof import Evidence, prove_light
from store.domain.limits import Limits
from store.domain.status_lights import issue_light
from store.domain.time_rules import LIMITED_ACTS, time_rules_of
from store.ledger.hlc import hlc_from_ms
from store.ledger.line import Body, Line
from store.values.times import SHANGHAI

DAYS = st.dates(date(2025, 12, 1), date(2026, 11, 30))
ACTS = ("assigned", "accepted", "progress", "waiting", "extended", "escalated", "resolved", "settled", "returned")


def stamp(day: date, counter: int = 0) -> int:
    """A stamp of that day's noon."""
    return hlc_from_ms(int(datetime.combine(day, time(12), SHANGHAI).timestamp() * 1000), counter)


def line(line_id: str, kind: str, day: date, body: Body, counter: int = 0) -> Line:
    """A line written on a day, by its own author."""
    return Line(line_id, kind, "p", stamp(day, counter), "laptop", f"author of {line_id}", False, body)


ISSUE = line("issue", "issue", date(2026, 5, 11), {"number": "7", "title": "临时用水", "due": "2026-05-18"})


def rule_line(act: str) -> Line:
    """A rule for an act: news and approvals in days, all else in office hours."""
    counting = "workdays" if act in ("progress", "approve") else "hours"
    start = "assigned" if act == "settle" else "called"
    says = {"days": 5, "counting": counting, "start": start, "pauses": "any", "valid_from": "2025-01-01", "act": act}
    return line(f"rule of {act}", "time_rule", date(2025, 1, 1), says)


def act(name: str, day: date, counter: int = 0, **fields: object) -> Line:
    """A step of the issue."""
    return line(f"{name} {counter}", "issue_step", day, {"act": name, "issue_id": "issue", **fields}, counter)


@given(
    steps=st.lists(st.tuples(st.sampled_from(ACTS), DAYS, st.none() | DAYS, st.none() | DAYS), max_size=8),
    stale=st.none() | st.integers(1, 15),
    on=DAYS,
    minute=st.none() | st.integers(0, 1439),
    timed=st.sets(st.sampled_from(LIMITED_ACTS), max_size=3),
    seed=st.integers(0, 99),
)
def test_a_proof_says_the_light_that_is_shown(
    steps: list[tuple[str, date, date | None, date | None]],
    stale: int | None,
    on: date,
    minute: int | None,
    timed: set[str],
    seed: int,
) -> None:
    """Whatever was done, under whatever rules, the proof's light is the computed one; in another order of the same
    lines it is the same proof to the byte; and what a rule compared fits what the rule says."""
    lines = [
        act(name, day, n, due=due and due.isoformat(), until=until and until.isoformat())
        for n, (name, day, due, until) in enumerate(steps, 1)
    ]
    limits = [line("l", "district_limit", date(2026, 1, 5), {"name": "stale", "value": stale})] if stale else []
    rules = [rule_line(act) for act in sorted(timed)]
    at = on if minute is None else datetime.combine(on, time(), SHANGHAI) + timedelta(minutes=minute)
    proof = prove_light(Evidence(ISSUE, lines, limits, rules), at)
    known = Limits(stale=stale) if stale else Limits()
    state = under_rules(compute_state(ISSUE, lines), ISSUE, lines, time_rules_of(rules), known)
    assert proof.light == issue_light(state, at, known)
    dice = random.Random(seed)
    shuffled = Evidence(ISSUE, dice.sample(lines, len(lines)), limits, dice.sample(rules, len(rules)))
    assert prove_light(shuffled, at) == proof
    over = {"overdue": True, "waited_out": True, "due_soon": False}.get(proof.rule)
    if over is not None:
        assert proof.compared is not None
        assert (proof.compared < proof.on) is over
    if proof.rule in ("act_overdue", "act_due_soon"):
        assert proof.compared is not None
        assert (proof.compared < proof.at) is (proof.rule == "act_overdue")
        assert proof.compared in {clock.limit for clock in proof.clocks} | {
            f"{each.until}T24:00" for each in proof.pauses
        }


def test_due_dates_pauses_and_their_reasons_are_listed() -> None:
    """The issue's own due date, the assignment's and the extension's with its reason; a pause ends with the next act
    that moves the issue on, and not with one that does not."""
    steps = [
        act("assigned", date(2026, 5, 12), 1, due="2026-05-20"),
        act("accepted", date(2026, 5, 13), 2),
        act("waiting", date(2026, 5, 14), 3, until="2026-05-26", reason="等企业补材料"),
        act("reminded", date(2026, 5, 15), 4),
        act("extended", date(2026, 5, 18), 5, due="2026-05-27", reason="材料未齐"),
        act("progress", date(2026, 5, 25), 6),
    ]
    proof = prove_light(Evidence(ISSUE, steps), date(2026, 5, 28))
    assert [(due.act, due.due, due.reason) for due in proof.due_dates] == [
        ("recorded", "2026-05-18", None), ("assigned", "2026-05-20", None), ("extended", "2026-05-27", "材料未齐"),
    ]  # fmt: skip
    (pause,) = proof.pauses
    assert (pause.since[:10], pause.until, (pause.ended or "")[:10]) == ("2026-05-14", "2026-05-26", "2026-05-25")
    assert (proof.light, proof.rule, proof.compared) == ("red", "overdue", "2026-05-27")


@pytest.mark.parametrize(
    ("on", "due", "left", "off", "worked"),
    [
        ("2026-09-30", "2026-10-08", 1, ("2026-10-01", "2026-10-02", "2026-10-05", "2026-10-06", "2026-10-07"), ()),
        ("2026-09-18", "2026-09-21", 2, (), ("2026-09-20",)),
        ("2026-02-13", "2026-02-24", 2, ("2026-02-16", "2026-02-17", "2026-02-18", "2026-02-19", "2026-02-20",
                                          "2026-02-23"), ("2026-02-14",)),
    ],
)  # fmt: skip
def test_the_calendar_that_was_counted_by_is_named(
    on: str, due: str, left: int, off: tuple[str, ...], worked: tuple[str, ...]
) -> None:
    """Around the holidays of 2026: the weekdays off and the weekends worked between today and the due date."""
    issue = line("issue", "issue", date.fromisoformat(on), {"number": "7", "title": "临时用水", "due": due})
    proof = prove_light(Evidence(issue, []), date.fromisoformat(on))
    assert [each.left for each in proof.deadlines if each.name == "due"] == [left]
    (year,) = proof.calendar
    assert (year.source, year.off, year.worked) == ("announced", off, worked)


def test_a_year_without_known_holidays_is_named_as_assumed_or_entered() -> None:
    """2030: assumed, until the bureau has entered it."""
    issue = line("issue", "issue", date(2030, 1, 2), {"number": "7", "title": "临时用水", "due": "2030-01-08"})
    entered = line("h", "holiday_year", date(2029, 12, 1), {"year": 2030, "off": ["2030-01-01"]})
    on = date(2030, 1, 3)
    assert [each.source for each in prove_light(Evidence(issue, []), on).calendar] == ["assumed"]
    assert [each.source for each in prove_light(Evidence(issue, [], holidays=[entered]), on).calendar] == ["entered"]


def test_a_corrected_stamp_is_told_with_its_author() -> None:
    """An act that was stamped an hour ahead, and was moved back when the clock was right."""
    step = act("assigned", date(2026, 5, 12), 1)
    ahead = stamp(date(2026, 5, 12)) + hlc_from_ms(3_600_000)
    (moved,) = prove_light(Evidence(ISSUE, [step], corrected={step.id: ahead}), date(2026, 5, 13)).clock
    assert (moved.step, moved.author, moved.moved_ms) == (step.id, step.author, -3_600_000)
