"""Protocol 2: a round in one message and one answer. README.md says what an exchange does.

Both are documents: each says its format and names its digest and cipher, and holds all that its reader needs, whichever
way it comes. Their parts are the messages of protocol 1, by the same rules. Next: ``sync/steps/exchange.py`` (the
device), ``sync/central/steps/exchange.py`` (the central).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import orjson
from pydantic import Field

from sync.protocol import (
    PAGE_LINES,
    AccountState,
    Code,
    HelloRequest,
    Moment,
    PullAnswer,
    PushAnswer,
    PushChain,
    Stamp,
    WireLine,
    WireMessage,
)
from sync.protocol.intake import IntakeNews

EXCHANGE = "/v2/exchange"
SPOKEN = 2
"""The newest protocol that this program speaks. Calls of protocol 1 say `sync.protocol.PROTOCOL` as before."""
FORMAT = 2
"""The version of the form of these documents."""
DIGEST = "blake2b-64"
"""What checksums are sums of (``store.ledger.line.digest_of``)."""
CIPHER = "none"
"""How the document itself is encrypted; what carries it may be encrypted besides."""

Sum = Annotated[int, Field(ge=0, lt=1 << 63)]


class Document(WireMessage):
    """Base of message and answer. Who does not know the format, the digest or the cipher reads nothing of it."""

    format: int = FORMAT
    digest: Code = DIGEST
    cipher: Code = CIPHER

    @property
    def is_readable(self) -> bool:
        """Whether this program reads documents of this form."""
        return (self.format, self.digest, self.cipher) == (FORMAT, DIGEST, CIPHER)


class MarkedAccountState(AccountState):
    """What seldom changes of a greeting, and its ``mark``: with that a device says that it has it."""

    mark: Code


class ExchangeMessage(Document):
    """What a device has and wants. ``cursor``: it has all up to there, and wants what follows, at most ``limit`` lines
    and about ``max_bytes``. ``lines`` are unsent ones, in its order, by the link of the ``chain``.

    The first message of a round has a ``hello``, without a cursor of its own, the mark of the ``account`` that the
    device knows, and the last stamp of the latest repair that it knows (``repaired``). A device whose clock, epoch or
    repairs are not the central's gets no outcomes: it corrects itself by the answer and sends the lines again, in a
    message without ``hello``, which is judged as a push is.

    ``first``: a device that has read nothing takes what its screens need first, and the newest before the oldest.
    ``intake``: how far it knows the log of what the central took in (``intake.py``), empty where it knows none."""

    hello: HelloRequest | None = None
    account: Code | None = None
    repaired: Stamp | None = None
    cursor: str | None = None
    first: bool | None = None
    intake: str | None = Field(default=None, max_length=100)
    limit: int = Field(default=PAGE_LINES, ge=1, le=PAGE_LINES)
    max_bytes: int | None = Field(default=None, ge=1)
    chain: PushChain | None = None
    lines: list[WireLine] = Field(default=[], max_length=PAGE_LINES)


class ExchangeAnswer(Document):
    """``hello`` is the central's state at this moment, ``account`` the rest of its greeting where the device does not
    know it. ``push`` has an outcome for each line, where they were taken in. ``pull`` has what others wrote after the
    cursor of the message, where there is any of it or lines were taken in; ``checksum`` is that of the whole scope at
    the next cursor, where no more follows. ``intake`` is the head of the log of what was taken in, where the device
    asks and does not know it."""

    hello: Moment | None = None
    account: MarkedAccountState | None = None
    push: PushAnswer | None = None
    pull: PullAnswer | None = None
    checksum: tuple[Sum, Sum, Sum] | None = None
    intake: IntakeNews | None = None


def parse_answer(value: dict[str, object]) -> ExchangeAnswer:
    """The answer in a decoded document, its lines left as they are: the merge checks them one by one. Raises
    `ValueError` for another form."""
    page = value.get("pull")
    lines = page.get("lines") if isinstance(page, dict) else None
    answer = ExchangeAnswer.model_validate({name: part for name, part in value.items() if name != "pull"})
    if not answer.is_readable or (page is not None and not isinstance(lines, list)):
        raise ValueError("not an answer of this form")
    if not isinstance(page, dict):
        return answer
    pull = PullAnswer.model_validate({**page, "lines": []}).model_copy(update={"lines": lines})
    return answer.model_copy(update={"pull": pull})


def encode_message(message: ExchangeMessage, lines: Sequence[bytes]) -> bytes:
    """A message with these canonical lines, as it travels."""
    hello = message.hello and message.hello.model_dump(exclude={"device", "protocol", "cursor"}, exclude_none=True)
    rest = message.model_dump(exclude={"lines", "hello"}, exclude_none=True)
    head = orjson.dumps(rest if hello is None else {**rest, "hello": hello})
    return head.removesuffix(b"}") + b',"lines":[' + b",".join(lines) + b"]}"
