"""The bureau's calls of protocol v1: accounts, devices, one-time codes and the audit, administered from its own seat;
and the call by which any device tells the audit what was exported from it.

Each of the bureau's is a POST below ``/v1/admin``, authorised by the caller's role as it is at that moment; an act
and whoever reads the audit is in the audit. Next: `call_central` in ``sync/round/__init__.py`` (the device),
``sync/central/steps/admin_*.py`` (the central).
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from sync.protocol import MAX_LINES_IN_SCOPE, MAX_ROLES, Code, Name, RoleGrant, Text, Time, Uuid, WireMessage

INVITE, CODES, WITHDRAW_CODE = "/v1/admin/invite", "/v1/admin/codes", "/v1/admin/withdraw-code"
ACCOUNTS, DEVICES, STOP = "/v1/admin/accounts", "/v1/admin/devices", "/v1/admin/stop"
READMIT = "/v1/admin/readmit"
AUDIT, FIGURES = "/v1/admin/audit", "/v1/admin/figures"
WAITING, DECIDE = "/v1/admin/waiting", "/v1/admin/decide"
PERSON = "/v1/admin/person"

DEFAULT_HOURS, MAX_HOURS = 24, 168
"""How long a code of the bureau's is good: a day, where nothing else is said, and up to seven."""
PAGE_ROWS = 500
"""The most accounts, devices or entries in one page."""
MAX_CODES = 1_000
"""The most codes that are listed."""
WAITING_BYTES = 1 << 20
"""About the most bytes of lines that wait in one page."""
UNREADABLE_KIND = "damaged"
"""The kind that is told of a line that waits and cannot be read any more: it can be declined, and not accepted."""
MAX_DECISIONS = 1_500
"""The most lines that one call accepts, or declines."""

EXPORTS = "/v1/exports"
MAX_EXPORTS = 200
"""The most records in one call."""
MAX_PEOPLE, MAX_TOLD = 200, 5_000
"""The most ids that one person may have, and the most versions, claims and entries on one page of what is held."""
PERSON_BYTES = 1 << 20
"""About the most bytes of a page of what is held on a person."""

ListedName = Annotated[str, Field(min_length=1, max_length=80)]
"""A name, an id or a number, by which something is named."""
Seq = Annotated[int, Field(ge=0, lt=1 << 63)]


class InviteRequest(WireMessage):
    """Make a one-time code for one person, good for ``hours``. Without a ``role`` the account has what the
    responsibility table grants the person. ``department`` and ``projects`` by id, number or name. Where the name alone
    does not say who is meant: the ``person`` of this id, the one who is known (``again``), or another one (``new``)."""

    name: ListedName
    hours: int = Field(default=DEFAULT_HOURS, ge=1, le=MAX_HOURS)
    role: Code | None = None
    department: ListedName | None = None
    projects: list[ListedName] = Field(default=[], max_length=200)
    person: Uuid | None = None
    again: bool = False
    new: bool = False


class InviteAnswer(WireMessage):
    """The code, told once, its ``id`` in lists, until when it is good (milliseconds since 1970), and for whom:
    ``person`` is None for somebody whom the ledger does not know, ``account`` for whoever has none yet."""

    code: str = Field(max_length=64)
    id: Code
    expires_at: Time
    name: Name
    person: Uuid | None = None
    account: Uuid | None = None


class CodeInfo(WireMessage):
    """A one-time code that waits, without the code itself: for whom, as what, since when and until when."""

    id: Code
    name: Name
    account: Uuid | None = None
    roles: list[RoleGrant] = Field(default=[], max_length=MAX_ROLES)
    created_at: Time
    expires_at: Time


class CodesRequest(WireMessage):
    """Which codes wait?"""


class CodesAnswer(WireMessage):
    """The codes that wait, the oldest first."""

    codes: list[CodeInfo] = Field(max_length=MAX_CODES)


class WithdrawCodeRequest(WireMessage):
    """End the code of this id, or those that wait for this name."""

    name: ListedName


class WithdrawCodeAnswer(WireMessage):
    """Whose codes were ended."""

    names: list[Name] = Field(max_length=MAX_CODES)


class AccountsRequest(WireMessage):
    """A page of accounts, those ``after`` an id."""

    after: Uuid | None = None
    limit: int = Field(default=PAGE_ROWS, ge=1, le=PAGE_ROWS)


class AccountInfo(WireMessage):
    """An account, its person and roles, how many of its devices are let in, and when one was last seen."""

    id: Uuid
    name: Name
    person: Uuid
    created_at: Time
    roles: list[RoleGrant] = Field(max_length=MAX_ROLES)
    devices: int = Field(ge=0)
    seen_at: Time | None = None


class AccountsAnswer(WireMessage):
    """Accounts in the order of their ids; ``more``: others follow."""

    accounts: list[AccountInfo] = Field(max_length=PAGE_ROWS)
    more: bool


class DevicesRequest(WireMessage):
    """A page of devices, those ``after`` an id: of one ``account`` (id, or name), or that are let in and were not seen
    for ``unseen_days``."""

    after: Uuid | None = None
    limit: int = Field(default=PAGE_ROWS, ge=1, le=PAGE_ROWS)
    account: ListedName | None = None
    unseen_days: int | None = Field(default=None, ge=1, le=36_500)


class DeviceInfo(WireMessage):
    """A device: whose it is, when it joined, was last seen, was stopped and why (``revoked`` by the bureau or for a
    copy, or ``unseen`` for so long that it was stopped for it), and when its token expired; and what it last said of
    itself: the version of its ``program``, how many lines were ``unsent`` and ``refused``, and by how much the
    central's clock was ahead of its own. None is not known."""

    id: Uuid
    name: Name
    account: Uuid
    person_name: Name
    created_at: Time
    seen_at: Time
    stopped_at: Time | None = None
    stopped_why: Code | None = None
    expired_at: Time | None = None
    program: Name | None = None
    unsent: int | None = None
    refused: int | None = None
    offset_ms: int | None = None


class DevicesAnswer(WireMessage):
    """Devices in the order of their ids; ``more``: others follow."""

    devices: list[DeviceInfo] = Field(max_length=PAGE_ROWS)
    more: bool = False


class StopRequest(WireMessage):
    """Stop a device, by id or name, with all that took its place; or a person, by account id or name: every device of
    theirs, and the codes that wait for them."""

    name: ListedName


class ReadmitRequest(WireMessage):
    """Let in again a device, by id or name, or the devices of a person, whose tokens have expired."""

    name: ListedName


class AuditRequest(WireMessage):
    """A page of the audit: the entries ``after`` a number, oldest first, or those ``before`` one, newest first; from
    ``since`` on and before ``until`` (milliseconds since 1970); of an ``account`` (id or name), an ``action``, a
    ``line`` (id); of exports also of ``what``, as which ``file_kind``."""

    after: Seq | None = None
    before: Seq | None = None
    limit: int = Field(default=PAGE_ROWS, ge=1, le=PAGE_ROWS)
    since: Time | None = None
    until: Time | None = None
    account: ListedName | None = None
    action: Code | None = None
    line: Uuid | None = None
    what: Code | None = None
    file_kind: Code | None = None


class AuditEntryInfo(WireMessage):
    """An entry of the audit (``sync/central/audit.py``)."""

    seq: Seq
    at: Time
    account: Text | None = None
    name: Text | None = None
    device: Text | None = None
    action: Text
    line: Text | None = None
    stamp: int | None = None
    from_stamp: int | None = None
    detail: dict[str, object] | None = None


class AuditAnswer(WireMessage):
    """Entries in the order that was asked for; ``more``: others follow."""

    entries: list[AuditEntryInfo] = Field(max_length=PAGE_ROWS)
    more: bool


class FiguresRequest(WireMessage):
    """How much does the central hold?"""


class FiguresAnswer(WireMessage):
    """Lines, earlier versions, accounts, devices that are let in, those of them that were not seen for 30 days, codes
    that wait, and damaged lines."""

    lines: int
    versions: int
    accounts: int
    devices: int
    unseen: int
    codes: int
    damaged: int


class WaitingRequest(WireMessage):
    """A page of what waits for the bureau's decision, ``after`` a number."""

    after: Seq = 0
    limit: int = Field(default=PAGE_ROWS, ge=1, le=PAGE_ROWS)


class WaitingLine(WireMessage):
    """A version that waits under the number ``seq``: a ``proposal`` (beyond its author's roles), or a ``claim``
    (without a receipt, brought back to a central that was set back). ``person`` and ``account`` are whoever sent it;
    ``present`` is what the line says now, None where there is none, or where it is deleted (``present_deleted``);
    ``late``: what it says now is later, so that this version would be kept in its history only."""

    seq: Seq
    source: Code
    id: Uuid
    kind: Code
    project: Uuid | None = None
    person: Name
    account: Code
    author: Name
    written: Time
    brought: Time
    deleted: bool = False
    body: dict[str, object]
    present: dict[str, object] | None = None
    present_deleted: bool = False
    late: bool = False


class WaitingAnswer(WireMessage):
    """What waits, in the order in which it came; ``more``: others follow."""

    lines: list[WaitingLine] = Field(max_length=PAGE_ROWS)
    more: bool


class DecideRequest(WireMessage):
    """Accept what waits under these numbers, and decline that under others, which wins where both name it."""

    accept: list[Seq] = Field(default=[], max_length=MAX_DECISIONS)
    reject: list[Seq] = Field(default=[], max_length=MAX_DECISIONS)


class DecideAnswer(WireMessage):
    """How many were decided; how many could not be taken in and wait on (``left``); how many waited no more
    (``gone``)."""

    decided: int = Field(ge=0)
    left: int = Field(ge=0)
    gone: int = Field(ge=0)


class ExportInfo(WireMessage):
    """One export: ``what`` (a report's name, ``dump`` …), as which kind of file, with how many ``rows``; ``at`` in
    milliseconds since 1970, by the device's clock."""

    id: Uuid
    at: Time
    what: Code
    file_kind: Code
    rows: int = Field(ge=0, le=MAX_LINES_IN_SCOPE)


class ExportsRequest(WireMessage):
    """What was exported, the oldest first: by the token's person, whatever is sent. What was told before counts
    once."""

    exports: list[ExportInfo] = Field(max_length=MAX_EXPORTS)


class ExportsAnswer(WireMessage):
    """The audit has these, by id."""

    taken: list[Uuid] = Field(max_length=MAX_EXPORTS)


class PersonRequest(WireMessage):
    """A page of what is held on one person, who has these ids: their own, and those of records that were merged; what
    is numbered ``after`` the ``next`` of the page before. With ``devices_after``, the ``devices_next`` of a page, of
    their devices alone."""

    people: list[Uuid] = Field(min_length=1, max_length=MAX_PEOPLE)
    after: Seq = 0
    devices_after: Uuid | None = None


class HeldVersion(WireMessage):
    """A version of a line about the person: its ``line`` as it is stored, when it was received from which account and
    device, and why it is not current (None: it is; ``claims`` and ``proposals``: it waits, or waited, for the
    bureau)."""

    line: dict[str, object]
    received_at: Time
    account: Text | None = None
    device: Text | None = None
    reason: Text | None = None


class PersonAnswer(WireMessage):
    """The versions that the central holds and the entries of the audit that are of the person's accounts, in the order
    in which they came; on the first page also accounts, codes and devices. ``more``: others follow, after ``next``,
    which centrals of older versions do not tell, or further devices after ``devices_next``."""

    versions: list[HeldVersion] = Field(max_length=MAX_TOLD)
    accounts: list[AccountInfo] = Field(max_length=MAX_PEOPLE)
    devices: list[DeviceInfo] = Field(max_length=MAX_TOLD)
    codes: list[CodeInfo] = Field(max_length=MAX_CODES)
    entries: list[AuditEntryInfo] = Field(max_length=MAX_TOLD)
    more: bool
    next: Seq | None = None
    devices_next: Uuid | None = None
