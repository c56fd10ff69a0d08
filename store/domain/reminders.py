"""Reminders: of what somebody is reminded, when, and what is told now (R36, R39, R46).

Pure: the clock and what was told are arguments. An `Occasion` is what the ledger says: a date that comes, or an act
that arrived for somebody. A `Reminder` is an occasion at a moment. Its id follows from line, rule, date and distance,
so that it is the same whoever computes it: a date that is moved has new reminders, another edit of its line has none.
Days are told in the morning, in one message; a meeting and the limit of an act also an hour before; an arrival at once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, time, timedelta
from typing import Literal, NamedTuple, get_args

from store.domain.limits import Limits
from store.values.times import SHANGHAI, stored_day
from store.values.workdays import add_workdays

DateRule = Literal["due", "limit", "waiting", "promise", "visit", "meeting"]
ArrivalRule = Literal["assigned", "returned", "asked", "urged", "mentioned"]
ReminderRule = DateRule | ArrivalRule
DATE_RULES: tuple[DateRule, ...] = get_args(DateRule)
"""Dates of the ledger: an issue falls due, the limit of an act ends, agreed waiting ends, a promise, a visit before a
project counts as silent, a meeting."""
ARRIVAL_RULES: tuple[ArrivalRule, ...] = get_args(ArrivalRule)
"""Acts of others for a person: an issue was assigned to them, came back to them, an opinion or decision is asked of
them, they were reminded or supervised, somebody wrote ``@`` and their name."""
LEAD = timedelta(hours=1)
"""So long before it a meeting, or the end of an act's limit, is told once more."""
LATE = timedelta(days=7)
"""A date is still told so long after its moment, by a device that was switched off; then the lists alone have it."""


class Occasion(NamedTuple):
    """What the ledger says of which somebody is to be reminded. ``at`` is a day or moment as stored: of a date when it
    is, of an arrival when it was written; ``line`` what says so, ``about`` the issue, project or meeting to open."""

    line: str
    rule: ReminderRule
    at: str
    about: str
    number: str | None = None
    title: str | None = None
    project: str | None = None


class Reminder(NamedTuple):
    """An occasion at a moment; ``offset`` are the working days from the date to it, 0 on the day itself; None for an
    arrival, and for the hour before a meeting or a limit."""

    occasion: Occasion
    moment: datetime
    offset: int | None = None

    @property
    def id(self) -> str:
        """What it is known by on every device, whatever time of the morning is set."""
        line, rule, at = self.occasion[:3]
        said = f"{line} {rule} {at} {self.offset}" if rule in DATE_RULES else f"{line} {rule}"
        return hashlib.sha256(said.encode()).hexdigest()[:16]


class TellingTimes(NamedTuple):
    """When a person is told: days in the ``morning``, nothing from ``quiet_from`` to ``quiet_until`` (hours of the day;
    equal ones: never quiet). ``offsets`` are working days before (negative), at (0) and after a date."""

    morning: time
    quiet_from: int
    quiet_until: int
    offsets: tuple[int, ...]

    def is_quiet(self, now: datetime) -> bool:
        """Whether nothing is told now."""
        first, last = self.quiet_from, self.quiet_until % 24
        if first <= last:
            return first <= now.hour < last
        return now.hour >= first or now.hour < last


class Telling(NamedTuple):
    """What is to be done now: these are told, in one message; these are noted as told, since a later one of the same
    date is; these wait for the morning."""

    tell: tuple[Reminder, ...]
    passed: tuple[Reminder, ...]
    held: tuple[Reminder, ...]


def telling_times(morning: str, quiet: str, own_offsets: str | None, limits: Limits) -> TellingTimes:
    """The times of the settings ``remind_morning``, ``remind_quiet`` and ``remind_days``; without the last those of the
    district."""
    hour, minute = morning.split(":")
    first, last = quiet.split("-")
    district = (-limits.remind_before, 0, limits.remind_after)
    offsets = [int(each) for each in own_offsets.split(",")] if own_offsets else district
    return TellingTimes(time(int(hour), int(minute)), int(first), int(last), tuple(sorted(set(offsets))))


def told_at(moment: datetime, times: TellingTimes) -> datetime:
    """When something of this moment is told: then, or where that is a quiet hour on the morning after it."""
    if not times.is_quiet(moment):
        return moment
    hour = moment.replace(minute=0, second=0, microsecond=0)
    while times.is_quiet(hour):
        hour += timedelta(hours=1)
    return max(hour, hour.replace(hour=times.morning.hour, minute=times.morning.minute))


def reminders_of(occasions: Iterable[Occasion], times: TellingTimes) -> list[Reminder]:
    """The reminders of these occasions, in the order of time. A stored day that is none has none."""
    reminders = [reminder for occasion in occasions for reminder in _of_occasion(occasion, times)]
    return sorted(reminders, key=lambda reminder: (reminder.moment, reminder.id))


def _of_occasion(occasion: Occasion, times: TellingTimes) -> Iterable[Reminder]:
    day, moment = stored_day(occasion.at), _moment(occasion.at)
    if occasion.rule not in DATE_RULES:
        return [] if moment is None else [Reminder(occasion, moment)]
    if day is None:
        return []
    is_meeting, has_hour = occasion.rule == "meeting", occasion.rule in ("meeting", "limit")
    offsets = [each for each in times.offsets if each < 0 or not is_meeting]
    reminders = [
        Reminder(occasion, datetime.combine(add_workdays(day, each), times.morning, SHANGHAI), each) for each in offsets
    ]
    if has_hour and moment is not None and 0 in times.offsets:
        reminders.append(Reminder(occasion, moment - LEAD))
    return reminders


def _moment(at: str) -> datetime | None:
    """A stored moment; None for a day without a time."""
    try:
        moment = datetime.fromisoformat(at) if "T" in at else None
    except ValueError:
        return None
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


def tell_now(
    reminders: Sequence[Reminder], known: Collection[str], held: Collection[str], now: datetime, times: TellingTimes
) -> Telling:
    """What of these is told now. ``known`` are the ids that were told, or need not be; ``held`` those that a quiet hour
    has held back: they come in the morning. Of several moments of one date the latest that has come is told, the others
    are ``passed``, as is what came more than `LATE` ago."""
    come = [each for each in reminders if each.moment <= now and each.id not in known]
    latest = {(each.occasion.line, each.occasion.rule, each.occasion.at): each for each in come}
    fresh = [each for each in latest.values() if not _is_stale(each, now)]
    passed = tuple(each for each in come if each not in fresh)
    if times.is_quiet(now):
        return Telling((), passed, tuple(fresh))
    waiting = tuple(each for each in fresh if each.id in held and now.time() < times.morning)
    return Telling(tuple(each for each in fresh if each not in waiting), passed, waiting)


def _is_stale(reminder: Reminder, now: datetime) -> bool:
    return reminder.occasion.rule in DATE_RULES and now - reminder.moment > LATE
