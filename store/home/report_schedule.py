"""Which reports the daemon writes by itself: on which days, into which folder. A file of the home alone.

A report is due on the latest of its days that is not done: a laptop that was off on Monday writes Monday's on Tuesday.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from store.home.exceptions import ScheduleBusy, ScheduleUnreadable
from store.home.paths import Home, RoundLock, write_private

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
RHYTHMS = ("day", *WEEKDAYS, "month")
"""When a report is written: each day, each week on that day, or on the first of each month."""


class ScheduledReport(NamedTuple):
    """A report, when it is written (one of `RHYTHMS`), the folder, its options as typed, and the last of its days that
    is ``done`` (ISO)."""

    report: str
    every: str
    folder: str
    options: Mapping[str, str]
    done: str

    def due_on(self, today: date) -> date | None:
        """The day for which it is to be written now; None where the latest is done. A ``done`` beyond tomorrow was
        noted by a wrong clock: what is due since is written all the same."""
        latest, done = latest_day(self.every, today), date.fromisoformat(self.done)
        return latest if latest > done or done - today > timedelta(days=1) else None


def latest_day(every: str, today: date) -> date:
    """The latest day of this rhythm, up to today."""
    if every == "month":
        return today.replace(day=1)
    if every == "day":
        return today
    return today - timedelta(days=(today.weekday() - WEEKDAYS.index(every)) % 7)


def read_schedule(home: Home) -> tuple[ScheduledReport, ...]:
    """The reports of this home. Raises `ScheduleUnreadable`."""
    try:
        stored = json.loads(home.report_schedule.read_bytes())
        return tuple(_checked(ScheduledReport(**each)) for each in stored)
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, TypeError):
        raise ScheduleUnreadable(file=home.report_schedule) from None


def _checked(scheduled: ScheduledReport) -> ScheduledReport:
    if scheduled.every not in RHYTHMS:
        raise ValueError(scheduled.every)
    date.fromisoformat(scheduled.done)
    return scheduled


Schedule = Sequence[ScheduledReport]
_LOCK_ATTEMPTS = 50
"""Each waits a tenth of a second."""


def change_schedule(home: Home, change: Callable[[Schedule], Schedule]) -> Schedule:
    """Replace the reports of this home by what ``change`` makes of them, while no other process does; returns them.
    Raises `ScheduleUnreadable`, and `ScheduleBusy` where another process has been changing them for seconds."""
    lock = RoundLock(home.report_schedule.with_suffix(".lock"))
    if not any(lock.acquire("reports") for _attempt in range(_LOCK_ATTEMPTS)):
        raise ScheduleBusy
    try:
        changed = change(read_schedule(home))
        content = json.dumps([each._asdict() for each in changed], ensure_ascii=False)
        write_private(home.report_schedule, content.encode())
    finally:
        lock.release()
    return changed
