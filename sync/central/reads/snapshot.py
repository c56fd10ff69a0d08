"""Reads of one caller's scope in one snapshot: one method for every query that the steps need."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Null,
    Select,
    Table,
    and_,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    tuple_,
)

from store.ledger.buckets import CONTACT, Area, SetChecksum
from store.ledger.line import digest_of, stored_line
from store.ledger.row_mapping import to_signed
from store.values.times import district_time
from sync.central.accounts import cards, roster
from sync.central.accounts.assignment_book import read_assignments
from sync.central.accounts.authentication import Caller, devices_of
from sync.central.accounts.roster import SealedRoster
from sync.central.accounts.scope import WHOLE_DISTRICT_ROLES, excluded_buckets, scope_condition
from sync.central.db.database import is_one_of
from sync.central.db.tables import BUCKET, LINE, SCOPE_EVENT, VERSION, EpochRow, ScopeEventRow
from sync.central.epochs import common_seq, epochs
from sync.central.reads.blobs import BlobReads
from sync.central.reads.cursor import (
    Cursor,
    FirstRead,
    open_cursor,
    open_first_read,
    seal,
    seal_cursor,
    seal_first_read,
    unseal,
)
from sync.central.reads.intake import AcceptedVersion, IntakeReads, entry_of_number
from sync.central.reads.waiting import count_waiting
from sync.protocol import MAX_LOST_VERSIONS, MAX_NAME, MAX_TOLD_BUTLERS, LostVersion, OwnDevice

_FETCH_SIZE = 100
"""Rows in memory beyond those of the page: a line may take a third of a megabyte."""


class LinePosition(NamedTuple):
    """The place of a line in a page: its bucket and its number."""

    bucket: str
    seq: int


class LinePage(NamedTuple):
    """Lines in their canonical form, the position of the last one, whether more follow, and the ids of those lines that
    have replaced a version."""

    lines: list[bytes]
    last: LinePosition
    has_more: bool
    replacing: list[str]


class StoredVersion(NamedTuple):
    """A stored version of a line: ``reason`` is why it is not current, None for the current one."""

    wire: bytes
    received_at: int
    reason: str | None


class AcceptedRow(NamedTuple):
    """A version with the number under which it was accepted; ``reason`` and ``received_at`` as in `StoredVersion`."""

    accepted: AcceptedVersion
    received_at: int
    reason: str | None


class ScopedReads:
    """Reads for one caller. ``damaged`` collects the ids of damaged rows met on the way; they are sent to nobody."""

    def __init__(self, connection: Connection, caller: Caller) -> None:
        self._connection = connection
        self.caller = caller
        self.damaged: list[str] = []

    @property
    def intake(self) -> IntakeReads:
        """The log of what the central took in."""
        return IntakeReads(self._connection, self.caller)

    # Cursors

    def current_seq(self) -> int:
        """The district's counter in this snapshot."""
        return self.caller.seq

    def parse_cursor(self, token: str | None) -> Cursor | None:
        """The cursor of a token, in the present epoch; None when the device must read from the beginning."""
        cursor = open_cursor(self.caller.secret, self.caller.account, token)
        if cursor is None or self.set_back_proof(cursor) is not None:
            return None
        if cursor.epoch == self.caller.epoch:
            return cursor
        same = common_seq(self._epochs(), cursor.epoch, self.caller.seq) or 0
        return Cursor(min(cursor.seq, same), min(cursor.since, same), self.caller.epoch)

    def set_back(self, token: str | None) -> str | None:
        """The epoch named by a cursor that this central gave and cannot have given in its present state, so that its
        database was set back; None when there is no such proof."""
        cursor = open_cursor(self.caller.secret, self.caller.account, token)
        if first := open_first_read(self.caller.secret, self.caller.account, token):
            cursor = first.following
        return None if cursor is None else self.set_back_proof(cursor)

    def set_back_proof(self, cursor: Cursor) -> str | None:
        """The epoch of a cursor that is ahead of the present epoch's counter, or of an epoch that is not known."""
        if cursor.epoch == self.caller.epoch:
            return cursor.epoch if cursor.seq > self.caller.seq else None
        known = self._epochs()
        if not cursor.epoch and len(known) == 1:
            return known[0].id if cursor.seq > self.caller.seq else None
        lost = {row.proof for row in known}
        unknown = common_seq(known, cursor.epoch, self.caller.seq) is None and cursor.epoch not in lost
        return cursor.epoch if unknown else None

    def _epochs(self) -> list[EpochRow]:
        return epochs(self._connection, self.caller.district)

    def initial_cursor(self) -> Cursor:
        """The cursor of a device that has read nothing."""
        return Cursor(0, self.current_seq(), self.caller.epoch)

    def cursor_token(self, cursor: Cursor) -> str:
        """The token of a cursor, for this account only."""
        return seal_cursor(self.caller.secret, self.caller.account, cursor)

    def begin_first_read(self) -> FirstRead:
        """The first read of a device that has read nothing."""
        return FirstRead(self.current_seq(), self.caller.epoch, self.total_checksum().lines)

    def parse_first_read(self, token: str | None) -> FirstRead | None:
        """The first read of a token, in the present epoch; None for any other: the device then goes on from its cursor,
        or reads from the beginning."""
        first = open_first_read(self.caller.secret, self.caller.account, token)
        return first if first and first.epoch == self.caller.epoch and first.since <= self.current_seq() else None

    def first_read_token(self, first: FirstRead) -> str:
        """The token of a first read, for this account only; of one that is done, that of the cursor that follows."""
        if first.stage == FIRST_STAGES:
            return self.cursor_token(first.following)
        return seal_first_read(self.caller.secret, self.caller.account, first)

    def has_news(self, cursor: Cursor | None) -> bool:
        """Whether a pull from ``cursor`` would bring lines of others, or buckets that entered or left the scope."""
        if cursor is None or cursor.seq == self.caller.seq:
            return cursor is None
        lines = self._line_seqs(cursor, include_own=cursor.seq < cursor.since)
        return bool(self._connection.execute(select(or_(exists(lines), exists(self._scope_events(cursor))))).scalar())

    def butlers_of(self, buckets: Sequence[str], now_ms: int) -> list[dict[str, object]]:
        """Of the projects whose heads are among the buckets: each butler as of now, the first `MAX_TOLD_BUTLERS`, as
        `ButlerInfo`."""
        heads = (bucket.partition(":") for bucket in buckets)
        projects = {project for area, _colon, project in heads if area == Area.HEAD and project}
        if not projects:
            return []
        book = read_assignments(self._connection, self.caller.district)
        own = book.own_grants(district_time(now_ms).date().isoformat())
        found = {
            (grant.project, person)
            for person, grants in own.items()
            for grant in grants
            if grant.role == "butler" and grant.project in projects
        }
        chosen = sorted((project or "", person) for project, person in found)[:MAX_TOLD_BUTLERS]
        names = self._names_of({person for _project, person in chosen})
        return [
            {"project": project, "person": person, "name": names[person]}
            for project, person in chosen
            if person in names
        ]

    def _names_of(self, people: Collection[str]) -> dict[str, str]:
        """What their records call these people."""
        chosen = is_one_of(self._connection, LINE.c.id, sorted(people))
        wires = self._connection.execute(select(LINE.c.wire).where(LINE.c.district == self.caller.district, chosen))
        lines = (stored_line(wire) for wire in wires.scalars())
        return {line.id: str(line.body["name"])[:MAX_NAME] for line in lines if line and line.body.get("name")}

    def own_devices(self) -> list[OwnDevice]:
        """The devices of the caller's account."""
        return devices_of(self._connection, self.caller)

    def card(self, now_ms: int) -> str | None:
        """A card for the caller's device, to show to others; None where it has none."""
        return cards.make_card(self._connection, self.caller, now_ms)

    def judged_until(self, devices: Sequence[str]) -> dict[str, int]:
        """Up to which stamp all is judged that these devices wrote, as far as they have said."""
        return cards.judged_until(self._connection, self.caller.district, devices)

    def waiting_decisions(self) -> int | None:
        """How many versions wait for the decision of the bureau, if the caller is of the bureau."""
        decides = any(grant.role in WHOLE_DISTRICT_ROLES for grant in self.caller.grants)
        return count_waiting(self._connection, self.caller.district) if decides else None

    # What devices keep for the central

    def roster_mark(self) -> str:
        """By which a device tells whether it keeps the present roster."""
        return roster.roster_mark(self._connection, self.caller)

    def sealed_roster(self) -> SealedRoster:
        """The roster that the caller's device keeps."""
        return roster.seal_roster(self._connection, self.caller)

    # Checksums

    def total_checksum(self) -> SetChecksum:
        """The checksum of the whole scope. The district stores its total, so for a caller who reads all or nearly all
        of it the cost does not depend on the number of buckets."""
        excluded = excluded_buckets(self.caller.grants)
        if excluded is None:
            return self._sum_checksums(self._scope_condition())
        if not excluded:
            return self.caller.total
        here = BUCKET.c.district == self.caller.district
        return self.caller.total.minus(self._sum_checksums(and_(here, BUCKET.c.bucket.in_(excluded))))

    def _sum_checksums(self, chosen: ColumnElement[bool]) -> SetChecksum:
        return SetChecksum(*map(int, self._connection.execute(select(*_CHECKSUM_COLUMNS).where(chosen)).one()))

    def group_checksums(self) -> dict[str, SetChecksum]:
        """The checksum of each group of buckets in scope."""
        rows = self._connection.execute(
            select(BUCKET.c.grp, *_CHECKSUM_COLUMNS).where(self._scope_condition()).group_by(BUCKET.c.grp)
        )
        return {group: SetChecksum(*map(int, sums)) for group, *sums in rows}

    def bucket_checksums(self, groups: Sequence[str], names: Sequence[str]) -> dict[str, SetChecksum]:
        """The checksums of the buckets in scope that are in these groups or have these names."""
        chosen = or_(BUCKET.c.grp.in_(groups), is_one_of(self._connection, BUCKET.c.bucket, names))
        columns = (BUCKET.c.bucket, BUCKET.c.lines, BUCKET.c.hi, BUCKET.c.lo)
        rows = self._connection.execute(select(*columns).where(self._scope_condition(), chosen))
        return {row[0]: SetChecksum(*row[1:]) for row in rows}

    # Lines

    def lines_after(self, cursor: Cursor, until: int, limit: int, size: int) -> LinePage:
        """The lines of the scope after a cursor and up to the number ``until``, in commit order: at most ``limit``, and
        about ``size`` bytes."""
        wanted = self._line_seqs(cursor, include_own=cursor.seq < cursor.since).where(LINE.c.seq <= until)
        numbers = wanted.order_by(LINE.c.seq).limit(limit + 1).subquery()
        lines = (
            select(*_PAGE_COLUMNS)
            .join(numbers, and_(LINE.c.district == self.caller.district, LINE.c.seq == numbers.c.seq))
            .order_by(LINE.c.seq)
        )
        return self._page(lines, limit, size)

    def first_lines(self, first: FirstRead, limit: int, size: int) -> tuple[LinePage, FirstRead]:
        """The next lines of a first read, at most ``limit`` and about ``size`` bytes, and where it goes on: at the
        stage after the last one when nothing is left. Lines that change meanwhile get later numbers, by which the
        commit order brings them."""
        wires: list[bytes] = []
        last = LinePosition(first.bucket, first.seq)
        while first.stage < FIRST_STAGES and len(wires) < limit and size > 0:
            page = self._page(self._first_stage(first, limit - len(wires)), limit - len(wires), size)
            wires += page.lines
            size -= sum(map(len, page.lines))
            last = page.last
            if page.has_more:
                first = first._replace(bucket=last.bucket, seq=last.seq)
                break
            first = first._replace(stage=first.stage + 1, bucket="", seq=0)
        return LinePage(wires, last, first.stage < FIRST_STAGES, []), first

    def _first_stage(self, first: FirstRead, limit: int) -> Select[str, int, str, str, int, int]:
        """What is left of the stage of a first read, in its order."""
        stage = _first_stage(first.stage, first.since)
        lines = select(*_PAGE_COLUMNS).where(
            LINE.c.district == self.caller.district, LINE.c.seq <= first.since, ~LINE.c.damaged, stage.condition
        )
        excluded = excluded_buckets(self.caller.grants)
        if excluded is None:
            lines = lines.join(BUCKET, _same_bucket()).where(self._scope_condition())
        elif excluded:
            lines = lines.where(LINE.c.bucket.not_in(excluded))
        if stage.newest_first:
            after = LINE.c.seq < first.seq if first.seq else LINE.c.seq <= first.since
            return lines.where(after).order_by(LINE.c.seq.desc()).limit(limit + 1)
        after = tuple_(LINE.c.bucket, LINE.c.seq) > tuple_(literal(first.bucket), literal(first.seq))
        return lines.where(after).order_by(LINE.c.bucket, LINE.c.seq).limit(limit + 1)

    def lost_versions(self, page: LinePage) -> list[LostVersion]:
        """The versions of a page's lines that were replaced by somebody who had not seen them."""
        if not page.replacing:
            return []
        chosen = select(VERSION.c.id, VERSION.c.stamp, VERSION.c.device).where(
            VERSION.c.district == self.caller.district,
            is_one_of(self._connection, VERSION.c.id, page.replacing),
            VERSION.c.reason == "superseded",
        )
        rows = self._connection.execute(chosen.order_by(VERSION.c.seq.desc()).limit(MAX_LOST_VERSIONS))
        return [LostVersion(id=line_id, stamp=stamp, device=device) for line_id, stamp, device in rows]

    def scope_events_after(self, cursor: Cursor, limit: int) -> list[ScopeEventRow]:
        """The buckets that entered or left the scope after a cursor, in commit order, at most ``limit``."""
        rows = self._connection.execute(self._scope_events(cursor).order_by(SCOPE_EVENT.c.seq).limit(limit))
        return [ScopeEventRow(*row) for row in rows]

    def in_scope(self, buckets: Sequence[str]) -> set[str]:
        """Which of these buckets are in scope now."""
        if not buckets:
            return set()
        chosen = select(BUCKET.c.bucket).where(
            self._scope_condition(), is_one_of(self._connection, BUCKET.c.bucket, buckets)
        )
        return set(self._connection.execute(chosen).scalars())

    def lines_in_buckets(
        self, buckets: Sequence[str], after: str | None, limit: int, size: int
    ) -> tuple[LinePage, str | None]:
        """The lines of these buckets, as far as they are in scope, by bucket and number; and the token for the next
        page, or None. Of a bucket that is out of scope not a row is read, so that no duration tells of it."""
        names = sorted(self.in_scope(buckets))
        if not names:
            return LinePage([], LinePosition("", 0), False, []), None
        position = unseal(self.caller.secret, "fetch", self.caller.account, after)
        bucket, seq = position.rsplit(" ", 1) if position else ("", "0")
        lines = (
            select(*_PAGE_COLUMNS)
            .join(BUCKET, _same_bucket())
            .where(self._scope_condition(), is_one_of(self._connection, BUCKET.c.bucket, names), ~LINE.c.damaged)
            .where(tuple_(LINE.c.bucket, LINE.c.seq) > tuple_(literal(bucket), literal(int(seq))))
            .order_by(LINE.c.bucket, LINE.c.seq)
            .limit(limit + 1)
        )
        page = self._page(lines, limit, size)
        following = f"{page.last.bucket} {page.last.seq}" if page.has_more else None
        return page, following and seal(self.caller.secret, "fetch", self.caller.account, following)

    def history(self, line_id: str) -> list[StoredVersion]:
        """Every undamaged version of a line in scope, the current one first; nothing when it is missing or out of
        scope."""
        current = (
            select(LINE.c.wire, LINE.c.digest, LINE.c.received_at, null())
            .join(BUCKET, _same_bucket())
            .where(self._scope_condition(), LINE.c.district == self.caller.district, LINE.c.id == line_id)
        )
        row = self._connection.execute(current).first()
        if row is None:
            return []
        versions = select(VERSION.c.wire, VERSION.c.digest, VERSION.c.received_at, VERSION.c.reason).where(
            VERSION.c.district == self.caller.district, VERSION.c.id == line_id
        )
        rows = [row, *self._connection.execute(versions.order_by(VERSION.c.seq.desc()))]
        return [
            StoredVersion(wire.encode(), received_at, reason)
            for wire, digest, received_at, reason in rows
            if to_signed(digest_of(wire.encode())) == digest
        ]

    def versions_of(self, line_ids: Sequence[str]) -> list[AcceptedRow]:
        """Every undamaged version of those of these lines that are in scope, by line, in the order of their numbers."""
        chosen = (self._scope_condition(), LINE.c.district == self.caller.district)
        current = _accepted(LINE, null()).join(BUCKET, _same_bucket())
        rows = self._connection.execute(current.where(*chosen, is_one_of(self._connection, LINE.c.id, line_ids))).all()
        in_scope = is_one_of(self._connection, VERSION.c.id, sorted({row[0] for row in rows}))
        past = _accepted(VERSION, VERSION.c.reason).where(VERSION.c.district == self.caller.district, in_scope)
        every = sorted([*rows, *self._connection.execute(past)], key=lambda row: (row[0], row[1]))
        return [
            AcceptedRow(AcceptedVersion(seq, wire.encode(), entry), received_at, reason)
            for _, seq, wire, digest, received_at, entry, reason in every
            if to_signed(digest_of(wire.encode())) == digest
        ]

    def blobs(self) -> BlobReads:
        """The bytes of attachments that lines in scope name."""
        return BlobReads(self._connection, self.caller.district, self._scope_condition())

    # Parts of the above

    def _scope_condition(self) -> ColumnElement[bool]:
        return and_(
            BUCKET.c.district == self.caller.district, scope_condition(self.caller.grants, self.caller.district)
        )

    def _line_seqs(self, cursor: Cursor, *, include_own: bool) -> Select[int]:
        """The numbers of the lines in scope after a cursor. A device that has read everything once is not sent its own
        lines; one that reads from the beginning is (``include_own``)."""
        after = [LINE.c.district == self.caller.district, LINE.c.seq > cursor.seq, ~LINE.c.damaged]
        if not include_own:
            after.append(LINE.c.device != self.caller.device)
        lines = select(LINE.c.seq).where(*after)
        excluded = excluded_buckets(self.caller.grants)
        if excluded is not None:
            return lines.where(LINE.c.bucket.not_in(excluded)) if excluded else lines
        return lines.join(BUCKET, _same_bucket()).where(self._scope_condition(), BUCKET.c.seq > cursor.seq)

    def _scope_events(self, cursor: Cursor) -> Select[str, int, str, str, bool]:
        return select(SCOPE_EVENT).where(
            SCOPE_EVENT.c.district == self.caller.district,
            SCOPE_EVENT.c.account == self.caller.account,
            SCOPE_EVENT.c.seq > max(cursor.seq, cursor.since),
        )

    def _page(self, lines: Select[str, int, str, str, int, int], limit: int, size: int) -> LinePage:
        wires: list[bytes] = []
        replacing: list[str] = []
        last = LinePosition("", 0)
        taken = total_size = 0
        with self._connection.execute(lines, execution_options={"yield_per": _FETCH_SIZE}) as rows:
            for bucket, seq, line_id, wire, digest, from_stamp in rows:
                line = wire.encode()
                if taken == limit or (taken and total_size + len(line) > size):
                    return LinePage(wires, last, True, replacing)
                taken, total_size, last = taken + 1, total_size + len(line), LinePosition(bucket, seq)
                if from_stamp is not None:
                    replacing.append(line_id)
                if to_signed(digest_of(line)) == digest:
                    wires.append(line)
                else:
                    self.damaged.append(line_id)
        return LinePage(wires, last, False, replacing)


class _FirstStage(NamedTuple):
    """A stage of a first read: which lines, and whether the newest come first, or one bucket after the other."""

    condition: ColumnElement[bool]
    newest_first: bool = True


FIRST_STAGES = 4


def _accepted(table: Table, reason: ColumnElement[str] | Null) -> Select[str, int, str, int, int, int, str | None]:
    """The columns of an `AcceptedRow`, with id and digest."""
    columns = table.c
    entry = entry_of_number(columns.district, columns.seq)
    return select(columns.id, columns.seq, columns.wire, columns.digest, columns.received_at, entry, reason)


def _first_stage(stage: int, since: int) -> _FirstStage:
    """The stages of a first read up to a number: what all screens need, phones, open issues, the rest. Together they
    are each line once: what changes meanwhile may make an open issue a closed one, which comes again with the rest,
    and never the reverse."""
    is_of_issue, is_closed = LINE.c.bucket.startswith(f"{Area.ISSUE}:"), _is_closed(since)
    if stage == 0:  # people, units, projects and who serves them, procedures
        return _FirstStage(LINE.c.bucket < f"{Area.ISSUE}:", newest_first=False)
    if stage == 1:
        return _FirstStage(LINE.c.bucket == CONTACT, newest_first=False)
    if stage == 2:
        return _FirstStage(and_(is_of_issue, ~is_closed))
    is_rest = and_(LINE.c.bucket > f"{Area.ISSUE}:", LINE.c.bucket != CONTACT)
    return _FirstStage(and_(is_rest, or_(~is_of_issue, is_closed)))


def _is_closed(since: int) -> ColumnElement[bool]:
    """Whether a line's issue has a close-out number and nothing was done about it after that, up to a number."""
    closing, later = LINE.alias("closing"), LINE.alias("later")
    is_reopened = exists(
        select(later.c.seq).where(
            later.c.district == closing.c.district, later.c.bucket == closing.c.bucket, later.c.kind != "close_out",
            later.c.seq > closing.c.seq, later.c.seq <= since,
        )
    )  # fmt: skip
    return exists(
        select(closing.c.seq).where(
            closing.c.district == LINE.c.district, closing.c.bucket == LINE.c.bucket, closing.c.kind == "close_out",
            ~is_reopened,
        )
    )  # fmt: skip


_PAGE_COLUMNS = (LINE.c.bucket, LINE.c.seq, LINE.c.id, LINE.c.wire, LINE.c.digest, LINE.c.from_stamp)
_CHECKSUM_COLUMNS = (
    func.coalesce(func.sum(BUCKET.c.lines), 0),
    func.coalesce(func.sum(BUCKET.c.hi), 0),
    func.coalesce(func.sum(BUCKET.c.lo), 0),
)


def _same_bucket() -> ColumnElement[bool]:
    return and_(LINE.c.district == BUCKET.c.district, LINE.c.bucket == BUCKET.c.bucket)
