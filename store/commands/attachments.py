"""Attach files to lines: bytes first, then the lines that name them, in one transaction.

A form that saves a line with files calls `keep_files` for the drafts of their lines and writes them with its own. What
cannot be kept, since the disk is full or the file cannot be read, is told beside what was: no text waits for a file.
What a file is and what its small picture looks like says ``store/values/media``.
"""

from __future__ import annotations

import contextlib
import io
import os
import stat
from collections.abc import Callable, Container, Iterable, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple, get_args

from store.commands.exceptions import (
    AttachmentTooLarge,
    AttachmentUnreadable,
    FileNotKept,
    FileTypeNotTaken,
    NoRoomForFile,
    NotAttachable,
)
from store.domain.limits import BYTES_OF_MB, Limits, file_fault, file_sort, read_limits
from store.exceptions import DiskFull, FileFailure, GuanjiaError, LineNotFound, ReadOnlyStore, StoreError
from store.home.blobs.blob_store import BlobStore, ByteSource
from store.home.blobs.budget import queue_budget, room_left
from store.home.blobs.sealed_file import BlobFacts
from store.home.blobs.transfers import BlobKey, read_marks
from store.home.paths import Home
from store.home.settings import load_settings
from store.ledger.buckets import Area
from store.ledger.kind_facts import kind_facts
from store.ledger.line import Body, Line, new_id
from store.ledger.models.attachment import MAX_FILE_BYTES, Attachment
from store.queries.attachments import AttachmentRow, attachment_bucket, attachments_of, latest_attachments
from store.queries.lines import current_line
from store.values.file_causes import FULL, file_cause
from store.values.media.pictures import COPY_TYPE, WorkingCopy
from store.values.media.prepare import Prepared
from store.values.media.prepare import prepare as prepare_media
from store.writer.local_writes import Draft, Ledger

Prepare = Callable[[BinaryIO, str], Prepared]
"""Says what the file in a stream is, by its content; raises a `GuanjiaError` where it may not be attached."""
RoomLeft = Callable[[Path, int], int]
"""How many bytes may be written into a folder before the disk has only so many left."""


class AttachTo(NamedTuple):
    """The line that files belong to: its kind, id and project, and the issue that it is part of (or is)."""

    kind: str
    id: str
    project: str | None
    issue: str | None = None

    @property
    def bucket(self) -> str:
        """The bucket of the line, and so of its files."""
        return attachment_bucket(self.kind, self.id, self.issue, self.project)


class RefusedFile(NamedTuple):
    """A file that was not kept, and why."""

    path: Path
    error: GuanjiaError


class KeptFiles(NamedTuple):
    """Files whose bytes are on the disk: the ``drafts`` of their lines, still to be written; files that the line has
    ``already``; and those that were ``refused``."""

    drafts: list[Draft]
    already: list[AttachmentRow]
    refused: list[RefusedFile]


class AttachResult(NamedTuple):
    """What was attached: the new lines, files that were attached before, and those that were refused."""

    lines: list[Line]
    already: list[AttachmentRow]
    refused: list[RefusedFile]


def attach(
    ledger: Ledger, line: str, files: Sequence[Path], *, words: str | None = None, prepare: Prepare = prepare_media
) -> AttachResult:
    """Attach files to the line with this id. Raises `LineNotFound`, `NotAttachable` or a `BeyondRole`; what is wrong
    with a file is in the result."""
    of = target_of_id(ledger, line)
    ledger.require_role("attachment", of_kind=of.kind)
    kept = keep_files(ledger, of, files, words=words, prepare=prepare)
    return AttachResult(ledger.put_many(kept.drafts) if kept.drafts else [], kept.already, kept.refused)


def target_of_id(ledger: Ledger, line_id: str) -> AttachTo:
    """The line with this id as what files are attached to. Raises `LineNotFound` or `NotAttachable`."""
    line = current_line(ledger.database.connection(), line_id)
    if line is None or line.deleted:
        raise LineNotFound(id=line_id)
    return target_of(line)


def target_of(line: Line) -> AttachTo:
    """A line as what files are attached to. Raises `NotAttachable`."""
    facts = kind_facts().get(line.kind)
    if facts is None or line.kind not in ATTACHABLE:
        raise NotAttachable(kind=line.kind)
    issue = None
    if facts.area is Area.ISSUE:
        issue = line.id if line.kind == "issue" else str(line.body.get("issue_id"))
    return AttachTo(line.kind, line.id, line.project, issue)


ATTACHABLE: frozenset[str] = frozenset(get_args(Attachment.model_fields["of_kind"].annotation))
"""The kinds of lines that files may belong to: what the model of attachments takes. None of people and phones, whose
lines everybody of the district reads."""


def keep_files(
    ledger: Ledger,
    of: AttachTo,
    files: Iterable[Path],
    *,
    words: str | None = None,
    prepare: Prepare = prepare_media,
    room: RoomLeft = room_left,
) -> KeptFiles:
    """Keep the bytes of files for a line, which may be one that is about to be written; no line is. Once this returns
    they are on the disk. Nothing is raised for a file: what it was is in the result."""
    keeping, kept = _Keeping.begin(ledger, of.bucket, prepare, room), KeptFiles([], [], [])
    has = {row.sha256: row for row in attachments_of(ledger.database.connection(), [of.id])}
    for path in files:
        try:
            body = {**keeping.keep(path), **({"words": words} if words else {})}
        except GuanjiaError as error:
            kept.refused.append(RefusedFile(path, error))
            continue
        if (row := has.get(str(body["sha256"]))) is not None:
            kept.already.append(row)
        elif body["sha256"] not in {draft.body["sha256"] for draft in kept.drafts}:
            kept.drafts.append(_draft(ledger, of, body))
    return kept


def _draft(ledger: Ledger, of: AttachTo, body: Body) -> Draft:
    of_line = {"of_kind": of.kind, "of_id": of.id, **({"issue_id": of.issue} if of.issue else {})}
    return Draft("attachment", {**of_line, **body}, of.project, new_id(ledger.wall_clock()))


class _Keeping(NamedTuple):
    """Keeps the bytes of files in a bucket, as far as the district takes them and the disk has room: ``reserve`` bytes
    of it stay free."""

    ledger: Ledger
    blobs: BlobStore
    bucket: str
    limits: Limits
    reserve: int
    prepare: Prepare
    room: RoomLeft

    @staticmethod
    def begin(ledger: Ledger, bucket: str, prepare: Prepare, room: RoomLeft) -> _Keeping:
        """By the limits and settings of now."""
        database = ledger.database
        reserve = queue_budget(load_settings(Home(database.path.parent))).reserve_bytes
        return _Keeping(ledger, BlobStore(database), bucket, read_limits(database.connection()), reserve, prepare, room)

    def keep(self, path: Path) -> dict[str, object]:
        """Keep one file; gives what its line says of it. Raises a `GuanjiaError` about the file."""
        with _open_file(path) as file:
            size = os.fstat(file.fileno()).st_size
            self._require_size(path, size)
            try:
                known = self.prepare(file, path.name)
            except OSError as error:
                raise AttachmentUnreadable(path=path, detail=file_cause(error.errno)) from None
            if file_fault(self.limits, known.media_type, size) == "not_taken":
                raise FileTypeNotTaken(path=path, sort=file_sort(known.media_type))
            self._require_room(path, size + (len(known.copy.content) if known.copy else 0))
            copy = self._keep_copy(path, known.copy) if known.copy else {}  # first: what may be left of two is small
            original = self._put(path, _Readable(path, file))
        body: dict[str, object] = {"name": known.name, "media_type": known.media_type}
        body |= {"size": original.size, "sha256": original.sha256}
        return {name: value for name, value in (body | copy).items() if value is not None}

    def _require_size(self, path: Path, size: int) -> None:
        most = min(MAX_FILE_BYTES, self.limits.file_mb * BYTES_OF_MB)
        if size > most:
            raise AttachmentTooLarge(path=path, megabytes=-(-size // BYTES_OF_MB), most=most // BYTES_OF_MB)

    def _require_room(self, path: Path, size: int) -> None:
        """Raise `NoRoomForFile` where the disk has none, also after originals have gone that the central has."""
        lacking = size - self.room(self.blobs.folder, self.reserve)
        if lacking > 0:
            with contextlib.suppress(StoreError):  # which originals may go cannot be read on a disk that is quite full
                let_go(self.ledger, lacking)
        if size > self.room(self.blobs.folder, self.reserve):
            megabytes, reserve = -(-size // BYTES_OF_MB), self.reserve // 1_000_000
            raise NoRoomForFile(path=path, megabytes=megabytes, reserve=reserve)

    def _put(self, path: Path, stream: ByteSource) -> BlobFacts:
        """Keep bytes of the file at ``path``. Raises `FileNotKept`, since the record that it comes with is saved."""
        try:
            return self.blobs.put(self.bucket, stream)
        except DiskFull:
            raise FileNotKept(path=path, detail=FULL) from None
        except (FileFailure, ReadOnlyStore) as error:
            raise FileNotKept(path=path, detail=error.values["detail"]) from None

    def _keep_copy(self, path: Path, copy: WorkingCopy) -> dict[str, object]:
        kept = self._put(path, io.BytesIO(copy.content))
        return {
            "copy_type": COPY_TYPE, "copy_sha256": kept.sha256, "copy_size": kept.size, "width": copy.width,
            "height": copy.height, "taken_at": copy.taken_at, "place": copy.place,
        }  # fmt: skip


def _open_file(path: Path) -> BinaryIO:
    """A regular file, opened to be read. Raises `AttachmentUnreadable`."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError) as error:
        raise AttachmentUnreadable(path=path, detail=file_cause(getattr(error, "errno", None))) from None
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise AttachmentUnreadable(path=path, detail=file_cause(None))
    return os.fdopen(descriptor, "rb")


class _Readable:
    """A file whose errors of reading are told as its own, not as those of the place where it is kept."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self._path, self._file = path, file

    def read(self, size: int, /) -> bytes:
        try:
            return self._file.read(size)
        except OSError as error:
            raise AttachmentUnreadable(path=self._path, detail=file_cause(error.errno)) from None


def describe(ledger: Ledger, attachment: str, words: str) -> Line:
    """Say in words what an attached file shows; an empty text removes them."""
    return ledger.edit("attachment", attachment, words=words.strip() or None)


def remove(ledger: Ledger, attachment: str) -> Line:
    """Remove a file from its line. Line and bytes stay where they are, so that it can be restored from the bin."""
    return ledger.delete("attachment", attachment)


def let_go(ledger: Ledger, enough: int | None = None) -> tuple[int, int]:
    """Delete the originals of pictures that the central has confirmed to have, where the working copy stays here, the
    oldest first and until so many bytes are ``enough``; gives how many, and how many bytes became free. They come back
    on demand. What the central has not confirmed stays."""
    connection, blobs = ledger.database.connection(), BlobStore(ledger.database)
    confirmed = read_marks(ledger.database).confirmed
    rows = reversed(latest_attachments(connection))
    refs = dict.fromkeys(row.original for row in rows if _may_go(row, blobs, confirmed))
    count, freed = 0, 0
    for ref in refs:
        if enough is not None and freed >= enough:
            break
        if blobs.has(*ref[:2]):
            blobs.remove(*ref[:2])
            count, freed = count + 1, freed + ref.size
    return count, freed


def _may_go(row: AttachmentRow, blobs: BlobStore, confirmed: Container[BlobKey]) -> bool:
    copy = row.working_copy
    has_copy = copy is not None and copy.sha256 != row.sha256 and blobs.has(*copy[:2])
    return has_copy and row.original[:2] in confirmed
