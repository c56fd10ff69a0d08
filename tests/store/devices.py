"""Devices for tests: real encrypted stores with a clock that the test sets, and a central reduced to its merge."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import orjson

from store.ledger.buckets import SetChecksum
from store.ledger.kinds import bucket_of
from store.ledger.line import Line, canonical_json, derived_id, digest_of, parse_line
from store.ledger.merge import replaces, supersede_reason
from store.writer.checksums import all_lines
from store.writer.sync_writes import OutgoingLine, SyncLedger
from store.writer.upgrade import create_store, open_store

KEY = bytes(range(32))
START_MS = 1_790_000_000_000


@dataclass
class SetClock:
    """A wall clock that stands still until the test moves it; milliseconds since 1970."""

    now: int = START_MS

    def __call__(self) -> int:
        return self.now


def device(folder: Path, name: str, *, clock: SetClock | None = None, person: str = "甲") -> SyncLedger:
    """A fresh store of one person on one device, its ids derived from their names."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.db"
    shutil.copy(empty_store(), path)
    database = open_store(path, KEY)
    with database.write() as connection:
        connection.executemany("INSERT INTO meta (key, value) VALUES (?, ?)", _facts(name, person).items())
    return SyncLedger(database, wall_clock=clock or SetClock())


@cache
def empty_store() -> Path:
    """A store with a schema and nothing else, built once: migrating costs more than most tests."""
    path = Path(tempfile.mkdtemp(prefix="guanjia-")) / "empty.db"
    atexit.register(shutil.rmtree, path.parent, ignore_errors=True)
    create_store(path, KEY, {}).close()
    return path


def _facts(name: str, person: str) -> dict[str, str]:
    return {
        "district": "210903",
        "district_name": "示范区",
        "person": derived_id("person", person),
        "person_name": person,
        "device": derived_id("device", name),
    }


def dump(exchange: SyncLedger) -> list[bytes]:
    """Every current line of a store in canonical order."""
    lines = all_lines(exchange.database.connection())
    return [canonical_json(line) for line in sorted(lines, key=lambda line: (line.kind, line.id))]


@dataclass(frozen=True)
class Answer:
    """An outcome as the protocol has it."""

    id: str
    outcome: str
    code: str | None = None
    reason: str | None = None


@dataclass
class MergeOnlyCentral:
    """What the central comes down to for a store: the merge rule over lines, in commit order."""

    lines: dict[str, Line] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)

    def push(self, batch: Iterable[OutgoingLine]) -> tuple[list[Answer], list[Line], list[Line]]:
        """Outcomes in order, the winners over what was superseded, and the losers to what was applied unseeing."""
        answers, winners, losers = [], [], []
        for unsent in batch:
            line = parse_line(orjson.loads(unsent.canonical))
            held = self.lines.get(line.id)
            if held is None or held == line or replaces(line, held):
                if held is not None and held != line and supersede_reason(line, held) == "superseded":
                    losers.append(held)
                self.lines[line.id] = line
                self.order.append(line.id)
                answers.append(Answer(line.id, "applied"))
            else:
                answers.append(Answer(line.id, "superseded"))
                winners.append(held)
        return answers, winners, losers

    def total(self) -> SetChecksum:
        """The set-digest of everything here."""
        found = SetChecksum()
        for line in self.lines.values():
            found = found.with_digest(digest_of(canonical_json(line)))
        return found

    def bucket(self, name: str) -> list[Line]:
        """Every line of one bucket."""
        return [line for line in self.lines.values() if bucket_of(line) == name]


def send(exchange: SyncLedger, central: MergeOnlyCentral) -> None:
    """Push everything unsent, as a round does."""
    while batch := exchange.pending_lines(100, 1 << 20):
        answers, winners, losers = central.push(batch)
        exchange.acknowledge(answers, {unsent.id: unsent for unsent in batch}, winners, losers)


def receive(exchange: SyncLedger, central: MergeOnlyCentral) -> None:
    """Pull everything after the cursor, as a round does."""
    start = int(exchange.database.connection().execute(_CURSOR).fetchone()[0])
    ids = dict.fromkeys(central.order[start:])
    exchange.merge([central.lines[line_id] for line_id in ids], cursor=str(len(central.order)))


_CURSOR = "SELECT coalesce((SELECT value FROM meta WHERE key = 'cursor'), '0')"


def sync(exchange: SyncLedger, central: MergeOnlyCentral) -> None:
    """One round without a network."""
    send(exchange, central)
    receive(exchange, central)


def sync_all(central: MergeOnlyCentral, *exchanges: SyncLedger) -> None:
    """One round of each, in this order."""
    for exchange in exchanges:
        sync(exchange, central)
