"""The store's own tables beside the kinds: history, outbox, agreement and what a device knows of itself.

These rows never travel. The kinds' tables are in ``store/ledger/models``; migrations create all of them; only
``store/writer/transaction.py`` writes them.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlmodel import BigInteger, Field, Index, SQLModel

from store.ledger.models.base import STORE_REGISTRY


class LocalTable(SQLModel, registry=STORE_REGISTRY):
    """Base of the tables that stay on the device."""


class UnknownLine(LocalTable, table=True):
    """A line of a kind, or with field types, that this version does not know; kept whole until an upgrade."""

    __tablename__ = "unknown_line"
    id: str = Field(primary_key=True)
    kind: str
    project_id: str | None = None
    stamp: int = Field(sa_type=BigInteger)
    device_id: str
    author_id: str
    deleted: bool
    body: str
    base: int = Field(sa_type=BigInteger)
    digest: int = Field(sa_type=BigInteger)


class VersionRecord(LocalTable, table=True):
    """A version that is not current: why (``edited`` by somebody who had seen it, ``superseded`` by somebody who had
    not, ``rejected`` by the central and given up) and since when (``at``, milliseconds)."""

    __tablename__ = "history"
    __table_args__ = (Index("history_lost", "id", sqlite_where=text("reason = 'superseded'")),)
    id: str = Field(primary_key=True)
    stamp: int = Field(primary_key=True, sa_type=BigInteger)
    device_id: str = Field(primary_key=True)
    author_id: str
    kind: str
    project_id: str | None = None
    deleted: bool
    body: str
    base: int = Field(sa_type=BigInteger)
    reason: str
    at: int = Field(sa_type=BigInteger)


class DismissedVersion(LocalTable, table=True):
    """A version that lost and that the person at this device has put away (ms); it stays in history."""

    __tablename__ = "dismissed"
    id: str = Field(primary_key=True)
    stamp: int = Field(primary_key=True, sa_type=BigInteger)
    device_id: str = Field(primary_key=True)
    at: int = Field(sa_type=BigInteger)


class Outbox(LocalTable, table=True):
    """A line whose current version the central has not acknowledged, in the order of ``n``. ``wire`` is that version as
    it travels; ``base_digest`` and ``base_stamp`` are of the version that the central is known to have; ``drift_ms``
    the clock offset that the stamp was made with; a rejected line keeps the central's ``code`` and ``reason``."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("outbox_order", "n"),
        Index("outbox_rejected", "n", sqlite_where=text("state = 'rejected'")),
    )
    id: str = Field(primary_key=True)
    n: int = Field(sa_type=BigInteger)
    kind: str
    bucket: str
    stamp: int = Field(sa_type=BigInteger)
    wire: bytes
    digest: int = Field(sa_type=BigInteger)
    base_digest: int | None = Field(default=None, sa_type=BigInteger)
    base_stamp: int | None = Field(default=None, sa_type=BigInteger)
    drift_ms: int = Field(sa_type=BigInteger)
    state: str
    code: str | None = None
    reason: str | None = None
    at: int | None = Field(default=None, sa_type=BigInteger)


class BucketChecksum(LocalTable, table=True):
    """A bucket's set-digest over the versions that the central is known to have (``store/ledger/buckets.py``)."""

    __tablename__ = "agreement"
    bucket: str = Field(primary_key=True)
    lines: int = Field(sa_type=BigInteger)
    hi: int = Field(sa_type=BigInteger)
    lo: int = Field(sa_type=BigInteger)


class IssueStateRow(LocalTable, table=True):
    """What ``store/domain/issue_lifecycle.py`` computes of an issue, kept for lists; recomputable at any time."""

    __tablename__ = "issue_state"
    __table_args__ = (
        Index("issue_state_project", "project_id", "id"),
        Index("issue_state_department", "department_id", "id"),
        Index("issue_state_state", "state", "id"),
        Index("issue_state_owner", "owner_id"),
    )
    id: str = Field(primary_key=True)
    project_id: str | None = None
    state: str
    level: int
    department_id: str | None = None
    owner_id: str | None = None
    due: str | None = None
    waiting_until: str | None = None
    progress_at: int | None = Field(default=None, sa_type=BigInteger)
    closed_at: int | None = Field(default=None, sa_type=BigInteger)
    close_number: str | None = None
    because: str | None = None
    out_of_turn: str | None = None
    updated: int = Field(sa_type=BigInteger)


class DeviceState(LocalTable, table=True):
    """What the device knows of itself, by key: district, person, device, last stamp, offset, cursor …"""

    __tablename__ = "meta"
    key: str = Field(primary_key=True)
    value: str


class PendingBackfill(LocalTable, table=True):
    """A bucket granted by the central and still to be fetched."""

    __tablename__ = "fill"
    bucket: str = Field(primary_key=True)


class FormDraft(LocalTable, table=True):
    """What a form holds before it is saved, as JSON, so that a power cut loses at most a second of typing."""

    __tablename__ = "draft"
    key: str = Field(primary_key=True)
    body: str
    at: int = Field(sa_type=BigInteger)


class RoundRow(LocalTable, table=True):
    """One round, or several in a row that ended alike with nothing moved: ``times`` of them, the first at ``began``,
    the last ended at ``at`` (ms, the central's time). ``outcome`` is ``done`` or an error's code, ``ran_by`` who ran
    it (``sync`` or ``daemon``), ``ms`` how long the last one took, ``up`` and ``down`` bytes."""

    __tablename__ = "round"
    n: int | None = Field(default=None, primary_key=True)
    began: int = Field(sa_type=BigInteger)
    at: int = Field(sa_type=BigInteger)
    times: int
    ran_by: str
    outcome: str
    detail: str | None = None
    verified: bool
    pushed: int
    pulled: int
    superseded: int
    rejected: int
    up: int = Field(sa_type=BigInteger)
    down: int = Field(sa_type=BigInteger)
    ms: int = Field(sa_type=BigInteger)


class NoticeRecord(LocalTable, table=True):
    """Something a person should be told once: a healed clock, a rejected line, a withdrawn project."""

    __tablename__ = "notice"
    n: int | None = Field(default=None, primary_key=True)
    at: int = Field(sa_type=BigInteger)
    code: str
    detail: str
    seen: bool = False
