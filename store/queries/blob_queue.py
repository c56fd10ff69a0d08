"""Which bytes of attachments are to travel, in which direction and order, and what keeps others from it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from store.db.connection import Connection
from store.home.blobs.blob_store import BlobStore
from store.home.blobs.transfers import BlobKey, TransferMarks
from store.queries.attachments import BlobRef, attachment_bucket

Direction = Literal["up", "down"]
Hold = Literal["unsent", "refused", "asked_for", "missing", "no_room"]
COMES_BY_ITSELF_BYTES = 1_000_000
"""An original that has no working copy comes without being asked for up to this size."""
MAX_BYTES = 1 << 62
REFUSED_FOR_MS = 86_400_000
"""What was refused is tried again so much later."""
_ROWS = """
SELECT a.id, a.name, a.of_kind, a.of_id, a.issue_id, a.project_id, a.sha256, a.size, a.copy_sha256, a.copy_size,
  a.deleted, EXISTS (SELECT 1 FROM outbox o WHERE o.id = a.id AND o.base_stamp IS NULL),
  coalesce((SELECT s.state IN ('settled', 'pending_approval') FROM issue_state s WHERE s.id = a.issue_id), 0)
FROM attachment a ORDER BY a.stamp DESC"""


class QueuedBlob(NamedTuple):
    """Bytes that wait, named by a ``line`` (its file is called ``name``); ``hold`` is why they do not travel: the line
    itself is ``unsent``, they were ``refused`` (``why`` is the code), come only when ``asked_for``, are ``missing`` on
    this device though it attached them, or the disk has ``no_room`` for them. ``settled``: an approval may be waiting
    for them. So many bytes are ``done``."""

    line: str
    name: str
    ref: BlobRef
    direction: Direction
    settled: bool
    hold: Hold | None = None
    done: int = 0
    why: str = ""

    @property
    def key(self) -> BlobKey:
        """Bucket and SHA-256."""
        return self.ref.bucket, self.ref.sha256

    @property
    def id(self) -> str:
        """The key as one text."""
        return "/".join(self.key)


def blob_queue(
    connection: Connection, blobs: BlobStore, marks: TransferMarks, now_ms: int, room: int = MAX_BYTES
) -> list[QueuedBlob]:
    """Which bytes wait to travel, held ones too? Working copies first, then those that an approval may wait for, then
    the smaller; each content of a bucket once. What comes may take so many bytes of the disk (``room``)."""
    here = blobs.names()
    waiting: dict[BlobKey, QueuedBlob] = {}
    for candidate in _candidates(connection, blobs, here, marks):
        code, refused_at = marks.refused.get(candidate.key, ("", None))
        is_refused = candidate.hold is None and refused_at is not None and now_ms - refused_at < REFUSED_FOR_MS
        one = candidate._replace(hold="refused", why=code) if is_refused else candidate
        if one.hold is None and one.direction == "down" and one.ref.size > room:
            one = one._replace(hold="no_room")
        one = one._replace(done=min(marks.done.get(one.key, 0), one.ref.size))
        known = waiting.get(one.key)
        if known is None or (known.hold is not None and one.hold is None):
            waiting[one.key] = one
    return sorted(waiting.values(), key=lambda one: (not one.ref.is_copy, not one.settled, one.ref.size, one.line))


def has_attachments(connection: Connection) -> bool:
    """Is anything attached to anything here?"""
    return bool(connection.execute("SELECT EXISTS (SELECT 1 FROM attachment)").fetchone()[0])


def _candidates(connection: Connection, blobs: BlobStore, here: set[str], marks: TransferMarks) -> Iterator[QueuedBlob]:
    for line, name, of_kind, of_id, issue, project, sha256, size, *rest in connection.execute(_ROWS):
        copy_sha256, copy_size, deleted, unsent, settled = rest
        bucket = attachment_bucket(of_kind, of_id, issue, project)
        refs = [BlobRef(bucket, sha256, size, False)]
        refs += [BlobRef(bucket, copy_sha256, copy_size or 0, True)] if copy_sha256 else []
        for ref in refs:
            key = (ref.bucket, ref.sha256)
            one = QueuedBlob(line, name, ref, "up", bool(settled))
            if blobs.name_of(*key) in here:
                if key not in marks.confirmed:
                    yield one._replace(hold="unsent" if unsent else None)
            elif not deleted or key in marks.wanted:
                comes = ref.is_copy or key in marks.wanted or (not copy_sha256 and size <= COMES_BY_ITSELF_BYTES)
                hold: Hold | None = "missing" if unsent else None if comes else "asked_for"
                yield one._replace(direction="down", hold=hold)
