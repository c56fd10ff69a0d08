"""The only writer, seen from a sync round: what is unsent, what became of it, what others wrote, and repair.

Nothing here talks to a network. ``sync/round.py`` calls these in wire order; each is one transaction, so a round may
be killed at any instruction and simply starts again. Reading: ``store/ledger/clock_correction.py`` (clocks),
``store/writer/checksums.py``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol

import orjson

from store.db.meta import read_meta
from store.home.sync_history import Ended, keep_round
from store.ledger.buckets import Sum
from store.ledger.clock_correction import Spoken, Stamped, restamps
from store.ledger.hlc import AHEAD_LIMIT_MS, ms_of, stamp_of
from store.ledger.kinds import bucket_of, kinds
from store.ledger.line import Line, canonical, digest_of
from store.ledger.merge import why, wins
from store.ledger.row_mapping import unsigned
from store.writer import checksums
from store.writer.local_writes import Ledger
from store.writer.transaction import Held, Queued, Transaction, queued_rows, touched_issues


class Unsent(NamedTuple):
    """A line on its way: its bytes as they travel, digest and stamp to recognise the answer by, its place ``n``."""

    id: str
    canonical: bytes
    digest: int
    stamp: int
    n: int


class Merged(NamedTuple):
    """What a page of central lines did here: ``applied`` became current, ``kept`` lost to a later local version."""

    applied: int
    kept: int


class Acknowledged(NamedTuple):
    """What became of a pushed batch; ``ahead`` counts lines refused for their clock, which stay pending."""

    applied: int
    superseded: int
    rejected: int
    ahead: int


class Answer(Protocol):
    """One outcome of a push, as ``sync/protocol.py`` has it."""

    @property
    def id(self) -> str: ...
    @property
    def outcome(self) -> str: ...
    @property
    def code(self) -> str | None: ...
    @property
    def reason(self) -> str | None: ...


class Exchange(Ledger):
    """The ledger with the verbs of a sync round."""

    # What goes out

    def unsent(self, limit: int, max_bytes: int, after: int = 0) -> list[Unsent]:
        """Pending lines of the outbox in order, behind place ``after``: ``limit`` lines, about ``max_bytes``."""
        found: list[Unsent] = []
        size = 0
        connection = self.database.connection()
        query = "SELECT id, wire, digest, stamp, n FROM outbox WHERE state = 'pending' AND n > ? ORDER BY n LIMIT ?"
        for line_id, wire, digest, stamp, n in connection.execute(query, (after, limit)):
            size += len(wire)
            if found and size > max_bytes:
                break
            found.append(Unsent(line_id, wire, unsigned(digest), stamp, n))
        return found

    def acknowledge(
        self,
        answers: Sequence[Answer],
        sent: Mapping[str, Unsent],
        winners: Sequence[Line],
        losers: Sequence[Line] = (),
    ) -> Acknowledged:
        """Take in a push's outcomes. A line edited again after it was ``sent`` stays pending, on top of what the
        central now has. ``winners`` are the lines that superseded ours, ``losers`` those that ours superseded: whoever
        won without knowing sees what it was, and may restore it."""
        with self._transaction() as change:
            waiting = change.queued([answer.id for answer in answers])
            self._take(change, winners)
            for loser in losers:
                change.shelve(loser, "superseded")
            for answer in answers:
                row = waiting.get(answer.id)
                if row and answer.outcome == "applied":
                    self._applied(change, row, sent[answer.id])
                elif row and answer.outcome == "rejected" and row.digest == sent[answer.id].digest:
                    self._rejected(change, answer)
        ahead = sum(answer.code == "clock_ahead" for answer in answers)
        counts = Counter(answer.outcome for answer in answers)
        return Acknowledged(counts["applied"], counts["superseded"], counts["rejected"] - ahead, ahead)

    def _applied(self, change: Transaction, row: Queued, sent: Unsent) -> None:
        change.agree(row.bucket, row.base_digest, -1)
        change.agree(row.bucket, sent.digest)
        if row.digest == sent.digest:
            change.settle(row.id)
        else:
            change.rebase(row.id, sent.digest, sent.stamp)

    def _rejected(self, change: Transaction, answer: Answer) -> None:
        if answer.code != "clock_ahead":
            change.connection.execute(
                "UPDATE outbox SET state = 'rejected', code = ?, reason = ?, at = ? WHERE id = ?",
                (answer.code, answer.reason, change.now_ms, answer.id),
            )

    def retry(self, ids: Sequence[str]) -> int:
        """Let rejected lines be sent again; gives how many."""
        with self.database.write() as connection:
            done = connection.execute(
                "UPDATE outbox SET state = 'pending', code = NULL, reason = NULL "
                "WHERE state = 'rejected' AND id IN (SELECT value FROM json_each(?))",
                (orjson.dumps(list(ids)).decode(),),
            )
            return int(done.rowcount)

    def drop_rejected(self, id: str) -> bool:
        """Give up a rejected line: what the central has becomes current again with the next repair, and this device's
        version stays in history. Gives whether there was such a line."""
        with self._transaction() as change:
            waiting = change.queued([id]).get(id)
            if waiting is None or waiting.state != "rejected":
                return False
            line = change.held([(waiting.kind, id)])[id].line
            change.shelve(line, "rejected")
            self._erase(change, [line])
            change.settle(id)
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
    ) -> Merged:
        """Take in a page from the central with the cursor that covers it, in one transaction. Dropped buckets are
        forgotten but for unsent lines; granted ones are noted, to be fetched."""
        with self._transaction() as change:
            self._forget(change, dropped)
            merged = self._take(change, lines)
            change.connection.executemany("INSERT OR IGNORE INTO fill (bucket) VALUES (?)", ((b,) for b in granted))
            if cursor is not None:
                change.meta["cursor"] = cursor
            return merged

    def fills(self) -> list[str]:
        """Buckets granted and not yet fetched whole."""
        return [row[0] for row in self.database.connection().execute("SELECT bucket FROM fill ORDER BY bucket")]

    def filled(self, buckets: Sequence[str]) -> None:
        """These buckets have been fetched whole."""
        with self.database.write() as connection:
            connection.executemany("DELETE FROM fill WHERE bucket = ?", ((bucket,) for bucket in buckets))

    def _take(self, change: Transaction, lines: Iterable[Line]) -> Merged:
        latest = {line.id: line for line in lines}
        change.witness(line.stamp for line in latest.values())
        held = change.held((line.kind, line.id) for line in latest.values())
        waiting = change.queued(list(latest))
        applied = sum(self._take_one(change, line, held.get(i), waiting.get(i)) for i, line in latest.items())
        return Merged(applied, len(latest) - applied)

    def _take_one(self, change: Transaction, line: Line, mine: Held | None, waits: Queued | None) -> bool:
        """Whether the central's version became current here (or was already)."""
        digest, bucket = digest_of(canonical(line)), bucket_of(line)
        change.agree(bucket, waits.base_digest if waits else mine.digest if mine else None, -1)
        change.agree(bucket, digest)
        if mine is not None and mine.line != line and not wins(line, mine.line):
            change.shelve(line, why(mine.line, line))
            if waits:
                change.rebase(line.id, digest, line.stamp)
            else:
                change.queue(mine.line, (digest, line.stamp))
            return False
        if waits:
            change.settle(line.id)
        if mine is None or mine.line != line:
            if mine:
                change.shelve(mine.line, why(line, mine.line))
            change.keep(line, digest)
        return True

    # Scope

    def _forget(self, change: Transaction, buckets: Sequence[str]) -> None:
        """Remove withdrawn buckets, history, digests and search index included. A line that this device wrote and has
        not sent stays, whatever happens."""
        gone = 0
        for bucket in buckets:
            lines = checksums.lines_in(change.connection, bucket)
            unsent = change.queued(list(lines))
            going = [held.line for line_id, held in lines.items() if line_id not in unsent]
            self._erase(change, going)
            for table in ("history", "dismissed"):
                change.connection.executemany(f"DELETE FROM {table} WHERE id = ?", ((line.id,) for line in going))
            change.connection.execute("DELETE FROM fill WHERE bucket = ?", (bucket,))
            change.connection.execute(
                "UPDATE outbox SET base_digest = NULL, base_stamp = NULL WHERE bucket = ?", (bucket,)
            )
            change.exactly(bucket, Sum())
            gone += len(going)
        if gone:
            change.notify("scope_withdrawn", {"lines": gone, "buckets": len(buckets)})

    def _erase(self, change: Transaction, lines: Sequence[Line]) -> None:
        for line in lines:
            for table in {line.kind} & kinds().keys() | {"unknown_line", "issue_state"}:
                change.connection.execute(f"DELETE FROM {table} WHERE id = ?", (line.id,))
        change.reconsider(touched_issues(lines))
        change.forget(lines)

    # Clocks

    def heal(self, offset_ms: int) -> int:
        """Take the measured clock offset (central minus device) and re-stamp the unsent lines that were stamped with a
        clock that was off since the two last spoke; gives how many."""
        with self._transaction() as change:
            now = self.wall() + offset_ms
            waiting = {row.id: row for row in queued_rows(change.connection)}
            held = change.held((row.kind, row.id) for row in waiting.values())
            stamped = (Stamped(i, held[i].line.stamp, row.base_stamp or 0, row.drift_ms) for i, row in waiting.items())
            plan = restamps(stamped, offset_ms, now, _spoken(change.meta))
            change.meta["offset_ms"] = str(offset_ms)
            change.offset_ms = offset_ms
            for line_id, stamp in sorted(plan.items(), key=lambda item: item[1]):
                line, row = held[line_id].line._replace(stamp=stamp), waiting[line_id]
                change.keep(line, change.queue(line, (row.base_digest, row.base_stamp)))
            if plan or ms_of(int(change.meta.get("stamp", "0"))) > now + AHEAD_LIMIT_MS:
                change.meta["stamp"] = str(max([stamp_of(now), *plan.values()]))
            if plan:
                change.notify("clock_healed", {"lines": len(plan), "offset_ms": offset_ms})
            _speak(change.meta, now)
            return len(plan)

    def spoke(self) -> None:
        """Note that the central was met and the clock found as believed, if lines wait that were stamped since."""
        connection = self.database.connection()
        latest = connection.execute("SELECT coalesce(max(stamp), 0) FROM outbox").fetchone()[0]
        if latest > _spoken(read_meta(connection)).stamp:
            with self._transaction() as change:
                _speak(change.meta, change.now_ms)

    # Agreement

    def agreed(self) -> Sum:
        """The set-digest of everything that the central is known to have of this device's scope."""
        return checksums.total(self.database.connection())

    def agreed_groups(self) -> dict[str, Sum]:
        """The set-digest of each of the 256 groups of buckets."""
        return checksums.by_group(self.database.connection())

    def agreed_buckets(self, groups: Iterable[str]) -> dict[str, Sum]:
        """The set-digest of each bucket in these groups."""
        return checksums.by_bucket(self.database.connection(), groups)

    def recount(self) -> list[str]:
        """Set every bucket's digest to what its rows really hold; gives the buckets whose running sum was wrong.
        The next round finds them differing from the central's and fetches them, and only them, again."""
        with self._transaction() as change:
            actual = checksums.recounted(change.connection)
            running = checksums.by_bucket(change.connection)
            wrong = sorted(b for b in actual.keys() | running.keys() if actual.get(b, Sum()) != running.get(b, Sum()))
            for bucket in wrong:
                change.exactly(bucket, actual.get(bucket, Sum()))
            return wrong

    def repair(self, buckets: Sequence[str], lines: Sequence[Line]) -> int:
        """Make these buckets agree; ``lines`` is all that the central has in them. What is damaged here is replaced,
        what is newer here or missing there is queued to be sent. Gives how many lines differed."""
        with self._transaction() as change:
            there = {line.id: line for line in lines}
            here = {i: held for b in buckets for i, held in checksums.lines_in(change.connection, b).items()}
            waiting = change.queued([*here.keys() | there.keys()])
            sound = {i: h for i, h in here.items() if i in waiting or digest_of(canonical(h.line)) == h.digest}
            sums = {bucket: Sum() for bucket in buckets}
            differing = 0
            for line in there.values():
                mine = sound.get(line.id)
                differing += mine is None or mine.line != line
                self._take_one(change, line, mine, waiting.get(line.id))
                sums[bucket_of(line)] = sums[bucket_of(line)].plus(digest_of(canonical(line)))
            for line_id in here.keys() - there.keys():
                differing += self._send_again(change, here[line_id].line, waiting.get(line_id))
            for bucket, exact in sums.items():
                change.exactly(bucket, exact)
            return differing

    def _send_again(self, change: Transaction, line: Line, waits: Queued | None) -> bool:
        """Queue a line that the central does not have; whether it was not waiting as such already."""
        if waits:
            change.rebase(line.id, None, None)
            return waits.base_digest is not None
        change.keep(line, change.queue(line, (None, None)))
        return True

    def remember(self, **facts: str) -> None:
        """Note facts of a round (``verified_at``, ``last_round`` …) in the store."""
        with self._transaction() as change:
            change.meta.update(facts)

    def end_round(self, ended: Ended, **facts: str) -> None:
        """Keep how a round ended, with what it has to note in the store."""
        with self._transaction() as change:
            change.meta.update(facts)
            keep_round(change.connection, ended)

    def seen(self, notices: Sequence[int]) -> None:
        """The person has read these notices."""
        with self.database.write() as connection:
            connection.executemany("UPDATE notice SET seen = 1 WHERE n = ?", ((n,) for n in notices))

    def notify(self, code: str, detail: Mapping[str, object]) -> None:
        """Leave a notice for the person at this device."""
        with self._transaction() as change:
            change.notify(code, detail)


def _spoken(meta: Mapping[str, str]) -> Spoken:
    return Spoken(*map(int, meta.get("spoken", "0 0").split()))


def _speak(meta: dict[str, str], now_ms: int) -> None:
    meta["spoken"] = f"{meta.get('stamp', '0')} {now_ms}"
