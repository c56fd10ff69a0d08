"""A small district for the queries' tests: real encrypted store, two projects, people, visits and issues."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from store.commands import issues, projects, visits
from store.db.connection import Connection
from store.domain.status_lights import LightThresholds, light_thresholds
from store.values.times import district_time
from store.writer.sync_writes import SyncLedger
from tests.store.devices import START_MS, SetClock, device

TODAY: date = district_time(START_MS).date()
PEOPLE = {
    "lead_leader": "甲建国 19900000001",
    "lead_unit": "住建局",
    "butler": "乙卫东 19900000002",
    "enterprise_contact": "丙志远 19900000003",
}


class Sample(NamedTuple):
    """A device with the district on it, and the ids of what matters."""

    ledger: SyncLedger
    clock: SetClock
    water: str
    heat: str
    visit: str
    issue: str

    @property
    def connection(self) -> Connection:
        """A connection to read by."""
        return self.ledger.database.connection()

    @property
    def on(self) -> LightThresholds:
        """The day's marks."""
        return light_thresholds(district_time(self.clock()).date())

    def record(self, title: str, **fields: Any) -> str:
        """One more issue of the water project, a second later."""
        self.clock.now += 1000
        return issues.record(self.ledger, project=self.water, title=title, **fields).id

    def act(self, named: str, verb: str, **fields: Any) -> None:
        """One act on an issue."""
        issues.act(self.ledger, named, verb, **fields)


def sample(folder: Path) -> Sample:
    """The district: a water project with everybody in place, a heat project with nobody, a visit and an issue."""
    clock = SetClock()
    ledger = device(folder, "laptop", clock=clock)
    water = projects.add(ledger, name="供水改造工程", category="continuing", number="2", roles=PEOPLE).id
    heat = projects.add(ledger, name="供热  改造", category="new", number="10").id
    issue = issues.record(ledger, project=water, title="临时用水未接通", department="水务局", owner="丁水", due="+2").id
    visit = visits.log(ledger, project=water, at="昨天 14:30", who="甲建国；丙志远", place="工地", raised=[issue]).id
    return Sample(ledger, clock, water, heat, visit, issue)


@contextlib.contextmanager
def statements(connection: Connection) -> Iterator[list[str]]:
    """The SQL statements that the block runs on this connection, without those that SQLite runs inside them."""
    seen: list[str] = []
    connection.set_trace_callback(lambda sql: None if sql.startswith("--") else seen.append(sql))
    try:
        yield seen
    finally:
        connection.set_trace_callback(None)
