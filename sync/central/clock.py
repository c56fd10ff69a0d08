"""Whether the central's clock is believed. A wrong one stamps close-out numbers, roles and everybody's lines wrongly.

Each district keeps the latest time at which anything was written (``district.clock_mark``). A clock that is behind it,
or far ahead of it, writes nothing (`require_clock`) until there is evidence that it is right: the system says that it
is synchronised, most people whose devices were heard say the same time, or the operator confirms it. Reading goes on.
The mark itself may have been set by a wrong clock; the same evidence lowers it. Called with the district locked.
"""

from __future__ import annotations

import ctypes
import logging
import os
import statistics
from collections.abc import Callable
from typing import NamedTuple

from sqlalchemy import Connection, delete, exists, func, insert, select, update

from store.ledger.hlc import system_clock_ms
from sync.central import audit
from sync.central.db.clock_bounds import MAX_AHEAD_MS
from sync.central.db.commit_order import DistrictCounter
from sync.central.db.tables import ACCOUNT, AUDIT, CLOCK_REPORT, DEVICE, ClockReportRow
from sync.central.exceptions import Refusal

OFFSET_VARIABLE = "GUANJIA_TEST_CENTRAL_CLOCK_OFFSET_MS"
AGREEMENT_MS = 600_000
"""A device whose time differs by no more than this agrees with the central's."""
REPORT_LIFETIME_MS = 86_400_000
"""What a device said longer ago is not counted."""
LONG_JUMP_MS = 45 * 86_400_000
"""So far from the latest write the word of one person is not enough, where there are several: their device may be on
the central's own machine, or its clock wrong for the same reason."""
REFUSAL_CODE = "clock"
RETRY_AFTER_S = 300
"""When a refused device may ask again."""
_MAX_OFF_MS = 1 << 47
_TIME_ERROR, _STA_UNSYNC, _TIMEX_BYTES = 5, 0x40, 512
_LOG = logging.getLogger("guanjia.central")


class CentralClock(NamedTuple):
    """The time in milliseconds since 1970, and whether the system vouches for it."""

    now_ms: Callable[[], int]
    is_synchronised: Callable[[], bool]


class ClockReport(NamedTuple):
    """By how much the central's clock was ahead of a device's (negative: behind), and when that device said so.
    ``person`` is the id of its account, ``account`` that person's name, which others may have too."""

    device: str
    name: str
    person: str
    account: str
    at: int
    off_ms: int

    @property
    def agrees(self) -> bool:
        """Whether device and central had the same time."""
        return abs(self.off_ms) <= AGREEMENT_MS


class DeviceTime(NamedTuple):
    """What a hello tells of a device's time: by how much the central is ahead of it (`offset_from_device`), and of its
    plain, uncorrected time."""

    device: str
    off_ms: int
    plain_ms: int


def central_clock() -> CentralClock:
    """The system's clock. Tests of whole processes set it off by an environment variable; then nothing vouches for
    it."""
    offset = int(os.environ.get(OFFSET_VARIABLE, "0"))
    return CentralClock(lambda: system_clock_ms() + offset, (lambda: False) if offset else system_is_synchronised)


def system_is_synchronised() -> bool:
    """Whether the kernel says that the clock follows a time server; False where it cannot be asked."""
    try:
        adjtimex = ctypes.CDLL(None, use_errno=True).adjtimex
    except (OSError, AttributeError, TypeError):  # another system than Linux
        return False
    timex = ctypes.create_string_buffer(_TIMEX_BYTES)  # mode 0: nothing is set
    state = int(adjtimex(timex))
    status = ctypes.c_int.from_buffer(timex, 5 * ctypes.sizeof(ctypes.c_long)).value
    return 0 <= state < _TIME_ERROR and not status & _STA_UNSYNC


def offset_from_device(now_ms: int, device_ms: int, known_offset_ms: int | None) -> int:
    """By how much the central's clock is ahead of a device's: of its plain time, or of that corrected by the offset
    which the device measured at its last contact, whichever is closer. A laptop may be off by a constant, or may have
    been set right since."""
    plain = now_ms - device_ms
    off_ms = min(plain, plain - (known_offset_ms or 0), key=abs)
    return max(-_MAX_OFF_MS, min(off_ms, _MAX_OFF_MS))


def require_clock(connection: Connection, counter: DistrictCounter, is_synchronised: Callable[[], bool]) -> None:
    """Raise `Refusal` (503, ``clock``) unless the clock is within its bounds or the system vouches for it."""
    if counter.clock_is_trusted:
        return
    if is_synchronised():
        adopt_clock(connection, counter, "system")
        return
    raise clock_refusal(counter.clock_off_ms)


def clock_refusal(off_ms: int) -> Refusal:
    """The answer to a write while the clock is doubtful."""
    detail = f"this central's clock is off by about {off_ms // 1000} s: it takes nothing in until that is settled"
    return Refusal(503, REFUSAL_CODE, detail, retry_after=RETRY_AFTER_S, off_ms=off_ms)


def weigh_contradiction(connection: Connection, counter: DistrictCounter, report: DeviceTime) -> int | None:
    """Note that a device's time contradicts a clock within its bounds: by how much the clock seems to be ahead, once
    more than half of those who were here lately, and two people at least, say the same; else None, as for a day after
    the operator's word. The caller saves the counter."""
    if _operator_vouches(connection, counter):
        return None
    _save_report(connection, counter, report)
    latest = _latest_by_person(connection, counter)
    alike = [each.off_ms for each in latest if abs(each.off_ms - report.off_ms) <= AGREEMENT_MS]
    if len(alike) < 2 or 2 * len(alike) <= _people_seen(connection, counter):
        return None
    return _refuse(counter, int(statistics.median(alike)))


def _operator_vouches(connection: Connection, counter: DistrictCounter) -> bool:
    """Whether the operator has confirmed the clock within a day."""
    word = exists().where(
        AUDIT.c.district == counter.district,
        AUDIT.c.action == "clock_adopted",
        AUDIT.c.at.between(counter.now_ms - REPORT_LIFETIME_MS, counter.now_ms),
        AUDIT.c.detail.contains('"evidence":"operator"'),
    )
    return bool(connection.execute(select(word)).scalar())


def weigh_report(connection: Connection, counter: DistrictCounter, report: DeviceTime) -> int | None:
    """Note by how much a device's time differs from a doubtful clock, and weigh what was heard: None once more than
    half of the people agree, after a long jump two of them, which adopts the clock; else by how much it seems ahead.
    The caller saves the counter."""
    _save_report(connection, counter, report)
    latest = _latest_by_person(connection, counter)
    agreeing = sum(each.agrees for each in latest)
    if agreeing * 2 > len(latest) and agreeing >= _witnesses_needed(connection, counter):
        adopt_clock(connection, counter, "devices")
        return None
    contradicting = [each.off_ms for each in latest if not each.agrees]
    return _refuse(counter, int(statistics.median(contradicting or [counter.now_ms - counter.clock_mark])))


def _latest_by_person(connection: Connection, counter: DistrictCounter) -> list[ClockReport]:
    """The latest report of each person that still counts."""
    lifetime = range(counter.now_ms - REPORT_LIFETIME_MS, counter.now_ms + 1)
    heard = clock_reports(connection, counter.district)
    return list({report.person: report for report in heard if report.at in lifetime}.values())


def _refuse(counter: DistrictCounter, seems: int) -> int:
    if not counter.is_refusing:
        _LOG.error(
            "the clock seems to be off by %d s: nothing is taken in. See “guanjia central clock”.", seems // 1000
        )
    counter.refuse_clock(seems)
    return seems


def _witnesses_needed(connection: Connection, counter: DistrictCounter) -> int:
    """How many people must agree: one, and two after a long jump in a district that has as many. To believe a clock
    that fell back moves what was stamped since (``writes/clock_repair.py``): a day is a long jump then."""
    if -MAX_AHEAD_MS <= counter.now_ms - counter.clock_mark <= LONG_JUMP_MS:
        return 1
    here = (DEVICE.c.district == counter.district) & DEVICE.c.revoked_at.is_(None)
    people = connection.execute(select(func.count(DEVICE.c.account.distinct())).where(here)).scalar_one()
    return max(1, min(2, people))


def _people_seen(connection: Connection, counter: DistrictCounter) -> int:
    """How many people were here within a day before the latest write, or since."""
    since = counter.clock_mark - REPORT_LIFETIME_MS
    here = (DEVICE.c.district == counter.district) & DEVICE.c.revoked_at.is_(None) & (DEVICE.c.seen_at >= since)
    return connection.execute(select(func.count(DEVICE.c.account.distinct())).where(here)).scalar_one()


def _save_report(connection: Connection, counter: DistrictCounter, report: DeviceTime) -> None:
    """Keep the report. One that contradicts stays, where the device's plain time still does: it may agree only since it
    has adopted this clock's time."""
    same = (CLOCK_REPORT.c.district == counter.district) & (CLOCK_REPORT.c.device == report.device)
    row = connection.execute(select(CLOCK_REPORT).where(same)).first()
    before = None if row is None else ClockReportRow(*row)
    counts = before is not None and counter.now_ms - REPORT_LIFETIME_MS <= before.at <= counter.now_ms
    if before is None:
        values = ClockReportRow(counter.district, report.device, counter.now_ms, report.off_ms)
        connection.execute(insert(CLOCK_REPORT), values._asdict())
    elif not (counts and min(abs(before.off_ms), abs(report.plain_ms)) > AGREEMENT_MS):
        connection.execute(update(CLOCK_REPORT).where(same).values(at=counter.now_ms, off_ms=report.off_ms))


def clock_reports(connection: Connection, district: str) -> list[ClockReport]:
    """What devices said of a doubtful clock, the latest last."""
    same = (DEVICE.c.district == CLOCK_REPORT.c.district) & (DEVICE.c.id == CLOCK_REPORT.c.device)
    whose = (ACCOUNT.c.district == DEVICE.c.district) & (ACCOUNT.c.id == DEVICE.c.account)
    rows = connection.execute(
        select(DEVICE.c.id, DEVICE.c.name, ACCOUNT.c.id, ACCOUNT.c.name, CLOCK_REPORT.c.at, CLOCK_REPORT.c.off_ms)
        .join(DEVICE, same)
        .join(ACCOUNT, whose)
        .where(CLOCK_REPORT.c.district == district, DEVICE.c.revoked_at.is_(None))
        .order_by(CLOCK_REPORT.c.at, DEVICE.c.id)
    )
    return [ClockReport(*row) for row in rows]


def adopt_clock(connection: Connection, counter: DistrictCounter, evidence: str) -> None:
    """Believe the present time, on this ``evidence``: ``system``, ``devices`` or ``operator``. Saves the counter: the
    caller may have nothing else to write."""
    before, off_ms = counter.clock_mark, counter.clock_off_ms
    counter.adopt_clock()
    connection.execute(delete(CLOCK_REPORT).where(CLOCK_REPORT.c.district == counter.district))
    audit.record_event(connection, counter, "clock_adopted", evidence=evidence, before=before, off_ms=off_ms)
    counter.save(connection)
    _LOG.warning("the clock is believed again (%s)", evidence)
