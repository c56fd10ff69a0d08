"""One write transaction: changes of ledger lines, their history, outbox, checksums and search index.

``store/writer/local_writes.py`` (what an officer does) and ``store/writer/sync_writes.py`` (what a round does)
decide; this carries it out. Changes are collected in memory and written in batches by `flush`, inside the one
transaction of `Database.write`, so a crash at any instruction leaves all or nothing (decision 3).
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import orjson

from store.db.connection import Connection
from store.db.device_facts import corrected_ms, read_device_facts, write_device_facts
from store.ledger.buckets import SetChecksum
from store.ledger.hlc import is_observable, next_stamp
from store.ledger.kinds import Kind, bucket_of, kinds
from store.ledger.line import Body, Line, canonical_json, digest_of
from store.ledger.merge import supersede_reason
from store.ledger.row_mapping import (
    DIGEST_INDEX,
    ENVELOPE_COLUMNS,
    UNKNOWN_COLUMNS,
    ColumnValues,
    line_from,
    readable_body,
    row_from,
    select_columns,
    to_signed,
    to_unsigned,
    unknown_line_from,
    unknown_row_from,
)
from store.search.index import NumberBlock
from store.search.merged_records import index_lines
from store.values.times import district_time
from store.writer import quarantine
from store.writer.acting import EffectiveGrants, effective_grants_of
from store.writer.issue_states import affected_issues, issues_under_changed_rules, store_issue_states
from store.writer.merged_ids import issues_named_by, refresh_merged_ids
from store.writer.overtaken import forget_overtaken

VersionRef = tuple[str, int]
"""A version by its line's id and its stamp."""


class StoredLine(NamedTuple):
    """A line as the store holds it, with the digest that was computed when it was stored."""

    line: Line
    digest: int


class _FittingLine(NamedTuple):
    """A line that has a row in its kind's table, and what of its body is in the columns."""

    line: Line
    readable: Body
    digest: int


class OutboxRow(NamedTuple):
    """An outbox row: what waits to be acknowledged, and the central's version below it, if any."""

    id: str
    kind: str
    bucket: str
    digest: int
    base_digest: int | None
    base_stamp: int | None
    drift_ms: int
    state: str


PENDING, HELD = "pending", "held"
"""States of an outbox row: to be pushed; and a version that the central has had and lacks now, be it of another author
or of this device's person. It is brought back by ``sync/steps/heal.py``, never pushed."""
_FIGURE_KINDS = ("visit", "issue")
"""The kinds of line that a project's figures count; steps change them by the states of issues."""
_OUTBOX_COLUMNS = "id, kind, bucket, digest, base_digest, base_stamp, drift_ms, state"
_INSERT_HISTORY = (
    "INSERT OR REPLACE INTO history "
    "(id, stamp, device_id, author_id, kind, project_id, deleted, body, base, reason, at) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_ADD_CHECKSUM = (
    "INSERT INTO agreement (bucket, lines, hi, lo) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (bucket) DO UPDATE SET lines = lines + excluded.lines, hi = hi + excluded.hi, lo = lo + excluded.lo"
)
_SET_CHECKSUM = "INSERT OR REPLACE INTO agreement (bucket, lines, hi, lo) VALUES (?, ?, ?, ?)"
_INSERT_OUTBOX = (
    "INSERT OR REPLACE INTO outbox "
    "(id, n, kind, bucket, stamp, wire, digest, base_digest, base_stamp, drift_ms, state) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


class Transaction:
    """The changes of one transaction on ``connection``. ``wall_ms`` is this machine's clock; ``now_ms`` that clock
    corrected by the measured offset. Device facts are read once, and written by `flush` where they have changed.
    ``lost`` are versions that were replaced unseen, as the central knows."""

    def __init__(self, connection: Connection, wall_ms: int) -> None:
        self.connection = connection
        self.facts = read_device_facts(connection)
        self._stored_facts = dict(self.facts)
        self.now_ms = corrected_ms(wall_ms, self.facts.offset_ms)
        self.lost: frozenset[VersionRef] = frozenset()
        self._current: dict[str, tuple[Line, int]] = {}
        self._validated: set[str] = set()
        self._apart: list[tuple[Line, int]] = []
        self._archived: list[tuple[object, ...]] = []
        self.own_lost: set[str] = set()
        self._checksum_changes: dict[str, SetChecksum] = defaultdict(SetChecksum)
        self._checksum_values: dict[str, SetChecksum] = {}
        self._enqueued: dict[str, tuple[object, ...]] = {}
        self._acknowledged: list[str] = []
        self._receipts: dict[int, bytes] = {}
        self._issues_to_recompute: set[str] = set()
        self._projects_to_recompute: set[str | None] = set()
        self._removed: list[Line] = []
        self._next_n: int | None = None
        self.index_block: NumberBlock | None = None
        """Where the index has room for lines that arrive the newest first."""

    @cached_property
    def effective_grants(self) -> EffectiveGrants:
        """What the officer of this device may do today, by themselves and for others."""
        return effective_grants_of(self.connection, self.facts.get("person", ""), district_time(self.now_ms).date())

    # What is held now

    def stored_lines(self, wanted: Iterable[tuple[str, str]]) -> dict[str, StoredLine]:
        """The current versions of ``(kind, id)`` pairs, by id; those that are not in the store are missing. A line of a
        known kind may be among the unknown ones, when its fields are not what this version expects."""
        by_kind: dict[str, list[str]] = defaultdict(list)
        for kind, line_id in wanted:
            by_kind[kind].append(line_id)
        found: dict[str, StoredLine] = {}
        for name, ids in by_kind.items():
            if name in kinds():
                found.update(stored_lines_of(self.connection, kinds()[name], ids))
            unknown = stored_unknown_lines(self.connection, [i for i in ids if i not in found])
            found.update({line_id: held for line_id, held in unknown.items() if held.line.kind == name})
        return found

    def outbox_rows(self, ids: Sequence[str]) -> dict[str, OutboxRow]:
        """The outbox rows under these ids. One may be of another kind than a line of this id that comes from a central:
        whoever settles a row by a line compares the kinds."""
        rows = self.connection.execute(
            f"SELECT {_OUTBOX_COLUMNS} FROM outbox WHERE id IN (SELECT value FROM json_each(?))",
            (orjson.dumps(ids).decode(),),
        )
        return {row[0]: _outbox_row_from(row) for row in rows}

    # What changes

    def set_current(self, line: Line, digest: int, *, is_validated: bool = False) -> None:
        """Make ``line`` the current version. A body that `Kind.validate` has given is not checked again."""
        self._current[line.id] = (line, digest)
        if is_validated and None not in line.body.values():
            self._validated.add(line.id)
        else:
            self._validated.discard(line.id)

    def set_apart(self, line: Line, digest: int) -> None:
        """Keep a line that has the id of an unsent line of another kind: whole, apart, unread, until the central has
        given it another id."""
        self._apart.append((line, digest))

    def archive(self, line: Line, reason: str, winner: Line | None = None) -> None:
        """Put a version into history, with the reason why it is not current. An own one that was superseded is noted in
        ``own_lost``, unless its ``winner`` says the same."""
        says_same = winner is not None and (winner.body, winner.deleted) == (line.body, line.deleted)
        if reason == "superseded" and line.author == self.facts.person and not says_same:
            self.own_lost.add(line.id)
        body = orjson.dumps(line.body).decode()
        head = (line.id, line.stamp, line.device, line.author, line.kind, line.project, int(line.deleted))
        self._archived.append((*head, body, line.base, reason, self.now_ms))

    def archive_replaced(self, loser: Line, winner: Line) -> None:
        """Put the version that ``winner`` replaces into history: as lost unseen where the central knows it to be, else
        by what the winner claims to follow."""
        is_lost = (loser.id, loser.stamp) in self.lost
        self.archive(loser, "superseded" if is_lost else supersede_reason(winner, loser), winner)

    def add_to_checksum(self, bucket: str, digest: int | None, sign: int = 1) -> None:
        """Add a version to the bucket's set digest, or with ``sign=-1`` take it out; None changes nothing."""
        if digest is not None:
            self._checksum_changes[bucket] = self._checksum_changes[bucket].with_digest(digest, sign)

    def set_checksum(self, bucket: str, total: SetChecksum) -> None:
        """Set the bucket's set digest to this, whatever was added or taken out before."""
        self._checksum_values[bucket] = total

    def next_stamp(self, seen: int = 0) -> int:
        """A stamp later than every one this device has given and than the version it replaces."""
        stamp, self.facts.stamp = next_stamp(self.facts.stamp, self.now_ms, seen)
        return stamp

    def observe_stamps(self, stamps: Iterable[int]) -> None:
        """Stamp later than these from now on: who has seen a line acts after it, by other lines too (an issue's steps),
        even where this clock lags a little. Stamps from a wrong clock's future do not count."""
        self.facts.stamp = max([self.facts.stamp, *(stamp for stamp in stamps if is_observable(stamp, self.now_ms))])

    def recompute_without(self, gone: Sequence[Line]) -> None:
        """Compute the states of these lines' issues and the figures of their projects afresh: their rows are gone."""
        self._issues_to_recompute.update(affected_issues(gone))
        self._projects_to_recompute.update(line.project for line in gone)

    def unindex(self, lines: Iterable[Line]) -> None:
        """Remove these lines, whose rows are deleted, from the search index."""
        self._removed.extend(lines)

    def keep_indexed(self, line: Line) -> None:
        """Take back `unindex`: the entry under its id is another line's."""
        self._removed.remove(line)

    def enqueue(self, line: Line, base: tuple[int | None, int | None], state: str = PENDING) -> int:
        """Put the current version in the outbox; ``base`` is digest and stamp of the central's version, if it has one.
        ``state`` is `HELD` for a version that the central has had before. Gives the line's digest."""
        if self._next_n is None:
            self._next_n = self.connection.execute("SELECT coalesce(max(n), 0) FROM outbox").fetchone()[0]
        self._next_n += 1
        base_digest = None if base[0] is None else to_signed(base[0])
        wire = canonical_json(line)
        digest = digest_of(wire)
        head = (line.id, self._next_n, line.kind, bucket_of(line), line.stamp, wire, to_signed(digest))
        self._enqueued[line.id] = (*head, base_digest, base[1], self.facts.offset_ms, state)
        return digest

    def acknowledge(self, line_id: str) -> None:
        """Remove a line from the outbox: the central has its current version, or a later one."""
        self._acknowledged.append(line_id)

    def add_receipt(self, digest: int, receipt: bytes | None) -> None:
        """Keep the central's receipt of the version with this digest; None keeps nothing."""
        if receipt:
            self._receipts[digest] = receipt

    def rebase(self, line_id: str, digest: int | None, stamp: int | None) -> None:
        """Set the version that the central has, or none, as the base of the one in the outbox."""
        base = None if digest is None else to_signed(digest)
        rebase = "UPDATE outbox SET base_digest = ?, base_stamp = ? WHERE id = ?"
        self.connection.execute(rebase, (base, stamp, line_id))

    def add_notice(self, code: str, detail: Mapping[str, object]) -> None:
        """Add a notice for the person at this device."""
        text = orjson.dumps(dict(detail)).decode()
        insert = "INSERT INTO notice (at, code, detail, seen) VALUES (?, ?, ?, 0)"
        self.connection.execute(insert, (self.now_ms, code, text))

    def save_draft(self, draft_id: str, still_there: Iterable[str]) -> None:
        """Note that this transaction saves a form's draft; forget the notes of drafts that are no longer there."""
        present = "SELECT value FROM json_each(?) UNION ALL SELECT id FROM carried_draft"
        kept = orjson.dumps(list(still_there)).decode()
        self.connection.execute(f"DELETE FROM saved_draft WHERE id NOT IN ({present})", (kept,))
        self.connection.execute("INSERT OR IGNORE INTO saved_draft (id, at) VALUES (?, ?)", (draft_id, self.now_ms))

    def flush(self) -> None:
        """Write the collected changes, receipts and device facts. Called once, at the end of the transaction."""
        self.write_out()
        if self._receipts:
            digests = struct.pack(f"<{len(self._receipts)}Q", *self._receipts)
            row = (self.now_ms, digests, b"".join(self._receipts.values()))
            self.connection.execute("INSERT INTO receipt (at, digests, tags) VALUES (?, ?, ?)", row)
        write_device_facts(self.connection, self.facts, self._stored_facts)

    def write_out(self) -> None:
        """Write the changes of lines collected so far and forget them, so that a transaction of very many lines holds
        some of them in memory at a time."""
        if not any(self._collected()):
            return
        sql = self.connection
        self._write_lines()
        forget_overtaken(sql, {line_id: line for line_id, (line, _digest) in self._current.items()})
        sql.executemany(_INSERT_HISTORY, self._archived)
        sql.executemany("DELETE FROM outbox WHERE id = ?", ((line_id,) for line_id in self._acknowledged))
        sql.executemany(_INSERT_OUTBOX, self._enqueued.values())
        sums = (
            (b, *total)
            for b, total in self._checksum_changes.items()
            if total != SetChecksum() and b not in self._checksum_values
        )
        sql.executemany(_ADD_CHECKSUM, sums)
        sql.executemany(_SET_CHECKSUM, ((bucket, *total) for bucket, total in self._checksum_values.items()))
        self._forget()

    def _forget(self) -> None:
        self._validated.clear()
        for collected in self._collected():
            collected.clear()

    def _collected(self) -> tuple[dict[str, Any] | set[str] | set[str | None] | list[Any], ...]:
        lines = (self._current, self._apart, self._archived, self._removed)
        derived = (self._issues_to_recompute, self._projects_to_recompute)
        return (*lines, *derived, self._enqueued, self._acknowledged, self._checksum_changes, self._checksum_values)

    def _write_lines(self) -> None:
        lines = [line for line, _ in self._current.values()]
        fitting: dict[str, list[_FittingLine]] = defaultdict(list)
        whole: list[tuple[Line, int]] = []
        for line, digest in self._current.values():
            readable = line.body if line.id in self._validated else readable_body(line)
            if readable is None:
                whole.append((line, digest))
            else:
                fitting[line.kind].append(_FittingLine(line, readable, digest))
        self._move_between_tables(fitting, whole)
        district = self.facts["district"]
        for name, held in fitting.items():
            kind = kinds()[name]
            self.connection.executemany(_upsert_sql(kind), (row_from(kind, *each, district) for each in held))
        places = ", ".join("?" * 10)
        self.connection.executemany(
            f"INSERT OR REPLACE INTO unknown_line ({UNKNOWN_COLUMNS}) VALUES ({places})",
            (unknown_row_from(line, digest) for line, digest in [*whole, *self._apart]),
        )
        self._note_quarantined(fitting, whole)
        shown = refresh_merged_ids(self.connection, [*lines, *self._removed])
        self.index_block = index_lines(
            self.connection,
            {name: [each.line._replace(body=each.readable) for each in held] for name, held in fitting.items()},
            [*(line for line, _ in whole), *self._removed],
            shown,
            self.index_block,
        )
        self._issues_to_recompute.update(issues_named_by(self.connection, shown))
        self._issues_to_recompute.update(issues_under_changed_rules(self.connection, lines))
        issues = sorted(self._issues_to_recompute.union(affected_issues(lines)))
        projects = {line.project for line in lines if line.kind in _FIGURE_KINDS}
        store_issue_states(self.connection, issues, self.now_ms, projects | self._projects_to_recompute)

    def _note_quarantined(
        self, fitting: Mapping[str, Sequence[_FittingLine]], whole: Iterable[tuple[Line, int]]
    ) -> None:
        """Keep the list of lines with fields that are not valid, and tell of those that were not in it before."""
        held = [each for lines in fitting.values() for each in lines]
        misfits = [each.line for each in held if each.readable is not each.line.body]
        misfits += [line for line, _ in whole if line.kind in kinds()]
        quarantine.release(self.connection, [each.line.id for each in held if each.readable is each.line.body])
        if misfits and (new := quarantine.hold(self.connection, misfits, self.now_ms)):
            self.add_notice("lines_quarantined", {"lines": new})

    def _move_between_tables(
        self, known: Mapping[str, Sequence[_FittingLine]], unknown: Sequence[tuple[Line, int]]
    ) -> None:
        """A line is either in its kind's table or among the unknown ones, never in both."""
        if self.connection.execute("SELECT 1 FROM unknown_line LIMIT 1").fetchone():
            ids = [(each.line.id, each.line.kind) for held in known.values() for each in held]
            self.connection.executemany("DELETE FROM unknown_line WHERE id = ? AND kind = ?", ids)
        for line, _ in unknown:
            if line.kind in kinds():
                self.connection.execute(f"DELETE FROM {line.kind} WHERE id = ?", (line.id,))


def _upsert_sql(kind: Kind) -> str:
    """An upsert of one row of a kind's table, in the order of `row_from`."""
    names = [*ENVELOPE_COLUMNS, *(f'"{field}"' for field in kind.fields), "district"]
    updates = ", ".join(f"{name}=excluded.{name}" for name in names if name not in ("id", "district"))
    places = ", ".join("?" * len(names))
    return f"INSERT INTO {kind.name} ({', '.join(names)}) VALUES ({places}) ON CONFLICT (id) DO UPDATE SET {updates}"


def stored_lines_of(connection: Connection, kind: Kind, ids: Sequence[str]) -> dict[str, StoredLine]:
    """The current lines of one kind by id."""
    rows = _rows_of(connection, kind, ids)
    return {row[0]: StoredLine(line_from(kind, row), to_unsigned(row[DIGEST_INDEX])) for row in rows}


def _rows_of(connection: Connection, kind: Kind, ids: Sequence[str]) -> Iterable[ColumnValues]:
    query = f"SELECT {select_columns(kind)} FROM {kind.name} WHERE id IN (SELECT value FROM json_each(?))"
    yield from connection.execute(query, (orjson.dumps(ids).decode(),)) if ids else ()


def stored_unknown_lines(connection: Connection, ids: Sequence[str]) -> dict[str, StoredLine]:
    """The current unknown lines, by id."""
    rows = connection.execute(
        f"SELECT {UNKNOWN_COLUMNS} FROM unknown_line WHERE id IN (SELECT value FROM json_each(?))",
        (orjson.dumps(ids).decode(),),
    )
    return {row[0]: StoredLine(unknown_line_from(row), to_unsigned(row[-1])) for row in rows}


def find_kind(connection: Connection, line_id: str) -> str | None:
    """The name of the kind of a line by its id alone; None when it is not in the store."""
    for name in kinds():
        if connection.execute(f"SELECT 1 FROM {name} WHERE id = ?", (line_id,)).fetchone():
            return name
    row = connection.execute("SELECT kind FROM unknown_line WHERE id = ?", (line_id,)).fetchone()
    return row[0] if row else None


def select_outbox(connection: Connection, where: str = "1", limit: int = -1) -> list[OutboxRow]:
    """Outbox rows that ``where`` selects, in the order they were queued; -1 for no limit."""
    rows = connection.execute(f"SELECT {_OUTBOX_COLUMNS} FROM outbox WHERE {where} ORDER BY n LIMIT ?", (limit,))
    return [_outbox_row_from(row) for row in rows]


def _outbox_row_from(row: ColumnValues) -> OutboxRow:
    base = None if row[4] is None else to_unsigned(row[4])
    return OutboxRow(row[0], row[1], row[2], to_unsigned(row[3]), base, *row[5:])
