"""What attached files may use of a device's line and disk: hours of the day, bytes in an hour and in a day, room that
stays free. The values are settings of the device and a limit of the district."""

from __future__ import annotations

import re
import shutil
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple

from store.home.settings import Settings

SMALL_BYTES = 300_000
"""What is no longer than this travels on a line that costs by the byte, too: a small picture."""
_MB = 1_000_000
_HOURS = re.compile(r"([0-9]{1,2})-([0-9]{1,2})")
QueueStop = Literal["hours", "hour", "day"]


class Spent(NamedTuple):
    """How many bytes have travelled in this hour, and on this day."""

    hour: int = 0
    day: int = 0


class QueueBudget(NamedTuple):
    """What may travel: so many bytes an hour and a day (0: as many as there are), between two ``hours`` of the day
    (None: always; over midnight where the second is the smaller), ``only_small`` ones; and so many bytes of the disk
    stay free."""

    bytes_an_hour: int = 0
    bytes_a_day: int = 0
    hours: tuple[int, int] | None = None
    only_small: bool = False
    reserve_bytes: int = 0

    def within(self, mb_a_day: int) -> QueueBudget:
        """The budget where a day has no more than so many megabytes; 0 says nothing."""
        asked = [count for count in (self.bytes_a_day, mb_a_day * _MB) if count]
        return self._replace(bytes_a_day=min(asked, default=0))

    def carries(self, size: int) -> bool:
        """Whether so many bytes may travel at all on this line."""
        return not self.only_small or size <= SMALL_BYTES

    def stop(self, spent: Spent, now: datetime) -> QueueStop | None:
        """What keeps everything from travelling ``now`` (the district's time), if anything does."""
        if self.hours is not None and not _is_between(now.hour, *self.hours):
            return "hours"
        if self.bytes_a_day and spent.day >= self.bytes_a_day:
            return "day"
        return "hour" if self.bytes_an_hour and spent.hour >= self.bytes_an_hour else None


def _is_between(hour: int, begin: int, end: int) -> bool:
    return begin <= hour < end if begin < end else hour >= begin or hour < end


def queue_budget(settings: Settings) -> QueueBudget:
    """The budget that the settings of a device give."""
    metered = settings.metered
    return QueueBudget(
        settings.attachment_mb_hour * _MB,
        0,
        hours_of(settings.attachment_hours),
        metered,
        settings.attachment_reserve_mb * _MB,
    ).within(settings.attachment_mb_metered if metered else settings.attachment_mb_day)


def hours_of(text: str | None) -> tuple[int, int] | None:
    """The hours that ``8-18`` means, as `QueueBudget` has them; None where it means none, or the whole day."""
    found = _HOURS.fullmatch((text or "").strip())
    hours = (int(found[1]), int(found[2])) if found else (0, 0)
    begin, end = hours
    return hours if begin < 24 and end <= 24 and begin != end % 24 else None


def room_left(folder: Path, reserve_bytes: int) -> int:
    """How many bytes may be written into this folder, which need not be there yet, before the disk has only
    ``reserve_bytes`` left; less than 0 where it has less."""
    place = next(path for path in (folder, *folder.parents) if path.exists())
    return shutil.disk_usage(place).free - reserve_bytes
