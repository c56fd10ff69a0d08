"""The only writer, seen from an officer: new lines, edits, deletions, restores and form drafts.

Every write is one transaction: line, history, outbox, search index and issue state together (decision 3). The half
that a sync round uses is ``store/writer/sync_writes.py``; both work through ``store/writer/transaction.py``.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from store.db.database import Database
from store.db.meta import read_meta
from store.exceptions import BadLine, ChangedSince, LineNotFound, WrongBucket
from store.ledger.buckets import UNDIVIDED
from store.ledger.hlc import wall_ms
from store.ledger.kinds import Kind, bucket_of, kinds
from store.ledger.line import Body, Line, new_id
from store.writer.transaction import Held, Queued, Transaction, kind_holding, queued_rows

Clock = Callable[[], int]


_KEEP = (
    "INSERT INTO draft (key, body, at) VALUES (?, ?, ?) "
    "ON CONFLICT (key) DO UPDATE SET body = json_patch(body, excluded.body), at = excluded.at"
)


class Draft(NamedTuple):
    """A line as somebody wants it: a new one without ``id``, else the next version of that line. ``project`` is the
    project's id; a project's own line needs none."""

    kind: str
    body: Mapping[str, Any]
    project: str | None = None
    id: str | None = None
    deleted: bool = False


class Written(NamedTuple):
    """One write: the new version and the one that it replaced; None where the line is new."""

    line: Line
    before: Line | None


class Amendment(NamedTuple):
    """Fields of a line that shall say something else; None removes one. ``deleted`` None leaves that as it is."""

    kind: str
    id: str
    changes: Mapping[str, Any]
    deleted: bool | None = None


class Ledger:
    """Writes lines into one store. ``wall`` gives this machine's clock in milliseconds; tests pass their own."""

    def __init__(self, database: Database, *, wall: Clock = wall_ms) -> None:
        self.database = database
        self.wall = wall
        self._noting = threading.local()

    @contextlib.contextmanager
    def noting(self) -> Iterator[list[Written]]:
        """Collect what this thread writes while it lasts, for `undo`: others may write meanwhile."""
        before, noted = self._noted, list[Written]()
        self._noting.written = noted
        try:
            yield noted
        finally:
            self._noting.written = before

    @property
    def _noted(self) -> list[Written] | None:
        found: list[Written] | None = getattr(self._noting, "written", None)
        return found

    def put(self, kind: str, body: Mapping[str, Any], *, project: str | None = None, id: str | None = None) -> Line:
        """A new line, or a whole new version of line ``id``. Raises `BadLine` or `WrongBucket`."""
        return self.put_many([Draft(kind, body, project, id)])[0]

    def put_many(self, drafts: Sequence[Draft]) -> list[Line]:
        """Several lines in one transaction: all are written, or none. A draft that changes nothing gives the line as it
        is, without a new version."""
        prepared = [(kind_named(draft.kind), draft) for draft in drafts]
        with self._transaction() as change:
            held = change.held((draft.kind, draft.id) for draft in drafts if draft.id)
            waiting = change.queued([draft.id for draft in drafts if draft.id])
            return [self._write(change, kind, draft, held, waiting) for kind, draft in prepared]

    def edit(self, kind: str, id: str, **changes: Any) -> Line:
        """The next version of a line with some fields changed; None removes a field. Unknown fields stay as they are.
        Raises `LineNotFound`, `BadLine` or `WrongBucket`."""
        return self.edit_along((), kind, id, changes)

    def edit_along(self, new: Sequence[Draft], kind: str, id: str, changes: Mapping[str, Any]) -> Line:
        """As `edit`, with ``new`` lines that are written before it in the same transaction."""
        with self._transaction() as change:
            for draft in new:
                self._write(change, kind_named(draft.kind), draft, {}, {})
            held = change.held([(kind, id)])
            if id not in held:
                raise LineNotFound(id=id)
            now = held[id].line
            body = {name: value for name, value in {**now.body, **changes}.items() if value is not None}
            draft = Draft(kind, body, now.project, id, now.deleted)
            return self._write(change, kind_named(kind), draft, held, change.queued([id]))

    def delete(self, kind: str, id: str) -> Line:
        """Mark a line as deleted. Its body stays, so that every device can show and restore it."""
        return self._change(kind, id, lambda line: line._replace(deleted=True))

    def restore(self, id: str, stamp: int, device: str) -> Line:
        """Make the version with this stamp and device current again, as a new version that beats the present one.
        Raises `LineNotFound` when there is no such line or version."""
        connection = self.database.connection()
        kind = kind_holding(connection, id)
        row = connection.execute(
            "SELECT body, deleted FROM history WHERE id = ? AND stamp = ? AND device_id = ?", (id, stamp, device)
        ).fetchone()
        if kind is None or row is None:
            raise LineNotFound(id=id)
        body, deleted = orjson.loads(row[0]), bool(row[1])
        return self._change(kind, id, lambda line: line._replace(body=body, deleted=deleted))

    def undo(self, written: Sequence[Written]) -> None:
        """Take back these versions, the last first, each by a new one: what the line said before, or a deletion where
        it was new. All are taken back, or none: raises `ChangedSince` when a line says something else by now."""
        latest = {one.line.id: one.line for one in written}
        with self._transaction() as change:
            held = change.held((line.kind, line.id) for line in latest.values())
            if any(each not in held or _says(held[each].line) != _says(line) for each, line in latest.items()):
                raise ChangedSince()
            first = {one.line.id: one for one in reversed(written)}
            waiting = change.queued(list(first))
            for line_id, one in first.items():
                before = one.before or one.line._replace(deleted=True)
                self._next_version(change, before, held[line_id], waiting.get(line_id))

    def amend(self, amendments: Sequence[Amendment]) -> list[Line]:
        """Change single fields of several lines, each line once, of any kind and unchecked: they have been a version of
        it before. All are written or none; a line that says it already stays. Raises `LineNotFound`."""
        with self._transaction() as change:
            held = change.held((one.kind, one.id) for one in amendments)
            waiting = change.queued([one.id for one in amendments])
            return [self._amended(change, one, held, waiting.get(one.id)) for one in amendments]

    def _amended(self, change: Transaction, one: Amendment, held: Mapping[str, Held], waiting: Queued | None) -> Line:
        if one.id not in held:
            raise LineNotFound(id=one.id)
        now = held[one.id].line
        body = {name: value for name, value in {**now.body, **one.changes}.items() if value is not None}
        line = now._replace(body=body, deleted=now.deleted if one.deleted is None else one.deleted)
        return now if line == now else self._next_version(change, line, held[one.id], waiting)

    # Forms

    def save_draft(self, key: str, body: Mapping[str, Any]) -> None:
        """Keep what a form holds, so that it survives a power cut. Fields that ``body`` does not name stay as they
        were kept before: a form that has not read its draft yet overwrites nothing of it."""
        with self.database.write() as connection:
            values = (key, orjson.dumps(dict(body)).decode(), self.wall())
            connection.execute(_KEEP, values)

    def load_draft(self, key: str) -> dict[str, Any] | None:
        """What `save_draft` kept, or None."""
        row = self.database.connection().execute("SELECT body FROM draft WHERE key = ?", (key,)).fetchone()
        return orjson.loads(row[0]) if row else None

    def drop_draft(self, key: str) -> None:
        """Forget a form's draft: it was saved as a line, or thrown away on purpose."""
        with self.database.write() as connection:
            connection.execute("DELETE FROM draft WHERE key = ?", (key,))

    # Who

    def become(self, person: str, name: str) -> int:
        """Belong to another person id: the one by which the central knew this officer before this home joined it.
        Unsent lines are rewritten in that name, since nobody else has seen them; gives how many."""
        with self._transaction() as change:
            alone = change.meta["person"]
            change.meta.update(person=person, person_name=name)
            waiting = queued_rows(change.connection)
            held = change.held((row.kind, row.id) for row in waiting)
            mine = [row for row in waiting if alone != person and held[row.id].line.author == alone]
            for row in mine:
                line = held[row.id].line._replace(author=person)
                change.keep(line, change.queue(line, (row.base_digest, row.base_stamp)))
            return len(mine)

    # How a version is made

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[Transaction]:
        with self.database.write() as connection:
            offset = int(read_meta(connection).get("offset_ms", "0"))
            change = Transaction(connection, self.wall() + offset)
            yield change
            change.flush()

    def _change(self, kind: str, id: str, edit: Callable[[Line], Line]) -> Line:
        with self._transaction() as change:
            held = change.held([(kind, id)])
            if id not in held:
                raise LineNotFound(id=id)
            return self._next_version(change, edit(held[id].line), held[id], change.queued([id]).get(id))

    def _write(
        self, change: Transaction, kind: Kind, draft: Draft, held: Mapping[str, Held], waiting: Mapping[str, Queued]
    ) -> Line:
        line = line_of(kind, draft, change.meta["device"], change.meta["person"])
        now = held.get(line.id)
        if now and (now.line.body, now.line.deleted, now.line.project) == (line.body, line.deleted, line.project):
            return now.line
        return self._next_version(change, line, now, waiting.get(line.id))

    def _next_version(self, change: Transaction, line: Line, now: Held | None, waiting: Queued | None) -> Line:
        if now and bucket_of(now.line) != bucket_of(line):
            raise WrongBucket()
        if waiting:
            base = (waiting.base_digest, waiting.base_stamp)
        else:
            base = (now.digest, now.line.stamp) if now else (None, None)
        stamp = change.next_stamp(now.line.stamp if now else 0)
        line = line._replace(device=change.meta["device"], author=change.meta["person"], stamp=stamp, base=base[1] or 0)
        if now:
            change.shelve(now.line, "edited")
        change.keep(line, change.queue(line, base))
        if (noted := self._noted) is not None:
            noted.append(Written(line, now.line if now else None))
        return line


def _says(line: Line) -> tuple[Body, bool]:
    return line.body, line.deleted


def kind_named(name: str) -> Kind:
    """The kind of this name. Raises `BadLine` when this version does not know it."""
    try:
        return kinds()[name]
    except KeyError:
        raise BadLine(detail=f"kind {name}") from None


def line_of(kind: Kind, draft: Draft, device: str, author: str) -> Line:
    """The line that a draft asks for, checked and cleaned, without its stamp."""
    body: Body = kind.check(draft.body)
    line_id = draft.id or new_id()
    project = draft.project
    if project is None and kind.name == "project":
        project = line_id
    if project is None and kind.area not in UNDIVIDED:
        raise BadLine(detail="project")
    return Line(line_id, kind.name, project, 0, device, author, draft.deleted, body)
