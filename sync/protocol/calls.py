"""The central as a device calls it: one method a call. The messages are in ``protocol.py`` and ``documents.py``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from pydantic import BaseModel

from sync.protocol import (
    FetchAnswer,
    FetchRequest,
    HealAnswer,
    HealRequest,
    HelloAnswer,
    HelloRequest,
    PullAnswer,
    PullRequest,
    PushAnswer,
    PushChain,
    RenewAnswer,
    RenewRequest,
    ReturnAnswer,
    ReturnRequest,
    RosterAnswer,
    VerifyAnswer,
    VerifyRequest,
)
from sync.protocol.blobs import BlobPutAnswer, BlobReadRequest, BlobSendHead
from sync.protocol.documents import ExchangeAnswer, ExchangeMessage

AnswerT = TypeVar("AnswerT", bound=BaseModel)
REQUEST_ID = "x-request-id"
"""The header with a device's own id of a request, which both logs name. It tells nothing of device or person."""


class BucketSource(Protocol):
    """What gives whole buckets: a central, or an answer that has them."""

    async def fetch(self, request: FetchRequest) -> FetchAnswer:
        """Fetch whole buckets."""
        ...


class Central(Protocol):
    """The central as a device calls it. ``sync/transport/client.py`` does so over HTTP; tests may pass another."""

    async def hello(self, request: HelloRequest) -> HelloAnswer:
        """Send the device's state; the whole of a round when nothing happened."""
        ...

    async def exchange(self, message: ExchangeMessage, lines: list[bytes]) -> ExchangeAnswer | None:
        """Send a message of protocol 2 with these canonical lines; None where it does not reach a central that speaks
        it."""
        ...

    async def push(self, lines: list[bytes], chain: PushChain | None = None) -> PushAnswer:
        """Send canonical lines; every one gets an outcome."""
        ...

    async def pull(self, request: PullRequest) -> PullAnswer:
        """Fetch the page after a cursor."""
        ...

    async def fetch(self, request: FetchRequest) -> FetchAnswer:
        """Fetch whole buckets."""
        ...

    async def verify(self, request: VerifyRequest) -> VerifyAnswer:
        """Compare checksums."""
        ...

    async def heal(self, request: HealRequest, lines: list[bytes]) -> HealAnswer:
        """Send canonical versions that a central which was set back may lack."""
        ...

    async def roster(self) -> RosterAnswer:
        """Get what the device keeps for a central that is set back."""
        ...

    async def come_back(self, request: ReturnRequest) -> ReturnAnswer:
        """Show what the device keeps to a central that does not know it any more."""
        ...

    async def renew(self, request: RenewRequest) -> RenewAnswer:
        """Enrol a copied store as a device of its own."""
        ...

    async def rotate(self, keep: Callable[[str], Awaitable[None]]) -> None:
        """Get another token, have it kept, and use it from then on."""
        ...

    async def send_bytes(self, head: BlobSendHead, content: bytes) -> BlobPutAnswer:
        """Send parts of bytes as they are."""
        ...

    async def read_bytes(self, request: BlobReadRequest, received: bytearray) -> None:
        """Read parts of bytes as they are, after eight bytes that say how many there are in all; nothing where the
        central has none for this device. What came before a failure is in ``received``, too."""
        ...

    async def ask(self, path: str, request: BaseModel, model: type[AnswerT]) -> AnswerT:
        """A call whose messages are in a module of their own."""
        ...
