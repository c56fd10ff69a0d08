"""Protocol v1: every request and answer of a device and its central. README.md describes the calls; ``calls.py`` has
one method for each.

Messages are JSON objects. Ledger lines in them stay decoded dicts, checked by ``store.ledger.line.parse_line`` and
``store.ledger.kinds``: a model per line would cost more than writing the line. Next: ``sync/steps`` (the device),
``sync/central/steps`` (the central).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from store.values.text import sanitize
from sync.protocol.agreement_keys import require_useful

PROTOCOL = 1
"""The version that this program speaks; a central accepts `OLDEST_PROTOCOL` to `PROTOCOL`."""
OLDEST_PROTOCOL = 1

JOIN, HELLO, PUSH, PULL = "/v1/join", "/v1/hello", "/v1/push", "/v1/pull"
FETCH, VERIFY, RENEW, LIVE, HISTORY = "/v1/fetch", "/v1/verify", "/v1/renew", "/v1/live", "/v1/history"
IDENTITY, HEAL, ROSTER = "/v1/identity", "/v1/heal", "/v1/roster"
INVITATION, RETURN, ROTATE = "/v1/invitation", "/v1/return", "/v1/rotate"

PAGE_LINES = 2_000
"""The most lines in one push batch or pull page."""
PAGE_BYTES = 4 << 20
"""About the most bytes of lines in one push batch or pull page."""
COMPRESS_MIN_BYTES = 1_024
"""Bodies from this size on are sent zstd-compressed."""
BUSY = "busy"
"""The code of a refusal (503) by a central that has more to do than it can at the moment: its work was not begun."""
MAX_ROLES, MAX_SCOPE_CHANGES = 10_000, 100_000
"""More roles than a person has, more changes of scope than a page of a pull brings."""
MAX_LOST_VERSIONS = 10_000
"""The most versions of a page's lines that are told to be lost, the latest ones."""
MAX_TOLD_BUTLERS, MAX_OWN_DEVICES = 100, 100
"""The most butlers that a page tells of projects that left a scope, and devices of a person that are named to them."""
MAX_FETCH_BUCKETS = 500
"""The most buckets in one fetch."""
MAX_MET, MAX_CARD_BYTES = 200, 65_536
MAX_LINES_IN_SCOPE, MAX_TIME_MS = 1 << 40, 1 << 53
"""More lines than any central has, later than any clock is."""

# What a field may hold. Each side checks all that it is sent before it keeps anything of it.
Uuid = Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
MAX_NAME = 80
Name = Annotated[str, Field(max_length=MAX_NAME), AfterValidator(sanitize)]
Text = Annotated[str, Field(max_length=1_000), AfterValidator(sanitize)]
Code = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
Token = Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,512}$")]
"""A token, a cursor: fit for a header, and of no meaning here."""
Cursor = Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,2048}$")]
Place = Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,512}$")]
"""Where the next page of whole buckets begins."""
Bucket = Annotated[str, Field(pattern=r"^[a-z](:[0-9a-f-]{1,64})?$")]
BucketOrGroup = Annotated[str, Field(pattern=r"^([a-z](:[0-9a-f-]{1,64})?|[0-9a-f]{2})$")]
Time = Annotated[int, Field(ge=-MAX_TIME_MS, le=MAX_TIME_MS)]
"""A time in milliseconds since 1970, by a clock that may be wrong: ask `store.values.plausible_time` before use."""
Key = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
"""A public key or a random number: 32 bytes in hexadecimal."""
Signature = Annotated[str, Field(pattern=r"^[0-9a-f]{128}$")]
ClockOffset = Annotated[int, Field(ge=-MAX_TIME_MS, le=MAX_TIME_MS)]

Stamp = Annotated[int, Field(ge=0, lt=1 << 63)]
"""A hybrid clock's value (``store/ledger/hlc.py``)."""
MAX_REPAIRS = 20
"""The most repairs of stamps that are told: a central's clock is seldom wrong, and a device applies each once."""

RECEIPT_BYTES = 8
"""Bytes of a receipt: the central's keyed tag over a line version. Messages carry the receipts of several versions as
one base64 text, in the order of the versions. 64 bits: a forged one can be tried at the central only."""
MAX_ROSTER_BYTES = 1 << 20
"""The longest sealed roster that a central hands out."""
Receipts = Annotated[str, Field(max_length=3 * PAGE_LINES * RECEIPT_BYTES * 4 // 3)]
Sealed = Annotated[str, Field(pattern=r"^[A-Za-z0-9_=-]*$", max_length=MAX_ROSTER_BYTES)]

WireLine = dict[str, object]
"""A decoded ledger line, not checked yet."""
WireChecksum = tuple[int, int, int]
"""A set checksum (``store.ledger.buckets.SetChecksum``): lines, hi, lo."""


class WireMessage(BaseModel):
    """Base of all requests and answers: unknown fields are ignored, so that newer versions may add some."""

    model_config = ConfigDict(extra="ignore")


class DeviceKeys(WireMessage):
    """The public keys of a device, for what travels as a file: ``sign`` (Ed25519) and ``agree`` (X25519)."""

    sign: Key
    agree: Annotated[Key, AfterValidator(require_useful)]


class DeviceName(WireMessage):
    """A device: its id (UUID), a name for people, and its public keys where it has some."""

    id: Uuid
    name: Name
    keys: DeviceKeys | None = None


class PersonName(WireMessage):
    """A person: the id of their line and their name."""

    id: Uuid
    name: Name


class DistrictName(WireMessage):
    """A district: its code and name."""

    code: Code
    name: Text


class RoleGrant(WireMessage):
    """A role for one project or one department (ids of lines) or, with neither, for the district."""

    role: Code
    project: Uuid | None = None
    department: Uuid | None = None


class JoinRequest(WireMessage):
    """Trade a one-time code for a token on this device; ``person`` is the owner of a home that worked alone until
    now. The same device may ask again while the code lasts, where it could not keep the answer."""

    protocol: int = PROTOCOL
    code: str = Field(max_length=64)
    device: DeviceName
    person: PersonName | None = None
    district: str | None = None


class JoinAnswer(WireMessage):
    """The device's token, sent once and stored hashed at the central; ``time`` in milliseconds since 1970.
    ``introduce``: the ledger has no line of this person yet, so the device writes it. ``key`` is the central's public
    key, by which the device knows it again, ``agree`` the one (X25519) to which files for it are encrypted."""

    token: Token
    person: PersonName
    district: DistrictName
    roles: list[RoleGrant] = Field(max_length=MAX_ROLES)
    central: Code
    time: Time
    introduce: bool = False
    key: Key | None = None
    agree: Key | None = None


class InvitationRequest(WireMessage):
    """Ask whom a one-time code is for, without using it; ``person`` and ``district`` are those of the home that would
    join, ``device`` its id."""

    code: str = Field(max_length=64)
    device: Uuid | None = None
    person: PersonName | None = None
    district: str | None = None


class InvitationAnswer(WireMessage):
    """The name that the code is for, empty where it names nobody, and the roles that it gives, without their places.
    ``own``: the home that asked is that person's."""

    name: Name
    own: bool = False
    roles: list[Code] = Field(default=[], max_length=MAX_ROLES)


class IdentityRequest(WireMessage):
    """Ask who answers, before the token is sent: ``nonce`` is random, ``address`` the one that was dialled."""

    district: Code
    nonce: Key
    address: str = Field(max_length=2_048)


class IdentityAnswer(WireMessage):
    """The central's public key, and its signature of `identity_message`."""

    key: Key
    signature: Signature


def identity_message(request: IdentityRequest) -> bytes:
    """What the central signs to prove who it is."""
    return f"guanjia identity\n{request.district}\n{request.nonce}\n{request.address}".encode()


class HelloRequest(WireMessage):
    """The state of a device: its cursor, the checksum of all lines that it has from the central, and the last ``epoch``
    that it has healed; its clock ``time`` and the ``offset_ms`` that it measured at its last contact (central minus
    device). For the bureau's list of devices: the version of its ``program``, how many lines wait ``unsent``, and how
    many are ``refused``. ``keys``: its public keys, until the central has said that it has them. For meetings
    (``meeting.py``): ``card``: it wants one; ``judged``: up to which stamp its lines are; ``met``: whose it asks."""

    protocol: int = PROTOCOL
    device: str = ""
    cursor: str | None = None
    agreed: WireChecksum
    time: int
    offset_ms: int | None = None
    epoch: Code | None = None
    program: Name | None = None
    unsent: int | None = Field(default=None, ge=0, le=MAX_LINES_IN_SCOPE)
    refused: int | None = Field(default=None, ge=0, le=MAX_LINES_IN_SCOPE)
    keys: DeviceKeys | None = None
    card: bool | None = None
    judged: Stamp | None = None
    met: list[Uuid] | None = Field(default=None, max_length=MAX_MET)


class OwnDevice(WireMessage):
    """A device of the caller's account, as its owner is told of it; ``since`` in milliseconds since 1970."""

    id: Uuid
    name: Name
    since: Time


class StampRepair(WireMessage):
    """Stamps from ``first`` to ``last`` were given while the central's clock was ahead; they became those from
    ``to_first`` to ``to_last`` (``store/ledger/clock_repair.py``)."""

    first: Stamp
    last: Stamp
    to_first: Stamp
    to_last: Stamp


class Moment(WireMessage):
    """What hello answers of this moment. ``news``: a pull would bring something. ``equal``: the checksums of the scope
    are equal. ``lines`` is the number of lines in the scope, so that a device can show how many are to come.
    ``clock_doubtful``: ``time`` is not to be believed, and the central takes nothing in; ``clock_off_ms`` is by how
    much it seems to be ahead. ``card`` and ``judged`` are what a hello asks for meetings."""

    time: Time
    news: bool
    equal: bool
    lines: int | None = Field(default=None, ge=0, le=MAX_LINES_IN_SCOPE)
    clock_doubtful: bool = False
    clock_off_ms: ClockOffset | None = None
    card: str | None = Field(default=None, max_length=MAX_CARD_BYTES)
    judged: dict[Uuid, Stamp] = Field(default={}, max_length=MAX_MET)


class AccountState(WireMessage):
    """What hello answers that seldom changes. ``epoch`` changes when the central was set back to an earlier state.
    ``devices``: those of the account, so that its owner is told of each. ``key`` is the central's public key; ``roles``
    are the caller's, without their places. ``repairs``: what became of stamps from the future, the latest last; the
    device does the same to its lines. ``rotate``: the token is old, and another is to be asked for. ``waiting``: how
    many versions wait for the bureau's decision; None for others. ``exports``: the central takes records of exports.
    ``speaks`` is the newest protocol that the central speaks. ``agree`` is the central's key for files (X25519),
    ``device_key`` the caller's own (Ed25519), as the central knows it."""

    protocol: int = Field(ge=1, le=1_000_000)
    central: Code
    epoch: Code | None = None
    devices: list[OwnDevice] = Field(default=[], max_length=MAX_OWN_DEVICES)
    key: Key | None = None
    roster: Token | None = None
    roles: list[Code] = Field(default=[], max_length=MAX_ROLES)
    repairs: list[StampRepair] = Field(default=[], max_length=MAX_REPAIRS)
    rotate: bool = False
    waiting: int | None = Field(default=None, ge=0, le=MAX_LINES_IN_SCOPE)
    exports: bool = False
    speaks: int = Field(default=1, ge=1, le=1_000_000)
    agree: Key | None = None
    device_key: Key | None = None


class HelloAnswer(Moment, AccountState):
    """The central's greeting: its state at this moment, and what seldom changes."""


class PushChain(WireMessage):
    """By which pushes of one copy of a home are told from those of another: the random value that this store's latest
    push had, empty before the first, and the one that this round's pushes have, stored before they are sent.

    Of a home that worked alone ``alone_until`` it joined (milliseconds since 1970), what it wrote before and its
    sender's roles do not cover is kept for the bureau, and rejected as ``proposed``; or as ``known``, with the
    ``winner``, where the sender may read what is there."""

    prev: str = Field(max_length=64)
    next: str = Field(min_length=1, max_length=64)
    alone_until: Time | None = None


class PushRequest(WireMessage):
    """Unsent lines in the device's order; every one gets an outcome. Devices older than the ``chain`` send none."""

    chain: PushChain | None = None
    lines: list[WireLine] = Field(max_length=PAGE_LINES)


class PushOutcome(WireMessage):
    """The outcome of one pushed line. ``superseded`` has the winner; ``rejected`` a code and a reason; ``applied`` the
    ``loser``, if the line replaced a version that its author had not seen. ``unseen``: as the central knows, nobody had
    seen the pushed version when it lost, whatever the winner claims."""

    id: str = Field(max_length=64)
    outcome: Literal["applied", "superseded", "rejected"]
    winner: WireLine | None = None
    loser: WireLine | None = None
    code: Code | None = None
    reason: Text | None = None
    unseen: bool = False


class PushAnswer(WireMessage):
    """One outcome a line, in order. ``receipts`` has, outcome by outcome, that of the line unless it was rejected, then
    of the winner, then of the loser, as far as the outcome has them."""

    outcomes: list[PushOutcome] = Field(max_length=PAGE_LINES)
    time: Time
    receipts: Receipts = ""


class PullRequest(WireMessage):
    """The next page after a cursor; without a cursor from the beginning. ``max_bytes``: about how long it may be, one
    line at least; a central that does not know it answers as long as it likes."""

    cursor: str | None = None
    limit: int = Field(default=PAGE_LINES, ge=1, le=PAGE_LINES)
    max_bytes: int | None = Field(default=None, ge=1)


class LostVersion(WireMessage):
    """A version that is not current, by its line's id, its stamp and its device."""

    id: Uuid
    stamp: Stamp
    device: Uuid


class ButlerInfo(WireMessage):
    """Who is butler today of a project that left an account's scope; the name too, as their record may have left."""

    project: Uuid
    person: Uuid
    name: Name


class PullAnswer(WireMessage):
    """Lines in commit order, buckets newly granted (to be fetched) and dropped (to be deleted), the next cursor;
    ``receipts`` are those of the lines. ``lost``: the versions of these lines that were replaced unseen, as the central
    knows, whatever the lines claim to follow. ``butlers``: who serves the projects whose heads are dropped, so that
    whoever had them is told. ``first``: the page is of a first read, which brings so many lines in all, what screens
    need and then the newest first; commit order goes on from where the first read began."""

    lines: list[WireLine]
    receipts: Receipts = ""
    lost: list[LostVersion] = Field(default=[], max_length=MAX_LOST_VERSIONS)
    granted: list[Bucket] = Field(default=[], max_length=MAX_SCOPE_CHANGES)
    dropped: list[Bucket] = Field(default=[], max_length=MAX_SCOPE_CHANGES)
    butlers: list[ButlerInfo] = Field(default=[], max_length=MAX_TOLD_BUTLERS)
    cursor: Cursor
    more: bool
    first: int | None = Field(default=None, ge=0, lt=1 << 40)
    time: Time

    @property
    def is_empty(self) -> bool:
        """Whether it brings nothing but its cursor."""
        return not (self.lines or self.granted or self.dropped)


class FetchRequest(WireMessage):
    """Whole buckets, paged by line id within the sorted list of buckets. ``max_bytes`` as in `PullRequest`."""

    buckets: list[str] = Field(max_length=MAX_FETCH_BUCKETS)
    after: str | None = None
    limit: int = Field(default=PAGE_LINES, ge=1, le=PAGE_LINES)
    max_bytes: int | None = Field(default=None, ge=1)


class FetchAnswer(WireMessage):
    """Current lines of the buckets and their ``receipts``; ``after`` continues, None ends."""

    lines: list[WireLine]
    receipts: Receipts = ""
    after: Place | None


class ClaimedOwner(WireMessage):
    """Project, department and co-handling departments of an issue or procedure, by what the device knows of it."""

    project: Uuid | None = None
    department: Uuid | None = None
    co_handlers: list[Uuid] = []


class VerifyRequest(WireMessage):
    """Checksums to compare at ``cursor``: by group first (two hex digits), then by bucket within the groups that
    differ. ``owners``: whose the issues and procedures among the buckets are, so that the central can say whether they
    are this account's without saying whether they exist."""

    cursor: str | None
    groups: dict[BucketOrGroup, WireChecksum] | None = None
    buckets: dict[Bucket, WireChecksum] | None = None
    within: list[str] = []
    owners: dict[str, ClaimedOwner] | None = None


class VerifyAnswer(WireMessage):
    """Names of the groups or buckets whose checksums differ, or that only one side has. ``news``: pull first.
    ``dropped``: requested buckets that are not this account's, be there such or not; the device deletes them."""

    news: bool
    differ: list[BucketOrGroup]
    dropped: list[Bucket] = []


class HealRequest(WireMessage):
    """Versions that the device has from the central and that a central set back to an earlier state may lack, of all
    authors, current and past, with their ``receipts``; a version without one has zeros for it. ``epoch`` is the last
    that the device had healed, ``roster`` what it keeps for the central, sealed. ``done``: there is no more."""

    epoch: Code | None = None
    lines: list[WireLine] = Field(default=[], max_length=PAGE_LINES)
    receipts: Receipts = ""
    roster: Sealed | None = None
    done: bool = False


class HealAnswer(WireMessage):
    """One outcome a version, in order: ``taken`` (it is there, since now or before), ``claimed`` (until the bureau
    decides), ``refused``. ``epoch`` is the present one; versions of before ``since`` (ms) were not lost."""

    outcomes: list[Code] = Field(max_length=PAGE_LINES)
    epoch: Code
    since: Time
    time: Time


class RosterRequest(WireMessage):
    """Get what this device keeps for its central."""


class RosterAnswer(WireMessage):
    """The roster that this device keeps for its central, ``sealed`` by it, and its ``mark`` in `HelloAnswer`."""

    mark: Token
    sealed: Sealed


class ReturnRequest(WireMessage):
    """Show a central that was set back, and does not know the token, the roster that the device keeps for it."""

    roster: Sealed


class ReturnAnswer(WireMessage):
    """The token is known again. Where it is not, the answer is 401."""

    name: Name


class RenewRequest(WireMessage):
    """Enrol a copied or restored store as a device of its own. ``twin``: another copy lives on, as a push was told."""

    device: DeviceName
    twin: bool = False


class RotateRequest(WireMessage):
    """Get the caller's next token."""


class RenewAnswer(WireMessage):
    """The new device's token; of `ROTATE` the caller's next one, whose first use ends the present one."""

    token: Token


class HistoryVersion(WireMessage):
    """One version: the line, when the central received it (milliseconds since 1970), and why it is not current."""

    line: WireLine
    received_at: int
    reason: str | None
    current: bool


class HistoryAnswer(WireMessage):
    """The versions of a line that the central has, the current one first."""

    versions: list[HistoryVersion]


class ErrorAnswer(BaseModel):
    """Every answer other than 200: a stable code, and a detail for logs."""

    code: str
    detail: str
