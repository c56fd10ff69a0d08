"""push: a device's unsent lines, in its order; every one gets an outcome (applied, superseded, rejected).

Device half: `push`. Sending a line twice changes nothing, so a batch whose answer was lost is simply sent again.
Central half: `answer_push`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator

from store.ledger.line import Line
from store.writer.sync_writes import Acknowledged, Unsent
from sync.device.device import Device, readable
from sync.exceptions import NotTheCentral
from sync.protocol import PAGE_BYTES, PAGE_LINES, Central, PushAnswer
from sync.round_stats import Tally
from sync.steps.prefetch import call_off


async def push(device: Device, central: Central, tally: Tally) -> None:
    """Send the outbox in batches. A line refused for its clock is stamped anew and sent once more."""
    tally.at("push", to_send=(await device.waiting()).get("pending", 0))
    async with contextlib.aclosing(_answers(device, central)) as answers:
        async for batch, answer in answers:
            took = await device.do(_take_in, device, batch, answer)
            tally.moved = True
            tally.pushed += took.applied
            tally.superseded += took.superseded
            tally.rejected += took.rejected
            tally.went(sent=len(batch) - took.ahead)
            if took.ahead and not tally.healed_again:
                tally.healed_again = True
                tally.offset_ms = answer.time - device.wall()
                await device.do(device.exchange.heal, tally.offset_ms)


async def _answers(device: Device, central: Central) -> AsyncGenerator[tuple[list[Unsent], PushAnswer], None]:
    """Each batch of the outbox with its answer. The next one is on its way while an answer is taken in; what is queued
    meanwhile (lines stamped anew, edits) has a later place and comes along."""
    batch = await _batch(device, 0)
    sending = _send(central, batch)
    try:
        while batch:
            following = await _batch(device, batch[-1].n)
            answer = await sending
            sending = _send(central, following)
            yield batch, answer
            if not following:
                following = await _batch(device, batch[-1].n)
                sending = _send(central, following)
            batch = following
    finally:
        await call_off(sending)


async def _batch(device: Device, after: int) -> list[Unsent]:
    return await device.do(device.exchange.unsent, PAGE_LINES, PAGE_BYTES, after)


def _send(central: Central, batch: list[Unsent]) -> asyncio.Future[PushAnswer]:
    if not batch:
        return asyncio.get_running_loop().create_future()
    return asyncio.ensure_future(central.push([unsent.canonical for unsent in batch]))


def _take_in(device: Device, batch: list[Unsent], answer: PushAnswer) -> Acknowledged:
    if [outcome.id for outcome in answer.outcomes] != [unsent.id for unsent in batch]:
        raise NotTheCentral(central="", detail="it answered other lines than were sent")
    sent = {unsent.id: unsent for unsent in batch}
    took = device.exchange.acknowledge(answer.outcomes, sent, _winners(answer), _losers(answer))
    if took.rejected:
        device.exchange.notify("lines_rejected", {"lines": took.rejected})
    return took


def _winners(answer: PushAnswer) -> list[Line]:
    return readable([outcome.winner for outcome in answer.outcomes if outcome.winner is not None])


def _losers(answer: PushAnswer) -> list[Line]:
    return readable([outcome.loser for outcome in answer.outcomes if outcome.loser is not None])
