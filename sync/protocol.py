"""Protocol v1: what a device asks and a central answers. One method of `Central` a call; README.md tells the story.

Requests and answers are JSON objects. Ledger lines inside them are left as decoded dicts and checked by
``store.ledger.line.parse`` and ``store.ledger.kinds``: a model per line would cost more than writing the line.
"""

from __future__ import annotations

from typing import Any, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

PROTOCOL = 1
"""The version this program speaks; a central accepts `OLDEST_PROTOCOL` to `PROTOCOL`."""
OLDEST_PROTOCOL = 1

JOIN, HELLO, PUSH, PULL = "/v1/join", "/v1/hello", "/v1/push", "/v1/pull"
FETCH, VERIFY, RENEW, LIVE, HISTORY = "/v1/fetch", "/v1/verify", "/v1/renew", "/v1/live", "/v1/history"

PAGE_LINES = 2_000
"""Lines in one push batch or one pull page, at most."""
PAGE_BYTES = 4 << 20
"""Bytes of lines in one push batch or pull page, about."""
COMPRESS_MIN_BYTES = 1_024
"""Bodies from this size on are sent zstd-compressed."""
MAX_FETCH_BUCKETS = 500

WireLine = dict[str, Any]
WireChecksum = tuple[int, int, int]


class WireMessage(BaseModel):
    """Base of all requests and answers: unknown fields are ignored, so that newer peers may say more."""

    model_config = ConfigDict(extra="ignore")


class DeviceName(WireMessage):
    """A device by its id (UUID) and the name people know it by."""

    id: str = Field(pattern=r"^[0-9a-f-]{36}$")
    name: str = Field(max_length=80)


class PersonName(WireMessage):
    """A person by the id of their line and their name."""

    id: str = Field(pattern=r"^[0-9a-f-]{36}$")
    name: str = Field(max_length=80)


class DistrictName(WireMessage):
    """A district by its code and name."""

    code: str
    name: str


class RoleGrant(WireMessage):
    """A role, for one project or one department (both ids of lines) or, with neither, for the district."""

    role: str
    project: str | None = None
    department: str | None = None


class JoinRequest(WireMessage):
    """A one-time code for an account on this device; ``person`` is who the home belonged to while it was alone."""

    protocol: int = PROTOCOL
    code: str = Field(max_length=64)
    device: DeviceName
    person: PersonName | None = None
    district: str | None = None


class JoinAnswer(WireMessage):
    """The device's token, shown once and stored hashed at the central; ``time`` in milliseconds since 1970.
    ``introduce``: nobody has written a line about this person yet, so the device does."""

    token: str
    person: PersonName
    district: DistrictName
    roles: list[RoleGrant]
    central: str
    time: int
    introduce: bool = False


class HelloRequest(WireMessage):
    """Where the device stands: its cursor and the set-digest of all it holds from the central."""

    protocol: int = PROTOCOL
    device: str
    cursor: str | None = None
    agreed: WireChecksum
    time: int


class HelloAnswer(WireMessage):
    """``news``: a pull would bring something. ``equal``: the digests of the scope agree at this moment. ``lines`` is
    how many lines the scope has, so that a device can say how many there are to come."""

    protocol: int
    time: int
    news: bool
    equal: bool
    central: str
    lines: int | None = None


class PushRequest(WireMessage):
    """Unsent lines in the device's order."""

    lines: list[WireLine] = Field(max_length=PAGE_LINES)


class PushOutcome(WireMessage):
    """What became of one pushed line. ``superseded`` brings the winner; ``rejected`` a code and a reason; ``applied``
    the ``loser``, when the line took the place of one that its author had not seen."""

    id: str
    outcome: Literal["applied", "superseded", "rejected"]
    winner: WireLine | None = None
    loser: WireLine | None = None
    code: str | None = None
    reason: str | None = None


class PushAnswer(WireMessage):
    """One outcome a line, in the request's order."""

    outcomes: list[PushOutcome]
    time: int


class PullRequest(WireMessage):
    """The next page after a cursor; None starts at the beginning."""

    cursor: str | None = None
    limit: int = Field(default=PAGE_LINES, ge=1, le=PAGE_LINES)


class PullAnswer(WireMessage):
    """Lines in commit order, buckets newly granted (to be fetched) and withdrawn (to be forgotten), the next cursor."""

    lines: list[WireLine]
    granted: list[str] = []
    dropped: list[str] = []
    cursor: str
    more: bool
    time: int


class FetchRequest(WireMessage):
    """Whole buckets, paged by line id within the sorted list of buckets."""

    buckets: list[str] = Field(max_length=MAX_FETCH_BUCKETS)
    after: str | None = None
    limit: int = Field(default=PAGE_LINES, ge=1, le=PAGE_LINES)


class FetchAnswer(WireMessage):
    """Current lines of the buckets; ``after`` continues, None ends."""

    lines: list[WireLine]
    after: str | None


class VerifyRequest(WireMessage):
    """Sums to compare at ``cursor``: by group first (two hex digits), then by bucket within the groups that differ."""

    cursor: str | None
    groups: dict[str, WireChecksum] | None = None
    buckets: dict[str, WireChecksum] | None = None
    within: list[str] = []


class VerifyAnswer(WireMessage):
    """Names of the groups or buckets whose sums differ, or that only one side has. ``news``: pull first. ``dropped``:
    those of the asked buckets that the central has, but not for this account; they are to be forgotten."""

    news: bool
    differ: list[str]
    dropped: list[str] = []


class RenewRequest(WireMessage):
    """A copied or restored store asks to be a device of its own."""

    device: DeviceName


class RenewAnswer(WireMessage):
    """The new device's token."""

    token: str


class Central(Protocol):
    """The central as a device sees it. ``sync/transport/client.py`` speaks HTTP; a test may pass another."""

    async def hello(self, request: HelloRequest) -> HelloAnswer:
        """Say where we stand; the whole of a round when nothing happened."""
        ...

    async def push(self, lines: list[bytes]) -> PushAnswer:
        """Send canonical lines; every one gets an outcome."""
        ...

    async def pull(self, request: PullRequest) -> PullAnswer:
        """Fetch the page after a cursor."""
        ...

    async def fetch(self, request: FetchRequest) -> FetchAnswer:
        """Fetch whole buckets."""
        ...

    async def verify(self, request: VerifyRequest) -> VerifyAnswer:
        """Compare sums."""
        ...

    async def renew(self, request: RenewRequest) -> RenewAnswer:
        """Become a device of its own."""
        ...
