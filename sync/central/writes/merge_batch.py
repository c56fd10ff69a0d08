"""Merge one push batch in memory, line by line: new lines, winners, replaced versions, rejections.

No SQL here. ``transaction.py`` loads the rows that the batch concerns and writes what it decides, with a number of
statements that does not grow with the batch. The rule of who wins is ``store/ledger/merge.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from store.domain.line_ids import IdClaim, id_claim
from store.domain.permissions import ISSUE_STEP, is_own
from store.domain.time_rules import LimitRule
from store.ledger.buckets import DISTRICT, DISTRICT_WIDE_AREAS
from store.ledger.hlc import follows_closely, is_too_far_ahead, ms_from_hlc
from store.ledger.kinds import bucket_of
from store.ledger.line import DISPLACED_FROM, Line, canonical_json, digest_of, displaced_line, new_id
from store.ledger.merge import replaces, supersede_reason
from store.ledger.row_mapping import to_signed, to_unsigned
from store.values.faults import Fault
from store.values.times import district_time
from sync.central.accounts.assignment_book import GRANTING_KINDS, AssignmentBook
from sync.central.accounts.authentication import Caller
from sync.central.accounts.permissions import (
    ACTING_FOR,
    CLOSE_OUT,
    acting_denial_reason,
    approval_denial_reason,
    denial_reason,
    extends_due,
    extension_denial_reason,
    is_approval,
    is_late_work,
)
from sync.central.accounts.roles import WithdrawnRole
from sync.central.accounts.scope import BucketOwner, Grant, covers
from sync.central.db.tables import LineRow, VersionRow
from sync.central.writes.proposals import may_be_proposed
from sync.central.writes.stored_rows import is_damaged, line_of, version_row
from sync.central.writes.validation import CLOCK_AHEAD, CLOCK_AHEAD_REASON, InvalidLine, ValidLine

FORBIDDEN = "forbidden"
"""The code of a rejection for what the sender's roles do not cover."""
LAST_BUREAU_REASON = "the district would have nobody of the bureau without an end: assign another one first"
"""Why a version is rejected that ends the last assignment of the bureau, or gives it a last day."""


class ExistingState(NamedTuple):
    """What the central already has of a batch: the owners of its buckets, the current lines, for approvals and
    extensions the lines of their issue by bucket with the ``earlier`` versions, for extensions the district's time
    ``rules``, and the roles withdrawn from the caller within the grace period; ``others_devices`` are those of other
    accounts that the batch names. Where its lines are judged by what the assignments say (`depends_on_assignments`),
    that is the ``book``, ``persons`` are those who have accounts, and ``active_persons`` those of them who have a
    device that is let in."""

    owners: Mapping[str, BucketOwner]
    lines: Mapping[str, LineRow]
    issues: Mapping[str, list[Line]]
    withdrawn_roles: tuple[WithdrawnRole, ...] = ()
    earlier: Mapping[str, list[Line]] = MappingProxyType({})
    others_devices: frozenset[str] = frozenset()
    book: AssignmentBook | None = None
    persons: frozenset[str] = frozenset()
    active_persons: frozenset[str] = frozenset()
    rules: tuple[LimitRule, ...] = ()


class MergeOutcome(NamedTuple):
    """The outcome of one pushed line, as in `protocol.PushOutcome`; ``winner`` and ``loser`` are canonical text. For a
    line out of the caller's scope (written before a role was withdrawn) it is ``applied`` and nothing more: whether a
    later version exists is not told. ``unseen``: nobody had seen a superseded line, by what the central knows."""

    id: str
    outcome: str
    code: str | None = None
    reason: str | None = None
    winner: str | None = None
    loser: str | None = None
    unseen: bool = False


class MergeBatch:
    """Merges lines one after the other; each sees what the ones before it changed."""

    def __init__(
        self,
        caller: Caller,
        existing: ExistingState,
        now_ms: int,
        next_seq: Callable[[], int],
        make_id: Callable[[], str] = new_id,
        *,
        alone_until_ms: int | None = None,
    ) -> None:
        self._caller = caller
        self._lines = dict(existing.lines)
        self._owners = dict(existing.owners)
        self._issues = existing.issues
        self._withdrawn_roles = existing.withdrawn_roles
        self._earlier = existing.earlier
        self._others_devices = existing.others_devices
        self._book, self._rules = existing.book, existing.rules
        self.book_before = existing.book and existing.book.with_lines(())  # the caller's roles are of before, too
        self._bureaus = existing.persons, existing.active_persons
        self._stored = existing.lines
        self._now_ms = now_ms
        self._next_seq = next_seq
        self._make_id = make_id
        self.current: dict[str, LineRow] = {}
        self.by_text: dict[str, Line] = {}  # what was merged, by its canonical text
        self.replaced_versions: list[VersionRow] = []
        self.late_versions: list[VersionRow] = []
        self.new_owners: dict[str, BucketOwner] = {}
        self.bucket_deltas: dict[str, list[int]] = {}
        self.repaired_buckets: set[str] = set()
        self.moved_owners: dict[str, BucketOwner] = {}
        self.displaced: list[dict[str, str]] = []
        self.rejections: list[tuple[str, str]] = []
        self.regained: list[LineRow] = []
        self.proposals: list[ValidLine] = []
        self.shown_numbers: list[ValidLine] = []
        self._alone_until_ms = alone_until_ms or 0
        self._denial_cache: dict[tuple[object, ...], tuple[str, str] | None] = {}

    # Results, to be written

    def inserts(self) -> list[LineRow]:
        """Lines that the central did not have yet."""
        return [entry for entry in self.current.values() if entry.id not in self._stored]

    def updates(self) -> list[LineRow]:
        """Lines that replace stored ones."""
        return [entry for entry in self.current.values() if entry.id in self._stored]

    def granting_lines(self) -> list[Line]:
        """The changed lines that decide on roles now, or did so before."""
        before = {row.id for row in self._stored.values() if row.kind in GRANTING_KINDS}
        return [line_of(row) for row in self.current.values() if row.kind in GRANTING_KINDS or row.id in before]

    def owner(self, bucket: str) -> BucketOwner:
        """The owner of a changed bucket."""
        return self._owners[bucket]

    # Merging

    def misfiled_buckets(self) -> list[str]:
        """The new buckets that are out of the caller's scope: the device has to drop what it sent."""
        return sorted(bucket for bucket, owner in self.new_owners.items() if not self._in_scope(owner))

    def merge_line(self, line: ValidLine | InvalidLine) -> MergeOutcome:
        """Merge one line; gives its outcome."""
        outcome = self._decide(line)
        if outcome.code == FORBIDDEN and isinstance(line, ValidLine):
            outcome = self._propose(line, outcome)
        if outcome.outcome == "rejected":
            self.rejections.append((outcome.id, outcome.code or ""))
        elif isinstance(line, ValidLine) and not self._in_scope(self._owner_of(line)):
            return MergeOutcome(outcome.id, "applied")
        return outcome

    def _propose(self, pushed: ValidLine, refusal: MergeOutcome) -> MergeOutcome:
        """Keep a line that the roles do not cover, and that the home wrote while it worked alone, for the bureau, be
        there another of its id or not. Where its sender may read the one that is there and has not seen it, they get
        that one instead."""
        if pushed.line.kind == CLOSE_OUT:
            self.shown_numbers.append(pushed)
        if ms_from_hlc(pushed.line.stamp) >= self._alone_until_ms:
            return refusal
        held = self._lines.get(pushed.line.id)
        if held is not None and self._in_scope(self._owners[held.bucket]):
            is_alike = (held.kind, held.bucket) == (pushed.line.kind, pushed.bucket) and not is_damaged(held)
            is_unseen = pushed.line.base == 0 and held.account != self._caller.account
            return refusal._replace(code="known", winner=held.wire) if is_alike and is_unseen else refusal
        if may_be_proposed(pushed):
            self.proposals.append(pushed)
        return refusal

    def regain(self, version: ValidLine) -> bool:
        """Take in a version that the central accepted before it was set back: by the merge rule alone, since whether
        its author may write it was decided then. Gives False for a line that lies elsewhere here."""
        held = self._lines.get(version.line.id)
        if held is None:
            self._apply(version)
        elif (held.bucket, held.kind) != (version.bucket, version.line.kind):
            return False
        elif is_damaged(held):
            self._replace(version, held, "damaged")
            return True
        elif _is_same(version, held):
            return True
        elif replaces(version.line, current := line_of(held)):
            self._replace(version, held, supersede_reason(version.line, current))
        else:
            entry = self._entry(version, None)
            self.regained.append(entry)
            self.late_versions.append(version_row(entry, supersede_reason(current, version.line), self._now_ms))
            return True
        self.regained.append(self.current[version.line.id])
        return True

    def _decide(self, pushed: ValidLine | InvalidLine) -> MergeOutcome:
        if isinstance(pushed, InvalidLine):
            return MergeOutcome(pushed.id, "rejected", pushed.code, pushed.reason)
        held = self._lines.get(pushed.line.id)
        if (outcome := self._reject_clock(pushed, held) or self._decide_by_id(pushed, held)) is not None:
            return outcome
        if held is None:
            return _reject_displaced(pushed, None) or self._reject_new(pushed) or self._apply(pushed)
        if _is_same(pushed, held) and self._may_resend(pushed, held):
            return self._replace(pushed, held, "damaged") if is_damaged(held) else MergeOutcome(held.id, "applied")
        damaged = is_damaged(held)
        before = None if damaged else line_of(held)
        refused = _reject_displaced(pushed, before) or self._reject_change(pushed, held, before)
        if refused is not None:
            return refused
        return self._replace(pushed, held, "damaged") if before is None else self._merge(pushed, held, before)

    def _reject_clock(self, pushed: ValidLine, held: LineRow | None) -> MergeOutcome | None:
        """The rejection of a line whose stamp is ahead of the central's time, unless it follows a stored one."""
        if is_too_far_ahead(pushed.line.stamp, self._now_ms) and not (held and follows_known(pushed.line, held)):
            return MergeOutcome(pushed.line.id, "rejected", CLOCK_AHEAD, CLOCK_AHEAD_REASON)
        return None

    # Ids that another line has taken (``store/domain/line_ids.py``)

    def _decide_by_id(self, pushed: ValidLine, held: LineRow | None) -> MergeOutcome | None:
        """The outcome of a line whose id cannot be its own, whatever is stored under it, or that takes back an id which
        another line has taken; None for any other."""
        claim = id_claim(self._caller.district, pushed.line) if pushed.claim is None else pushed.claim
        if claim is IdClaim.NONE and (held is None or held.kind != pushed.line.kind):
            return MergeOutcome(pushed.line.id, "rejected", "bad_line", str(Fault("id", "form")))
        return self._claim_id(pushed, held) if held is not None and self._is_squatted(pushed, held, claim) else None

    def _is_squatted(self, pushed: ValidLine, held: LineRow, claim: IdClaim) -> bool:
        """Whether the stored line under this id is another one, of another kind or place, and has less claim to it."""
        if claim is IdClaim.NONE:
            return False
        if is_damaged(held):
            return held.kind != pushed.line.kind and claim is IdClaim.PROVEN
        other = line_of(held)
        elsewhere = (held.kind, held.bucket, other.project) != (pushed.line.kind, pushed.bucket, pushed.line.project)
        return elsewhere and claim > id_claim(self._caller.district, other)

    def _claim_id(self, pushed: ValidLine, held: LineRow) -> MergeOutcome:
        """Apply the line whose id it is. The one that was there goes on under a new id in its place, with a note of the
        old one, by which devices know it again; the version as it was stays in history."""
        owner = self._owners.pop(pushed.bucket, None)
        if refusal := self._reject_new(pushed):
            if owner is not None:
                self._owners[pushed.bucket] = owner
            return refusal
        if owner is not None:
            self.moved_owners[pushed.bucket] = self._owners[pushed.bucket] = self._owner_of(pushed)
        self.replaced_versions.append(version_row(held, "displaced", self._now_ms))
        if is_damaged(held):
            self.repaired_buckets.add(held.bucket)
        else:
            self._add_delta(held, to_unsigned(held.digest), -1)
            if not line_of(held).deleted:
                self._add_displaced(held)
        return self._apply(pushed, held)

    def _add_displaced(self, held: LineRow) -> None:
        line = displaced_line(line_of(held), self._make_id())
        wire, bucket = canonical_json(line), bucket_of(line)
        entry = held._replace(
            id=line.id, seq=self._next_seq(), bucket=bucket, digest=to_signed(digest_of(wire)), wire=wire.decode()
        )
        if bucket not in self._owners:
            project = None if bucket[0] in DISTRICT_WIDE_AREAS else line.project
            self.new_owners[bucket] = self._owners[bucket] = BucketOwner(bucket, bucket[0], project, None)
        self._add_delta(entry, digest_of(wire), 1)
        self.current[entry.id] = self._lines[entry.id] = entry
        self.displaced.append({"id": held.id, "kind": held.kind, "now": line.id})

    def _merge(self, pushed: ValidLine, existing: LineRow, current: Line) -> MergeOutcome:
        if replaces(pushed.line, current):
            return self._replace(pushed, existing, self._reason(pushed.line, current, existing.account))
        self.late_versions.append(version_row(self._entry(pushed, None), "late", self._now_ms))
        unseen = self._reason(current, pushed.line, existing.account) == "superseded"
        return MergeOutcome(existing.id, "superseded", winner=existing.wire, unseen=unseen)

    def _reason(self, line: Line, current: Line, account: str) -> str:
        """Why ``current`` is not current beside ``line``; one of both is stored, from this ``account``. A line may
        claim to follow any version; the central believes that its sender has seen another's text if it names that
        very version, whose stamp is known to those only whom the text was sent to. To claim some later one, or that
        one's device, hides no loss."""
        has_seen = line.base == current.stamp or account == self._caller.account
        return supersede_reason(line, current) if has_seen else "superseded"

    def _replace(self, pushed: ValidLine, existing: LineRow, reason: str) -> MergeOutcome:
        self.replaced_versions.append(version_row(existing, reason, self._now_ms))
        if reason == "damaged":
            self.repaired_buckets.add(existing.bucket)
        else:
            self._add_delta(existing, to_unsigned(existing.digest), -1)
        outcome = self._apply(pushed, existing)
        return outcome._replace(loser=existing.wire) if reason == "superseded" else outcome

    def _apply(self, pushed: ValidLine, existing: LineRow | None = None) -> MergeOutcome:
        entry = self._entry(pushed, existing)
        if self._book is not None and (pushed.line.kind in GRANTING_KINDS or existing is not None):
            self._book.put(pushed.line)
        self._add_delta(entry, pushed.digest, 1)
        self.current[entry.id] = self._lines[entry.id] = entry
        if entry.bucket not in self._owners:
            self.new_owners[entry.bucket] = self._owners[entry.bucket] = self._owner_of(pushed)
        return MergeOutcome(entry.id, "applied")

    def _entry(self, pushed: ValidLine, existing: LineRow | None) -> LineRow:
        line, caller = pushed.line, self._caller
        self.by_text[pushed.wire] = line
        sender = None if line.device == caller.device else caller.device
        return LineRow(
            caller.district, line.id, self._next_seq(), line.kind, pushed.bucket, line.stamp, line.device,
            to_signed(pushed.digest), pushed.wire, caller.account, self._now_ms, sender, existing and existing.stamp,
            False,
        )  # fmt: skip

    def _add_delta(self, entry: LineRow, digest: int, sign: int) -> None:
        row = self.bucket_deltas.get(entry.bucket)
        if row is None:
            row = self.bucket_deltas[entry.bucket] = [0, 0, 0, 0]
        row[0] = max(row[0], entry.seq)
        row[1] += sign
        row[2] += sign * (digest >> 32)
        row[3] += sign * (digest & 0xFFFFFFFF)

    def _owner_of(self, pushed: ValidLine) -> BucketOwner:
        known = self._owners.get(pushed.bucket)
        area = pushed.bucket[0]
        return known or BucketOwner(
            pushed.bucket, area, None if area in DISTRICT_WIDE_AREAS else pushed.line.project, None
        )

    # Rejecting

    def _reject_new(self, pushed: ValidLine) -> MergeOutcome | None:
        """The rejection of a line that the central does not have, if any; computed once for lines that the permissions
        cannot tell apart."""
        line = pushed.line
        alike = self._look_of_new(pushed)
        if not alike or alike not in self._denial_cache:
            self._denial_cache[alike] = self._denial(pushed, None, None)
        refusal = self._denial_cache[alike] or self._last_bureau_denial(line)
        return MergeOutcome(line.id, "rejected", *refusal) if refusal else None

    def _look_of_new(self, pushed: ValidLine) -> tuple[object, ...]:
        """All that `_denial` looks at of a line that the central does not have; nothing where it looks at more."""
        line = pushed.line
        body, is_step = line.body, line.kind == ISSUE_STEP and not line.deleted
        if ACTING_FOR in body or ((is_approval(line) or extends_due(line)) if is_step else "act" in body):
            return ()
        owner = self._owner_of(pushed)
        where = (owner.bucket if owner.area in DISTRICT_WIDE_AREAS else None, *owner[1:], line.project)
        whose = line.author, line.device, line.id == line.project or is_own(line, None), self._late_grants(line, None)
        said = (
            (body.get("act"), body.get("level"), body.get("department_id")) if is_step else (str(body.get("of_kind")),)
        )
        return *where, *whose, *said, line.kind, line.deleted

    def _reject_change(self, pushed: ValidLine, existing: LineRow, before: Line | None) -> MergeOutcome | None:
        refusal = self._denial(pushed, existing, before) or self._last_bureau_denial(pushed.line)
        return MergeOutcome(existing.id, "rejected", *refusal) if refusal else None

    def _last_bureau_denial(self, line: Line) -> tuple[str, str] | None:
        """The rejection of a version that ends the last assignment of the bureau, or gives it to nobody with an account
        by a merge: nobody could give the next."""
        if self._book is None or not self._book.may_end_bureau(line):
            return None
        today = _day(self._now_ms)
        now, then = self._book, self._book.with_lines([line])
        had = (people for people in self._bureaus if now.has_lasting_bureau(people, today))
        keeps = all(then.has_lasting_bureau(people, today) for people in had)
        return None if keeps else (FORBIDDEN, LAST_BUREAU_REASON)

    def _denial(self, pushed: ValidLine, existing: LineRow | None, before: Line | None) -> tuple[str, str] | None:
        """Why the line is rejected: by the present roles, and then by those that cover late work too."""
        line = pushed.line
        if line.author != self._caller.person:
            return "not_author", "the line's author is not you"
        if line.device in self._others_devices:
            return "not_author", "the line's device is not yours"
        refusal = self._denial_by(self._caller.grants, pushed, existing, before)
        is_damaged_row = existing is not None and before is None
        late = () if is_damaged_row or not refusal else self._late_grants(line, before)
        if late and self._denial_by((*self._caller.grants, *late), pushed, existing, before) is None:
            return None
        return refusal

    def _denial_by(
        self, grants: Sequence[Grant], pushed: ValidLine, existing: LineRow | None, before: Line | None
    ) -> tuple[str, str] | None:
        line, owner = pushed.line, self._owner_of(pushed)
        if not _any_covers(grants, owner) or (
            existing is not None and not _any_covers(grants, self._owners[existing.bucket])
        ):
            return FORBIDDEN, "not in your scope, or not there"
        elsewhere = existing is not None and (existing.bucket != owner.bucket or existing.kind != line.kind)
        if elsewhere or (owner.bucket != DISTRICT and owner.project != line.project):
            return "moved", "a line never leaves its bucket"
        reason = denial_reason(grants, line, owner, before, damaged=existing is not None and before is None)
        if reason is None and is_approval(line):
            earlier = self._earlier.get(owner.bucket, ())
            reason = approval_denial_reason(line, self._lines_of(owner.bucket), earlier, self._same_side(line))
        if reason is None and extends_due(line):
            covering = [grant for grant in grants if covers(grant, owner)]
            of_issue = self._lines_of(owner.bucket)
            reason = extension_denial_reason(covering, line, of_issue, self._rules, self._same_side(line))
        if reason is None and ACTING_FOR in line.body:
            reason = acting_denial_reason(grants, line, before, self._principals(line))
        return (FORBIDDEN, reason) if reason else None

    def _principals(self, line: Line) -> frozenset[str]:
        """For whom the author of a line stood in when they wrote it."""
        if self._book is None:
            return frozenset()
        return self._book.principals(line.author, _day(ms_from_hlc(line.stamp)))

    def _same_side(self, line: Line) -> frozenset[str]:
        """Whose work the author of an approval does not approve, by all ids that these have: their own, that of whom
        they stand in for, be it when they wrote it or now, since their roles are those of now, and that of whom they
        say to approve in the place of. What this very push ends or undoes before it still counts."""
        if self._book is None or self.book_before is None:
            return frozenset()
        acting_for, days = line.body.get(ACTING_FOR), {_day(self._now_ms), _day(ms_from_hlc(line.stamp))}
        side = {acting_for} if isinstance(acting_for, str) else set[str]()
        side |= self._book.side_of(line.author, days) | self.book_before.side_of(line.author, days)
        return self._book.ids_of(self.book_before.ids_of(side))

    def _late_grants(self, line: Line, before: Line | None) -> tuple[Grant, ...]:
        """The roles that were withdrawn after this line was written, and still cover it."""
        if not self._withdrawn_roles:
            return ()
        written = ms_from_hlc(line.stamp)
        ended_later = (role.grant for role in self._withdrawn_roles if written < role.withdrawn_at)
        return tuple(grant for grant in ended_later if is_late_work(grant.role, line, before))

    def _in_scope(self, owner: BucketOwner) -> bool:
        return _any_covers(self._caller.grants, owner)

    def _may_resend(self, pushed: ValidLine, existing: LineRow) -> bool:
        """Whether the sender of a stored version may learn that it is stored: its author may, and who has it in
        scope."""
        return pushed.line.author == self._caller.person or self._in_scope(self._owners[existing.bucket])

    def _lines_of(self, bucket: str) -> Iterable[Line]:
        """The current lines of an issue, with the changes of this batch."""
        lines = {line.id: line for line in self._issues.get(bucket, [])}
        lines |= {entry.id: line_of(entry) for entry in self.current.values() if entry.bucket == bucket}
        return lines.values()


def _day(at_ms: int) -> str:
    return district_time(at_ms).date().isoformat()


def _any_covers(grants: Iterable[Grant], owner: BucketOwner) -> bool:
    return any(covers(grant, owner) for grant in grants)


def _reject_displaced(pushed: ValidLine, before: Line | None) -> MergeOutcome | None:
    """The rejection of a line that says it was displaced, unless the central has said so: devices give up the line that
    had the id."""
    said = pushed.line.body.get(DISPLACED_FROM)
    if said is None or (before is not None and before.body.get(DISPLACED_FROM) == said):
        return None
    return MergeOutcome(pushed.line.id, "rejected", "bad_line", str(Fault(DISPLACED_FROM, "form")))


def _is_same(pushed: ValidLine, existing: LineRow) -> bool:
    """Whether it is the stored version again, even if the stored text or the stored digest is damaged: resending it is
    no new write, so it needs no permission, and it repairs the row."""
    return to_signed(pushed.digest) == existing.digest or pushed.wire == existing.wire


def depends_on_assignments(line: Line) -> bool:
    """Whether it takes the district's assignments to judge a line: one that changes them, or that is written by
    somebody in another's place, or might be."""
    return line.kind in GRANTING_KINDS or ACTING_FOR in line.body or is_approval(line) or extends_due(line)


def follows_known(line: Line, existing: LineRow) -> bool:
    """Whether a line from the future is an edit of a stored version from there, and no further ahead than that one
    makes it."""
    return follows_closely(line.stamp, line.base) and line.base <= existing.stamp
