"""What one caller may see, in one snapshot: every question that the steps ask of the central, by name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, literal, null, or_, select, tuple_

from store.ledger.buckets import SetChecksum
from store.ledger.line import digest_of
from store.ledger.row_mapping import to_signed
from sync.central.accounts.accounts import Caller
from sync.central.accounts.scope import excluded_buckets, scope_condition
from sync.central.db.database import is_one_of
from sync.central.db.tables import BUCKET, LINE, SCOPE_EVENT, VERSION
from sync.central.reads.cursor import Cursor, open_cursor, seal, seal_cursor, unseal

_FETCH_SIZE = 100
"""Rows in memory beyond those of the page: one line may be as long as a third of a megabyte."""


class LinePage(NamedTuple):
    """Lines as they travel, the number (and bucket) of the last one, and whether more follow."""

    lines: list[bytes]
    last_key: tuple[Any, ...]
    has_more: bool


class StoredVersion(NamedTuple):
    """A version of a line that the central keeps: ``reason`` is why it is not current, None for the current one."""

    wire: bytes
    received_at: int
    reason: str | None


class ScopedReads:
    """Reads for one caller. ``damaged`` gathers the ids of rows found unsound on the way; they are sent to nobody."""

    def __init__(self, connection: Connection, caller: Caller, now_ms: int) -> None:
        self._connection = connection
        self.caller = caller
        self.now_ms = now_ms
        self.damaged: list[str] = []

    # How far things are

    def current_seq(self) -> int:
        """The district's counter at this moment."""
        return self.caller.seq

    def parse_cursor(self, token: str | None) -> Cursor | None:
        """The cursor of a token; None when the device has to read from the beginning."""
        return open_cursor(self.caller.secret, self.caller.account, token, self.caller.seq)

    def initial_cursor(self) -> Cursor:
        """The cursor of a device that has read nothing."""
        return Cursor(0, self.current_seq())

    def cursor_token(self, cursor: Cursor) -> str:
        """The token of a cursor, for this account only."""
        return seal_cursor(self.caller.secret, self.caller.account, cursor)

    def has_news(self, cursor: Cursor | None) -> bool:
        """Whether a pull from ``cursor`` would bring lines of others, or move buckets in or out of scope."""
        if cursor is None or cursor.seq == self.caller.seq:
            return cursor is None
        lines = self._line_seqs(cursor, include_own=cursor.seq < cursor.since)
        return bool(self._connection.execute(select(or_(exists(lines), exists(self._scope_events(cursor))))).scalar())

    # Sums

    def total_checksum(self) -> SetChecksum:
        """The set-digest of the whole scope. The district keeps its own, so who sees all or nearly all of it costs
        nothing, however many buckets there are."""
        unseen = excluded_buckets(self.caller.grants)
        if unseen is None:
            return self._sum_checksums(self._scope_condition())
        if not unseen:
            return self.caller.total
        here = BUCKET.c.district == self.caller.district
        return self.caller.total.minus(self._sum_checksums(and_(here, BUCKET.c.bucket.in_(unseen))))

    def _sum_checksums(self, chosen: ColumnElement[bool]) -> SetChecksum:
        return _checksum(self._connection.execute(select(*_CHECKSUM_COLUMNS).where(chosen)).one())

    def group_checksums(self) -> dict[str, SetChecksum]:
        """The set-digest of each group of buckets in scope."""
        rows = self._connection.execute(
            select(BUCKET.c.grp, *_CHECKSUM_COLUMNS).where(self._scope_condition()).group_by(BUCKET.c.grp)
        )
        return {row[0]: _checksum(row[1:]) for row in rows}

    def bucket_checksums(self, groups: Sequence[str], names: Sequence[str]) -> dict[str, SetChecksum]:
        """The set-digests of the buckets in scope that are in these groups or have these names."""
        chosen = or_(BUCKET.c.grp.in_(groups), is_one_of(self._connection, BUCKET.c.bucket, names))
        columns = (BUCKET.c.bucket, BUCKET.c.lines, BUCKET.c.hi, BUCKET.c.lo)
        rows = self._connection.execute(select(*columns).where(self._scope_condition(), chosen))
        return {row[0]: SetChecksum(*row[1:]) for row in rows}

    # Lines

    def lines_after(self, cursor: Cursor, until: int, limit: int, size: int) -> LinePage:
        """The lines of the scope after a cursor and up to a number, in commit order: at most ``limit``, and about
        ``size`` bytes."""
        mine = self._line_seqs(cursor, include_own=cursor.seq < cursor.since).where(LINE.c.seq <= until)
        numbers = mine.order_by(LINE.c.seq).limit(limit + 1).subquery()
        lines = (
            select(LINE.c.seq, LINE.c.id, LINE.c.wire, LINE.c.digest)
            .join(numbers, and_(LINE.c.district == self.caller.district, LINE.c.seq == numbers.c.seq))
            .order_by(LINE.c.seq)
        )
        return self._page(lines, limit, size)

    def scope_events_after(self, cursor: Cursor, limit: int) -> list[tuple[int, str, bool]]:
        """(number, bucket, granted) of what entered or left the scope after a cursor, in commit order."""
        rows = self._connection.execute(self._scope_events(cursor).order_by(SCOPE_EVENT.c.seq).limit(limit))
        return [(row[0], row[1], row[2]) for row in rows]

    def in_scope(self, buckets: Sequence[str]) -> set[str]:
        """Which of these buckets are in scope now."""
        if not buckets:
            return set()
        chosen = select(BUCKET.c.bucket).where(
            self._scope_condition(), is_one_of(self._connection, BUCKET.c.bucket, buckets)
        )
        return set(self._connection.execute(chosen).scalars())

    def out_of_scope(self, buckets: Sequence[str]) -> set[str]:
        """Which of these buckets there are, but not in scope. For who names them, since they hold lines of them."""
        chosen = select(BUCKET.c.bucket).where(
            BUCKET.c.district == self.caller.district, is_one_of(self._connection, BUCKET.c.bucket, buckets)
        )
        return set(self._connection.execute(chosen).scalars()) - self.in_scope(buckets)

    def lines_in_buckets(
        self, buckets: Sequence[str], after: str | None, limit: int, size: int
    ) -> tuple[LinePage, str | None]:
        """The lines of these buckets, as far as they are in scope, and the token that continues, or None."""
        place = unseal(self.caller.secret, "fetch", self.caller.account, after)
        bucket, seq = place.rsplit(" ", 1) if place else ("", "0")
        lines = (
            select(LINE.c.bucket, LINE.c.seq, LINE.c.id, LINE.c.wire, LINE.c.digest)
            .join(BUCKET, _same_bucket())
            .where(self._scope_condition(), is_one_of(self._connection, BUCKET.c.bucket, buckets), ~LINE.c.damaged)
            .where(tuple_(LINE.c.bucket, LINE.c.seq) > tuple_(literal(bucket), literal(int(seq))))
            .order_by(LINE.c.bucket, LINE.c.seq)
            .limit(limit + 1)
        )
        page = self._page(lines, limit, size)
        next_place = f"{page.last_key[0]} {page.last_key[1]}" if page.has_more else None
        return page, next_place and seal(self.caller.secret, "fetch", self.caller.account, next_place)

    def history(self, line_id: str) -> list[StoredVersion]:
        """Every sound version of a line in scope, the current one first; nothing when it is missing or hidden."""
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
            StoredVersion(one[0].encode(), one[2], one[3])
            for one in rows
            if to_signed(digest_of(one[0].encode())) == one[1]
        ]

    # Parts of the above

    def _scope_condition(self) -> ColumnElement[bool]:
        return and_(BUCKET.c.district == self.caller.district, scope_condition(self.caller.grants))

    def _line_seqs(self, cursor: Cursor, *, include_own: bool) -> Select[int]:
        """The numbers of the lines in scope after a cursor. A device that keeps up is not sent what it wrote itself
        (``echo``); one that reads from the beginning is."""
        after = [LINE.c.district == self.caller.district, LINE.c.seq > cursor.seq, ~LINE.c.damaged]
        if not include_own:
            after.append(LINE.c.device != self.caller.device)
        lines = select(LINE.c.seq).where(*after)
        unseen = excluded_buckets(self.caller.grants)
        if unseen is not None:
            return lines.where(LINE.c.bucket.not_in(unseen)) if unseen else lines
        return lines.join(BUCKET, _same_bucket()).where(self._scope_condition(), BUCKET.c.seq > cursor.seq)

    def _scope_events(self, cursor: Cursor) -> Select[int, str, bool]:
        return select(SCOPE_EVENT.c.seq, SCOPE_EVENT.c.bucket, SCOPE_EVENT.c.granted).where(
            SCOPE_EVENT.c.district == self.caller.district,
            SCOPE_EVENT.c.account == self.caller.account,
            SCOPE_EVENT.c.seq > max(cursor),
        )

    def _page(self, lines: Select[Any], limit: int, size: int) -> LinePage:
        wires: list[bytes] = []
        last: tuple[Any, ...] = ()
        taken = room = 0
        with self._connection.execute(lines, execution_options={"yield_per": _FETCH_SIZE}) as rows:
            for *place, line_id, wire, digest in rows:
                line = wire.encode()
                if taken == limit or (taken and room + len(line) > size):
                    return LinePage(wires, last, True)
                taken, room, last = taken + 1, room + len(line), tuple(place)
                if to_signed(digest_of(line)) == digest:
                    wires.append(line)
                else:
                    self.damaged.append(line_id)
        return LinePage(wires, last, False)


_CHECKSUM_COLUMNS = (
    func.coalesce(func.sum(BUCKET.c.lines), 0),
    func.coalesce(func.sum(BUCKET.c.hi), 0),
    func.coalesce(func.sum(BUCKET.c.lo), 0),
)


def _same_bucket() -> ColumnElement[bool]:
    return and_(LINE.c.district == BUCKET.c.district, LINE.c.bucket == BUCKET.c.bucket)


def _checksum(row: Any) -> SetChecksum:
    return SetChecksum(*map(int, row))
