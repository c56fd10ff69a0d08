"""Sync history and status: the last rounds, the sync status of each project, the devices that wrote lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import orjson

from store.db.connection import Connection
from store.db.device_facts import read_device_facts
from store.home.device_state import DeviceState
from store.ledger.buckets import BUREAU, CONTACT, DISTRICT
from store.ledger.hlc import ms_from_hlc
from store.queries.lines import kind_tables
from store.queries.name_sql import person_name_sql
from store.queries.paging import Row
from store.values.times import district_time, format_moment

_ROUND = "n, began, at, times, ran_by, outcome, detail, verified, pushed, pulled, superseded, rejected, up, down, ms"
_LATEST_ROUNDS = f"SELECT {_ROUND} FROM round ORDER BY n DESC LIMIT ?"
_PROJECT_OF = (
    "CASE substr({bucket}, 1, 2) WHEN 'i:' THEN (SELECT project_id FROM issue WHERE id = substr({bucket}, 3)) "
    "WHEN 'c:' THEN (SELECT project_id FROM procedure WHERE id = substr({bucket}, 3)) "
    "WHEN 'h:' THEN substr({bucket}, 3) WHEN 'p:' THEN substr({bucket}, 3) ELSE {bucket} END"
)
_AGREED = f"SELECT {_PROJECT_OF.format(bucket='bucket')}, sum(lines) FROM agreement WHERE lines > 0 GROUP BY 1"
_PROJECT_OF_EACH = f"SELECT j.value, {_PROJECT_OF.format(bucket='j.value')} FROM json_each(?) j"
_UNDIVIDED = (DISTRICT, CONTACT, BUREAU)


@dataclass(frozen=True, slots=True)
class Round:
    """A round that has ended, or ``times`` of them in a row that ended alike and moved nothing. ``ran_by`` is ``sync``
    or ``daemon``, ``outcome`` ``done`` or an error's code; ``rejected`` are lines rejected in it; ``up`` and ``down``
    are bytes."""

    n: int
    began: str
    at: str
    times: int
    ran_by: str
    outcome: str
    detail: str | None
    verified: bool
    pushed: int
    pulled: int
    superseded: int
    rejected: int
    up: int
    down: int
    seconds: float

    @property
    def id(self) -> str:
        """Its key in a list."""
        return str(self.n)

    def to_json(self) -> dict[str, object]:
        """As ``guanjia status --json`` prints it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ProjectSyncStatus:
    """The sync status of a project, or of a part of the district (``d``, ``t``, ``b``): lines that both device and
    central are known to have, lines not yet sent or rejected, and how many of its buckets differ or are still to be
    fetched."""

    id: str
    name: str | None
    number: str | None
    lines: int
    unsent: int
    rejected: int
    differ: int
    coming: int

    def to_json(self) -> dict[str, object]:
        """As ``guanjia status --details --json`` prints it."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class DeviceActivity:
    """A device that has written lines that are here: whose, when its latest line was written, how many are current."""

    id: str
    person: str | None
    at: str | None
    lines: int
    here: bool

    def to_json(self) -> dict[str, object]:
        """As ``guanjia status --details --json`` prints it."""
        return asdict(self)


def rounds(state: DeviceState, limit: int = 200) -> list[Round]:
    """How did the last rounds go? Newest first."""
    with state.read() as connection:
        if connection is None:
            return []
        return [_round(row) for row in connection.execute(_LATEST_ROUNDS, (limit,))]


def _round(row: Row) -> Round:
    n, began, at, times, by, outcome, detail, verified, *counts, ms = row
    first, last = format_moment(district_time(began)), format_moment(district_time(at))
    pushed, pulled, superseded, rejected, up, down = counts
    return Round(
        n, first, last, times, by, outcome, detail, bool(verified), pushed, pulled, superseded, rejected, up, down,
        ms / 1000,
    )  # fmt: skip


def project_sync_status(connection: Connection) -> list[ProjectSyncStatus]:
    """What is the sync status of each project? Those with differences or rejected lines first, then by number; the
    district's last."""
    lines = dict(connection.execute(_AGREED).fetchall())
    waiting: dict[str, Counter[str]] = {"pending": Counter(), "rejected": Counter()}
    for place, state, count in connection.execute(
        f"SELECT {_PROJECT_OF.format(bucket='bucket')}, state, count(*) FROM outbox GROUP BY 1, 2"
    ):
        waiting["rejected" if state == "rejected" else "pending"][place] += count
    differ = _count_by_project(connection, read_device_facts(connection).differing_buckets)
    coming = _count_by_project(connection, [row[0] for row in connection.execute("SELECT bucket FROM fill")])
    names = {row[0]: row[1:] for row in connection.execute("SELECT id, name, number FROM project")}
    places = {place for by_place in (names, lines, *waiting.values(), differ, coming) for place in by_place if place}
    counts = (lines, waiting["pending"], waiting["rejected"], differ, coming)
    statuses = [_project_sync_status(place, names.get(place, (None, None)), counts) for place in places]
    return sorted(statuses, key=_order)


def _project_sync_status(
    place: str, named: Sequence[str | None], counts: Sequence[Mapping[str, int]]
) -> ProjectSyncStatus:
    lines, unsent, rejected, differ, coming = (count.get(place, 0) for count in counts)
    return ProjectSyncStatus(place, named[0], named[1], lines, unsent, rejected, differ, coming)


def _order(status: ProjectSyncStatus) -> tuple[bool, bool, bool, int, str]:
    in_sync = not (status.differ or status.coming or status.rejected)
    number = status.number or ""
    return in_sync, not status.unsent, status.id in _UNDIVIDED, len(number), number


def _count_by_project(connection: Connection, buckets: list[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for bucket, place in connection.execute(_PROJECT_OF_EACH, (orjson.dumps(buckets).decode(),)):
        counts[place or bucket] = counts.get(place or bucket, 0) + 1
    return counts


_BY_PEOPLE = "WHERE author_id <> device_id GROUP BY device_id"
"""Without what the central wrote itself, whose author and device are the central."""


def device_activity(connection: Connection) -> list[DeviceActivity]:
    """Which devices have written the lines here? The latest to write first. Reads every line."""
    meta = read_device_facts(connection)
    own = meta.get("device", "")
    latest: dict[str, tuple[int, str]] = {}
    counts: dict[str, int] = {}
    for name in [table.kind for table in kind_tables(connection)] + ["unknown_line"]:
        rows = connection.execute(f'SELECT device_id, count(*), max(stamp), author_id FROM "{name}" {_BY_PEOPLE}')
        for device, count, stamp, author in rows:
            counts[device] = counts.get(device, 0) + count
            latest[device] = max(latest.get(device, (0, "")), (stamp, author))
    authors = orjson.dumps(sorted({author for _stamp, author in latest.values()})).decode()
    who = dict(
        connection.execute(f"SELECT j.value, {person_name_sql('j.value')} FROM json_each(?) j", (authors,)).fetchall()
    )
    silent = [] if own in latest else [DeviceActivity(own, meta.get("person_name"), None, 0, True)]
    return silent + [
        DeviceActivity(
            device, who.get(author), format_moment(district_time(ms_from_hlc(stamp))), counts[device], device == own
        )
        for device, (stamp, author) in sorted(latest.items(), key=lambda item: item[1], reverse=True)
    ]


def unsent_kinds(connection: Connection) -> dict[str, int]:
    """Of which kinds are the lines that wait to be sent? The most frequent first."""
    rows = connection.execute("SELECT kind, count(*) FROM outbox WHERE state = 'pending' GROUP BY kind ORDER BY 2 DESC")
    return dict(rows.fetchall())
