"""The central's tables. Every one leads with ``district``, so that it partitions or shards by district.

One counter per district (``district.seq``) numbers everything that happens there: writes of lines, versions set aside,
changes of scope and audit events share it, so its order is the order of commits (``sequence.py``) and of the audit.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, Table, Text, UniqueConstraint
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel

CENTRAL_REGISTRY = registry()
"""The central's tables: a registry of their own, apart from the device store's."""


BYTE_ORDERED_TEXT = Text().with_variant(Text(collation="C"), "postgresql")
"""Text in byte order in both databases: pages of `fetch` come sorted by bucket, and devices rely on that order."""


class CentralModel(SQLModel, registry=CENTRAL_REGISTRY):
    """Base of the central's tables; times are milliseconds since 1970."""


class DistrictModel(CentralModel):
    """What lies within one district."""

    district: str = Field(primary_key=True, sa_type=BYTE_ORDERED_TEXT)


class DistrictRow(CentralModel, table=True):
    """One district: its counter, the set-digest of all its lines, and the key that seals its cursors."""

    __tablename__ = "district"
    code: str = Field(primary_key=True, sa_type=BYTE_ORDERED_TEXT)
    name: str = Field(sa_type=BYTE_ORDERED_TEXT)
    central: str = Field(sa_type=BYTE_ORDERED_TEXT)
    secret: str = Field(sa_type=BYTE_ORDERED_TEXT)
    seq: int = Field(sa_type=BigInteger)
    lines: int = Field(sa_type=BigInteger)
    hi: int = Field(sa_type=BigInteger)
    lo: int = Field(sa_type=BigInteger)
    kinds: str = Field(sa_type=BYTE_ORDERED_TEXT)
    created_at: int = Field(sa_type=BigInteger)


class LineRow(DistrictModel, table=True):
    """The current version of a ledger line: ``wire`` is its canonical text, ``digest`` that text's signed digest, the
    rest says who brought it when and which stamp it replaced. A damaged row counts in no sum and is sent to nobody."""

    __tablename__ = "line"
    __table_args__ = (
        Index("line_seq", "district", "seq", unique=True),
        Index("line_bucket", "district", "bucket", "seq"),
    )
    id: str = Field(primary_key=True, sa_type=BYTE_ORDERED_TEXT)
    seq: int = Field(sa_type=BigInteger)
    kind: str = Field(sa_type=BYTE_ORDERED_TEXT)
    bucket: str = Field(sa_type=BYTE_ORDERED_TEXT)
    stamp: int = Field(sa_type=BigInteger)
    device: str = Field(sa_type=BYTE_ORDERED_TEXT)
    digest: int = Field(sa_type=BigInteger)
    wire: str = Field(sa_type=BYTE_ORDERED_TEXT)
    account: str = Field(sa_type=BYTE_ORDERED_TEXT)
    received_at: int = Field(sa_type=BigInteger)
    sender: str | None = Field(default=None, sa_type=BYTE_ORDERED_TEXT)
    from_stamp: int | None = Field(default=None, sa_type=BigInteger)
    damaged: bool = False


class VersionRow(DistrictModel, table=True):
    """A version that is not current: replaced by a later one (``edited``, ``superseded``), arrived after it (``late``)
    or found ``damaged``. ``seq`` is the number it was received under."""

    __tablename__ = "version"
    __table_args__ = (Index("version_line", "district", "id"),)
    seq: int = Field(primary_key=True, sa_type=BigInteger)
    id: str = Field(sa_type=BYTE_ORDERED_TEXT)
    bucket: str = Field(sa_type=BYTE_ORDERED_TEXT)
    stamp: int = Field(sa_type=BigInteger)
    device: str = Field(sa_type=BYTE_ORDERED_TEXT)
    digest: int = Field(sa_type=BigInteger)
    wire: str = Field(sa_type=BYTE_ORDERED_TEXT)
    account: str = Field(sa_type=BYTE_ORDERED_TEXT)
    received_at: int = Field(sa_type=BigInteger)
    sender: str | None = Field(default=None, sa_type=BYTE_ORDERED_TEXT)
    from_stamp: int | None = Field(default=None, sa_type=BigInteger)
    reason: str = Field(sa_type=BYTE_ORDERED_TEXT)
    replaced_at: int = Field(sa_type=BigInteger)


class BucketRow(DistrictModel, table=True):
    """A bucket: whose it is (project, department), the last number used in it, and its set-digest."""

    __tablename__ = "bucket"
    __table_args__ = (
        Index("bucket_project", "district", "project"),
        Index("bucket_department", "district", "department"),
        Index("bucket_area", "district", "area"),
    )
    bucket: str = Field(primary_key=True, sa_type=BYTE_ORDERED_TEXT)
    area: str = Field(sa_type=BYTE_ORDERED_TEXT)
    grp: str = Field(sa_type=BYTE_ORDERED_TEXT)
    project: str | None = Field(default=None, sa_type=BYTE_ORDERED_TEXT)
    department: str | None = Field(default=None, sa_type=BYTE_ORDERED_TEXT)
    seq: int = Field(sa_type=BigInteger)
    lines: int = Field(sa_type=BigInteger)
    hi: int = Field(sa_type=BigInteger)
    lo: int = Field(sa_type=BigInteger)


class AccountRow(DistrictModel, table=True):
    """Someone who may use the central, and the id of the person line that is them."""

    __tablename__ = "account"
    __table_args__ = (UniqueConstraint("district", "name"), UniqueConstraint("district", "person"))
    id: str = Field(primary_key=True, sa_type=BYTE_ORDERED_TEXT)
    person: str = Field(sa_type=BYTE_ORDERED_TEXT)
    name: str = Field(sa_type=BYTE_ORDERED_TEXT)
    created_at: int = Field(sa_type=BigInteger)


class RoleRow(DistrictModel, table=True):
    """A role that an account has or had: for one project, one department, or (neither) the whole district."""

    __tablename__ = "role"
    __table_args__ = (
        Index("role_account", "district", "account"),
        Index("role_department", "district", "department"),
    )
    n: int = Field(primary_key=True, sa_type=BigInteger)
    account: str = Field(sa_type=BYTE_ORDERED_TEXT)
    role: str = Field(sa_type=BYTE_ORDERED_TEXT)
    project: str | None = Field(default=None, sa_type=BYTE_ORDERED_TEXT)
    department: str | None = Field(default=None, sa_type=BYTE_ORDERED_TEXT)
    granted_at: int = Field(sa_type=BigInteger)
    withdrawn_at: int | None = Field(default=None, sa_type=BigInteger)


class DeviceRow(DistrictModel, table=True):
    """An enrolled device and the SHA-256 of its token; the token itself is nowhere."""

    __tablename__ = "device"
    __table_args__ = (Index("device_account", "district", "account"),)
    id: str = Field(primary_key=True, sa_type=BYTE_ORDERED_TEXT)
    account: str = Field(sa_type=BYTE_ORDERED_TEXT)
    name: str = Field(sa_type=BYTE_ORDERED_TEXT)
    token_hash: str = Field(sa_type=BYTE_ORDERED_TEXT)
    created_at: int = Field(sa_type=BigInteger)
    seen_at: int = Field(sa_type=BigInteger)
    revoked_at: int | None = Field(default=None, sa_type=BigInteger)


class InviteRow(DistrictModel, table=True):
    """A one-time code, hashed; ``roles`` is a JSON list of what joining with it grants."""

    __tablename__ = "invite"
    code_hash: str = Field(primary_key=True, sa_type=BYTE_ORDERED_TEXT)
    name: str = Field(sa_type=BYTE_ORDERED_TEXT)
    roles: str = Field(sa_type=BYTE_ORDERED_TEXT)
    created_at: int = Field(sa_type=BigInteger)
    expires_at: int = Field(sa_type=BigInteger)
    used_at: int | None = Field(default=None, sa_type=BigInteger)


class ScopeEventRow(DistrictModel, table=True):
    """A bucket that entered (``granted``) or left an account's scope, at its place among the commits."""

    __tablename__ = "scope_event"
    __table_args__ = (Index("scope_event_account", "district", "account", "seq"),)
    seq: int = Field(primary_key=True, sa_type=BigInteger)
    account: str = Field(sa_type=BYTE_ORDERED_TEXT)
    bucket: str = Field(sa_type=BYTE_ORDERED_TEXT)
    granted: bool


class AuditRow(DistrictModel, table=True):
    """What was done that is not a write of a line; ``detail`` is JSON."""

    __tablename__ = "audit"
    seq: int = Field(primary_key=True, sa_type=BigInteger)
    at: int = Field(sa_type=BigInteger)
    account: str | None = Field(default=None, sa_type=BYTE_ORDERED_TEXT)
    device: str | None = Field(default=None, sa_type=BYTE_ORDERED_TEXT)
    action: str = Field(sa_type=BYTE_ORDERED_TEXT)
    detail: str = Field(sa_type=BYTE_ORDERED_TEXT)


class AttemptRow(DistrictModel, table=True):
    """How often something was tried in the current window; kept here so that all processes count together."""

    __tablename__ = "attempt"
    key: str = Field(primary_key=True, sa_type=BYTE_ORDERED_TEXT)
    started: int = Field(sa_type=BigInteger)
    tries: int = Field(sa_type=BigInteger)


class CloseSerialRow(DistrictModel, table=True):
    """The last close-out serial that was given in a year (``closing.py``)."""

    __tablename__ = "close_serial"
    year: int = Field(primary_key=True)
    serial: int


def _table(model: type[SQLModel]) -> Table:
    return CENTRAL_REGISTRY.metadata.tables[str(model.__tablename__)]


DISTRICT, LINE, VERSION, BUCKET = _table(DistrictRow), _table(LineRow), _table(VersionRow), _table(BucketRow)
ACCOUNT, ROLE, DEVICE, INVITE = _table(AccountRow), _table(RoleRow), _table(DeviceRow), _table(InviteRow)
SCOPE_EVENT, AUDIT, ATTEMPT = _table(ScopeEventRow), _table(AuditRow), _table(AttemptRow)
CLOSE_SERIAL = _table(CloseSerialRow)
