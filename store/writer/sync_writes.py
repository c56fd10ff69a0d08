"""Writes of a sync round: what is sent, its outcomes, the central's lines, clock correction, and repair.

Nothing here uses a network. ``sync/round/__init__.py`` calls these in wire order; each is one transaction, so a round
may be killed at any instruction and starts again. Next: ``store/ledger/clock_correction.py`` (clocks),
``store/writer/checksums.py``.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from store.db.device_facts import FIRST_READ, corrected_ms, read_device_facts
from store.domain.line_ids import id_claim
from store.exceptions import StoreError
from store.home.sync_history import RoundRecord, save_round
from store.ledger.buckets import SetChecksum
from store.ledger.clock_correction import LastContact, UnsentTimestamp, corrected_timestamps
from store.ledger.hlc import MAX_CLOCK_AHEAD_MS, hlc_from_ms, is_observable, ms_from_hlc
from store.ledger.kinds import bucket_of
from store.ledger.line import DISPLACED_FROM, Line, canonical_json, digest_of
from store.ledger.merge import replaces, supersede_reason
from store.ledger.row_mapping import to_unsigned
from store.writer import checksums, late_answers, refusals
from store.writer.carried_state import DEVICE_FILE_ERRORS
from store.writer.given_up import GIVEN_UP, ProjectButler, forget_bucket, given_up_detail
from store.writer.local_writes import Ledger
from store.writer.refusals import PushOutcomeLike
from store.writer.scrubbing import note_withdrawn, scrub_if_due
from store.writer.transaction import (
    HELD,
    OutboxRow,
    StoredLine,
    Transaction,
    VersionRef,
    find_kind,
    select_outbox,
)
from store.writer.unsent import CARRIED_UNTIL, GAVE
from store.writer.withdrawal import delete_rows

_LOG = logging.getLogger("guanjia.sync")
Receipts = Mapping[str, bytes]
"""The central's receipts of the versions in a page, by line id."""


class OutgoingLine(NamedTuple):
    """A line to be sent: its bytes, digest and stamp to match the answer with, and its order ``n``."""

    id: str
    canonical: bytes
    digest: int
    stamp: int
    n: int


class MergeResult(NamedTuple):
    """What a page of central lines did here: ``applied`` became current, ``outdated`` lost to a later local version;
    ``superseded`` are edits of this person that lost to somebody who had not seen them."""

    applied: int
    outdated: int
    superseded: int = 0


class PushResult(NamedTuple):
    """The outcomes of a pushed batch; ``clock_ahead`` are refused for their clock and stay pending."""

    applied: int
    superseded: int
    rejected: int
    clock_ahead: int


class SyncLedger(Ledger):
    """The ledger with the writes of a sync round."""

    # What goes out

    def pending_lines(self, limit: int, max_bytes: int, after: int = 0) -> list[OutgoingLine]:
        """Pending lines of the outbox in order, those after ``after``: at most ``limit`` lines, about ``max_bytes``."""
        batch: list[OutgoingLine] = []
        size = 0
        connection = self.database.connection()
        query = "SELECT id, wire, digest, stamp, n FROM outbox WHERE state = 'pending' AND n > ? ORDER BY n LIMIT ?"
        for line_id, wire, digest, stamp, n in connection.execute(query, (after, limit)):
            size += len(wire)
            if batch and size > max_bytes:
                break
            batch.append(OutgoingLine(line_id, wire, to_unsigned(digest), stamp, n))
        return batch

    def acknowledge(
        self,
        outcomes: Sequence[PushOutcomeLike],
        sent: Mapping[str, OutgoingLine],
        winners: Sequence[Line],
        superseded: Sequence[Line] = (),
        receipts: Mapping[int, bytes] = MappingProxyType({}),
        known: Mapping[str, Line] = MappingProxyType({}),
        lost: frozenset[VersionRef] = frozenset(),
        facts: Mapping[str, str] = MappingProxyType({}),
    ) -> PushResult:
        """Apply a push's outcomes. A line edited again after it was ``sent`` stays pending, based on what the central
        now has. ``winners`` are the versions that superseded ours; ``superseded`` are those that ours superseded
        unseen: they go to history, where they can be restored. ``receipts`` are the central's, by digest. ``known`` are
        the central's in place of rejected ones, which were not this person's to write: ours give way. ``lost`` are ours
        that nobody had seen when superseded. The device ``facts`` are saved with it. Of `SentLongAgo` a part counts."""
        with self._transaction() as change:
            change.lost = lost
            change.facts.update(facts)
            for digest, receipt in receipts.items():
                change.add_receipt(digest, receipt)
            waiting = change.outbox_rows([answer.id for answer in outcomes])
            if isinstance(sent, late_answers.SentLongAgo):
                settleable = late_answers.SettleableOutcomes(waiting, sent).among
                outcomes, winners, superseded = settleable(outcomes), settleable(winners), settleable(superseded)
            self._merge_lines(change, winners)
            for loser in superseded:
                change.archive(loser, "superseded")
            for answer in outcomes:
                row = waiting.get(answer.id)
                if row and answer.outcome == "applied":
                    self._record_applied(change, row, sent[answer.id])
                elif row and answer.outcome == "rejected" and row.digest == sent[answer.id].digest:
                    if answer.id in known:
                        refusals.give_way(change, row, known[answer.id])
                    else:
                        refusals.record_rejected(change, answer)
        ahead = sum(answer.code == "clock_ahead" for answer in outcomes)
        counts = Counter(answer.outcome for answer in outcomes)
        return PushResult(counts["applied"], counts["superseded"], counts["rejected"] - ahead, ahead)

    def _record_applied(self, change: Transaction, row: OutboxRow, sent: OutgoingLine) -> None:
        change.add_to_checksum(row.bucket, row.base_digest, -1)
        change.add_to_checksum(row.bucket, sent.digest)
        if row.digest == sent.digest:
            change.acknowledge(row.id)
        else:
            change.rebase(row.id, sent.digest, sent.stamp)

    def retry_rejected(self, ids: Sequence[str]) -> int:
        """Make rejected lines pending again; returns how many."""
        with self.database.write() as connection:
            return refusals.retry(connection, ids)

    def discard_rejected(self, id: str) -> bool:
        """Give up a rejected line: the central's version becomes current again with the next backfill, and this
        device's version stays in history. Returns whether there was such a line."""
        with self._transaction() as change:
            waiting = change.outbox_rows([id]).get(id)
            if waiting is None or waiting.state != "rejected":
                return False
            line = change.stored_lines([(waiting.kind, id)])[id].line
            change.archive(line, "rejected")
            delete_rows(change, [line])
            change.acknowledge(id)
            if waiting.base_digest is not None:
                change.connection.execute("INSERT OR IGNORE INTO fill (bucket) VALUES (?)", (waiting.bucket,))
            return True

    # What comes in

    def merge(
        self,
        lines: Sequence[Line],
        *,
        cursor: str | None = None,
        granted: Sequence[str] = (),
        dropped: Sequence[str] = (),
        receipts: Receipts = MappingProxyType({}),
        lost: frozenset[VersionRef] = frozenset(),
        late: bool = False,
        butlers: Sequence[ProjectButler] = (),
    ) -> MergeResult:
        """Merge a page from the central and store the cursor that covers it, in one transaction. Dropped buckets are
        removed except for unsent lines; granted ones are noted for backfill; ``receipts`` of the lines are kept.
        ``lost`` are versions that the lines have replaced unseen, as the central knows; ``late``: it may be older than
        what is known since (``late_answers.py``); ``butlers`` serve projects that are dropped."""
        with self._transaction() as change:
            if change.facts.get(FIRST_READ):
                change.facts[FIRST_READ] = ""
            change.lost = lost
            lines = late_answers.news(change, lines) if late else lines
            self._remove_buckets(change, dropped, butlers)
            merged = self._merge_lines(change, lines, receipts)
            change.connection.executemany("INSERT OR IGNORE INTO fill (bucket) VALUES (?)", ((b,) for b in granted))
            if cursor is not None:
                change.facts["cursor"] = cursor
            return merged

    def backfill_buckets(self) -> list[str]:
        """Buckets granted and not yet fetched whole."""
        return [row[0] for row in self.database.connection().execute("SELECT bucket FROM fill ORDER BY bucket")]

    def finish_backfill(self, buckets: Sequence[str]) -> None:
        """These buckets have been fetched whole; what waited for the bureau in their projects is sent."""
        with self.database.write() as connection:
            connection.executemany("DELETE FROM fill WHERE bucket = ?", ((bucket,) for bucket in buckets))
            refusals.retry_granted(connection, buckets)

    def _merge_lines(
        self, change: Transaction, lines: Iterable[Line], receipts: Receipts = MappingProxyType({})
    ) -> MergeResult:
        latest = {line.id: line for line in lines}
        self._leave_old_ids(change, latest.values())
        change.observe_stamps(line.stamp for line in latest.values())
        held = change.stored_lines((line.kind, line.id) for line in latest.values())
        waiting = change.outbox_rows(list(latest))
        applied = sum(
            self._merge_line(change, line, held.get(i), waiting.get(i), receipts.get(i)) for i, line in latest.items()
        )
        return MergeResult(applied, len(latest) - applied, len(change.own_lost))

    def _merge_line(
        self,
        change: Transaction,
        line: Line,
        current: StoredLine | None,
        outbox_row: OutboxRow | None,
        receipt: bytes | None,
    ) -> bool:
        """Whether the central's version is current here now. A line settles no unsent one of another kind or place."""
        digest, bucket = digest_of(canonical_json(line)), bucket_of(line)
        change.add_receipt(digest, receipt)
        elsewhere = current is not None and _place_of(current.line) != (bucket, line.project)
        if outbox_row and (elsewhere or outbox_row.kind != line.kind):
            return self._merge_beside_unsent(change, line, current, outbox_row)
        if current is not None and elsewhere:
            self._displace(change, current)
            current = None
        if outbox_row and current and refusals.gives_way(outbox_row, current.line, line):
            refusals.give_way(change, outbox_row, line)
            return True
        if outbox_row and current and outbox_row.base_digest == digest and replaces(line, current.line):
            _follow(change, current.line, line, outbox_row)
            return False
        known = outbox_row.base_digest if outbox_row else current.digest if current else None
        change.add_to_checksum(bucket, known, -1)
        change.add_to_checksum(bucket, digest)
        if current is not None and current.line != line and not replaces(line, current.line):
            change.archive(line, supersede_reason(current.line, line))
            if outbox_row:
                change.rebase(line.id, digest, line.stamp)
            else:
                change.enqueue(current.line, (digest, current.line.stamp), HELD)
            return False
        if outbox_row:
            change.acknowledge(line.id)
        if current is None or current.line != line:
            if current:
                change.archive_replaced(current.line, line)
            change.set_current(line, digest)
        return True

    # Ids that another line has taken (``store/domain/line_ids.py``)

    def _merge_beside_unsent(
        self, change: Transaction, line: Line, current: StoredLine | None, outbox_row: OutboxRow
    ) -> bool:
        """Merge a line whose id an unsent one of another kind or place has here. If the id follows from the central's
        line and not from ours, ours gives way to history and its author is told; otherwise ours stays, and the
        central's is kept apart until it gets another id there."""
        district, digest = change.facts["district"], digest_of(canonical_json(line))
        own = change.stored_lines([(outbox_row.kind, line.id)]).get(line.id)
        if own is not None and id_claim(district, line) > id_claim(district, own.line):
            change.add_to_checksum(outbox_row.bucket, outbox_row.base_digest, -1)
            change.acknowledge(line.id)
            change.archive(own.line, "displaced")
            delete_rows(change, [own.line])
            change.add_notice("line_displaced", {"lines": 1})
            change.add_to_checksum(bucket_of(line), digest)
            change.set_current(line, digest)
            return True
        if line.kind != outbox_row.kind:
            change.add_to_checksum(bucket_of(line), current.digest if current else None, -1)
            change.add_to_checksum(bucket_of(line), digest)
            change.set_apart(line, digest)
        return False

    def _leave_old_ids(self, change: Transaction, lines: Iterable[Line]) -> None:
        """Forget the versions under the ids that some of these lines had before the central gave them others. A version
        that was edited here since, and waits to be sent, stays."""
        for line in lines:
            old_id = str(line.body.get(DISPLACED_FROM, ""))
            old = change.stored_lines([(line.kind, old_id)]).get(old_id) if old_id else None
            if old is None or (old.line.stamp, old.line.device) != (line.stamp, line.device):
                continue
            row = change.outbox_rows([old.line.id]).get(old.line.id)
            if row is None or row.kind != line.kind:
                self._displace(change, old)
                if line.author == change.facts["person"]:
                    change.add_notice("line_displaced", {"lines": 1})

    def _displace(self, change: Transaction, held: StoredLine) -> None:
        """Put a line whose id another one has by now into history, out of its bucket and its rows. The index knows
        lines by their ids, so the other one's entry stays."""
        change.add_to_checksum(bucket_of(held.line), held.digest, -1)
        change.archive(held.line, "displaced")
        delete_rows(change, [held.line])
        if find_kind(change.connection, held.line.id) is not None:
            change.keep_indexed(held.line)

    # Scope

    def _remove_buckets(self, change: Transaction, buckets: Sequence[str], butlers: Sequence[ProjectButler]) -> None:
        """Remove withdrawn buckets, with history, checksums and index entries. An unsent line of this device stays.
        The notice has the names of projects, and who serves them now."""
        gone, kept, projects = 0, 0, dict[str, str]()
        for bucket in buckets:
            lines = checksums.lines_in_bucket(change.connection, bucket)
            unsent = change.outbox_rows(list(lines))
            going = [
                held.line
                for line_id, held in lines.items()
                if line_id not in unsent or unsent[line_id].kind != held.line.kind
            ]
            kept += len(lines) - len(going)
            projects |= {line.id: str(line.body.get("name")) for line in going if line.kind == "project"}
            delete_rows(change, going)
            forget_bucket(change.connection, bucket, going, change.facts.person)
            # An edit still follows the version that its author saw, though that has left.
            change.connection.execute("UPDATE outbox SET base_digest = NULL WHERE bucket = ?", (bucket,))
            refusals.retry_proposed(change.connection, bucket)
            change.set_checksum(bucket, SetChecksum())
            gone += len(going)
        if gone:
            note_withdrawn(change.connection)
            change.add_notice(GIVEN_UP, given_up_detail(gone, len(buckets), kept, projects, butlers))

    # Clocks

    def correct_clock(self, offset_ms: int) -> int:
        """Store the measured clock offset (central minus device) and re-stamp the unsent lines that were stamped with a
        wrong clock since the last contact; returns how many."""
        with self._transaction() as change:
            now = corrected_ms(self.wall_clock(), offset_ms)
            waiting = {row.id: row for row in select_outbox(change.connection, f"state <> '{HELD}'")}
            held = change.stored_lines((row.kind, row.id) for row in waiting.values())
            stamped = (
                UnsentTimestamp(i, held[i].line.stamp, row.base_stamp or 0, row.drift_ms) for i, row in waiting.items()
            )
            plan = corrected_timestamps(stamped, offset_ms, now, LastContact(*change.facts.last_contact))
            change.facts.offset_ms = offset_ms
            for line_id, stamp in sorted(plan.items(), key=lambda item: item[1]):
                line, row = held[line_id].line._replace(stamp=stamp), waiting[line_id]
                change.set_current(line, change.enqueue(line, (row.base_digest, row.base_stamp)))
            if plan or ms_from_hlc(change.facts.stamp) > now + MAX_CLOCK_AHEAD_MS:
                change.facts.stamp = max([hlc_from_ms(now), *(s for s in plan.values() if is_observable(s, now))])
            for fact in filter(change.facts.get, (CARRIED_UNTIL, GAVE) if plan else ()):
                change.facts[fact] = str(max(int(change.facts[fact]), *plan.values()))
            if plan:
                change.add_notice("clock_healed", {"lines": len(plan), "offset_ms": offset_ms})
            change.facts.last_contact = change.facts.stamp, now
            return len(plan)

    def become_twin(self, device: str) -> None:
        """`become_device` of one of two copies that both live on; the person is told."""
        with self._transaction() as change:
            change.add_notice("twin", {"lines": _become_device(change, device)})

    def become_device(self, device: str, place: str) -> None:
        """Make this store, a copy, the device of this id, and its unsent lines lines of that device: what they change
        and what the other copy has sent did not know of each other. ``place`` is the store's fingerprint."""
        with self._transaction() as change:
            change.facts.update(renew="", place=place)
            _become_device(change, device)

    def record_contact(self) -> None:
        """Store a contact at which the clock was as believed, if unsent lines were stamped since the last one."""
        connection = self.database.connection()
        last = LastContact(*read_device_facts(connection).last_contact)
        if connection.execute("SELECT 1 FROM outbox WHERE stamp > ? LIMIT 1", (last.stamp,)).fetchone():
            with self._transaction() as change:
                change.facts.last_contact = change.facts.stamp, change.now_ms

    # Checksums

    def total_checksum(self) -> SetChecksum:
        """The set digest of everything that the central is known to have of this device's scope."""
        return checksums.total_checksum(self.database.connection())

    def group_checksums(self) -> dict[str, SetChecksum]:
        """The set digest of each of the 256 groups of buckets."""
        return checksums.checksums_by_group(self.database.connection())

    def bucket_checksums(self, groups: Iterable[str]) -> dict[str, SetChecksum]:
        """The set digest of each bucket in these groups."""
        return checksums.checksums_by_bucket(self.database.connection(), groups)

    def buckets_of_unknown_kinds(self) -> set[str]:
        """The buckets in which this version keeps what it does not know, and a newer central perhaps does not."""
        return checksums.buckets_of_unknown_kinds(self.database.connection())

    def bucket_owners(self, buckets: Iterable[str]) -> dict[str, checksums.KnownOwner]:
        """Project and department of the issues and procedures among these buckets."""
        return checksums.owners_of_buckets(self.database.connection(), buckets)

    def recompute_checksums(self) -> list[str]:
        """Set every bucket's checksum to that of its rows; returns the buckets whose running sum was wrong. The next
        round finds them different from the central's and fetches only them again."""
        with self._transaction() as change:
            actual = checksums.recompute_by_bucket(change.connection)
            running = checksums.checksums_by_bucket(change.connection)
            wrong = sorted(
                b
                for b in actual.keys() | running.keys()
                if actual.get(b, SetChecksum()) != running.get(b, SetChecksum())
            )
            for bucket in wrong:
                change.set_checksum(bucket, actual.get(bucket, SetChecksum()))
            return wrong

    def repair(self, buckets: Sequence[str], lines: Sequence[Line], receipts: Receipts = MappingProxyType({})) -> int:
        """Make these buckets equal to the central's, which holds ``lines`` in them. Damaged lines are replaced; what is
        newer here or missing there is queued; ``receipts`` of the lines are kept. Returns how many lines differed."""
        with self._transaction() as change:
            there = {line.id: line for line in lines}
            self._leave_old_ids(change, there.values())
            here = {i: held for b in buckets for i, held in checksums.lines_in_bucket(change.connection, b).items()}
            waiting = change.outbox_rows([*here.keys() | there.keys()])
            sound = {i: h for i, h in here.items() if i in waiting or digest_of(canonical_json(h.line)) == h.digest}
            sums = {bucket: SetChecksum() for bucket in buckets}
            differing = 0
            for line in there.values():
                mine = sound.get(line.id)
                differing += mine is None or mine.line != line
                self._merge_line(change, line, mine, waiting.get(line.id), receipts.get(line.id))
                sums[bucket_of(line)] = sums[bucket_of(line)].with_digest(digest_of(canonical_json(line)))
            for line_id in here.keys() - there.keys():
                differing += self._requeue(change, here[line_id].line, waiting.get(line_id))
            for bucket, exact in sums.items():
                change.set_checksum(bucket, exact)
            return differing

    def _requeue(self, change: Transaction, line: Line, outbox_row: OutboxRow | None) -> bool:
        """Queue a line that the central does not have; whether it was not waiting as such already. One that it had is
        held, to be brought back. One whose id an unsent line of another kind has goes to history."""
        if outbox_row and outbox_row.kind != line.kind:
            self._displace(change, StoredLine(line, digest_of(canonical_json(line))))
            return True
        if outbox_row:
            change.rebase(line.id, None, line.stamp if outbox_row.state == HELD else None)
            return outbox_row.base_digest is not None
        change.set_current(line, change.enqueue(line, (None, line.stamp), HELD))
        return True

    def save_facts(self, **values: str) -> None:
        """Write device facts (``verified_at``, ``last_round`` …)."""
        with self._transaction() as change:
            change.facts.update(values)

    def end_round(self, record: RoundRecord, **values: str) -> None:
        """Store how a round ended, in the device facts and then in the history of rounds. A history that cannot be
        written fails nothing: the log names the error. Then what was erased goes out of the files."""
        self.save_facts(**values)
        try:
            save_round(self.device_state, record)
        except DEVICE_FILE_ERRORS as error:
            code = error.code if isinstance(error, StoreError) else type(error).__name__
            _LOG.warning("the history of rounds cannot be written (%s)", code)
        scrub_if_due(self.database)

    def mark_notices_seen(self, notices: Sequence[int]) -> None:
        """Mark notices as read."""
        with self.database.write() as connection:
            connection.executemany("UPDATE notice SET seen = 1 WHERE n = ?", ((n,) for n in notices))

    def add_notice(self, code: str, detail: Mapping[str, object]) -> None:
        """Leave a notice for the person at this device."""
        with self._transaction() as change:
            change.add_notice(code, detail)


def _become_device(change: Transaction, device: str) -> int:
    """Give the store and its unsent lines the device of this id; gives how many lines."""
    change.facts.update(device=device, renewing="", chain="", chain_next="", bundle_seed="", keys_told="", carried="")
    change.facts.update(card="", card_at="", gave_judged="")
    waiting = select_outbox(change.connection, "state = 'pending'")
    held = change.stored_lines((row.kind, row.id) for row in waiting)
    for row in waiting:
        line = held[row.id].line._replace(device=device)
        change.set_current(line, change.enqueue(line, (row.base_digest, row.base_stamp)))
    return len(waiting)


def _follow(change: Transaction, own: Line, line: Line, row: OutboxRow) -> None:
    """Let an unsent edit follow the very version that it was made from, which a repair of stamps that this central does
    not know had put before it."""
    edit = own._replace(stamp=change.next_stamp(line.stamp), base=line.stamp)
    change.set_current(edit, change.enqueue(edit, (row.base_digest, line.stamp)))


def _place_of(line: Line) -> tuple[str, str | None]:
    """Where a line belongs for good."""
    return bucket_of(line), line.project
