"""exchange on the device: a round in one message and one answer, or in as many as the larger direction has pages.

A message says where the device stands and carries what is unsent; its answer has the outcomes, what others wrote, and
the checksum to compare with. Both are made and applied by the rules of hello, push and pull. What the answer shows to
need more (a central that was set back, a copied home, buckets to fetch, a difference) is left to the calls of protocol
1, and so is everything where the central, or something before it, does not let a message pass. The central's side is
``sync/central/steps/exchange.py``.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from typing import NamedTuple

import orjson
from pydantic import ValidationError

from store.ledger.buckets import SetChecksum
from store.writer.sync_writes import OutgoingLine
from sync.device.device import Device
from sync.exceptions import CentralUnreachable, HomeCopied, NotTheCentral, RequestTooLarge
from sync.protocol import HelloAnswer, PullAnswer, PushAnswer, PushChain
from sync.protocol.calls import Central
from sync.protocol.documents import ExchangeAnswer, ExchangeMessage, MarkedAccountState
from sync.round_stats import RoundStats
from sync.steps.heal import needs_healing
from sync.steps.hello import Arrival, SentHello, arrival_now, check_central, prepare_hello, take_greeting
from sync.steps.intake import known_position, take_intake
from sync.steps.prefetch import cancel_and_wait
from sync.steps.pull import PageSequence, take_page
from sync.steps.push import batch_bytes, begin_chain, ended_chain, next_batch, take_outcomes

_DAY_MS = 86_400_000


class Place(NamedTuple):
    """Where a message goes on: after this position of the outbox and this cursor. ``sends``: it carries lines; a device
    that has not read everything once would get its own back."""

    position: int
    cursor: str | None
    sends: bool


class Trip(NamedTuple):
    """A message, where it goes on, and the lines that it carries."""

    message: ExchangeMessage
    place: Place
    batch: list[OutgoingLine]

    def next_place(self, answer: ExchangeAnswer) -> Place:
        """Where the message after this one goes on: lines that were not taken in are sent again."""
        page = answer.pull
        position = self.batch[-1].n if self.batch and answer.push is not None else self.place.position
        if page is None:
            return self.place._replace(position=position)
        return Place(position, page.cursor, sends=self.place.sends or not page.more)


class SentTrip(NamedTuple):
    """A message on its way, and the lines of the next one; None where its answer decides whether that may carry any."""

    trip: Trip
    answer: asyncio.Future[ExchangeAnswer | None]
    lines_after: list[OutgoingLine] | None


async def exchange(device: Device, central: Central, stats: RoundStats) -> HelloAnswer | None:
    """Exchange messages until nothing is left to send or to receive, and compare. Gives the greeting as it is then;
    None where the round is left to protocol 1: on a day on which the central did not understand a message, it is not
    sent another, unless it says that it was upgraded since. Raises what the calls raise."""
    today = str(device.now_ms() // _DAY_MS)
    sent = await prepare_hello(device, stats)
    if sent.facts.get("exchange_refused", "").partition(" ")[0] == today:
        return None
    trips = RoundExchange(device, stats)
    try:
        greeting = await trips.run(central, sent)
    except (HomeCopied, RequestTooLarge):
        return None
    if trips.is_refused:
        await device.run_in_store(device.ledger.save_facts, exchange_refused=today)
    return greeting


class RoundExchange:
    """The messages and answers of one round. ``is_refused``: the central, or something before it, did not let a message
    pass."""

    def __init__(self, device: Device, stats: RoundStats) -> None:
        self._device = device
        self._stats = stats
        self._chain: PushChain | None = None
        self._intake = ""  # how far the device knows the log of what the central took in
        self.is_refused = False

    async def run(self, central: Central, sent: SentHello) -> HelloAnswer | None:
        """All trips, beginning with what is ``sent`` of the device, and the comparison. Raises what the calls raise."""
        waiting = sent.request.unsent or 0
        self._stats.begin_step("push" if waiting else self._stats.step, to_send=waiting)
        answered = await self._first_answer(central, sent)
        if answered is None:
            return None
        sent, trip, answer = answered
        greeting = await self.apply_first(sent, trip, answer, arrival_now(self._device))
        if self._waits_for_outcomes(trip, answer):
            answer = answer.model_copy(update={"pull": None, "checksum": None})
        if needs_healing(sent.request.epoch, greeting.epoch):
            return greeting
        more = answer.pull is not None and answer.pull.more
        if more or trip.batch or not trip.place.sends:
            async with contextlib.aclosing(self._trips(central, trip.next_place(answer), more=more)) as trips:
                async for trip, answer in trips:
                    await self.apply(trip, answer)
        return await self._compare(greeting, answer)

    async def _first_answer(self, central: Central, sent: SentHello) -> tuple[SentHello, Trip, ExchangeAnswer] | None:
        while True:
            trip = await self.first_message(sent)
            try:
                answer = await self._call(central, trip)
            except CentralUnreachable as error:
                if not self._may_be_shorter(trip, error):
                    raise
                sent = await prepare_hello(self._device, self._stats)
                continue
            return None if answer is None else (sent, trip, answer)

    # Messages

    async def first_message(self, sent: SentHello) -> Trip:
        """The first message of a round: a greeting, and what is unsent."""
        cursor, known = sent.request.cursor, _known_account(sent)
        self._intake = known_position(sent.facts, self._stats)
        trip = await self._message(Place(0, cursor, sends=cursor is not None), None if sent.request.unsent else [])
        repairs = orjson.loads(sent.facts.get("clock_repairs") or "[]")
        said = {
            "hello": sent.request,
            "account": known and known.mark,
            "repaired": repairs[-1][1] if repairs else None,
        }
        return trip._replace(message=trip.message.model_copy(update=said))

    async def _message(self, place: Place, batch: list[OutgoingLine] | None = None) -> Trip:
        """A message that goes on from there, with this ``batch`` if it was read before, else with as many lines as
        fit."""
        limits = self._device.page_limits
        batch = await self._next_lines(place) if batch is None else batch
        if batch and self._chain is None:
            self._chain = await self._device.run_in_store(begin_chain, self._device)
        message = ExchangeMessage(
            cursor=place.cursor,
            first=True if place.cursor is None else None,
            intake=self._intake,
            limit=limits.lines,
            max_bytes=limits.max_bytes,
        )
        return Trip(message.model_copy(update={"chain": self._chain}) if batch else message, place, batch)

    async def _next_lines(self, place: Place) -> list[OutgoingLine]:
        """As many unsent lines from there as fit into a message; none where it may carry none."""
        takes_in = place.sends and self._stats.central_clock_off_ms is None
        return await next_batch(self._device, place.position) if takes_in else []

    async def _are_more_unsent(self, position: int) -> bool:
        """Whether lines after a position of the outbox are unsent, on their way or not."""
        ledger, most = self._device.ledger, self._device.page_limits.max_bytes
        return bool(await self._device.run_in_store(ledger.pending_lines, 1, most, position))

    # Answers

    async def apply_first(self, sent: SentHello, trip: Trip, answer: ExchangeAnswer, arrival: Arrival) -> HelloAnswer:
        """Apply the answer to the first message; gives the greeting. Outcomes come first, since correcting the clock
        gives other stamps to what is unsent."""
        greeting = _greeting(sent, answer)
        check_central(sent, greeting.central)
        page = answer.pull
        if answer.push is not None and page is not None and page.is_empty:  # a clock is no matter for its cursor
            await self.apply(trip, answer)
            page = None
        else:
            await self.apply(trip, answer.model_copy(update={"pull": None}))
        await take_greeting(self._device, self._stats, sent, greeting, arrival)
        if answer.account is not None:
            kept = answer.account.model_dump_json()
            await self._device.run_in_store(self._device.ledger.save_facts, account_state=kept)
        if page is not None and not self._waits_for_outcomes(trip, answer):
            await self.apply(trip, answer.model_copy(update={"push": None}))
        return greeting

    def _waits_for_outcomes(self, trip: Trip, answer: ExchangeAnswer) -> bool:
        """Whether what others wrote is to come again, after this message's lines: the central has not taken them in
        and will. Else an edit that loses here would never reach the central, which keeps what lost."""
        return bool(trip.batch) and answer.push is None and self._stats.central_clock_off_ms is None

    async def apply(self, trip: Trip, answer: ExchangeAnswer) -> bool:
        """Apply outcomes and page. Gives False, and changes nothing, where the device has gone on from the cursor of
        this message already: the answer came twice, or too late."""
        await self._take_intake(trip, answer)
        outcomes, page = answer.push, answer.pull
        if outcomes is None and page is None:
            return True
        cursor = (await self._device.facts()).get("cursor") or None
        if cursor != trip.place.cursor:
            return False
        if outcomes is not None:
            await self._take_outcomes(trip, outcomes, page)
        if page is not None and not (outcomes is not None and page.is_empty):
            if page.lines and not trip.batch:
                self._stats.begin_step("pull")
            await take_page(self._device, self._stats, page)
        return True

    async def _take_intake(self, trip: Trip, answer: ExchangeAnswer) -> None:
        if answer.intake is not None:
            await take_intake(self._device, self._stats, answer.intake, trip.message.intake)
            self._intake = known_position(await self._device.facts(), self._stats)

    async def _take_outcomes(self, trip: Trip, outcomes: PushAnswer, page: PullAnswer | None) -> None:
        """Apply outcomes, and in the same transaction the cursor of a page that brings nothing else. The chain's link
        ends with the last unsent line: until then some may have arrived with a message whose answer has not."""
        facts: dict[str, str] = {}
        if self._chain is not None and trip.batch and not await self._are_more_unsent(trip.batch[-1].n):
            facts, self._chain = ended_chain(self._chain), None
        if page is not None and page.is_empty:
            facts["cursor"] = page.cursor
        await take_outcomes(self._device, self._stats, trip.batch, outcomes, **facts)
        if page is not None and page.is_empty:
            self._stats.pull_due &= page.more

    async def _compare(self, greeting: HelloAnswer, last: ExchangeAnswer) -> HelloAnswer:
        """The greeting after the last answer. Without a checksum there the central has compared, or there is more."""
        if self.is_refused:
            self._stats.lines_moved = True
            return greeting.model_copy(update={"news": True})
        if last.checksum is None:
            return greeting
        own = await self._device.run_in_store(self._device.ledger.total_checksum)
        self._stats.lines_moved = False
        return greeting.model_copy(update={"news": False, "equal": own == SetChecksum(*last.checksum)})

    # Trips

    async def _trips(
        self, central: Central, place: Place, *, more: bool
    ) -> AsyncGenerator[tuple[Trip, ExchangeAnswer], None]:
        """The messages after the first one with their answers. The next is on its way while an answer is applied, and
        the lines of the one after it are read by then."""
        trip, sequence = await self._message(place), PageSequence(place.cursor)
        if not (more or trip.batch):
            return
        sent = await self._send(central, trip)
        try:
            while True:
                trip = sent.trip
                try:
                    answer = await sent.answer
                except CentralUnreachable as error:
                    if not self._may_be_shorter(trip, error):
                        raise
                    sent = await self._send(central, await self._message(trip.place))
                    continue
                if answer is None:
                    return
                page = _checked_page(trip, answer)
                sequence.check(page)
                following = await self._message(trip.next_place(answer), sent.lines_after)
                goes_on = page.more or bool(following.batch)
                if goes_on:
                    sent = await self._send(central, following)
                yield trip, answer
                if not goes_on:
                    following = await self._message(trip.next_place(answer))  # queued meanwhile
                    if not following.batch:
                        return
                    sent = await self._send(central, following)
        finally:
            await cancel_and_wait(sent.answer)

    async def _send(self, central: Central, trip: Trip) -> SentTrip:
        """Let a message leave, and read the lines of the next one while the central works on it."""
        answer = asyncio.ensure_future(self._call(central, trip))
        place = trip.place
        after = place._replace(position=trip.batch[-1].n) if trip.batch else place
        try:
            return SentTrip(trip, answer, await self._next_lines(after) if place.sends else None)
        except BaseException:
            await cancel_and_wait(answer)
            raise

    async def _call(self, central: Central, trip: Trip) -> ExchangeAnswer | None:
        limits, began = self._device.page_limits, self._device.chance.monotonic()
        answer = await central.exchange(trip.message, [line.canonical for line in trip.batch])
        if answer is None:
            self.is_refused = True
            return None
        is_full = len(trip.batch) == limits.lines or 2 * batch_bytes(trip.batch) > limits.max_bytes
        is_full |= answer.pull is not None and answer.pull.more
        limits.record_success(self._device.chance.monotonic() - began, full=is_full)
        return answer

    def _may_be_shorter(self, trip: Trip, error: CentralUnreachable) -> bool:
        """Whether a shorter message, or a shorter answer, should be tried at once."""
        limits = self._device.page_limits
        size = limits.max_bytes if error.arrived or not trip.batch else batch_bytes(trip.batch)
        return limits.record_failure(error, size)


def _known_account(sent: SentHello) -> MarkedAccountState | None:
    with contextlib.suppress(ValidationError):
        return MarkedAccountState.model_validate_json(sent.facts.get("account_state", ""))
    return None


def _greeting(sent: SentHello, answer: ExchangeAnswer) -> HelloAnswer:
    """The whole greeting, of what the answer says and of what the device knows. Raises `NotTheCentral`."""
    account = answer.account or _known_account(sent)
    if answer.hello is None or account is None:
        raise NotTheCentral(central="", detail="its answer has another form")
    return HelloAnswer(**{**account.model_dump(exclude={"mark"}), **answer.hello.model_dump()})


def _checked_page(trip: Trip, answer: ExchangeAnswer) -> PullAnswer:
    """The page of an answer to a message without greeting. Raises `NotTheCentral` without one, or without outcomes."""
    if answer.pull is None or bool(trip.batch) != (answer.push is not None):
        raise NotTheCentral(central="", detail="its answer has another form")
    return answer.pull
