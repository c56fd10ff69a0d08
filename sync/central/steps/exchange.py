"""exchange at the central: one answer to one message, made of hello, push and pull (``sync/protocol/documents.py``).

A pure function of the message and of what is stored: the same message again, earlier or later, changes nothing twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import orjson

from sync.central.accounts.authentication import Caller
from sync.central.exceptions import Refusal
from sync.central.reads.cursor import reads_from_the_beginning
from sync.central.reads.intake import position_of
from sync.central.reads.snapshot import ScopedReads
from sync.central.request import RequestContext
from sync.central.steps.hello import greet
from sync.central.steps.pull import read_page, require_turn
from sync.central.steps.push import take_in
from sync.protocol import AccountState, HelloAnswer, Moment, PullRequest
from sync.protocol.documents import CIPHER, DIGEST, FORMAT, Document, ExchangeMessage

CLOCK_TOLERANCE_MS = 2_000
"""A device whose clock differs by no more from what it says of it, the way of the message included, is believed to know
it. Lines of another one are not taken in before it has corrected their stamps."""


def answer_exchange(context: RequestContext, message: ExchangeMessage, lines: Sequence[object]) -> bytes:
    """The answer of `make_answer`, as JSON. Raises the same."""
    return orjson.dumps(make_answer(context, message, lines))


def make_answer(
    context: RequestContext, message: ExchangeMessage, lines: Sequence[object], *, in_order: bool = True
) -> dict[str, object]:
    """Greet, take in the lines if the device knows clock, epoch and repairs, and give what follows its cursor. A device
    that has to heal this central first gets the greeting alone. ``in_order`` is as in `take_in`. Raises `Refusal` (401,
    409, 422, 426, 503), or `FirstSyncWaits`."""
    if not message.is_readable:
        raise Refusal(422, "unknown_format", f"this central reads format {FORMAT} with {DIGEST} and {CIPHER}")
    if reads_from_the_beginning(message.cursor):
        require_turn(context)  # before anything is read or written for it
    answer: dict[str, object] = Document().model_dump()
    greeting = caller = None
    if message.hello is not None:
        hello = message.hello.model_copy(update={"cursor": message.cursor})
        greeting, caller = greet(context, hello)
        answer |= _brief(greeting, message.account)
        if not _has_healed(hello.epoch, greeting.epoch):
            return answer | _intake_at(context, message, caller)
    if lines and (greeting is None or _knows_clock(context, message, greeting)):
        answer["push"] = take_in(context, lines, message.chain, in_order=in_order)
    if greeting is None or greeting.news or "push" in answer:
        return answer | _page(context, message)
    return answer | _intake_at(context, message, caller)


def _brief(greeting: HelloAnswer, known_mark: str | None) -> dict[str, object]:
    """The greeting, without what the device knows of it."""
    account = greeting.model_dump(include=set(AccountState.model_fields))
    mark = hashlib.blake2b(orjson.dumps(account), digest_size=8).hexdigest()
    moment = greeting.model_dump(include=set(Moment.model_fields), exclude_defaults=True)
    return {"hello": moment} | ({} if mark == known_mark else {"account": {**account, "mark": mark}})


def _has_healed(known: str | None, epoch: str | None) -> bool:
    """Whether a device that knows this epoch has nothing to bring back: it is the present one, or the first."""
    return known == epoch or (known is None and (epoch or "").partition("-")[0] == "1")


def _knows_clock(context: RequestContext, message: ExchangeMessage, greeting: HelloAnswer) -> bool:
    """Whether the stamps of a message with a greeting are by the central's clock, and its repairs applied to them."""
    hello = message.hello
    if greeting.clock_doubtful or hello is None or hello.offset_ms is None:
        return False
    repaired = greeting.repairs[-1].last if greeting.repairs else None
    off_ms = context.arrived_ms - hello.time - hello.offset_ms
    return repaired == message.repaired and abs(off_ms) <= CLOCK_TOLERANCE_MS


def _page(context: RequestContext, message: ExchangeMessage) -> dict[str, object]:
    """What follows the cursor, and the checksum there, in one snapshot."""
    request = PullRequest(cursor=message.cursor, limit=message.limit, max_bytes=message.max_bytes)
    with context.read() as reads:
        page = read_page(context, reads, request, may_begin_first_read=bool(message.first))
        checksum = None if page["more"] else tuple(reads.total_checksum())
        return {"pull": page, "checksum": checksum} | _intake(reads, message)


def _intake_at(context: RequestContext, message: ExchangeMessage, caller: Caller | None) -> dict[str, object]:
    """The same, in a snapshot of its own where the one of the ``caller`` shows that there is something to say."""
    if caller is None or message.intake in (None, position_of(caller)):
        return {}
    with context.read() as reads:
        return _intake(reads, message)


def _intake(reads: ScopedReads, message: ExchangeMessage) -> dict[str, object]:
    """The head of the log of what was taken in, what this message brought included, where the device does not know
    it."""
    news = None if message.intake is None else reads.intake.news(message.intake)
    return {} if news is None else {"intake": news.model_dump()}
