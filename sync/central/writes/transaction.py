"""The central's one way to write lines: fetch what a batch meets, let it judge, carry out what it decided.

The number of statements does not grow with the batch; the district's row is locked throughout (``sequence.py``).
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence

import orjson
from sqlalchemy import Connection, bindparam, select, update

from store.domain.issue_lifecycle import state_of
from store.ledger.buckets import Area, Sum, group_of, halves
from store.ledger.line import Line, derived_id, parse
from store.ledger.row_mapping import unsigned
from store.values.text import clean
from sync.central import audit, integrity
from sync.central.accounts import accounts, roles
from sync.central.accounts.accounts import Caller
from sync.central.accounts.departments import department_of, own_line
from sync.central.accounts.permissions import is_approval
from sync.central.accounts.scope import Ground
from sync.central.db.commit_order import Counter
from sync.central.db.database import among, insert_rows
from sync.central.db.tables import BUCKET, LINE, VERSION
from sync.central.writes import close_out_numbers
from sync.central.writes.merge_batch import Batch, LineEntry, Met, VersionEntry, is_damaged, line_of
from sync.central.writes.validation import Pushed, Unfit

_PLACE = (LINE.c.district == bindparam("its_district")) & (LINE.c.id == bindparam("its_id"))
_REPLACE = update(LINE).where(_PLACE).values({name: bindparam(name) for name in LineEntry._fields[2:]})
_HERE = (BUCKET.c.district == bindparam("its_district")) & (BUCKET.c.bucket == bindparam("its_bucket"))
_ADD = update(BUCKET).where(_HERE).values(
    {name: BUCKET.c[name] + bindparam(f"more_{name}") for name in ("lines", "hi", "lo")} | {"seq": bindparam("new_seq")}
)  # fmt: skip
_MOVE = update(BUCKET).where(_HERE).values(department=bindparam("to"))
REFUSED_TOLD = 50
"""Of how many refused lines of a push the audit tells the id and the code."""


class Writing:
    """One caller's write transaction, with the district's counter in hand."""

    def __init__(self, connection: Connection, caller: Caller, counter: Counter) -> None:
        self._connection = connection
        self._counter = counter
        self.caller = caller

    def batch(self, inspected: Iterable[Pushed | Unfit]) -> Batch:
        """A batch that knows everything these lines meet."""
        pushed = [one for one in inspected if isinstance(one, Pushed)]
        held = self._held([one.line.id for one in pushed])
        buckets = {one.bucket for one in pushed} | {entry.bucket for entry in held.values()}
        approved = {one.bucket for one in pushed if is_approval(one.line)}
        district = self.caller.district
        grounds = grounds_of(self._connection, district, buckets)
        past = roles.laid_down(self._connection, district, self.caller.account, self._counter.now_ms)
        met = Met(grounds, held, lines_of(self._connection, district, approved), past)
        return Batch(self.caller, met, self._counter.now_ms, self._counter.take)

    def carry_out(self, batch: Batch) -> None:
        """Write what the batch decided: lines, versions, sums, departments and what they change in scopes."""
        connection = self._connection
        insert_rows(connection, LINE, batch.new())
        self._replace(batch.changed())
        insert_rows(connection, VERSION, [*batch.past, *self._unknown(batch)])
        add_up(connection, self._counter, batch.sums, batch.new_grounds)
        touched = [batch.ground(bucket) for bucket in batch.sums]
        lines = lines_of(connection, self.caller.district, apart(touched))
        self._close(lines)
        relocate(connection, self._counter, touched, batch.new_grounds, lines)
        strayed = [(self.caller.account, bucket, False) for bucket in batch.strayed()]
        roles.happened(connection, self._counter, strayed)
        self._note_refused(batch)
        if batch.mended:
            integrity.recount(connection, self._counter, sorted(batch.mended))
        accounts.seen(connection, self.caller, self._counter.now_ms)
        self._counter.save(connection)

    def _note_refused(self, batch: Batch) -> None:
        """What was refused is in the audit too: once a push, with the first ids and how many there were."""
        if batch.refused:
            lines = [{"id": clean(line_id), "code": code} for line_id, code in batch.refused[:REFUSED_TOLD]]
            who = {"account": self.caller.account, "device": self.caller.device}
            audit.record(self._connection, self._counter, "refused", **who, refused=len(batch.refused), lines=lines)

    def _close(self, lines: Mapping[str, list[Line]]) -> None:
        """Give the issues among these buckets that have been approved their close-out numbers."""
        confirmation = self._confirmation() if any(bucket[0] == Area.ISSUE for bucket in lines) else False
        closed = filter(None, (_closed(bucket, held, confirmation) for bucket, held in lines.items()))
        entries = close_out_numbers.numbered(self._connection, self._counter, self.caller, closed)
        insert_rows(self._connection, LINE, list(entries.values()))
        sums = {bucket: (entry.seq, 1, *halves(unsigned(entry.digest))) for bucket, entry in entries.items()}
        add_up(self._connection, self._counter, sums, {})

    def _confirmation(self) -> bool:
        """Whether the district wants the enterprise's word before an approval (``store/domain/limits.py``)."""
        line_id = derived_id(self.caller.district, "district_limit", "confirmation")
        entry = self._held([line_id]).get(line_id)
        return entry is not None and not is_damaged(entry) and bool(line_of(entry).body.get("value"))

    # What is there

    def _held(self, ids: Sequence[str]) -> dict[str, LineEntry]:
        chosen = select(LINE).where(LINE.c.district == self.caller.district, among(self._connection, LINE.c.id, ids))
        return {row[1]: LineEntry(*row) for row in self._connection.execute(chosen)}

    def _unknown(self, batch: Batch) -> list[VersionEntry]:
        """Those late versions that are not kept already: a reply may have been lost, and the push repeated."""
        if not batch.late:
            return []
        ids = sorted({entry.id for entry in batch.late})
        chosen = select(VERSION.c.id, VERSION.c.digest).where(
            VERSION.c.district == self.caller.district, among(self._connection, VERSION.c.id, ids)
        )
        known = {(row[0], row[1]) for row in self._connection.execute(chosen)}
        known |= {(entry.id, entry.digest) for entry in batch.past}
        fresh = {(entry.id, entry.digest): entry for entry in batch.late}
        return [entry for key, entry in fresh.items() if key not in known]

    # What is written

    def _replace(self, entries: Sequence[LineEntry]) -> None:
        if entries:
            rows = [{"its_district": e.district, "its_id": e.id, **_without_key(e)} for e in entries]
            self._connection.execute(_REPLACE, rows)


# Buckets, also for ``refile.py``

Sums = Mapping[str, Sequence[int]]
"""By bucket: the last number used in it, and by how much its lines, hi and lo change."""


def add_up(connection: Connection, counter: Counter, sums: Sums, new: Mapping[str, Ground]) -> None:
    """Add to the sums of buckets, of which some are ``new``, and to the district's total."""
    rows = [
        (counter.district, bucket, ground.area, group_of(bucket), ground.project, None, *sums[bucket])
        for bucket, ground in new.items()
    ]
    insert_rows(connection, BUCKET, rows)
    names = ("its_bucket", "new_seq", "more_lines", "more_hi", "more_lo")
    changes = [
        {"its_district": counter.district, **dict(zip(names, (bucket, *more), strict=True))}
        for bucket, more in sums.items()
        if bucket not in new
    ]
    if changes:
        connection.execute(_ADD, changes)
    for _, *more in sums.values():
        counter.total = counter.total.add(Sum(*more))


def apart(grounds: Iterable[Ground]) -> dict[str, Ground]:
    """Those of the grounds that are one issue or one procedure, by bucket."""
    return {ground.bucket: ground for ground in grounds if ground.area in (Area.ISSUE, Area.PROCEDURE)}


def relocate(
    connection: Connection,
    counter: Counter,
    grounds: Iterable[Ground],
    new: Container[str],
    lines: Mapping[str, Sequence[Line]] | None = None,
) -> None:
    """Find out again to which department these issues and procedures belong, by their ``lines``. Accounts that gain or
    lose a bucket are told, but not of new buckets: their lines come by themselves."""
    concerned = apart(grounds)
    lines = lines_of(connection, counter.district, concerned) if lines is None else lines
    moves = []
    for bucket, old in concerned.items():
        department = department_of(bucket, lines[bucket])
        if department != old.department:
            moves.append((old, old._replace(department=department)))
    if moves:
        places = [{"its_district": counter.district, "its_bucket": to.bucket, "to": to.department} for _, to in moves]
        connection.execute(_MOVE, places)
        told = [move for move in moves if move[0].bucket not in new]
        roles.happened(connection, counter, roles.relocated(connection, counter, told))


def lines_of(connection: Connection, district: str, buckets: Iterable[str]) -> dict[str, list[Line]]:
    """The current sound lines of whole buckets."""
    found: dict[str, list[Line]] = {bucket: [] for bucket in buckets}
    if not found:
        return found
    chosen = select(LINE.c.bucket, LINE.c.wire).where(
        LINE.c.district == district, among(connection, LINE.c.bucket, list(found)), ~LINE.c.damaged
    )
    for bucket, wire in connection.execute(chosen):
        found[bucket].append(parse(orjson.loads(wire)))
    return found


def grounds_of(connection: Connection, district: str, buckets: Iterable[str]) -> dict[str, Ground]:
    """Where the lines of these buckets lie, for those buckets that exist."""
    chosen = select(BUCKET.c.bucket, BUCKET.c.area, BUCKET.c.project, BUCKET.c.department).where(
        BUCKET.c.district == district, among(connection, BUCKET.c.bucket, sorted(buckets))
    )
    return {row[0]: Ground(*row) for row in connection.execute(chosen)}


def _closed(bucket: str, lines: Sequence[Line], confirmation: bool) -> close_out_numbers.Closed | None:
    """The issue of a bucket, if it waits for its close-out number. Only where there is an approval is it worked out."""
    own = own_line(bucket, lines)
    if own is None or not any(is_approval(line) for line in lines):
        return None
    return close_out_numbers.unnumbered(bucket, own, state_of(own, lines, confirmation=confirmation), lines)


def _without_key(entry: LineEntry) -> dict[str, object]:
    return dict(zip(LineEntry._fields[2:], entry[2:], strict=True))
