"""Attached files as screens show them: what the ledger says of each, and whether its bytes are here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from itertools import groupby
from typing import TYPE_CHECKING

from store.home.blobs.blob_store import BlobStore
from store.queries.attachments import AttachmentRow, attachments_of, attachments_of_issue, attachments_of_project
from store.queries.lines import current_line
from store.values.media.content_types import PICTURE_TYPES, media_type
from store.values.media.file_names import safe_name

if TYPE_CHECKING:
    from pathlib import Path

    from store.db.database import Database
    from store.home.viewing import ViewingFolder
    from store.values.media.pictures import Preview
    from tui.data.pictures import PreviewCache
    from tui.data.reader import Reader

LISTED_OF_PROJECT = 200
"""So many of a project's newest files are listed."""


@dataclass(frozen=True, slots=True)
class ShownFile:
    """One attached file: its row, and whether the original and the working copy are on this device."""

    row: AttachmentRow
    here: bool
    copy_here: bool

    @property
    def id(self) -> str:
        """The attachment's id."""
        return self.row.id

    @property
    def has_picture(self) -> bool:
        """Whether something is here that can be previewed."""
        return self.copy_here or (self.here and self.row.media_type in PICTURE_TYPES)


FilesByLine = Mapping[str, list[ShownFile]]
"""Files by the id of the line that they belong to."""


def shown_files(reader: Reader, rows: Iterable[AttachmentRow]) -> list[ShownFile]:
    """These attachments, with what is here of them."""
    blobs = BlobStore(reader.database)
    return [
        ShownFile(
            row,
            blobs.has(row.bucket, row.sha256),
            row.copy_sha256 is not None and blobs.has(row.bucket, row.copy_sha256),
        )
        for row in rows
    ]


def files_of_line(reader: Reader, line_id: str) -> list[ShownFile]:
    """The files of a line; of an issue those of its steps, too, of a project the newest of all that belongs to it."""
    line = reader.run(current_line, line_id)
    if line is not None and line.kind == "issue":
        return shown_files(reader, reader.run(attachments_of_issue, line_id))
    if line is not None and line.kind == "project":
        return shown_files(reader, reader.run(attachments_of_project, line_id, LISTED_OF_PROJECT))
    return shown_files(reader, reader.run(attachments_of, [line_id]))


def by_line(files: Iterable[ShownFile]) -> FilesByLine:
    """The files by the line that they belong to, in their order."""
    ordered = sorted(files, key=lambda file: file.row.of_id)
    return {line: list(of_line) for line, of_line in groupby(ordered, key=lambda file: file.row.of_id)}


def preview_of(reader: Reader, file: ShownFile, cache: PreviewCache, width: int, height: int) -> Preview | None:
    """A small picture of a file, from its working copy or else its original; None where there is none."""
    if not file.has_picture:
        return None
    row = file.row
    sha256 = row.copy_sha256 if file.copy_here and row.copy_sha256 else row.sha256

    def read() -> bytes:
        return BlobStore(reader.database).read(row.bucket, sha256, row.name)

    return cache.of_content(sha256, read, width, height)


def decrypted_copy(database: Database, row: AttachmentRow, folder: ViewingFolder, *, working_copy: bool) -> Path:
    """A copy for the system's viewer: the original, or the ``working_copy`` where that is all there is. Its name's
    extension is that of its content. Raises `BlobMissing`, `BlobDamaged`, `DiskFull`, `FileFailure`."""
    sha256 = row.copy_sha256 if row.copy_sha256 and working_copy else row.sha256
    blobs = BlobStore(database)
    with blobs.open(row.bucket, sha256, row.name) as blob:
        first = blob.chunk_at(0)
        found = media_type(BytesIO(first)) or row.media_type
        return folder.write(safe_name(row.name, found), blob.chunks(), blobs.name_of(row.bucket, sha256))
