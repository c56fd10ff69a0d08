"""The central's one way to write lines: fetch what a batch meets, let it judge, carry out what it decided.

The number of statements does not grow with the batch; the district's row is locked throughout (``sequence.py``).
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence

import orjson
from sqlalchemy import Connection, bindparam, select, update

from store.domain.issue_lifecycle import compute_state
from store.ledger.buckets import Area, SetChecksum, bucket_group, split_digest
from store.ledger.line import Line, derived_id, parse_line
from store.ledger.row_mapping import to_unsigned
from store.values.text import sanitize
from sync.central import audit, integrity
from sync.central.accounts import accounts, roles
from sync.central.accounts.accounts import Caller
from sync.central.accounts.departments import department_of, own_line
from sync.central.accounts.permissions import is_approval
from sync.central.accounts.scope import BucketOwner
from sync.central.db.commit_order import DistrictCounter
from sync.central.db.database import insert_rows, is_one_of
from sync.central.db.tables import BUCKET, LINE, VERSION
from sync.central.writes import close_out_numbers
from sync.central.writes.merge_batch import ExistingState, LineEntry, MergeBatch, VersionEntry, is_damaged, line_of
from sync.central.writes.validation import InvalidLine, ValidLine

_SAME_LINE = (LINE.c.district == bindparam("its_district")) & (LINE.c.id == bindparam("its_id"))
_UPDATE_LINE = update(LINE).where(_SAME_LINE).values({name: bindparam(name) for name in LineEntry._fields[2:]})
_SAME_BUCKET = (BUCKET.c.district == bindparam("its_district")) & (BUCKET.c.bucket == bindparam("its_bucket"))
_ADD_TO_BUCKET = update(BUCKET).where(_SAME_BUCKET).values(
    {name: BUCKET.c[name] + bindparam(f"more_{name}") for name in ("lines", "hi", "lo")} | {"seq": bindparam("new_seq")}
)  # fmt: skip
_SET_DEPARTMENT = update(BUCKET).where(_SAME_BUCKET).values(department=bindparam("to"))
MAX_AUDITED_REJECTIONS = 50
"""Of how many refused lines of a push the audit tells the id and the code."""


class WriteTransaction:
    """One caller's write transaction, with the district's counter in hand."""

    def __init__(self, connection: Connection, caller: Caller, counter: DistrictCounter) -> None:
        self._connection = connection
        self._counter = counter
        self.caller = caller

    def load_batch(self, lines: Iterable[ValidLine | InvalidLine]) -> MergeBatch:
        """A batch that knows everything these lines meet."""
        pushed = [one for one in lines if isinstance(one, ValidLine)]
        held = self._existing_lines([one.line.id for one in pushed])
        buckets = {one.bucket for one in pushed} | {entry.bucket for entry in held.values()}
        approved = {one.bucket for one in pushed if is_approval(one.line)}
        district = self.caller.district
        grounds = bucket_owners(self._connection, district, buckets)
        past = roles.recently_withdrawn(self._connection, district, self.caller.account, self._counter.now_ms)
        met = ExistingState(grounds, held, lines_by_bucket(self._connection, district, approved), past)
        return MergeBatch(self.caller, met, self._counter.now_ms, self._counter.next_seq)

    def write_batch(self, batch: MergeBatch) -> None:
        """Write what the batch decided: lines, versions, sums, departments and what they change in scopes."""
        connection = self._connection
        insert_rows(connection, LINE, batch.inserts())
        self._replace(batch.updates())
        insert_rows(connection, VERSION, [*batch.replaced_versions, *self._new_late_versions(batch)])
        apply_deltas(connection, self._counter, batch.bucket_deltas, batch.new_owners)
        touched = [batch.owner(bucket) for bucket in batch.bucket_deltas]
        lines = lines_by_bucket(connection, self.caller.district, issues_and_procedures(touched))
        self._number_closed_issues(lines)
        update_departments(connection, self._counter, touched, batch.new_owners, lines)
        strayed = [(self.caller.account, bucket, False) for bucket in batch.misfiled_buckets()]
        roles.record_scope_events(connection, self._counter, strayed)
        self._audit_rejections(batch)
        if batch.repaired_buckets:
            integrity.recompute_checksums(connection, self._counter, sorted(batch.repaired_buckets))
        accounts.mark_device_seen(connection, self.caller, self._counter.now_ms)
        self._counter.save(connection)

    def _audit_rejections(self, batch: MergeBatch) -> None:
        """What was refused is in the audit too: once a push, with the first ids and how many there were."""
        if batch.rejections:
            lines = [
                {"id": sanitize(line_id), "code": code} for line_id, code in batch.rejections[:MAX_AUDITED_REJECTIONS]
            ]
            who = {"account": self.caller.account, "device": self.caller.device}
            audit.record_event(
                self._connection, self._counter, "refused", **who, refused=len(batch.rejections), lines=lines
            )

    def _number_closed_issues(self, lines: Mapping[str, list[Line]]) -> None:
        """Give the issues among these buckets that have been approved their close-out numbers."""
        confirmation = self._needs_confirmation() if any(bucket[0] == Area.ISSUE for bucket in lines) else False
        closed = filter(None, (_unnumbered_issue_in(bucket, held, confirmation) for bucket, held in lines.items()))
        entries = close_out_numbers.assign_numbers(self._connection, self._counter, self.caller, closed)
        insert_rows(self._connection, LINE, list(entries.values()))
        sums = {bucket: (entry.seq, 1, *split_digest(to_unsigned(entry.digest))) for bucket, entry in entries.items()}
        apply_deltas(self._connection, self._counter, sums, {})

    def _needs_confirmation(self) -> bool:
        """Whether the district wants the enterprise's word before an approval (``store/domain/limits.py``)."""
        line_id = derived_id(self.caller.district, "district_limit", "confirmation")
        entry = self._existing_lines([line_id]).get(line_id)
        return entry is not None and not is_damaged(entry) and bool(line_of(entry).body.get("value"))

    # What is there

    def _existing_lines(self, ids: Sequence[str]) -> dict[str, LineEntry]:
        chosen = select(LINE).where(
            LINE.c.district == self.caller.district, is_one_of(self._connection, LINE.c.id, ids)
        )
        return {row[1]: LineEntry(*row) for row in self._connection.execute(chosen)}

    def _new_late_versions(self, batch: MergeBatch) -> list[VersionEntry]:
        """Those late versions that are not kept already: a reply may have been lost, and the push repeated."""
        if not batch.late_versions:
            return []
        ids = sorted({entry.id for entry in batch.late_versions})
        chosen = select(VERSION.c.id, VERSION.c.digest).where(
            VERSION.c.district == self.caller.district, is_one_of(self._connection, VERSION.c.id, ids)
        )
        known = {(row[0], row[1]) for row in self._connection.execute(chosen)}
        known |= {(entry.id, entry.digest) for entry in batch.replaced_versions}
        fresh = {(entry.id, entry.digest): entry for entry in batch.late_versions}
        return [entry for key, entry in fresh.items() if key not in known]

    # What is written

    def _replace(self, entries: Sequence[LineEntry]) -> None:
        if entries:
            rows = [{"its_district": e.district, "its_id": e.id, **_without_key(e)} for e in entries]
            self._connection.execute(_UPDATE_LINE, rows)


# Buckets, also for ``refile.py``

BucketDeltas = Mapping[str, Sequence[int]]
"""By bucket: the last number used in it, and by how much its lines, hi and lo change."""


def apply_deltas(
    connection: Connection, counter: DistrictCounter, deltas: BucketDeltas, new: Mapping[str, BucketOwner]
) -> None:
    """Add to the sums of buckets, of which some are ``new``, and to the district's total."""
    rows = [
        (counter.district, bucket, ground.area, bucket_group(bucket), ground.project, None, *deltas[bucket])
        for bucket, ground in new.items()
    ]
    insert_rows(connection, BUCKET, rows)
    names = ("its_bucket", "new_seq", "more_lines", "more_hi", "more_lo")
    changes = [
        {"its_district": counter.district, **dict(zip(names, (bucket, *more), strict=True))}
        for bucket, more in deltas.items()
        if bucket not in new
    ]
    if changes:
        connection.execute(_ADD_TO_BUCKET, changes)
    for _, *more in deltas.values():
        counter.total = counter.total.add(SetChecksum(*more))


def issues_and_procedures(owners: Iterable[BucketOwner]) -> dict[str, BucketOwner]:
    """Those of the grounds that are one issue or one procedure, by bucket."""
    return {ground.bucket: ground for ground in owners if ground.area in (Area.ISSUE, Area.PROCEDURE)}


def update_departments(
    connection: Connection,
    counter: DistrictCounter,
    owners: Iterable[BucketOwner],
    new: Container[str],
    lines: Mapping[str, Sequence[Line]] | None = None,
) -> None:
    """Find out again to which department these issues and procedures belong, by their ``lines``. Accounts that gain or
    lose a bucket are told, but not of new buckets: their lines come by themselves."""
    concerned = issues_and_procedures(owners)
    lines = lines_by_bucket(connection, counter.district, concerned) if lines is None else lines
    moves = []
    for bucket, old in concerned.items():
        department = department_of(bucket, lines[bucket])
        if department != old.department:
            moves.append((old, old._replace(department=department)))
    if moves:
        places = [{"its_district": counter.district, "its_bucket": to.bucket, "to": to.department} for _, to in moves]
        connection.execute(_SET_DEPARTMENT, places)
        told = [move for move in moves if move[0].bucket not in new]
        roles.record_scope_events(connection, counter, roles.scope_events_of_moves(connection, counter, told))


def lines_by_bucket(connection: Connection, district: str, buckets: Iterable[str]) -> dict[str, list[Line]]:
    """The current sound lines of whole buckets."""
    found: dict[str, list[Line]] = {bucket: [] for bucket in buckets}
    if not found:
        return found
    chosen = select(LINE.c.bucket, LINE.c.wire).where(
        LINE.c.district == district, is_one_of(connection, LINE.c.bucket, list(found)), ~LINE.c.damaged
    )
    for bucket, wire in connection.execute(chosen):
        found[bucket].append(parse_line(orjson.loads(wire)))
    return found


def bucket_owners(connection: Connection, district: str, buckets: Iterable[str]) -> dict[str, BucketOwner]:
    """Where the lines of these buckets lie, for those buckets that exist."""
    chosen = select(BUCKET.c.bucket, BUCKET.c.area, BUCKET.c.project, BUCKET.c.department).where(
        BUCKET.c.district == district, is_one_of(connection, BUCKET.c.bucket, sorted(buckets))
    )
    return {row[0]: BucketOwner(*row) for row in connection.execute(chosen)}


def _unnumbered_issue_in(
    bucket: str, lines: Sequence[Line], confirmation: bool
) -> close_out_numbers.UnnumberedIssue | None:
    """The issue of a bucket, if it waits for its close-out number. Only where there is an approval is it worked out."""
    own = own_line(bucket, lines)
    if own is None or not any(is_approval(line) for line in lines):
        return None
    return close_out_numbers.unnumbered_issue(
        bucket, own, compute_state(own, lines, confirmation_required=confirmation), lines
    )


def _without_key(entry: LineEntry) -> dict[str, object]:
    return dict(zip(LineEntry._fields[2:], entry[2:], strict=True))
