"""Stamps from the future are moved back by one pure function: in order, once, and with what came from them."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.ledger.clock_repair import ClockRepair, repaired_line
from store.ledger.hlc import MAX_CLOCK_AHEAD_MS, MAX_HLC, hlc_from_ms
from store.ledger.line import Body, Line, derived_id, new_id
from store.values.times import SHANGHAI
from tests.examples import examples

DAY_MS = 86_400_000
DEVICE = new_id()


@st.composite
def repairs(draw: st.DrawFn) -> ClockRepair:
    """Any repair that is sound."""
    to_first = draw(st.integers(1, 1 << 59))
    room = draw(st.integers(0, 1 << 45))
    first = to_first + room + hlc_from_ms(MAX_CLOCK_AHEAD_MS) + draw(st.integers(1, 1 << 50))
    return ClockRepair(first, first + draw(st.integers(room, 1 << 45 | room)), to_first, to_first + room)


@settings(max_examples=examples(25))
@given(repairs(), st.lists(st.integers(0, MAX_HLC), max_size=6), st.data())
def test_stamps_keep_their_order_and_are_moved_once(
    repair: ClockRepair, others: list[int], data: st.DataObject
) -> None:
    """Moved stamps stay in order and land in the right interval, a second time changes nothing, all others stay."""
    assert repair.is_sound
    moved = sorted(data.draw(st.lists(st.integers(repair.first, repair.last), min_size=2, max_size=6)))
    right = [repair.stamp(stamp) for stamp in moved]
    assert right == sorted(right)
    assert all(repair.to_first <= stamp <= repair.to_last for stamp in right)
    assert [repair.stamp(stamp) for stamp in right] == right
    if repair.last - repair.first == repair.to_last - repair.to_first:
        assert len(set(right)) == len(set(moved))
    assert all(repair.stamp(stamp) == stamp for stamp in others if not repair.covers(stamp))


@settings(max_examples=examples(25))
@given(repairs(), st.data())
def test_a_repaired_edit_still_beats_what_it_was_edited_from(repair: ClockRepair, data: st.DataObject) -> None:
    """Whoever saw a version and edited it beats it after the repair too, and a repair is repeated without effect."""
    base = data.draw(st.integers(repair.first, repair.last - 1) if repair.last > repair.first else st.just(0))
    stamp = data.draw(st.integers(max(base + 1, repair.first), repair.last))
    line = repaired_line(Line(new_id(), "visit", None, stamp, DEVICE, DEVICE, False, {"text": "看"}, base), repair)
    assert line.stamp > line.base
    assert line.stamp >= repair.stamp(stamp)
    assert repaired_line(line, repair) is line


@pytest.mark.parametrize(
    "repair",
    [
        ClockRepair(100, 200, 50, 60),
        ClockRepair(1 << 50, 1 << 51, 1 << 50, 1 << 50),
        ClockRepair(1 << 50, 1 << 50, 1 << 40, 1 << 41),
        ClockRepair(1 << 51, 1 << 50, 1 << 40, 1 << 40),
        ClockRepair(1 << 50, 1 << 51, 0, 1),
        ClockRepair(1 << 50, 1 << 63, 1 << 40, 1 << 41),
    ],
)
def test_a_repair_that_moves_no_stamp_back_is_not_sound(repair: ClockRepair) -> None:
    """What a device would apply twice, to present stamps, or out of order is told from a repair."""
    assert not repair.is_sound


def hlc(text: str) -> int:
    """The stamp of a time in the district."""
    return hlc_from_ms(int(datetime.fromisoformat(f"{text}+08:00").replace(tzinfo=SHANGHAI).timestamp() * 1000))


def moved(body: Body, *, days: int, line_id: str | None = None) -> Body:
    """The body of a line that was written on 2026-11-29 at 10:05 by a clock that was so many days ahead."""
    right = hlc("2026-11-29T10:05:30")
    wrong = right + hlc_from_ms(days * DAY_MS)
    repair = ClockRepair(wrong - 5, wrong + 5, right - 5, right + 5)
    line = Line(line_id or new_id(), "visit", None, wrong, DEVICE, DEVICE, False, body)
    return repaired_line(line, repair).body


def test_days_and_moments_that_came_from_the_wrong_present_follow() -> None:
    """Today and now are those of the right clock afterwards. What was earlier, or text, stays as it was typed."""
    kept = {"old": "2026-11-01", "earlier": "2027-11-20T09:00+08:00", "text": "2027-11-29 看现场", "month": "2027-11"}
    wrong = {"at": "2027-11-29T10:05+08:00", "day": "2027-11-29", "late": "2027-11-29T16:30+08:00"}
    right = {"at": "2026-11-29T10:05+08:00", "day": "2026-11-29", "late": "2026-11-29T16:30+08:00"}
    assert moved({**kept, **wrong}, days=365) == {**kept, **right}


def test_deadlines_follow_a_long_shift_and_stay_after_a_short_one() -> None:
    """A due day five days after a present a year ahead was counted from it. After a shift of a day it may have been
    read from a calendar, and stays."""
    assert moved({"due": "2027-12-04"}, days=365) == {"due": "2026-12-04"}
    assert moved({"due": "2028-12-04"}, days=365) == {"due": "2028-12-04"}
    assert moved({"due": "2026-12-04", "day": "2026-11-30"}, days=1) == {"due": "2026-12-04", "day": "2026-11-29"}


def test_days_stay_where_the_id_may_follow_from_them() -> None:
    """A line whose id follows from what it says keeps it: another device would give the same line another id."""
    day = {"day": "2027-11-29"}
    assert moved(day, days=365, line_id=derived_id("x")) == day


def test_an_approval_names_the_repaired_versions() -> None:
    """A version from the future that an approval names, itself stamped right, would cover every edit of a year."""
    repair = ClockRepair(
        hlc("2027-11-29T10:00"), hlc("2027-11-29T11:00"), hlc("2026-11-29T10:00"), hlc("2026-11-29T11:00")
    )
    named = {"id": new_id(), "stamp": hlc("2027-11-29T10:30"), "device": DEVICE}
    body = {"act": "approved", "versions": [named, {**named, "stamp": 5}]}
    line = Line(new_id(), "issue_step", None, hlc("2026-11-29T11:30"), DEVICE, DEVICE, False, body)
    repaired = repaired_line(line, repair)
    assert repaired.stamp == line.stamp
    assert repaired.body["versions"] == [{**named, "stamp": hlc("2026-11-29T10:30")}, {**named, "stamp": 5}]
