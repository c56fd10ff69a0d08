"""Attached files in a paper: a list with name, time, author and act, of pictures a small one.

A builder asks a `PictureSource` for each file; whoever has the home open hands one in (`HomePictures`).

> A paper shows what is made anew of a working copy, in the process that decodes pictures: no original, nothing that a
> file says beside its pixels. What cannot be shown is listed with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from store.db.database import Database
from store.domain.limits import file_sort
from store.exceptions import StoreError
from store.home.blobs.blob_store import BlobStore
from store.queries.attachments import AttachmentRow, BlobRef
from store.values.media.content_types import PICTURE_TYPES
from store.values.media.pictures import COPY_TYPE, Thumbnail, thumbnail
from tui.i18n.author_text import author_text
from tui.i18n.translate import _, ngettext, value_label
from tui.reports.report import PictureReader, ReportColumn, ReportTable, RowValues, TableStart

MOST_LISTED = 12
"""So many files a paper lists of one record, the newest; the others are counted."""
MOST_SHOWN = 60
"""So many pictures one document shows, however many papers are in it."""
MOST_COPY_BYTES = 1 << 20
"""Our own working copies have a fifth of it; a larger one is somebody else's, and not read."""
_PIXELS = (560, 440)


class ShownPicture(NamedTuple):
    """How a file is shown: why no picture of it is, and what reads its picture."""

    note: str
    read: PictureReader


PictureSource = Callable[[AttachmentRow], ShownPicture]
"""Says how a file is shown."""


def _nothing() -> Thumbnail | None:
    return None


def without_pictures(row: AttachmentRow) -> ShownPicture:
    """Where no home is open: every picture is away."""
    return ShownPicture(_("The picture is not on this device.") if row.media_type in PICTURE_TYPES else "", _nothing)


class HomePictures:
    """The small pictures of a home's attached files, for one document."""

    def __init__(self, database: Database) -> None:
        self._blobs = BlobStore(database)
        self._left = MOST_SHOWN

    def __call__(self, row: AttachmentRow) -> ShownPicture:
        """How this file is shown; reads no bytes yet."""
        copy = row.working_copy
        if row.media_type not in PICTURE_TYPES:
            return ShownPicture("", _nothing)
        if copy is None or copy.size > MOST_COPY_BYTES:
            return ShownPicture(_("There is no small picture of it."), _nothing)
        if not self._blobs.has(copy.bucket, copy.sha256):
            return without_pictures(row)
        if self._left <= 0:
            return ShownPicture(_("Not shown: a document shows {n} pictures.").format(n=MOST_SHOWN), _nothing)
        self._left -= 1
        return ShownPicture("", partial(self._read, copy, row.name))

    def _read(self, copy: BlobRef, name: str) -> Thumbnail | None:
        try:
            return thumbnail(self._blobs.read(copy.bucket, copy.sha256, name), COPY_TYPE, *_PIXELS, file=name)
        except StoreError:  # what is listed stays listed, whatever is wrong with its bytes
            return None


def files_tables(
    files: Sequence[AttachmentRow],
    pictures: PictureSource,
    *,
    of: Mapping[str, str] | None = None,
    most: int = MOST_LISTED,
    starts: TableStart = "sheet",
) -> tuple[ReportTable, ...]:
    """The files of a record in their order, the newest ``most`` of them; no table where there are none. ``of`` says of
    lines by id what they are, where files are of several."""
    if not files:
        return ()
    listed = files[-most:]
    shown = [pictures(file) for file in listed]
    columns = (
        ReportColumn("name", _("File"), width=20),
        ReportColumn("words", _("What is said of it"), width=16),
        ReportColumn("of", _("Belongs to"), width=12),
        ReportColumn("when", _("When"), width=14),
        ReportColumn("author", _("By"), width=8),
        ReportColumn("note", _("Picture"), width=10),
    )
    rows: list[RowValues] = [_row(file, one, of or {}) for file, one in zip(listed, shown, strict=True)]
    note = ngettext("{n} attached file", "{n} attached files", len(files)).format(n=len(files))
    if len(listed) < len(files):
        note = _("{files}; the newest {n} are listed").format(files=note, n=len(listed))
    readers = tuple(one.read for one in shown)
    return (ReportTable(_("Attached files"), columns, rows, note, starts, pictures=readers),)


def _row(file: AttachmentRow, shown: ShownPicture, of: Mapping[str, str]) -> RowValues:
    when = _("taken {when}") if file.taken_at else _("attached {when}")
    at = (file.taken_at or file.at)[:16].replace("T", " ")
    note = shown.note
    if not note and shown.read is _nothing:
        note = _("({kind})").format(kind=value_label("file_sort", file_sort(file.media_type)))
    return (
        file.name,
        file.words,
        of.get(file.of_id),
        when.format(when=at),
        author_text(file.author) or None,
        note or None,
    )
