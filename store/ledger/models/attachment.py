"""Attachment: a picture, paper or recording that belongs to a line; its bytes lie apart (``store/home/blobs``)."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import StringConstraints
from sqlmodel import BigInteger, Field, Index, String

from store.ledger.buckets import Area
from store.ledger.models.base import Id, LedgerLine, Moment, NonEmptyText, OneLine

Sha256 = Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
"""A SHA-256 in hexadecimal."""
MediaType = Annotated[str, StringConstraints(pattern=r"^[a-z]{1,20}/[a-z0-9.+-]{1,100}$")]
"""An Internet media type without parameters."""
MAX_BYTES = 2**40
"""More than any file has."""
MAX_FILE_BYTES = 64 << 20
"""The largest file that is attached here and that a central takes in, which checks it as a whole."""


class Attachment(LedgerLine, table=True):
    """One file of a line: which (``of_kind``, ``of_id``, and ``issue_id`` where that is part of an issue), the
    original's ``size`` in bytes and ``sha256``, and those of the working copy, a small picture without place or device
    in it. ``taken_at`` and ``place`` (latitude, longitude) are what the file says itself; ``words`` what a person says
    of it. It lies in the bucket of the line that it belongs to."""

    __tablename__ = "attachment"
    __table_args__ = (
        Index("attachment_of", "of_id"),
        Index("attachment_issue", "issue_id"),
        Index("attachment_project", "project_id"),
    )
    area: ClassVar[Area] = Area.BODY
    of_field: ClassVar[str | None] = "of_kind"

    of_kind: Literal[
        "adoption", "data_return", "evaluation", "follow_up", "issue", "issue_step", "meeting", "policy",
        "policy_delivery", "procedure", "progress_report", "project", "statistics_entry", "training", "visit",
    ] = Field(sa_type=String)  # fmt: skip
    of_id: Id
    issue_id: Id | None = None
    name: NonEmptyText
    media_type: MediaType
    size: int = Field(ge=0, le=MAX_BYTES, sa_type=BigInteger)
    sha256: Sha256
    copy_type: MediaType | None = None
    copy_size: int | None = Field(default=None, ge=0, le=MAX_BYTES, sa_type=BigInteger)
    copy_sha256: Sha256 | None = None
    width: int | None = Field(default=None, ge=1, le=1_000_000)
    height: int | None = Field(default=None, ge=1, le=1_000_000)
    taken_at: Moment | None = None
    place: OneLine | None = None
    words: str | None = None
