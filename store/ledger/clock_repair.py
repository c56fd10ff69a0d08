"""Repair of what was stamped in the future: one pure function, by which central and devices change lines alike.

While the central's clock was ahead, devices stamped by it. Once it is right, the central moves these stamps back, in
order, to when people really wrote (``sync/central/writes/clock_repair.py``), and publishes the interval; devices do the
same to what they hold (``store/writer/clock_repair.py``). What a line says of that wrong present follows: the version
that it was edited from, the versions that an approval names, days and moments.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import NamedTuple

from store.ledger.hlc import MAX_CLOCK_AHEAD_MS, MAX_HLC, hlc_from_ms, ms_from_hlc
from store.ledger.line import Line
from store.values.times import district_time, format_moment

_DAY_MS = 86_400_000
LONG_SHIFT_MS = 30 * _DAY_MS
"""From such a shift on, a day soon after the stamp was counted from the wrong present, not read from a
calendar."""
DEADLINE_DAYS = 60
"""How soon after the stamp such a day is."""
_FORM_OPEN_MS = 60_000
_DERIVED_VERSION = "8"


class ClockRepair(NamedTuple):
    """The stamps from ``first`` to ``last`` were given while the central's clock was ahead, and become those from
    ``to_first`` to ``to_last``: shifted, and pressed together where the right interval is shorter."""

    first: int
    last: int
    to_first: int
    to_last: int

    @property
    def is_sound(self) -> bool:
        """Whether it moves stamps back, in order, and moves nothing a second time."""
        is_back = 0 < self.to_first <= self.to_last < self.first - hlc_from_ms(MAX_CLOCK_AHEAD_MS)
        return is_back and self.first <= self.last <= MAX_HLC and self.to_last - self.to_first <= self.last - self.first

    def covers(self, stamp: int) -> bool:
        """Whether the stamp is moved."""
        return self.first <= stamp <= self.last

    def stamp(self, stamp: int) -> int:
        """The right stamp for this one. Keeps the order of those that it moves; the others stay."""
        if not self.covers(stamp):
            return stamp
        span, room, passed = self.last - self.first, self.to_last - self.to_first, stamp - self.first
        return self.to_first + (passed if room == span else passed * room // span)


def repaired_line(line: Line, repair: ClockRepair, *, is_stamped_right: bool = False) -> Line:
    """The line as it would have been stamped by a right clock; the same object where nothing changes. It still beats
    the version that it was edited from. ``is_stamped_right``: its own stamp stays."""
    base = repair.stamp(line.base)
    stamp = line.stamp if is_stamped_right else repair.stamp(line.stamp)
    if stamp != line.stamp and line.base < line.stamp:
        stamp = max(stamp, base + 1)
    body = {name: _named_versions(value, repair) for name, value in line.body.items()}
    if stamp != line.stamp and line.id[14] != _DERIVED_VERSION:  # what an id may follow from stays
        body = {name: _right_time(value, line.stamp, stamp) for name, value in body.items()}
    if (stamp, base, body) == (line.stamp, line.base, line.body):
        return line
    return line._replace(stamp=stamp, base=base, body=body)


def repaired_unsent(line: Line, repair: ClockRepair) -> Line:
    """The same for a line that the central had not taken in before the repair. Its own stamp is moved only where it had
    to beat a version from the future: any other is the matter of the correction of the device's clock."""
    return repaired_line(line, repair, is_stamped_right=not repair.covers(line.base))


def _named_versions(value: object, repair: ClockRepair) -> object:
    """The value with the stamps that it names, as an approval does: no other number is as large."""
    if type(value) is int:
        return repair.stamp(value)
    if isinstance(value, list):
        return [_named_versions(each, repair) for each in value]
    if isinstance(value, dict):
        return {name: _named_versions(each, repair) for name, each in value.items()}
    return value


def _right_time(value: object, stamp: int, right_stamp: int) -> object:
    """A day or moment that came from the wrong present, by the right one; any other value as it is."""
    if not isinstance(value, str) or not value[:4].isdigit() or not 10 <= len(value) <= 25:
        return value
    wrong, right = district_time(ms_from_hlc(stamp)), district_time(ms_from_hlc(right_stamp))
    try:
        if len(value) == 10:
            return _right_day(date.fromisoformat(value), wrong, right) or value
        return _right_moment(datetime.fromisoformat(value), wrong, right) or value
    except (ValueError, TypeError, OverflowError):  # a text that begins like a date
        return value


def _right_day(day: date, wrong: datetime, right: datetime) -> str | None:
    days = (day - wrong.date()).days
    is_deadline = (wrong - right) >= timedelta(milliseconds=LONG_SHIFT_MS) and 0 < days <= DEADLINE_DAYS
    return (right.date() + timedelta(days=days)).isoformat() if days == 0 or is_deadline else None


def _right_moment(moment: datetime, wrong: datetime, right: datetime) -> str | None:
    day = _right_day(moment.astimezone(wrong.tzinfo).date(), wrong, right)
    if day is None:
        return None
    if moment > wrong + timedelta(milliseconds=_FORM_OPEN_MS):
        return f"{day}{format_moment(moment)[10:]}" if (wrong - right).days >= 1 else None
    moved = moment - (wrong - right)
    return format_moment(moved.replace(second=0) if moment.second == 0 else moved)
