"""The district's limits: every day count and switch that the notice leaves open (domain.md, Lights and Life of an
issue), and which files may be attached.

A limit that no ``district_limit`` line names has its default here. The bureau sets them; they are replicated like any
other line of the district.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

from store.db.connection import Connection
from store.values.office_hours import USUAL_HOURS, OfficeHours


@dataclass(frozen=True, slots=True)
class Limits:
    """The values in force. Days are working days where `LIMIT_DESCRIPTIONS` says so. ``confirmation`` is 1 where the
    enterprise must confirm a settlement before the bureau may approve it, ``opinions_required`` where settling without
    the opinion of a co-handling department needs a reason; ``threshold`` is in units of 10,000 yuan (R01);
    the four times of ``office_hours`` are written as hours and minutes, 830 for 8:30;
    ``file_…`` is 1 where files of that sort may be attached, what is judged is the content."""

    due_soon: int = 3
    stale: int = 7
    silence: int = 30
    swarm_units: int = 3
    swarm_days: int = 7
    overdue: int = 3
    confirmation: int = 0
    behind: int = 10
    threshold: int = 5000
    opinions_required: int = 1
    lock_minutes: int = 10
    file_mb: int = 64
    file_mb_day: int = 0
    file_pictures: int = 1
    file_papers: int = 1
    file_sound: int = 1
    file_films: int = 1
    response: int = 3
    morning_from: int = 830
    morning_until: int = 1200
    afternoon_from: int = 1330
    afternoon_until: int = 1730
    remind_before: int = 1
    remind_after: int = 1

    @property
    def set_hours(self) -> OfficeHours:
        """The hours of offices as they were set, in order or not."""
        times = (self.morning_from, self.morning_until, self.afternoon_from, self.afternoon_until)
        return OfficeHours(*(time // 100 * 60 + time % 100 for time in times))

    @property
    def office_hours(self) -> OfficeHours:
        """The hours of offices; the usual ones where those that were set are not in order."""
        return self.set_hours if self.set_hours.are_in_order else USUAL_HOURS


DEFAULT_LIMITS = Limits()
BYTES_OF_MB = 1 << 20
"""Bytes of one of the megabytes of ``file_mb``."""
LIMIT_DESCRIPTIONS = {
    "due_soon": "Blue: due within so many working days",
    "stale": "Yellow: no progress for so many working days",
    "silence": "Silence: no contact with a project for so many days",
    "swarm_units": "Swarm: more units than this on site …",
    "swarm_days": "… within so many days",
    "overdue": "Escalation is proposed when overdue for so many working days",
    "confirmation": "The enterprise must confirm a settlement before it is approved",
    "behind": "A project is behind when it lags by more points than this",
    "threshold": "Total investment from which a project needs a butler, in 10,000 yuan",
    "opinions_required": "Settling without the opinion of a co-handling department needs a reason",
    "lock_minutes": "Where a PIN is set, the screens ask for it after so many idle minutes; 0: never",
    "file_mb": "The largest file that may be attached, in megabytes; at most 64",
    "file_mb_day": "Megabytes of attached files that a device may send and fetch in a day; 0: as many as there are",
    "file_pictures": "Pictures may be attached",
    "file_papers": "Papers may be attached: PDF, OFD, Office files",
    "file_sound": "Sound recordings may be attached",
    "file_films": "Films may be attached",
    "response": "Rankings: an issue is answered in time within so many working days",
    "morning_from": "Hours of offices: the morning begins at",
    "morning_until": "… and ends at",
    "afternoon_from": "Hours of offices: the afternoon begins at",
    "afternoon_until": "… and ends at",
    "remind_before": "Reminders: so many working days before a date",
    "remind_after": "Reminders: so many working days after a date that was missed",
}
"""The description of each limit, in English; in the order of `Limits`."""
SWITCHES = frozenset({"confirmation", "opinions_required", "file_pictures", "file_papers", "file_sound", "file_films"})
"""The limits that are yes (1) or no (0)."""
CLOCK_TIMES = ("morning_from", "morning_until", "afternoon_from", "afternoon_until")
"""The limits that are times of day, written as hours and minutes."""
FILE_LIMITS = ("file_mb", "file_pictures", "file_papers", "file_sound", "file_films")
"""The limits that say which files are taken."""
_SORTS = {"image": "pictures", "audio": "sound", "video": "films"}
FileFault = Literal["too_large", "not_taken"]
LIMIT_NAMES = tuple(field.name for field in fields(Limits))


def read_limits(connection: Connection) -> Limits:
    """Which limits hold in this district?"""
    configured = read_configured_limits(connection)
    return Limits(**configured) if configured else DEFAULT_LIMITS


def read_configured_limits(connection: Connection) -> dict[str, int]:
    """Which limits has the district set itself? By name; unknown ones are left out."""
    rows = connection.execute("SELECT name, value FROM district_limit WHERE deleted = 0 ORDER BY stamp, device_id")
    return {name: value for name, value in rows if name in LIMIT_NAMES}


def file_fault(limits: Limits, media_type: str, size: int) -> FileFault | None:
    """Why a file of this type and so many bytes may not be attached in the district; None where it may."""
    if not getattr(limits, f"file_{file_sort(media_type)}"):
        return "not_taken"
    return "too_large" if size > limits.file_mb * BYTES_OF_MB else None


def file_sort(media_type: str) -> str:
    """The sort of files that a type is of: pictures, sound, films, or papers."""
    return _SORTS.get(media_type.partition("/")[0], "papers")
