"""Writes of an officer: new lines, edits, deletions, restores, undo, and drafts of forms.

Every write is one transaction: line, history, outbox, search index and issue state together (decision 3). Writes of a
sync round are in ``store/writer/sync_writes.py``; both go through ``store/writer/transaction.py``.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

import orjson
import sqlcipher3.dbapi2 as sqlite

from store.db.database import Database
from store.db.device_facts import corrected_ms, read_device_facts
from store.domain.grants import OF_THE_DISTRICT
from store.exceptions import BadLine, BucketChanged, LineNotFound, LineTooLong, StoreError, UndoConflict
from store.home import drafts
from store.home.device_state import DeviceState
from store.ledger.buckets import DISTRICT_WIDE_AREAS
from store.ledger.hlc import system_clock_ms
from store.ledger.kind_facts import is_deletable
from store.ledger.kinds import Kind, bucket_of, kinds
from store.ledger.line import Body, Line, new_id
from store.values.times import district_time
from store.writer.acting import ACTING_FOR, effective_grants_of
from store.writer.erasures import ERASED_REASON, enforce_erasures
from store.writer.exceptions import VersionErased
from store.writer.role_guard import require_role
from store.writer.transaction import OutboxRow, StoredLine, Transaction, find_kind, select_outbox
from store.writer.withdrawal import TAKEN_BACK, require_not_continued, require_withdrawable, withdraw_lines

_PART = 4_000
"""So many lines of `Ledger.put_all` are in memory at a time."""
ClockMs = Callable[[], int]


class Draft(NamedTuple):
    """A line as somebody wants it: a new one without ``id``, else the next version of that line. ``project`` is the
    project's id; a project's own line needs none."""

    kind: str
    body: Body
    project: str | None = None
    id: str | None = None
    deleted: bool = False


class LineChange(NamedTuple):
    """One write: the new version and the one that it replaced; None where the line is new."""

    line: Line
    before: Line | None


class FieldPatch(NamedTuple):
    """Changed fields of a line; None removes one. ``deleted`` None leaves that as it is."""

    kind: str
    id: str
    changes: Body
    deleted: bool | None = None


class Ledger:
    """Writes lines into one store. ``wall_clock`` gives this machine's time in ms; tests pass their own. With
    ``within_roles`` it refuses what the person's roles do not let them write (``store/writer/role_guard.py``), as for
    whatever a person types."""

    def __init__(
        self, database: Database, *, wall_clock: ClockMs = system_clock_ms, within_roles: bool = False
    ) -> None:
        self.within_roles = within_roles
        self.database = database
        self.wall_clock = wall_clock
        self.device_state = DeviceState(database)
        self._thread = threading.local()
        self._draft_ids: dict[str, str] = {}

    @contextlib.contextmanager
    def record_changes(self) -> Iterator[list[LineChange]]:
        """Collect what this thread writes while it lasts, for `undo`: others may write meanwhile. Who records around it
        has these changes too."""
        before, noted = self._recorded, list[LineChange]()
        self._thread.written = noted
        try:
            yield noted
        finally:
            self._thread.written = before
            if before is not None:
                before.extend(noted)

    @contextlib.contextmanager
    def acting_for(self, person: str | None) -> Iterator[None]:
        """Write in the place of this person (an id) in this thread while it lasts; None: as `effective_grants_of`."""
        before = self.named_principal
        self._thread.acting_for = person
        try:
            yield
        finally:
            self._thread.acting_for = before

    @contextlib.contextmanager
    def writing_beside(self, more: Callable[[Sequence[Draft]], Sequence[Draft] | None]) -> Iterator[None]:
        """A transaction of this thread inside the block also writes what ``more`` makes of its drafts, each of which
        has an id: the lines of files that come with a line. It is called before each transaction begins until it gives
        something else than None: a command may write names and lists in a transaction before the line."""
        self._thread.beside = more
        try:
            yield
        finally:
            self._thread.beside = None

    @contextlib.contextmanager
    def checking_beside(self, check: Callable[[Sequence[Draft]], None]) -> Iterator[None]:
        """``check`` is given what the next transaction of this thread inside the block writes beside its drafts
        (`writing_beside`), before it begins; what it raises, so that nothing is written."""
        self._thread.check = check
        try:
            yield
        finally:
            self._thread.check = None

    def _beside(self, drafts: Sequence[Draft]) -> tuple[list[Draft], Sequence[Draft]]:
        """The drafts, each with an id, and what is written beside them."""
        more: Callable[[Sequence[Draft]], Sequence[Draft] | None] | None = getattr(self._thread, "beside", None)
        check: Callable[[Sequence[Draft]], None] | None = getattr(self._thread, "check", None)
        known, beside = list(drafts), list[Draft]()
        if more is not None:
            known = [draft if draft.id else draft._replace(id=new_id(self.wall_clock())) for draft in drafts]
            if (made := more(known)) is not None:
                self._thread.beside, beside = None, list(made)
        if check is not None:
            self._thread.check = None
            check(beside)
        return known, beside

    @property
    def named_principal(self) -> str | None:
        """The person (an id) in whose place this thread was told to write."""
        named: str | None = getattr(self._thread, "acting_for", None)
        return named

    @property
    def _recorded(self) -> list[LineChange] | None:
        changes: list[LineChange] | None = getattr(self._thread, "written", None)
        return changes

    def require_role(self, kind: str, **body: object) -> None:
        """Raise a `BeyondRole` where this person may not write such a new line, before anything else is said of it."""
        if self.within_roles:
            connection = self.database.connection()
            facts = read_device_facts(connection)
            today = district_time(corrected_ms(self.wall_clock(), facts.offset_ms)).date()
            stood_in_for = effective_grants_of(connection, facts.get("person", ""), today).roles_of_principals
            require_role(facts, Line("", kind, None, 0, "", "", False, body), None, stood_in_for)

    def put(self, kind: str, body: Body, *, project: str | None = None, id: str | None = None) -> Line:
        """A new line, or a whole new version of line ``id``. Raises `BadLine` or `BucketChanged`."""
        return self.put_many([Draft(kind, body, project, id)])[0]

    def put_many(self, drafts: Sequence[Draft]) -> list[Line]:
        """Several lines in one transaction: all are written, or none. A draft that changes nothing gives the line as it
        is, without a new version."""
        named = {draft.id for draft in drafts if draft.id}
        drafts, beside = self._beside(drafts)
        prepared = [(require_kind(draft.kind), draft) for draft in (*drafts, *beside)]
        with self._transaction() as change:
            held = change.stored_lines((draft.kind, draft.id) for draft in drafts if draft.id in named)
            waiting = change.outbox_rows([draft.id for draft in drafts if draft.id in named])
            return [self._write_draft(change, kind, draft, held, waiting) for kind, draft in prepared][: len(drafts)]

    def put_all(self, drafts: Iterable[Draft], part: int = _PART) -> int:
        """As `put_many` for very many drafts, ``part`` of them in memory at a time; returns how many there were."""
        count, rest = 0, iter(drafts)
        with self._transaction() as change:
            while taken := list(islice(rest, part)):
                held = change.stored_lines((draft.kind, draft.id) for draft in taken if draft.id)
                waiting = change.outbox_rows([draft.id for draft in taken if draft.id])
                for draft in taken:
                    self._write_draft(change, require_kind(draft.kind), draft, held, waiting)
                change.write_out()
                count += len(taken)
        return count

    def edit(self, kind: str, id: str, **changes: object) -> Line:
        """The next version of a line with some fields changed; None removes a field. Unknown fields stay as they are.
        Raises `LineNotFound`, `BadLine` or `BucketChanged`."""
        return self.edit_with((), kind, id, changes)

    def edit_with(self, new: Sequence[Draft], kind: str, id: str, changes: Body) -> Line:
        """As `edit`, with ``new`` lines that are written before it in the same transaction."""
        beside = self._beside([Draft(kind, changes, None, id), *new])[1]
        with self._transaction() as change:
            for draft in (*new, *beside):
                self._write_draft(change, require_kind(draft.kind), draft, {}, {})
            held = change.stored_lines([(kind, id)])
            if id not in held:
                raise LineNotFound(id=id)
            now = held[id].line
            body = {name: value for name, value in {**now.body, **changes}.items() if value is not None}
            draft = Draft(kind, body, now.project, id, now.deleted)
            return self._write_draft(change, require_kind(kind), draft, held, change.outbox_rows([id]))

    def delete(self, kind: str, id: str) -> Line:
        """Mark a line as deleted. Its body stays, so that every device can show and restore it."""
        return self._edit_line(kind, id, lambda line: line._replace(deleted=True))

    def restore(self, id: str, stamp: int, device: str) -> Line:
        """Make the version with this stamp and device current again, as a new version that beats the present one. A
        line that was given up, so that history alone has it, is written anew; one whose id has become another line's
        since, as a new line. Raises `LineNotFound` when there is no such version, `VersionErased` for one without its
        text."""
        connection = self.database.connection()
        row = connection.execute(
            "SELECT kind, project_id, body, deleted, reason FROM history WHERE id = ? AND stamp = ? AND device_id = ?",
            (id, stamp, device),
        ).fetchone()
        if row is None:
            raise LineNotFound(id=id)
        if row[4] == ERASED_REASON:
            raise VersionErased()
        kind = find_kind(connection, id)
        body, deleted = orjson.loads(row[2]), bool(row[3])
        if row[4] == "displaced" and row[0] in kinds():
            return self.put(row[0], body, project=row[1])
        if kind is not None:
            return self._edit_line(kind, id, lambda line: line._replace(body=body, deleted=deleted))
        with self._transaction() as change:
            change.observe_stamps([stamp])
            return self._next_version(change, Line(id, row[0], row[1], 0, "", "", deleted, body), None, None)

    def undo(self, changes: Sequence[LineChange], *, reason: str = TAKEN_BACK) -> None:
        """Undo these versions, the last first, each by a new version: what the line said before, or a deletion where
        it was new; a new act on an issue that is not itself deleted is withdrawn. What is undone is in history for
        ``reason``. All are taken back, or none: raises `UndoConflict` when a line says something else by
        now, and what `withdraw` raises."""
        latest = {one.line.id: one.line for one in changes}
        first = {one.line.id: one for one in reversed(changes)}
        with self._transaction() as change:
            held = change.stored_lines((line.kind, line.id) for line in latest.values())
            if any(not _says(held.get(line_id), line) for line_id, line in latest.items()):
                raise UndoConflict()
            waiting = change.outbox_rows(list(first))
            permanent = [one.line for one in first.values() if one.before is None and not _deletable(one.line)]
            new = {line_id for line_id, one in first.items() if one.before is None}
            kept = [line for line in permanent if line.body.get("issue_id") in new]  # go out of sight with their issue
            require_not_continued(change, kept)
            self._withdraw(change, [held[line.id].line for line in permanent if line not in kept])
            for line_id, one in first.items():
                if one.line not in permanent:
                    before = one.before or one.line._replace(deleted=True)
                    outbox_row = waiting.get(line_id)
                    self._next_version(change, before, held.get(line_id), outbox_row, archive_as=reason)

    def withdraw(self, kind: str, id: str) -> Line:
        """Take back a line that was written here and has not been sent; it stays in history, and can be restored from
        there. Raises `LineNotFound`, `ActSent` or `ActContinued`."""
        with self._transaction() as change:
            held = change.stored_lines([(kind, id)])
            if id not in held:
                raise LineNotFound(id=id)
            self._withdraw(change, [held[id].line])
            return held[id].line

    def _withdraw(self, change: Transaction, lines: Sequence[Line]) -> None:
        require_withdrawable(change, lines)
        withdraw_lines(change, lines, TAKEN_BACK)
        if (noted := self._recorded) is not None:
            noted.extend(LineChange(line._replace(deleted=True), line) for line in lines)

    def patch(self, patches: Sequence[FieldPatch]) -> list[Line]:
        """Change single fields of several lines, each line once, of any kind and unchecked: they have been a version of
        it before. All are written or none; a line that says it already stays. Raises `LineNotFound`."""
        with self._transaction() as change:
            held = change.stored_lines((one.kind, one.id) for one in patches)
            waiting = change.outbox_rows([one.id for one in patches])
            return [self._patch_line(change, one, held, waiting.get(one.id)) for one in patches]

    def _patch_line(
        self, change: Transaction, patch: FieldPatch, stored: Mapping[str, StoredLine], outbox_row: OutboxRow | None
    ) -> Line:
        if patch.id not in stored:
            raise LineNotFound(id=patch.id)
        now = stored[patch.id].line
        body = {name: value for name, value in {**now.body, **patch.changes}.items() if value is not None}
        line = now._replace(body=body, deleted=now.deleted if patch.deleted is None else patch.deleted)
        return now if line == now else self._next_version(change, line, stored[patch.id], outbox_row)

    # Forms

    def dismiss_versions(self, versions: Iterable[tuple[str, int, str]]) -> int:
        """Mark superseded versions (line id, stamp, device) as dealt with on this device; returns how many were not
        marked before."""
        with self.database.write() as connection:
            done = connection.executemany(
                "INSERT OR IGNORE INTO dismissed (id, stamp, device_id, at) VALUES (?, ?, ?, ?)",
                ((*version, self.wall_clock()) for version in versions),
            )
            return int(done.rowcount)

    # Drafts of forms

    def save_draft(self, key: str, body: Mapping[str, object]) -> None:
        """Keep what a form holds, so that it survives a power cut. Fields that ``body`` does not name stay as they
        were kept before: a form that has not read its draft yet overwrites nothing of it."""
        connection = self.database.connection()
        self._draft_ids[key] = drafts.save_draft(connection, self.device_state, key, body, self.wall_clock())

    def load_draft(self, key: str) -> dict[str, object] | None:
        """What `save_draft` kept, or None where nothing is kept or it has become a line."""
        draft = drafts.load_draft(self.database.connection(), self.device_state, key)
        if draft is None:
            self._draft_ids.pop(key, None)
            return None
        self._draft_ids[key] = draft.id
        return draft.body

    def drop_draft(self, key: str) -> None:
        """Forget a form's draft that was thrown away on purpose."""
        drafts.drop_draft(self.device_state, key)
        self._draft_ids.pop(key, None)

    @contextlib.contextmanager
    def saving_draft(self, key: str) -> Iterator[None]:
        """Save a form: each transaction of this thread inside the block also notes that the draft ``key`` is saved, and
        the draft is deleted at the end. Whatever is killed when, there is the draft or the line, never both. After an
        error the draft stays, unless a transaction has committed. No error of the drafts' file keeps a form from being
        saved, or makes a saved one look unsaved: by its note the draft counts as gone, and a later save deletes it."""
        draft_id = self._draft_id(key)
        self._thread.saved_draft = draft_id
        try:
            yield
        finally:
            self._thread.saved_draft = None
        self._draft_ids.pop(key, None)
        if draft_id is not None:
            with contextlib.suppress(StoreError, sqlite.Error):
                drafts.delete_drafts(self.device_state, {draft_id, *drafts.saved_draft_ids(self.database.connection())})

    def _draft_id(self, key: str) -> str | None:
        """The id of a form's draft: what the file says, else what it said when this form last used it."""
        try:
            return drafts.draft_ids(self.device_state).get(key)
        except StoreError:
            return self._draft_ids.get(key)

    def _note_saved_draft(self, change: Transaction) -> None:
        """Note in the ledger which draft this transaction saves; forget notes of drafts that are gone."""
        draft_id: str | None = getattr(self._thread, "saved_draft", None)
        if draft_id is None:
            return
        try:
            present: Iterable[str] = drafts.draft_ids(self.device_state).values()
        except StoreError:  # nobody knows which are gone
            present = drafts.saved_draft_ids(change.connection)
        change.save_draft(draft_id, still_there=present)

    # Who

    def change_person(self, person: str, name: str) -> int:
        """Take the person id by which the central knew this officer before this home joined it. Unsent lines are
        rewritten with it, since nobody else has seen them; returns how many."""
        with self._transaction() as change:
            alone = change.facts["person"]
            change.facts.update(person=person, person_name=name)
            waiting = select_outbox(change.connection)
            held = change.stored_lines((row.kind, row.id) for row in waiting)
            mine = [row for row in waiting if alone != person and held[row.id].line.author == alone]
            for row in mine:
                line = held[row.id].line._replace(author=person)
                change.set_current(line, change.enqueue(line, (row.base_digest, row.base_stamp)))
            return len(mine)

    # How a version is made

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[Transaction]:
        with self.database.write() as connection:
            change = Transaction(connection, self.wall_clock())
            yield change
            self._note_saved_draft(change)
            change.flush()
            enforce_erasures(change, self.device_state)

    def _edit_line(self, kind: str, id: str, edit: Callable[[Line], Line]) -> Line:
        with self._transaction() as change:
            held = change.stored_lines([(kind, id)])
            if id not in held:
                raise LineNotFound(id=id)
            return self._next_version(change, edit(held[id].line), held[id], change.outbox_rows([id]).get(id))

    def _write_draft(
        self,
        change: Transaction,
        kind: Kind,
        draft: Draft,
        stored: Mapping[str, StoredLine],
        outbox_rows: Mapping[str, OutboxRow],
    ) -> Line:
        now = stored.get(draft.id or "")
        _check_lengths(kind, draft.body, now.line.body if now else {})
        line = line_from_draft(kind, draft, change.facts["device"], change.facts["person"])
        if now and (now.line.body, now.line.deleted, now.line.project) == (line.body, line.deleted, line.project):
            return now.line
        return self._next_version(change, line, now, outbox_rows.get(line.id), is_validated=True)

    def _said_for_whom(self, change: Transaction, line: Line) -> Body:
        """The body with the person in whose place its author writes it, and with nobody where that is the author."""
        named = self.named_principal
        principal = named if named is not None else change.effective_grants.principal_of(line)
        rest = {name: value for name, value in line.body.items() if name != ACTING_FOR}
        return rest if principal in (None, change.facts["person"]) else {**rest, ACTING_FOR: principal}

    def _next_version(
        self,
        change: Transaction,
        line: Line,
        current: StoredLine | None,
        outbox_row: OutboxRow | None,
        *,
        is_validated: bool = False,
        archive_as: str = "edited",
    ) -> Line:
        if current and bucket_of(current.line) != bucket_of(line):
            raise BucketChanged()
        if self.within_roles:
            existing = current.line if current else None
            require_role(change.facts, line, existing, change.effective_grants.roles_of_principals)
        if outbox_row:
            base = (outbox_row.base_digest, outbox_row.base_stamp)
        else:
            base = (current.digest, current.line.stamp) if current else (None, None)
        stamp = change.next_stamp(current.line.stamp if current else 0)
        if (known := kinds().get(line.kind)) and ACTING_FOR in known.field_names:
            line = line._replace(body=self._said_for_whom(change, line))
        line = line._replace(
            device=change.facts["device"], author=change.facts["person"], stamp=stamp, base=base[1] or 0
        )
        if current:
            change.archive(current.line, archive_as)
        change.set_current(line, change.enqueue(line, base), is_validated=is_validated)
        if (noted := self._recorded) is not None:
            noted.append(LineChange(line, current.line if current else None))
        return line


def _check_lengths(kind: Kind, body: Body, before: Body) -> None:
    """Raise `LineTooLong` for a text of one line that is new and longer than such a line. What is there stays."""
    for field, most in kind.written_lengths.items():
        value = body.get(field)
        if value and value != before.get(field):
            known = before.get(field)
            told = known if isinstance(known, list) else ()
            texts = [text for text in value if text not in told] if isinstance(value, list) else [value]
            length = max((len(text) for text in texts if isinstance(text, str)), default=0)
            if length > most:
                raise LineTooLong(field=field, length=length, limit=most)


def _says(held: StoredLine | None, line: Line) -> bool:
    """Whether a line still says this; a withdrawn one is not here."""
    if held is None:
        return line.deleted and not _deletable(line)
    return (held.line.body, held.line.deleted) == (line.body, line.deleted)


def _deletable(line: Line) -> bool:
    return is_deletable(line.kind)


def require_kind(name: str) -> Kind:
    """The kind of this name. Raises `BadLine` when this version does not know it."""
    try:
        return kinds()[name]
    except KeyError:
        raise BadLine(detail=f"kind {name}") from None


def line_from_draft(kind: Kind, draft: Draft, device: str, author: str) -> Line:
    """The line that a draft asks for, checked and cleaned, without its stamp."""
    body: Body = kind.validate(draft.body)
    line_id = draft.id or new_id()
    project = draft.project
    if project is None and kind.name == "project":
        project = line_id
    if project is None and kind.area_of(body) not in DISTRICT_WIDE_AREAS and body.get("role") not in OF_THE_DISTRICT:
        raise BadLine(detail="project")
    return Line(line_id, kind.name, project, 0, device, author, draft.deleted, body)
