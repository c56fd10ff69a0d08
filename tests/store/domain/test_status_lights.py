"""Lights, the six ones and silence: computed from what is known today (R06, R07, R46)."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from store.domain.issue_lifecycle import STATES, IssueState, State
from store.domain.limits import Limits
from store.domain.responsible_party import proposed_escalation_level
from store.domain.status_lights import (
    LIGHT_STATES,
    SIX_ONES,
    count_six_ones,
    is_silent,
    issue_light,
    light_thresholds,
    missing_six_ones,
)
from store.values.times import SHANGHAI

THURSDAY = date(2026, 3, 12)


def ms(day: int, month: int = 3) -> int:
    """Noon of a day of 2026, in milliseconds since 1970."""
    return int(datetime(2026, month, day, 12, tzinfo=SHANGHAI).timestamp() * 1000)


@pytest.mark.parametrize(
    ("due", "colour"),
    [
        ("2026-03-11", "red"),
        ("2026-03-12", "blue"),
        ("2026-03-17", "blue"),
        ("2026-03-18", None),
        (None, None),
    ],
)
def test_due_dates_turn_blue_then_red(due: str | None, colour: str | None) -> None:
    """Due within three working days is blue, the weekend between not counted; overdue is red."""
    assert issue_light(IssueState("in_progress", due=due), THURSDAY) == colour


@pytest.mark.parametrize(("day", "colour"), [(2, "yellow"), (3, None), (11, None)])
def test_stale_progress_is_yellow(day: int, colour: str | None) -> None:
    """Seven working days after the latest progress the light is still out; after the eighth it is yellow."""
    assert issue_light(IssueState("in_progress", progress_at=ms(day)), THURSDAY) == colour


def test_waiting_past_its_date_is_yellow() -> None:
    """An issue that waits longer than it said is yellow; until then it is not."""
    waiting = IssueState("waiting", waiting_until="2026-03-11")
    assert issue_light(waiting, THURSDAY) == "yellow"
    assert issue_light(waiting._replace(waiting_until="2026-03-12"), THURSDAY) is None
    assert issue_light(waiting._replace(state="in_progress"), THURSDAY) is None


@pytest.mark.parametrize(
    ("due", "until", "colour", "proposed"),
    [
        ("2026-03-04", "2026-03-25", None, None),
        ("2026-03-04", "2026-03-13", "blue", None),
        ("2026-03-04", "2026-03-12", "blue", None),
        ("2026-03-04", "2026-03-11", "red", None),
        ("2026-02-04", "2026-03-02", "red", 2),
        ("2026-03-30", "2026-03-11", "yellow", None),
        (None, "2026-03-25", None, None),
    ],
)
def test_nothing_is_overdue_while_it_waits_by_agreement(
    due: str | None, until: str, colour: str | None, proposed: int | None
) -> None:
    """Until the agreed day an issue is neither red on its old due date nor proposed for escalation; from then on it
    is as overdue as its dates say."""
    state = IssueState("waiting", due=due, waiting_until=until)
    assert issue_light(state, THURSDAY) == colour
    assert proposed_escalation_level(light_thresholds(THURSDAY), state) == proposed
    assert issue_light(state._replace(state="in_progress", due="2026-03-04"), THURSDAY) == "red"


def test_the_worst_light_shows() -> None:
    """Overdue outshines stale, stale outshines due soon."""
    stale = IssueState("in_progress", progress_at=ms(2), due="2026-03-13")
    assert issue_light(stale, THURSDAY) == "yellow"
    assert issue_light(stale._replace(due="2026-03-01"), THURSDAY) == "red"


@pytest.mark.parametrize("state", STATES)
def test_settled_and_finished_issues_are_dark(state: State) -> None:
    """The clock runs only while there is work to do."""
    found = issue_light(IssueState(state, due="2026-03-01"), THURSDAY)
    assert found == ("red" if state in LIGHT_STATES else None)


def test_limits_are_configuration() -> None:
    """The notice names no day counts, so each one can be set."""
    soon = IssueState("assigned", due="2026-03-20", progress_at=ms(9))
    assert issue_light(soon, THURSDAY) is None
    assert issue_light(soon, THURSDAY, Limits(due_soon=10)) == "blue"
    assert issue_light(soon, THURSDAY, Limits(stale=1)) == "yellow"


@pytest.mark.proves("R06", "R07")
def test_the_six_ones_without_a_secretary() -> None:
    """A project needs a lead leader, a lead unit, a butler or team, and an enterprise contact; the secretary may be the
    butler (R06, R07)."""
    everybody = ["lead_leader", "lead_unit", "butler", "enterprise_contact"]
    assert missing_six_ones(everybody) == ()
    assert missing_six_ones(["butler"]) == ("lead_leader", "lead_unit", "enterprise_contact")
    assert missing_six_ones([]) == tuple(name for name, _fillers in SIX_ONES)
    assert missing_six_ones(["service_team", "project_secretary"]) == ("lead_leader", "lead_unit", "enterprise_contact")


@pytest.mark.proves("R06", "R07")
def test_a_summary_says_where_only_the_butler_stands_in() -> None:
    """Nobody is counted as a service team or a secretary who is neither: the butler who stands in is told apart."""
    counts = count_six_ones([frozenset({"butler"}), frozenset({"butler", "project_secretary"}), frozenset({""})])
    assert counts["service_team"] == (0, 2, 1)
    assert counts["project_secretary"] == (1, 1, 1)
    assert counts["lead_unit"] == (0, 0, 3)


@pytest.mark.proves("R46")
@pytest.mark.parametrize(
    ("last_contact", "since", "silent"),
    [
        ("2026-02-10T23:59+08:00", "2026-01-01", False),
        ("2026-02-09T10:00+08:00", "2026-01-01", True),
        (None, "2026-01-01", True),
        (None, "2026-03-01", False),
        (None, None, False),
    ],
)
def test_silence_is_thirty_days_without_contact(last_contact: str | None, since: str | None, silent: bool) -> None:
    """Thirty days after the last contact, or after it was listed without any, a project is silent (R46)."""
    assert is_silent(last_contact, since, light_thresholds(THURSDAY)) is silent
