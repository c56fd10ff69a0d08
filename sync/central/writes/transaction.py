"""The central's only writer of lines: load what a batch concerns, merge it (``merge_batch.py``), write the result.

The number of statements does not grow with the batch; the district's row is locked throughout
(``sync/central/db/commit_order.py``).
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from types import MappingProxyType

from sqlalchemy import Connection, bindparam, delete, exists, select, update

from store.domain.issue_lifecycle import compute_state
from store.ledger.buckets import Area, SetChecksum, bucket_group, split_digest
from store.ledger.hlc import ms_from_hlc
from store.ledger.kinds import readable_line
from store.ledger.line import Line, derived_id, stored_line
from store.ledger.row_mapping import to_unsigned
from store.values.text import sanitize
from sync.admin_protocol import ExportInfo
from sync.central import audit, integrity
from sync.central.accounts import authentication, roles
from sync.central.accounts.authentication import Caller
from sync.central.accounts.departments import departments_of, own_line
from sync.central.accounts.permissions import extends_due, is_approval
from sync.central.accounts.roles import ScopeChange
from sync.central.accounts.scope import BucketOwner, Grant, covers, read_owners
from sync.central.accounts.token_life import TokenLife
from sync.central.db.commit_order import DistrictCounter
from sync.central.db.database import insert_rows, is_one_of
from sync.central.db.tables import (
    BUCKET,
    CO_HANDLER,
    DISTRICT,
    EPOCH,
    HEALING_DEVICE,
    LINE,
    REGAINED,
    VERSION,
    BucketCoHandlerRow,
    LineRow,
    VersionRow,
)
from sync.central.epochs import is_whole
from sync.central.writes import close_out_numbers
from sync.central.writes.claims import claim
from sync.central.writes.erasures import apply_erasures, without_erased
from sync.central.writes.existing import devices_of_others, earlier_versions, with_assignments, with_time_rules
from sync.central.writes.exports import record_exports
from sync.central.writes.grant_changes import apply_dates, apply_lines
from sync.central.writes.merge_batch import ExistingState, MergeBatch
from sync.central.writes.proposals import propose
from sync.central.writes.stored_rows import is_damaged, line_of
from sync.central.writes.validation import InvalidLine, ValidLine, valid_version
from sync.protocol import PushChain

_SAME_LINE = (LINE.c.district == bindparam("its_district")) & (LINE.c.id == bindparam("its_id"))
_UPDATE_LINE = update(LINE).where(_SAME_LINE).values({name: bindparam(name) for name in LineRow._fields[2:]})
_SAME_BUCKET = (BUCKET.c.district == bindparam("its_district")) & (BUCKET.c.bucket == bindparam("its_bucket"))
_ADD_TO_BUCKET = update(BUCKET).where(_SAME_BUCKET).values(
    {name: BUCKET.c[name] + bindparam(f"more_{name}") for name in ("lines", "hi", "lo")} | {"seq": bindparam("new_seq")}
)  # fmt: skip
_SET_DEPARTMENT = update(BUCKET).where(_SAME_BUCKET).values(department=bindparam("to"))
_SET_PROJECT = update(BUCKET).where(_SAME_BUCKET).values(project=bindparam("to"), department=None)
_IS_APPROVAL = '"act":"approved"'
"""What the canonical text of an approval has; quotes in texts are escaped."""
MAX_AUDITED_REJECTIONS = 50
"""The audit has id and code of this many rejected lines of a push."""


class WriteTransaction:
    """One caller's write transaction, with the locked counter of the district."""

    def __init__(
        self, connection: Connection, caller: Caller, counter: DistrictCounter, life: TokenLife | None = None
    ) -> None:
        """``life`` is how long tokens live, where the central's settings say so."""
        self._connection = connection
        self._counter = counter
        self._life = life or TokenLife(counter.now_ms)
        self.caller = caller

    def load_batch(self, lines: Iterable[ValidLine | InvalidLine], *, alone_until_ms: int | None = None) -> MergeBatch:
        """A batch with everything that the central has of these lines. What its sender wrote beyond their roles while
        the home worked alone, until ``alone_until_ms``, is put together for `propose`."""
        pushed = [line for line in lines if isinstance(line, ValidLine)]
        stored = self._existing_lines([valid.line.id for valid in pushed])
        buckets = {valid.bucket for valid in pushed} | {row.bucket for row in stored.values()}
        judged_by_issue = {valid.bucket for valid in pushed if is_approval(valid.line) or extends_due(valid.line)}
        district = self.caller.district
        owners = bucket_owners(self._connection, district, buckets)
        withdrawn = roles.recently_withdrawn(self._connection, district, self.caller.account, self._counter.now_ms)
        own = [bucket for bucket in sorted(judged_by_issue & owners.keys()) if self._in_scope(owners[bucket])]
        issues = lines_by_bucket(self._connection, district, own)  # no duration tells of others
        earlier = earlier_versions(self._connection, district, issues)
        others = devices_of_others(self._connection, self.caller, {valid.line.device for valid in pushed})
        existing = ExistingState(owners, stored, issues, withdrawn, earlier, others)
        lines_pushed = [valid.line for valid in pushed]
        existing = with_assignments(self._connection, district, existing, lines_pushed, self._life)
        existing = with_time_rules(self._connection, district, existing, lines_pushed)
        counter = self._counter
        return MergeBatch(
            self.caller, existing, counter.now_ms, counter.next_seq, counter.new_id, alone_until_ms=alone_until_ms
        )

    def _in_scope(self, owner: BucketOwner) -> bool:
        return any(covers(grant, owner) for grant in self.caller.grants)

    def propose(self, lines: Sequence[ValidLine]) -> frozenset[str]:
        """Keep these lines for the bureau, but what is about an erased person; gives the ids of those that wait."""
        kept = without_erased(self._connection, self.caller.district, lines)
        return propose(self._connection, self._counter, self.caller, kept)

    def accepts(self, chain: PushChain | None) -> bool:
        """Whether a push comes from the copy of the home that sent the one before. Where it does not, that is recorded
        and audited, and nothing else may be written."""
        if authentication.is_next_push(self.caller, chain):
            return True
        authentication.record_twin(self._connection, self.caller)
        ids = {"account": self.caller.account, "device": self.caller.device}
        audit.record_event(self._connection, self._counter, "twin", **ids)
        self._counter.save(self._connection)
        return False

    def write_batch(
        self, batch: MergeBatch, *, assign_numbers: bool = True, chain: PushChain | None = None, sent: int = 0
    ) -> None:
        """Write the result of the batch: lines, versions, checksums, departments, and the changes of scope they
        bring; and the push's link of the chain, with the number of lines that were ``sent``."""
        connection, granting, book = self._connection, batch.granting_lines(), batch.book_before
        if granting:
            apply_dates(connection, self._counter)
        insert_rows(connection, LINE, batch.inserts())
        replace_lines(connection, batch.updates())
        late = self._new_late_versions(batch)
        insert_rows(connection, VERSION, [*batch.replaced_versions, *late])
        self._counter.accept([*batch.current.values(), *batch.replaced_versions, *late])
        self._move_owners(batch)
        apply_deltas(connection, self._counter, batch.bucket_deltas, batch.new_owners)
        touched = [batch.owner(bucket) for bucket in batch.bucket_deltas]
        lines = self._lines_after(batch, issues_and_procedures(touched))
        if assign_numbers:
            self.number_closed_issues(lines)
        update_departments(connection, self._counter, touched, batch.new_owners, lines)
        if granting and book is not None:
            apply_lines(connection, self._counter, book, book.with_lines(granting))
        misfiled = [ScopeChange(self.caller.account, bucket, False) for bucket in batch.misfiled_buckets()]
        roles.record_scope_events(connection, self._counter, misfiled)
        self._audit_rejections(batch)
        if batch.repaired_buckets:
            integrity.recompute_checksums(connection, self._counter, sorted(batch.repaired_buckets))
        refused = len(batch.rejections)
        authentication.record_push(connection, self.caller, self._counter.now_ms, chain, sent, refused)
        self.erase([*batch.current.values(), *batch.replaced_versions, *late])
        self._counter.save(connection)

    def _lines_after(self, batch: MergeBatch, buckets: Iterable[str]) -> dict[str, list[Line]]:
        """The lines of these buckets once the batch is written. Of a bucket that is new they are the batch's own."""
        new: dict[str, list[Line]] = {bucket: [] for bucket in buckets if bucket in batch.new_owners}
        for row in batch.current.values():
            if row.bucket in new and (line := _readable(row.wire, batch.by_text)) is not None:
                new[row.bucket].append(line)
        others = [bucket for bucket in buckets if bucket not in new]
        return new | lines_by_bucket(self._connection, self.caller.district, others, batch.by_text)

    def erase(self, written: Sequence[LineRow | VersionRow]) -> None:
        """Erase what these rows bring about people who were erased, or what they erase; the caller saves the
        counter."""
        apply_erasures(self._connection, self._counter, written, self._write_as_central)

    def _write_as_central(self, lines: Sequence[Line]) -> None:
        """Write these versions as the central's own, in this transaction."""
        writes = WriteTransaction(self._connection, central_itself(self._connection, self._counter), self._counter)
        itself = derived_id(writes.caller.central)
        versions = [valid_version(line._replace(device=itself, author=itself)) for line in lines]
        batch = writes.load_batch(versions)
        for version in versions:
            batch.regain(version)
        writes.write_batch(batch, assign_numbers=False)

    def _move_owners(self, batch: MergeBatch) -> None:
        """Give buckets whose line another one had taken the place of to their project, and note it in the audit."""
        moved = [owner for owner in batch.moved_owners.values() if owner.bucket not in batch.new_owners]
        if moved:
            rows = [{"its_district": self.caller.district, "its_bucket": o.bucket, "to": o.project} for o in moved]
            self._connection.execute(_SET_PROJECT, rows)
            _forget_co_handlers(self._connection, self.caller.district, [owner.bucket for owner in moved])
        if batch.displaced:
            who = {"account": self.caller.account, "device": self.caller.device}
            audit.record_event(self._connection, self._counter, "displaced", **who, lines=batch.displaced)

    def _audit_rejections(self, batch: MergeBatch) -> None:
        """Record the rejections in the audit: one event a push, with their number and the first ids."""
        if batch.rejections:
            lines = [
                {"id": sanitize(line_id), "code": code} for line_id, code in batch.rejections[:MAX_AUDITED_REJECTIONS]
            ]
            who = {"account": self.caller.account, "device": self.caller.device}
            audit.record_event(
                self._connection, self._counter, "refused", **who, refused=len(batch.rejections), lines=lines
            )

    def record_exports(self, exports: Sequence[ExportInfo]) -> None:
        """Record in the audit what was exported from the caller's device, as far as it is not there yet."""
        record_exports(self._connection, self._counter, self.caller, exports)
        self._counter.save(self._connection)

    def number_closed_issues(self, lines: Mapping[str, list[Line]]) -> None:
        """Give the approved issues among these buckets their close-out numbers, but for those that may have one since
        before the central was set back: they wait until all devices have come back."""
        confirmation = self._needs_confirmation() if any(bucket[0] == Area.ISSUE for bucket in lines) else False
        found = (_unnumbered_issue_in(bucket, its_lines, confirmation) for bucket, its_lines in lines.items())
        closed = [issue for issue in found if issue is not None]
        claims = self._number_claims() if closed else []
        waiting = self._numbered_before(closed, {claim.issue for claim in claims})
        closed = [issue for issue in closed if issue.approval.id not in waiting]
        if not closed:
            return
        ids = [close_out_numbers.number_line_id(self.caller.district, issue) for issue in closed]
        taken, reserved = self._existing_lines(ids), close_out_numbers.reserved_numbers(claims)
        rows = close_out_numbers.assign_numbers(self._connection, self._counter, self.caller, closed, taken, reserved)
        insert_rows(self._connection, LINE, list(rows.values()))
        self._counter.accept(rows.values())
        deltas = {bucket: (row.seq, 1, *split_digest(to_unsigned(row.digest))) for bucket, row in rows.items()}
        apply_deltas(self._connection, self._counter, deltas, {})

    def number_waiting_issues(self) -> None:
        """Number the issues that have waited for all devices to come back, if they have."""
        if self._is_healing() or self.caller.epoch_number == 1:
            return
        number = LINE.alias("number")
        of_before = select(EPOCH.c.seq).where(EPOCH.c.district == self.caller.district, EPOCH.c.n == 2)
        numbered = exists().where(
            number.c.district == LINE.c.district, number.c.bucket == LINE.c.bucket,
            number.c.kind == "close_out", number.c.seq > LINE.c.seq,
        )  # fmt: skip
        approved = select(LINE.c.bucket).where(
            LINE.c.district == self.caller.district, LINE.c.kind == "issue_step", LINE.c.wire.contains(_IS_APPROVAL),
            LINE.c.seq > of_before.scalar_subquery(), ~numbered,
        )  # fmt: skip
        buckets = list(self._connection.execute(approved.distinct()).scalars())
        self.number_closed_issues(lines_by_bucket(self._connection, self.caller.district, buckets))

    def claim_numbers(self, lines: Sequence[ValidLine]) -> frozenset[str]:
        """Keep these close-out lines for the bureau, which a device has without a receipt, while not every device has
        come back to a central that was set back; gives the ids of those that wait now."""
        if not lines or not self._is_healing():
            return frozenset()
        claim(self._connection, self._counter, self.caller, lines)
        return frozenset(each.line for each in self._number_claims()) & {valid.line.id for valid in lines}

    def _is_healing(self) -> bool:
        """Whether the central was set back, and not every device has come back since."""
        return self.caller.epoch_number > 1 and not is_whole(self._connection, self.caller.district)

    def _number_claims(self) -> list[close_out_numbers.NumberClaim]:
        if self.caller.epoch_number == 1:
            return []
        return close_out_numbers.number_claims(self._connection, self.caller.district)

    def _numbered_before(
        self, closed: Sequence[close_out_numbers.UnnumberedIssue], claimed: Container[str]
    ) -> set[str]:
        """The approvals of those issues that may have a number since before the central was set back, while not every
        device has come back: the approval was brought back, or comes from before by a device that brings nothing back
        (or has not yet), or somebody has ``claimed`` a number for the issue."""
        if not closed or not self._is_healing():
            return set()
        approvals = [issue.approval for issue in closed]
        chosen = select(REGAINED.c.id).where(
            REGAINED.c.district == self.caller.district,
            is_one_of(self._connection, REGAINED.c.id, [approval.id for approval in approvals]),
        )
        before = set(self._connection.execute(chosen).scalars())
        before |= {issue.approval.id for issue in closed if issue.issue.id in claimed}
        begun_at, healed = self._healed_devices({approval.device for approval in approvals})
        return before | {
            each.id for each in approvals if each.device not in healed and ms_from_hlc(each.stamp) < begun_at
        }

    def _healed_devices(self, devices: set[str]) -> tuple[int, set[str]]:
        """When the present epoch has begun (ms), and which of these devices have sent what they had for it."""
        here = (EPOCH.c.district == self.caller.district) & (EPOCH.c.n == self.caller.epoch_number)
        begun_at = self._connection.execute(select(EPOCH.c.begun_at).where(here)).scalar_one()
        healed = select(HEALING_DEVICE.c.device).where(
            HEALING_DEVICE.c.district == self.caller.district, HEALING_DEVICE.c.epoch == self.caller.epoch_number,
            HEALING_DEVICE.c.healed_at.is_not(None),
            is_one_of(self._connection, HEALING_DEVICE.c.device, sorted(devices)),
        )  # fmt: skip
        return begun_at, set(self._connection.execute(healed).scalars())

    def _needs_confirmation(self) -> bool:
        """Whether the district requires the enterprise's confirmation before an approval
        (``store/domain/limits.py``)."""
        line_id = derived_id(self.caller.district, "district_limit", "confirmation")
        row = self._existing_lines([line_id]).get(line_id)
        if row is None or is_damaged(row):
            return False
        line = line_of(row)
        return line.kind == "district_limit" and not line.deleted and line.body.get("value") not in (0, None)

    # Stored rows

    def _existing_lines(self, ids: Sequence[str]) -> dict[str, LineRow]:
        chosen = select(LINE).where(
            LINE.c.district == self.caller.district, is_one_of(self._connection, LINE.c.id, ids)
        )
        return {row[1]: LineRow(*row) for row in self._connection.execute(chosen)}

    def _new_late_versions(self, batch: MergeBatch) -> list[VersionRow]:
        """The late versions that are not stored yet: after a lost answer a push is repeated."""
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


# Rows and buckets, also for ``clock_repair.py`` and ``sync/central/admin/rebucket.py``


def replace_lines(connection: Connection, rows: Sequence[LineRow]) -> None:
    """Put these rows in the place of those with the same ids."""
    if rows:
        values = [{"its_district": row.district, "its_id": row.id, **_without_key(row)} for row in rows]
        connection.execute(_UPDATE_LINE, values)


BucketDeltas = Mapping[str, Sequence[int]]
"""By bucket: the last number used in it, and what is added to its lines, hi and lo."""


def apply_deltas(
    connection: Connection, counter: DistrictCounter, deltas: BucketDeltas, new: Mapping[str, BucketOwner]
) -> None:
    """Add to the checksums of buckets, of which some are ``new``, and to the district's total."""
    rows = [
        (counter.district, bucket, owner.area, bucket_group(bucket), owner.project, None, *deltas[bucket])
        for bucket, owner in new.items()
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
    """Those of the buckets that hold one issue or one procedure, by name."""
    return {owner.bucket: owner for owner in owners if owner.area in (Area.ISSUE, Area.PROCEDURE)}


def update_departments(
    connection: Connection,
    counter: DistrictCounter,
    owners: Iterable[BucketOwner],
    new: Container[str],
    lines: Mapping[str, Sequence[Line]] | None = None,
) -> None:
    """Recompute to which departments these issues and procedures belong, by their ``lines``. Accounts that gain or lose
    a bucket get a scope event, but not for ``new`` buckets: a pull brings their lines anyway."""
    concerned = issues_and_procedures(owners)
    lines = lines_by_bucket(connection, counter.district, concerned) if lines is None else lines
    moves = []
    for bucket, old in concerned.items():
        department, co_handlers = departments_of(bucket, lines[bucket])
        if (department, co_handlers) != (old.department, old.co_handlers):
            moves.append((old, old._replace(department=department, co_handlers=co_handlers)))
    if moves:
        _store_departments(connection, counter.district, moves)
        known = [move for move in moves if move[0].bucket not in new]
        roles.record_scope_events(connection, counter, roles.scope_events_of_moves(connection, counter, known))


def _store_departments(connection: Connection, district: str, moves: Sequence[tuple[BucketOwner, BucketOwner]]) -> None:
    changes = [{"its_district": district, "its_bucket": to.bucket, "to": to.department} for _, to in moves]
    connection.execute(_SET_DEPARTMENT, changes)
    others = [(old, to) for old, to in moves if old.co_handlers != to.co_handlers]
    _forget_co_handlers(connection, district, [to.bucket for _, to in others])
    rows = [BucketCoHandlerRow(district, to.bucket, unit) for _, to in others for unit in to.co_handlers]
    insert_rows(connection, CO_HANDLER, rows)


def _forget_co_handlers(connection: Connection, district: str, buckets: Sequence[str]) -> None:
    if buckets:
        of_buckets = is_one_of(connection, CO_HANDLER.c.bucket, buckets)
        connection.execute(delete(CO_HANDLER).where(CO_HANDLER.c.district == district, of_buckets))


def lines_by_bucket(
    connection: Connection, district: str, buckets: Iterable[str], known: Mapping[str, Line] = MappingProxyType({})
) -> dict[str, list[Line]]:
    """The current undamaged lines of whole buckets, with what of them may be read. Texts of ``known`` lines, which are
    valid, are not decoded and judged again."""
    lines: dict[str, list[Line]] = {bucket: [] for bucket in buckets}
    if not lines:
        return lines
    chosen = select(LINE.c.bucket, LINE.c.wire).where(
        LINE.c.district == district, is_one_of(connection, LINE.c.bucket, list(lines)), ~LINE.c.damaged
    )
    for bucket, wire in connection.execute(chosen):
        if (line := _readable(wire, known)) is not None:
            lines[bucket].append(line)
    return lines


def _readable(wire: str, known: Mapping[str, Line]) -> Line | None:
    """What may be read of the line in a text."""
    line = known.get(wire)
    if line is not None and not line.deleted:
        return line
    stored = line or stored_line(wire)  # the fields of a deleted one nobody has judged
    return stored and readable_line(stored)


def bucket_owners(connection: Connection, district: str, buckets: Iterable[str]) -> dict[str, BucketOwner]:
    """The owners of those of these buckets that exist, by name."""
    return read_owners(connection, district, is_one_of(connection, BUCKET.c.bucket, sorted(buckets)))


def _unnumbered_issue_in(
    bucket: str, lines: Sequence[Line], confirmation: bool
) -> close_out_numbers.UnnumberedIssue | None:
    """The issue of a bucket, if it waits for its close-out number. Its state is computed only if there is an
    approval."""
    own = own_line(bucket, lines)
    if own is None or not any(is_approval(line) for line in lines):
        return None
    return close_out_numbers.unnumbered_issue(
        bucket, own, compute_state(own, lines, confirmation_required=confirmation), lines
    )


def _without_key(row: LineRow) -> dict[str, object]:
    return dict(zip(LineRow._fields[2:], row[2:], strict=True))


def number_waiting_issues(connection: Connection, counter: DistrictCounter) -> None:
    """Number the issues that have waited for all devices to come back to a central that was set back, now that one is
    not waited for any more or a claim is decided; not while the clock, whose year numbers have, is doubted. The caller
    saves the counter."""
    if counter.clock_is_trusted:
        WriteTransaction(connection, central_itself(connection, counter), counter).number_waiting_issues()


def central_itself(connection: Connection, counter: DistrictCounter) -> Caller:
    """The central as the caller of what it writes itself: no account, no device, the bureau's scope."""
    here = select(DISTRICT.c.central).where(DISTRICT.c.code == counter.district)
    central = connection.execute(here).scalar_one()
    epoch = connection.execute(
        select(EPOCH.c.id).where(EPOCH.c.district == counter.district).order_by(EPOCH.c.n.desc()).limit(1)
    ).scalar_one()
    return Caller(
        counter.district,
        "",
        "",
        "",
        "",
        "",
        0,
        (Grant("bureau"),),
        counter.secret,
        central,
        "",
        counter.seq,
        counter.total,
        epoch,
    )
