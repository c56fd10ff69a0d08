"""push on the device: its unsent lines in order; every one gets an outcome (applied, superseded, rejected).

Pushing a line twice changes nothing, so a batch whose answer was lost is sent again. The central's side is
``sync/central/steps/push.py``.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator

from store.ledger.line import Line
from store.writer.sync_writes import OutgoingLine, PushResult
from sync.device.device import Device, parse_lines
from sync.exceptions import NotTheCentral
from sync.protocol import PAGE_BYTES, Central, PushAnswer
from sync.round_stats import RoundStats
from sync.steps.prefetch import cancel_and_wait


async def push(device: Device, central: Central, stats: RoundStats) -> None:
    """Push the outbox in batches. Lines rejected as ``clock_ahead`` get corrected stamps and are pushed once more. A
    central that doubts its own clock takes nothing in, and is not asked to."""
    if stats.central_clock_off_ms is not None:
        return
    stats.begin_step("push", to_send=(await device.outbox_counts()).get("pending", 0))
    async with contextlib.aclosing(_answers(device, central)) as answers:
        async for batch, answer in answers:
            result = await device.run_in_store(_acknowledge, device, batch, answer)
            stats.lines_moved = True
            stats.pushed += result.applied
            stats.superseded += result.superseded
            stats.rejected += result.rejected
            stats.advance(sent=len(batch) - result.clock_ahead)
            if result.clock_ahead and not stats.clock_corrected_again:
                stats.clock_corrected_again = True
                stats.offset_ms = answer.time - device.now_ms()
                await device.run_in_store(device.ledger.correct_clock, stats.offset_ms)


async def _answers(device: Device, central: Central) -> AsyncGenerator[tuple[list[OutgoingLine], PushAnswer], None]:
    """Each batch of the outbox with its answer. The next batch is being sent while an answer is stored; what is queued
    meanwhile (corrected stamps, edits) has a later position and is sent too."""
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
        await cancel_and_wait(sending)


async def _batch(device: Device, after: int) -> list[OutgoingLine]:
    return await device.run_in_store(device.ledger.pending_lines, device.page_lines, PAGE_BYTES, after)


def _send(central: Central, batch: list[OutgoingLine]) -> asyncio.Future[PushAnswer]:
    if not batch:
        return asyncio.get_running_loop().create_future()
    return asyncio.ensure_future(central.push([unsent.canonical for unsent in batch]))


def _acknowledge(device: Device, batch: list[OutgoingLine], answer: PushAnswer) -> PushResult:
    if [outcome.id for outcome in answer.outcomes] != [unsent.id for unsent in batch]:
        raise NotTheCentral(central="", detail="it answered other lines than were sent")
    sent = {unsent.id: unsent for unsent in batch}
    result = device.ledger.acknowledge(answer.outcomes, sent, _winning_lines(answer), _superseded_lines(answer))
    if result.rejected:
        device.ledger.add_notice("lines_rejected", {"lines": result.rejected})
    return result


def _winning_lines(answer: PushAnswer) -> list[Line]:
    return parse_lines([outcome.winner for outcome in answer.outcomes if outcome.winner is not None])


def _superseded_lines(answer: PushAnswer) -> list[Line]:
    return parse_lines([outcome.loser for outcome in answer.outcomes if outcome.loser is not None])
