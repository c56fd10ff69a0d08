"""Clock correction: which unsent lines get which new stamp once the clock's offset is known (decision 5).

Pure. A line stamped while the clock was believed to be ``drift_ms`` off happened ``offset_ms - drift_ms`` later than
its stamp says, so that a laptop at 1999 and one at 2030 both end up with the times at which people really wrote.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from store.ledger.hlc import MAX_CLOCK_AHEAD_MS, follows_closely, is_too_far_ahead, ms_from_hlc, tick

MAX_DRIFT_MS = 2_000
"""A line stamped with a clock that was off by no more than this keeps its stamp."""


class UnsentTimestamp(NamedTuple):
    """An unsent line's stamp, that of the central's version below it (0 for none), and the offset believed then."""

    id: str
    stamp: int
    base_stamp: int
    drift_ms: int


class LastContact(NamedTuple):
    """The last contact of device and central: the last stamp given by then, and the central's time in ms. Every later
    stamp is greater, every later act happened after it."""

    stamp: int = 0
    ms: int = 0


def corrected_timestamps(
    unsent: Iterable[UnsentTimestamp],
    offset_ms: int,
    now_ms: int,
    last_contact: LastContact = LastContact(),  # noqa: B008 - immutable
) -> dict[str, int]:
    """New stamps by line id, only for those that change. Nothing is put after ``now_ms`` but by counting up; each line
    still beats what it replaced; and once one line moves, those behind it follow, so that the order of a device's own
    acts stays as it was. What was stamped before ``last_contact`` was right then: it stays, unless that contact was
    with a central whose clock was ahead. An edit of a version from the future keeps its stamp: it has to beat it."""
    if last_contact.ms > now_ms + MAX_CLOCK_AHEAD_MS:
        last_contact = LastContact()
    plan: dict[str, int] = {}
    last = 0
    for line in sorted(unsent, key=lambda line: (line.stamp, line.id)):
        if is_too_far_ahead(line.base_stamp, now_ms) and follows_closely(line.stamp, line.base_stamp):
            continue
        wrong_by = _clock_error_ms(line, offset_ms, last_contact)
        off = abs(wrong_by) > MAX_DRIFT_MS or ms_from_hlc(line.stamp) > now_ms + MAX_CLOCK_AHEAD_MS
        stamp = line.stamp
        if off or stamp <= max(last, line.base_stamp):
            floor = max(last, last_contact.stamp if line.stamp > last_contact.stamp else 0)
            stamp = tick(floor, min(ms_from_hlc(stamp) + wrong_by, now_ms), line.base_stamp)
        if stamp != line.stamp:
            plan[line.id] = stamp
        last = stamp if not is_too_far_ahead(stamp, now_ms) else last
    return plan


def _clock_error_ms(line: UnsentTimestamp, offset_ms: int, last_contact: LastContact) -> int:
    """By how much the line's stamp is wrong, as far as can be told: the clock may also have jumped after the line was
    written, and has if the line would otherwise be older than the last contact."""
    wrong_by = offset_ms - line.drift_ms
    older = ms_from_hlc(line.stamp) + wrong_by < last_contact.ms - MAX_DRIFT_MS
    if line.stamp <= last_contact.stamp or (older and last_contact.ms <= ms_from_hlc(line.stamp)):
        return 0
    return wrong_by
