"""The central's clock for its operator: whether it is believed, what devices say of it, the operator's word for it, and
the repair of what was stamped in the future.

``guanjia central clock`` calls these; ``central stats`` and ``central check`` show `clock_facts` too. The rule is in
``sync/central/clock.py``.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, select

from store.values.times import district_time
from sync.central import clock
from sync.central.admin.setup import read_central, resolve_district, write_central
from sync.central.db.clock_bounds import is_contradicted, is_within_bounds
from sync.central.db.commit_order import lock_district
from sync.central.db.tables import DISTRICT
from sync.central.exceptions import CentralClockDoubtful, DistrictNotSpecified
from sync.central.writes.clock_repair import repair_clock, stamped_ahead

JsonObject = dict[str, object]


def clock_facts(connection: Connection, district: str) -> JsonObject:
    """``clock_doubtful``: nothing is taken in, since devices contradict the clock, or it is behind the latest write. A
    long time without writes is no fault. ``clock_off_ms`` is by how much it seems to be ahead; None where it is
    believed. ``stamped_ahead``: how many lines are stamped in the future, which `repair_future` repairs."""
    now_ms = clock.central_clock().now_ms()
    columns = (DISTRICT.c.clock_mark, DISTRICT.c.clock_doubt_ms, DISTRICT.c.clock_doubt_at)
    mark, doubt_ms, doubt_at = connection.execute(select(*columns).where(DISTRICT.c.code == district)).one()
    if is_within_bounds(mark, now_ms):
        doubt_ms = doubt_ms if is_contradicted(doubt_at, now_ms) else None
    elif doubt_ms is None and now_ms < mark:
        doubt_ms = now_ms - mark
    ahead = 0 if doubt_ms is not None else stamped_ahead(connection, district, now_ms)
    return {"clock_doubtful": doubt_ms is not None, "clock_off_ms": doubt_ms, "stamped_ahead": ahead}


def read_clock(data_dir: Path, *, district: str | None = None) -> JsonObject:
    """`clock_facts`, the present time, the time of the latest write, and what devices say."""
    with read_central(data_dir, incomplete=True) as connection:
        return _clock_json(connection, resolve_district(connection, district))


def confirm_clock(data_dir: Path, *, district: str | None = None) -> JsonObject:
    """The operator vouches for this machine's present time: writes are served again. Gives what `read_clock` gives."""
    with write_central(data_dir) as connection:
        code = resolve_district(connection, district)
        counter = lock_district(connection, code, clock.central_clock().now_ms())
        if counter is None:
            raise DistrictNotSpecified(districts="-")
        clock.adopt_clock(connection, counter, "operator")
        if counter.repair_due is not None:
            repair_clock(connection, counter)
        return _clock_json(connection, code)


def repair_future(data_dir: Path, *, district: str | None = None) -> JsonObject:
    """Repair what is stamped in the future, where that was not done by itself; gives what `read_clock` gives, with the
    number of lines ``repaired``. Raises `CentralClockDoubtful` while this machine's clock is not believed."""
    with write_central(data_dir) as connection:
        code = resolve_district(connection, district)
        require_clock(connection, code)
        counter = lock_district(connection, code, clock.central_clock().now_ms())
        if counter is None:
            raise DistrictNotSpecified(districts="-")
        repaired = repair_clock(connection, counter, by_operator=True).lines
        return {**_clock_json(connection, code), "repaired": repaired}


def require_clock(connection: Connection, district: str) -> None:
    """Raise `CentralClockDoubtful` where this machine's clock is out of its bounds: what the operator grants would be
    dated wrongly."""
    now_ms, is_synchronised = clock.central_clock().now_ms(), clock.central_clock().is_synchronised
    columns = (DISTRICT.c.clock_mark, DISTRICT.c.clock_doubt_at)
    mark, doubt_at = connection.execute(select(*columns).where(DISTRICT.c.code == district)).one()
    is_doubtful = is_contradicted(doubt_at, now_ms) or not is_within_bounds(mark, now_ms)
    if is_doubtful and not is_synchronised():
        raise CentralClockDoubtful(now=_iso(now_ms), latest=_iso(mark))


def _clock_json(connection: Connection, district: str) -> JsonObject:
    now_ms = clock.central_clock().now_ms()
    facts = clock_facts(connection, district)
    reports = clock.clock_reports(connection, district) if facts["clock_doubtful"] else []
    return {
        "district": district,
        "now": _iso(now_ms),
        "latest_write": _latest(connection, district),
        **facts,
        "system_synchronised": clock.central_clock().is_synchronised(),
        "devices": [
            {
                "device": report.device, "name": report.name, "account": report.account, "at": _iso(report.at),
                "off_ms": report.off_ms, "agrees": report.agrees,
            }
            for report in reports
        ],
    }  # fmt: skip


def _latest(connection: Connection, district: str) -> str | None:
    mark = connection.execute(select(DISTRICT.c.clock_mark).where(DISTRICT.c.code == district)).scalar_one()
    return _iso(mark) if mark else None


def _iso(ms: int) -> str:
    return district_time(ms).isoformat(timespec="seconds")
