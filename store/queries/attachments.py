"""Reads attachments: of a line, an issue or a project; where each lies.

The bytes themselves are in ``store/home/blobs``. Loads no models, since lists of the screens read here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import NamedTuple

import orjson

from store.db.connection import Connection
from store.ledger.buckets import Area, bucket_name
from store.ledger.hlc import ms_from_hlc
from store.ledger.kind_facts import kind_facts
from store.queries.name_sql import person_name_sql
from store.queries.paging import Row
from store.values.times import district_time, format_moment

_COLUMNS = (
    "a.id, a.of_kind, a.of_id, a.issue_id, a.project_id, a.name, a.media_type, a.size, a.sha256, a.copy_type, "
    "a.copy_size, a.copy_sha256, a.width, a.height, a.taken_at, a.place, a.words, a.deleted, a.stamp, "
    f"{person_name_sql('a.author_id')}"
)
_SELECT = f"SELECT {_COLUMNS} FROM attachment a"
_IN_ORDER = "ORDER BY coalesce(a.taken_at, ''), a.stamp, a.id"


class BlobRef(NamedTuple):
    """Bytes that a line names: in which bucket, what they are, and whether they are a working copy."""

    bucket: str
    sha256: str
    size: int
    is_copy: bool


@dataclass(frozen=True, slots=True)
class AttachmentRow:
    """An attachment as lists and pages show it; the fields are those of the model. ``at`` is when it was attached, by
    ``author`` (a name, None where that person's line is not here)."""

    id: str
    of_kind: str
    of_id: str
    issue_id: str | None
    project_id: str | None
    name: str
    media_type: str
    size: int
    sha256: str
    copy_type: str | None
    copy_size: int | None
    copy_sha256: str | None
    width: int | None
    height: int | None
    taken_at: str | None
    place: str | None
    words: str | None
    deleted: bool
    at: str
    author: str | None

    @property
    def bucket(self) -> str:
        """The bucket in which the line and its bytes lie."""
        return attachment_bucket(self.of_kind, self.of_id, self.issue_id, self.project_id)

    @property
    def original(self) -> BlobRef:
        """The file as it was attached."""
        return BlobRef(self.bucket, self.sha256, self.size, False)

    @property
    def working_copy(self) -> BlobRef | None:
        """The small picture of it; None where it has none."""
        if self.copy_sha256 is None or self.copy_size is None:
            return None
        return BlobRef(self.bucket, self.copy_sha256, self.copy_size, True)

    @property
    def blobs(self) -> tuple[BlobRef, ...]:
        """All bytes that the line names, the smaller first."""
        copy = self.working_copy
        return (copy, self.original) if copy else (self.original,)

    def to_json(self) -> dict[str, object]:
        """The row as scripts read it."""
        values = asdict(self)
        renamed = {"line": self.of_id, "type": self.media_type, "bytes": self.size}
        return {**renamed, **{name: value for name, value in values.items() if name not in ("media_type", "size")}}


def attachment_bucket(of_kind: str, of_id: str, issue_id: str | None, project_id: str | None) -> str:
    """The bucket of an attachment: that of the line which it belongs to (`store.ledger.kinds.bucket_of` says the
    same, of whole lines)."""
    facts = kind_facts().get(of_kind)
    area = facts.area if facts else Area.BODY
    return bucket_name(area, project_id, (issue_id if area is Area.ISSUE else of_id) or of_id)


def attachments_of(connection: Connection, lines: Iterable[str]) -> list[AttachmentRow]:
    """Which files belong to these lines? In the order in which they were taken."""
    chosen = orjson.dumps(list(lines)).decode()
    return _rows(connection, f"a.of_id IN (SELECT value FROM json_each(?)) AND a.deleted = 0 {_IN_ORDER}", chosen)


def attachments_of_issue(connection: Connection, issue: str) -> list[AttachmentRow]:
    """Which files belong to this issue or to one of its steps? In the order in which they were taken."""
    return _rows(connection, f"a.issue_id = ? AND a.deleted = 0 {_IN_ORDER}", issue)


def attachments_of_project(connection: Connection, project: str, limit: int = -1) -> list[AttachmentRow]:
    """Which files belong to this project, its issues or its visits? The newest first, at most ``limit``."""
    return _rows(connection, "a.project_id = ? AND a.deleted = 0 ORDER BY a.stamp DESC LIMIT ?", project, limit)


def latest_attachments(connection: Connection, limit: int = -1) -> list[AttachmentRow]:
    """Which files are attached to anything here? The newest first, at most ``limit``."""
    return _rows(connection, "a.deleted = 0 ORDER BY a.stamp DESC LIMIT ?", limit)


def find_attachments(connection: Connection, text: str) -> list[AttachmentRow]:
    """Which attachments can ``text`` mean: an id, else the end of one (six characters or more), else a name?"""
    if exact := _rows(connection, "a.id = ?", text):
        return exact
    ends = (
        _rows(connection, "a.deleted = 0 AND a.id LIKE '%' || ? ESCAPE '!'", _escaped(text)) if len(text) >= 6 else []
    )
    return ends or _rows(connection, f"a.deleted = 0 AND a.name = ? {_IN_ORDER}", text)


def with_same_content(connection: Connection, attachment: str) -> list[AttachmentRow]:
    """Which attachments have the content of this one, it among them, those that were removed too?"""
    return _rows(connection, f"a.sha256 = (SELECT sha256 FROM attachment WHERE id = ?) {_IN_ORDER}", attachment)


def count_attachments(connection: Connection, lines: Iterable[str]) -> dict[str, int]:
    """How many files has each of these lines? Those without any are missing."""
    chosen = orjson.dumps(list(lines)).decode()
    query = "SELECT of_id, count(*) FROM attachment WHERE deleted = 0 AND of_id IN (SELECT value FROM json_each(?))"
    return dict(connection.execute(f"{query} GROUP BY of_id", (chosen,)).fetchall())


def _rows(connection: Connection, where: str, *values: object) -> list[AttachmentRow]:
    return [_row(row) for row in connection.execute(f"{_SELECT} WHERE {where}", values)]


def _row(row: Row) -> AttachmentRow:
    *fields, deleted, stamp, author = row
    values: Row = (*fields, bool(deleted), format_moment(district_time(ms_from_hlc(stamp))), author)
    return AttachmentRow(*values)


def _escaped(text: str) -> str:
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
