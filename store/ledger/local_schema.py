"""The ledger's tables beside those of the kinds: history, outbox, checksums, device facts, notices.

These rows are never replicated. The kinds' tables are in ``store/ledger/models``. Migrations create all of them; only
``store/writer`` writes them.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlmodel import BigInteger, Field, Index, SQLModel

from store.ledger.models.base import STORE_REGISTRY


class LocalTable(SQLModel, registry=STORE_REGISTRY):
    """Base of the tables that stay on the device."""


class UnknownLine(LocalTable, table=True):
    """A line of a kind, or with field types, that this version does not know; stored whole until an upgrade."""

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
    not, ``taken_back`` by its author, ``rejected`` by the central and given up) and since when (``at``, ms)."""

    __tablename__ = "history"
    __table_args__ = (
        Index("history_lost", "id", sqlite_where=text("reason = 'superseded'")),
        Index("history_binned", "id", sqlite_where=text("reason IN ('taken_back', 'rejected')")),
    )
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


class ReceiptBatch(LocalTable, table=True):
    """Receipts that one transaction got from the central, at ``at`` (ms): digests of line versions (8 bytes each) and
    the receipt of each (8 bytes), in the same order. A row a transaction costs 16 bytes a version and no statement a
    line; they are read only when a central has to be healed (``store/writer/healing.py``)."""

    __tablename__ = "receipt"
    n: int | None = Field(default=None, primary_key=True)
    at: int = Field(sa_type=BigInteger)
    digests: bytes
    tags: bytes


class RosterCopy(LocalTable, table=True):
    """What this device keeps for its central: accounts, roles and devices, ``sealed`` with a key of the central, and
    the ``mark`` by which the central tells whether there are later ones. One row at most; apart from the device facts,
    which every transaction reads."""

    __tablename__ = "kept_roster"
    mark: str = Field(primary_key=True)
    sealed: str


class BucketChecksum(LocalTable, table=True):
    """A bucket's checksum over the versions that the central is known to have (``store/ledger/buckets.py``). The
    table is called ``agreement``, a name that older stores have."""

    __tablename__ = "agreement"
    bucket: str = Field(primary_key=True)
    lines: int = Field(sa_type=BigInteger)
    hi: int = Field(sa_type=BigInteger)
    lo: int = Field(sa_type=BigInteger)


class IssueStateRow(LocalTable, table=True):
    """What ``store/domain/issue_lifecycle.py`` computes of an issue, stored for lists; recomputable at any time."""

    __tablename__ = "issue_state"
    __table_args__ = (
        Index("issue_state_project", "project_id", "id"),
        Index("issue_state_department", "department_id", "id"),
        Index("issue_state_state", "state", "id"),
        Index("issue_state_owner", "owner_id"),
        Index(
            "issue_state_due",
            "due",
            "id",
            "state",
            "waiting_until",
            "progress_at",
            "limit_at",
            "progress_until",
            sqlite_where=text("state IN ('open', 'assigned', 'in_progress', 'waiting', 'escalated')"),
        ),
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
    due_rule: str | None = None
    extension: str | None = None
    limit_at: str | None = None
    progress_until: str | None = None
    out_of_turn: str | None = None
    updated: int = Field(sa_type=BigInteger)


class ProjectFigures(LocalTable, table=True):
    """What lists and a day are sorted by: a project's unfinished issues, the earliest due date and the oldest progress
    of those that have a light, the earliest limits of their acts and until-date of those that wait, and the latest
    contact. Derived from
    `IssueStateRow` and visits (``store/writer/project_figures.py``)."""

    __tablename__ = "project_figures"
    __table_args__ = ({"sqlite_with_rowid": False},)
    project_id: str = Field(primary_key=True)
    open_issues: int
    due: str | None = None
    waiting_until: str | None = None
    progress_at: int | None = Field(default=None, sa_type=BigInteger)
    limit_at: str | None = None
    progress_until: str | None = None
    last_contact: str | None = None


class CoHandlerRow(LocalTable, table=True):
    """A department that co-handles an issue, as computed with the issue's state: the step with its latest word,
    whether that disputes the part, and whether the department is still owed; in the ``place`` of the assignment."""

    __tablename__ = "co_handler"
    __table_args__ = (Index("co_handler_department", "department_id", "issue_id"),)
    issue_id: str = Field(primary_key=True)
    department_id: str = Field(primary_key=True)
    place: int
    step_id: str | None = None
    disputed: bool
    owed: bool


class DeviceFact(LocalTable, table=True):
    """A device fact by key: district, person, device, last stamp, offset, cursor … (``store/db/device_facts.py``)."""

    __tablename__ = "meta"
    key: str = Field(primary_key=True)
    value: str


class QuarantinedLine(LocalTable, table=True):
    """A line with fields that are not valid, since when (ms), and what is wrong: a JSON object of problems by field
    (``store/writer/quarantine.py``). The line itself is in its kind's table, or among the unknown ones."""

    __tablename__ = "quarantine"
    id: str = Field(primary_key=True)
    kind: str
    fields: str
    at: int = Field(sa_type=BigInteger)


class PendingBackfill(LocalTable, table=True):
    """A bucket granted by the central and still to be fetched."""

    __tablename__ = "fill"
    bucket: str = Field(primary_key=True)


class ExportedFile(LocalTable, table=True):
    """A file that was written from the ledger, until a central's audit has it (``store/writer/export_records.py``)."""

    __tablename__ = "export_record"
    id: str = Field(primary_key=True)
    at: int = Field(sa_type=BigInteger)
    person_id: str
    what: str
    file_kind: str
    rows: int = Field(sa_type=BigInteger)


class ProvisionalLine(LocalTable, table=True):
    """A version that a colleague's device has given in a meeting (``store/writer/provisional.py``), since ``at`` (ms):
    whose device, and ``wire``, the version as it travels. It is no line of the ledger: it counts in no checksum, is
    merged with nothing and sent to nobody. The ledger has no version that is as late."""

    __tablename__ = "provisional"
    id: str = Field(primary_key=True)
    device_id: str = Field(primary_key=True)
    stamp: int = Field(sa_type=BigInteger)
    author_id: str
    project_id: str | None = Field(default=None, index=True)
    bucket: str = Field(index=True)
    wire: bytes
    at: int = Field(sa_type=BigInteger)


class SavedDraft(LocalTable, table=True):
    """A form's draft that has become a line, by its id (``store/home/drafts.py``): written in the line's transaction
    at ``at`` (ms), deleted once the draft itself is gone."""

    __tablename__ = "saved_draft"
    id: str = Field(primary_key=True)
    at: int = Field(sa_type=BigInteger)


class CarriedDraft(LocalTable, table=True):
    """A form's draft on its way in a backup, as JSON (``store/writer/carried_state.py``); else the table is empty."""

    __tablename__ = "carried_draft"
    id: str = Field(primary_key=True)
    key: str
    body: str
    at: int = Field(sa_type=BigInteger)


class CarriedRound(LocalTable, table=True):
    """A row of the history of rounds on its way in a backup; else the table is empty. The columns are those of
    `RoundRecord`, and ``times``: how many rounds in a row the row stands for."""

    __tablename__ = "carried_round"
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
    """A notice for the person at this device: a corrected clock, a rejected line, a withdrawn project. In the ledger,
    since it commits together with what it tells of."""

    __tablename__ = "notice"
    n: int | None = Field(default=None, primary_key=True)
    at: int = Field(sa_type=BigInteger)
    code: str
    detail: str
    seen: bool = False
