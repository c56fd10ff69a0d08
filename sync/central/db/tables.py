"""The central's tables and their rows, defined once: each row is a NamedTuple, and its SQLAlchemy table is derived.

The fields of a row are the columns of its table, in order: a query of a whole table gives ``LineRow(*row)``, and
`insert_rows` takes the rows as they are. Every table leads with ``district``, so that it can be partitioned or sharded
by district. Times are milliseconds since 1970.

One counter per district (``district.seq``) numbers everything that happens there: writes of lines, replaced versions,
changes of scope and audit events share it, so its order is the order of commits (``commit_order.py``).
Next: ``triggers.py`` (append-only tables), ``migrations/`` (the same schema, step by step).
"""

from __future__ import annotations

from types import NoneType
from typing import NamedTuple, get_args, get_type_hints

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.schema import SchemaItem

from sync.central.db.granting import granting_index

BYTE_ORDERED_TEXT = Text().with_variant(Text(collation="C"), "postgresql")
"""Text in byte order in both databases: pages of `fetch` come sorted by bucket, and devices rely on that order."""


class DistrictRow(NamedTuple):
    """One district: its counter ``seq``, the checksum of all its lines (``lines``, ``hi``, ``lo``), the ``secret`` key
    that encrypts its cursors, and the ``kinds`` (JSON list) whose lines are in the buckets of their kind.
    ``clock_mark`` is the latest time at which anything was written (0 is not known), ``clock_doubt_ms`` by how much the
    clock was last found to be off, None while it is believed (``sync/central/clock.py``). ``audit_link`` is the newest
    link of the audit's chain (``sync/central/audit_chain.py``), None before its first event. ``repair_due`` is the time
    of the latest write, where that was found to be in the future, until what was stamped then is repaired;
    ``clock_repairs`` (JSON) are the repairs that were made (``sync/central/writes/clock_repair.py``).
    ``clock_doubt_at`` is when several people contradicted a clock within its bounds. ``grants_day`` is the day (ISO
    8601, the district's) up to which the dates of assignments have been applied to roles, None while they never were
    (``sync/central/writes/grant_changes.py``). ``intake`` is the tail of the log of what was taken in, None before its
    first entry (``intake_log.py``)."""

    code: str
    name: str
    central: str
    secret: str
    seq: int
    lines: int
    hi: int
    lo: int
    kinds: str
    created_at: int
    clock_mark: int
    clock_doubt_ms: int | None
    audit_link: str | None = None
    repair_due: int | None = None
    clock_repairs: str | None = None
    clock_doubt_at: int | None = None
    grants_day: str | None = None
    intake: str | None = None


class LineRow(NamedTuple):
    """The current version of a ledger line. ``wire`` is its canonical text and ``digest`` that text's signed digest;
    the rest says who sent it when, and the stamp of the version it replaced. A damaged row counts in no checksum and is
    sent to nobody."""

    district: str
    id: str
    seq: int
    kind: str
    bucket: str
    stamp: int
    device: str
    digest: int
    wire: str
    account: str
    received_at: int
    sender: str | None
    from_stamp: int | None
    damaged: bool


class VersionRow(NamedTuple):
    """A version that is not current, and the ``reason``: replaced by a later one (``edited``, ``superseded``), received
    after the one that wins (``late``), or found ``damaged``. ``seq`` is the number it was received under."""

    district: str
    seq: int
    id: str
    bucket: str
    stamp: int
    device: str
    digest: int
    wire: str
    account: str
    received_at: int
    sender: str | None
    from_stamp: int | None
    reason: str
    replaced_at: int


class BucketRow(NamedTuple):
    """A bucket: its group ``grp``, its owner (project, department), the last number used in it, and its checksum."""

    district: str
    bucket: str
    area: str
    grp: str
    project: str | None
    department: str | None
    seq: int
    lines: int
    hi: int
    lo: int


class BucketCoHandlerRow(NamedTuple):
    """A department that co-handles the issue of a bucket, beside the bucket's own department, which leads."""

    district: str
    bucket: str
    department: str


class AccountRow(NamedTuple):
    """A user of the central, and the id of the person line that describes them. Two may have one name."""

    district: str
    id: str
    person: str
    name: str
    created_at: int


class RoleRow(NamedTuple):
    """A role that an account has or had: for one project, one department, or (neither) the whole district."""

    district: str
    n: int
    account: str
    role: str
    project: str | None
    department: str | None
    granted_at: int
    withdrawn_at: int | None


class DeviceRow(NamedTuple):
    """An enrolled device and the SHA-256 of its token; the token itself is not stored. ``parent`` is the device whose
    place it took (`renew`), None for one that joined; ``used_at`` is None until its token is first used. ``chain`` is
    the latest link of its pushes, with the epoch (`is_next_push`); ``twin`` is empty once another copy of it was found
    out, then the device that this copy became. ``admitted_at`` is when the bureau let it in again. ``next_hash`` is
    that of the token which takes the place of the present one with its first use, ``former_hash`` that of the one
    before, ``rotated_at`` when the present one was first used in its place (``accounts/token_rotation.py``).
    ``sign_key`` and ``agree_key`` are its public keys for files, None where it has told none. The rest is what it last
    said of itself (`DeviceReport`)."""

    district: str
    id: str
    account: str
    name: str
    token_hash: str
    created_at: int
    seen_at: int
    revoked_at: int | None
    parent: str | None = None
    used_at: int | None = None
    chain: str | None = None
    twin: str | None = None
    program: str | None = None
    unsent: int | None = None
    refused: int | None = None
    offset_ms: int | None = None
    admitted_at: int | None = None
    next_hash: str | None = None
    former_hash: str | None = None
    rotated_at: int | None = None
    sign_key: str | None = None
    agree_key: str | None = None


class InviteRow(NamedTuple):
    """A hashed one-time code; ``roles`` is a JSON list of what joining with it grants. It is for the ``account``, else
    for the ``person`` (the id of a person line) who gets an account, else for somebody new of this name; ``device`` has
    used it."""

    district: str
    code_hash: str
    name: str
    roles: str
    created_at: int
    expires_at: int
    used_at: int | None
    account: str | None = None
    person: str | None = None
    device: str | None = None


class ScopeEventRow(NamedTuple):
    """A bucket that entered (``granted``) or left an account's scope, numbered among the commits."""

    district: str
    seq: int
    account: str
    bucket: str
    granted: bool


class AuditRow(NamedTuple):
    """An event that is not a write of a line; ``detail`` is JSON. ``link`` chains it to the event before; those that
    older versions wrote have none (``sync/central/audit_chain.py``)."""

    district: str
    seq: int
    at: int
    account: str | None
    device: str | None
    action: str
    detail: str
    link: str | None = None


class AttemptRow(NamedTuple):
    """How often something was tried in a window; in the database, so that all processes count together."""

    district: str
    key: str
    started: int
    tries: int


class CloseSerialRow(NamedTuple):
    """The last close-out serial of a year (``sync/central/writes/close_out_numbers.py``)."""

    district: str
    year: int
    serial: int


class EpochRow(NamedTuple):
    """A stretch of the district's history without a gap. A new one begins when the central was set back to an earlier
    state (``sync/central/epochs.py``): ``seq`` is the counter at its beginning, ``copied_at`` the time of the newest
    write that was left, 0 where it is not known. ``cause`` says why; ``proof`` is the lost epoch that a device named,
    if one did."""

    district: str
    n: int
    id: str
    seq: int
    begun_at: int
    copied_at: int
    cause: str
    proof: str | None


class ClockReportRow(NamedTuple):
    """By how much (``off_ms``) the central's doubtful clock was ahead of a device's, and when (``at``) it said so."""

    district: str
    device: str
    at: int
    off_ms: int


class RegainedRow(NamedTuple):
    """The mark of a version that a device brought back to a central that was set back: the ``seq`` of its row, its
    line, and the ``proof`` by which it was taken in: a ``receipt``, or that the bureau ``accepted`` it. The row's
    account and device are those of the witness, not of the author."""

    district: str
    seq: int
    id: str
    proof: str


class ClaimRow(NamedTuple):
    """A version that a device has and for which it has no receipt, kept apart until the bureau decides; ``decision`` is
    ``accepted``, ``rejected``, or None."""

    district: str
    seq: int
    id: str
    digest: int
    wire: str
    account: str
    device: str
    at: int
    decision: str | None


class ProposalRow(NamedTuple):
    """A line that its author's roles do not let them write, kept apart until the bureau decides; ``decision`` is
    ``accepted``, ``rejected``, or None."""

    district: str
    seq: int
    id: str
    digest: int
    wire: str
    account: str
    device: str
    at: int
    decision: str | None


class ExportRow(NamedTuple):
    """An export that the audit has under number ``seq``, by the id that its device gave it: told again it counts
    once."""

    district: str
    id: str
    seq: int


class JudgedRow(NamedTuple):
    """Up to which stamp (``until``) the central has judged all that a device wrote, as the device has said since it met
    others: what these got of it and the central has not is not accepted."""

    district: str
    device: str
    until: int


class ErasedLineRow(NamedTuple):
    """A line about a person who was erased: their own, or a phone of theirs. Versions of it keep no text."""

    district: str
    id: str


class IntakeRow(NamedTuple):
    """Entry ``n`` of the log of what the central took in ``at`` a time: the ``numbers`` of its versions (`VersionRow`),
    of which ``last_seq`` is the last, their commitments ``leaves``, and the hashes of the subtrees that the entry
    completes (``intake_log.py``)."""

    district: str
    n: int
    last_seq: int
    at: int
    numbers: str
    leaves: str
    nodes: str


class BlobRow(NamedTuple):
    """Bytes of attachments of a bucket, by their SHA-256: how many there are to be (``size``), how many of them have
    been ``received``, and since when they are here whole and checked (None: not yet). With ``erased_at`` there are none
    and none are taken: they were erased then. Since ``sent_at`` an object of an outside store may have them, since
    ``stored_at`` it has, and no part is here any more."""

    district: str
    bucket: str
    sha256: str
    size: int
    received: int
    whole_at: int | None
    erased_at: int | None = None
    sent_at: int | None = None
    stored_at: int | None = None


class BlobPartRow(NamedTuple):
    """A part of such bytes, at most 64 KiB, which begins at byte ``place``."""

    district: str
    bucket: str
    sha256: str
    place: int
    content: bytes


class HealingDeviceRow(NamedTuple):
    """What a device has done in an ``epoch``: when it came ``back``, how many versions the central regained from it,
    how many it claimed and how many were refused, when it had sent everything, and when its checksums were equal."""

    district: str
    device: str
    epoch: int
    back_at: int
    regained: int
    claimed: int
    refused: int
    healed_at: int | None
    equal_at: int | None


ColumnType = Text | BigInteger | Integer | Boolean | LargeBinary
METADATA = MetaData()
"""The central's tables, apart from those of the device's store."""
_TYPES: dict[type, ColumnType] = {str: BYTE_ORDERED_TEXT, int: BigInteger(), bool: Boolean(), bytes: LargeBinary()}


def _table(
    name: str,
    row: type[NamedTuple],
    *constraints: Index | UniqueConstraint,
    types: dict[type, ColumnType] = _TYPES,
    key_length: int = 2,
) -> Table:
    """The table whose columns are the fields of ``row``. The key is the district and the field after it, or as many
    fields as ``key_length``."""
    hints = get_type_hints(row)
    keys = ["code"] if name == "district" else list(hints)[:key_length]
    columns = [_column(field, hint, field in keys, types) for field, hint in hints.items()]
    return Table(name, METADATA, *columns, *constraints)


def _column(name: str, hint: type, is_key: bool, types: dict[type, ColumnType]) -> SchemaItem:
    parts = get_args(hint) or (hint,)
    return Column(name, types[parts[0]], primary_key=is_key, nullable=NoneType in parts, autoincrement=False)


DISTRICT = _table("district", DistrictRow)
LINE = _table(
    "line",
    LineRow,
    Index("line_seq", "district", "seq", unique=True),
    Index("line_bucket", "district", "bucket", "seq"),
    Index("line_stamp", "district", "stamp"),
    granting_index(),
    Index(
        "line_time_rule",
        "district",
        sqlite_where=text("kind = 'time_rule'"),
        postgresql_where=text("kind = 'time_rule'"),
    ),
)
VERSION = _table("version", VersionRow, Index("version_line", "district", "id"))
BUCKET = _table(
    "bucket",
    BucketRow,
    Index("bucket_project", "district", "project"),
    Index("bucket_department", "district", "department"),
    Index("bucket_area", "district", "area"),
)
CO_HANDLER = _table(
    "co_handler", BucketCoHandlerRow, Index("co_handler_department", "district", "department"), key_length=3
)
ACCOUNT = _table("account", AccountRow, UniqueConstraint("district", "person"))
ROLE = _table(
    "role",
    RoleRow,
    Index("role_account", "district", "account"),
    Index("role_department", "district", "department"),
)
DEVICE = _table("device", DeviceRow, Index("device_account", "district", "account"))
INVITE = _table("invite", InviteRow)
SCOPE_EVENT = _table("scope_event", ScopeEventRow, Index("scope_event_account", "district", "account", "seq"))
AUDIT = _table("audit", AuditRow, Index("audit_action", "district", "action", "seq"))
ATTEMPT = _table("attempt", AttemptRow)
EPOCH = _table("epoch", EpochRow)
CLOCK_REPORT = _table("clock_report", ClockReportRow)
REGAINED = _table("regained", RegainedRow, Index("regained_line", "district", "id"))
UNDECIDED = text("decision IS NULL")
CLAIM = _table(
    "claim",
    ClaimRow,
    Index("claim_line", "district", "id"),
    Index("claim_waiting", "district", "seq", sqlite_where=UNDECIDED, postgresql_where=UNDECIDED),
)
PROPOSAL = _table(
    "proposal",
    ProposalRow,
    Index("proposal_line", "district", "id"),
    Index("proposal_waiting", "district", "seq", sqlite_where=UNDECIDED, postgresql_where=UNDECIDED),
)
EXPORT = _table("export", ExportRow)
JUDGED = _table("judged", JudgedRow)
ERASED_LINE = _table("erased_line", ErasedLineRow)
INTAKE = _table("intake", IntakeRow, Index("intake_seq", "district", "last_seq"))
BLOB = _table("blob", BlobRow, key_length=3)
BLOB_PART = _table("blob_part", BlobPartRow, key_length=4)
HEALING_DEVICE = _table("healing_device", HealingDeviceRow)
CLOSE_SERIAL = _table("close_serial", CloseSerialRow, types={**_TYPES, int: Integer()})
