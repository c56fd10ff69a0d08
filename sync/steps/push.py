"""push on the device: its unsent lines in order; every one gets an outcome (applied, superseded, rejected).

A line that a gateway or firewall on the way refuses even alone holds up no other: it stays unsent, and the round fails
with the reason at its end. Pushing a line twice changes nothing, so a batch whose answer was lost is sent again. The
central's side is ``sync/central/steps/push.py``.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Mapping
from functools import partial

from store.db.device_facts import read_device_facts
from store.ledger.line import Line
from store.values.plausible_time import is_plausible
from store.writer.late_answers import SentLongAgo
from store.writer.sync_writes import OutgoingLine, PushResult
from sync.device.device import Device, parse_lines
from sync.exceptions import CentralUnreachable, FirewallRefusal, NotTheCentral, RequestTooLarge
from sync.protocol import PushAnswer, PushChain
from sync.protocol.calls import Central
from sync.round_stats import RoundStats
from sync.steps.prefetch import cancel_and_wait
from sync.steps.receipts import receipts_of_push


async def push(device: Device, central: Central, stats: RoundStats) -> None:
    """Push the outbox in batches. Lines rejected as ``clock_ahead`` get corrected stamps and are pushed once more. A
    central that doubts its own clock takes nothing in, and is not asked to."""
    if stats.central_clock_off_ms is not None:
        return
    waiting = (await device.outbox_counts()).get("pending", 0)
    stats.begin_step("push", to_send=waiting)
    chain = await device.run_in_store(begin_chain, device) if waiting else None
    has_arrived = False  # the central knows the chain's link only then
    async with contextlib.aclosing(_answers(device, central, stats, chain)) as answers:
        async for batch, answer in answers:
            await take_outcomes(device, stats, batch, answer)
            has_arrived = True
    if chain is not None and has_arrived:
        await device.run_in_store(partial(device.ledger.save_facts, **ended_chain(chain)))


async def take_outcomes(
    device: Device, stats: RoundStats, batch: list[OutgoingLine], answer: PushAnswer, **facts: str
) -> None:
    """Apply the outcomes of a batch, with these device facts in one transaction, and count them; correct the clock
    where lines were refused for their stamps."""
    result = await device.run_in_store(acknowledge, device, batch, answer, facts)
    count_outcomes(stats, result)
    stats.advance(sent=len(batch) - result.clock_ahead)
    if result.clock_ahead and not stats.clock_corrected_again and is_plausible(answer.time):
        stats.clock_corrected_again = True
        stats.offset_ms = answer.time - device.now_ms()
        await device.run_in_store(device.ledger.correct_clock, stats.offset_ms)


def ended_chain(chain: PushChain) -> dict[str, str]:
    """The device facts of a chain whose link the central knows: the next round's follows it."""
    return {"chain": chain.next, "chain_next": ""}


def count_outcomes(stats: RoundStats, result: PushResult) -> None:
    """Count what became of a batch."""
    stats.lines_moved = True
    stats.pull_due |= result.applied > 0
    stats.pushed += result.applied
    stats.superseded += result.superseded
    stats.rejected += result.rejected


def begin_chain(device: Device) -> PushChain:
    """This round's link of the chain, stored before it is sent: one whose answer was lost is sent again, so that the
    central knows it."""
    facts = read_device_facts(device.ledger.database.connection())
    chain = PushChain(
        prev=facts.get("chain", ""),
        next=facts.get("chain_next") or device.chance.random_bytes(16).hex(),
        alone_until=int(facts["alone_until"]) if facts.get("alone_until") else None,
    )
    if chain.next != facts.get("chain_next"):
        device.ledger.save_facts(chain_next=chain.next)
    return chain


async def _answers(
    device: Device, central: Central, stats: RoundStats, chain: PushChain | None
) -> AsyncGenerator[tuple[list[OutgoingLine], PushAnswer], None]:
    """Each batch of the outbox with its answer. The next batch is being sent while an answer is stored; what is queued
    meanwhile (corrected stamps, edits) has a later position and is sent too. A batch that is too much for the way to
    the central is cut smaller and sent from its first line on."""
    batch = await next_batch(device, 0)
    sending = _send(device, central, batch, chain)
    try:
        while batch:
            following = await next_batch(device, batch[-1].n)
            try:
                answer = await sending
            except CentralUnreachable as error:
                batch = await next_batch(device, _next_position(device, stats, batch, error))
                sending = _send(device, central, batch, chain)
                continue
            sending = _send(device, central, following, chain)
            yield batch, answer
            if not following:
                following = await next_batch(device, batch[-1].n)
                sending = _send(device, central, following, chain)
            batch = following
    finally:
        await cancel_and_wait(sending)


def _next_position(device: Device, stats: RoundStats, batch: list[OutgoingLine], error: CentralUnreachable) -> int:
    """After which position the next batch begins, once this one did not pass: at its own first line if a smaller one
    may pass, else after it if it is a single line that something on the way refuses. Raises the error otherwise."""
    is_single = len(batch) == 1
    if not is_single and device.page_limits.record_failure(error, batch_bytes(batch)):
        return batch[0].n - 1
    if not is_single or not isinstance(error, RequestTooLarge | FirewallRefusal):
        raise error
    stats.note_blocked(error)
    device.page_limits.forget_refusals()
    return batch[0].n


def batch_bytes(batch: list[OutgoingLine]) -> int:
    """The bytes of the lines of a batch."""
    return sum(len(unsent.canonical) for unsent in batch)


async def next_batch(device: Device, after: int) -> list[OutgoingLine]:
    """The unsent lines after a position, as many as one message may carry."""
    limits = device.page_limits
    return await device.run_in_store(device.ledger.pending_lines, limits.lines, limits.max_bytes, after)


def _send(
    device: Device, central: Central, batch: list[OutgoingLine], chain: PushChain | None
) -> asyncio.Future[PushAnswer]:
    if not batch:
        return asyncio.get_running_loop().create_future()
    return asyncio.ensure_future(_push_batch(device, central, batch, chain))


async def _push_batch(
    device: Device, central: Central, batch: list[OutgoingLine], chain: PushChain | None
) -> PushAnswer:
    limits, began = device.page_limits, device.chance.monotonic()
    is_full = len(batch) == limits.lines or 2 * batch_bytes(batch) > limits.max_bytes
    answer = await central.push([unsent.canonical for unsent in batch], chain)
    limits.record_success(device.chance.monotonic() - began, full=is_full)
    return answer


def acknowledge(
    device: Device, batch: list[OutgoingLine], answer: PushAnswer, facts: Mapping[str, str], *, late: bool = False
) -> PushResult:
    """Apply the outcomes of a batch, and save these device facts with them; ``late``: they may be older than what
    is known since. Raises `NotTheCentral` where they are not those of its lines."""
    if [outcome.id for outcome in answer.outcomes] != [unsent.id for unsent in batch]:
        raise NotTheCentral(central="", detail="it answered other lines than were sent")
    sent = {unsent.id: unsent for unsent in batch}
    winners, superseded = _winning_lines(answer), _superseded_lines(answer)
    known = {line.id: line for line in _known_lines(answer)}
    if any(line.id not in sent for line in (*winners, *superseded, *known.values())):
        raise NotTheCentral(central="", detail="it sent lines that were not asked for")
    receipts = receipts_of_push(answer, [unsent.digest for unsent in batch])
    lost = frozenset((outcome.id, sent[outcome.id].stamp) for outcome in answer.outcomes if outcome.unseen)
    result = device.ledger.acknowledge(
        answer.outcomes, SentLongAgo(sent) if late else sent, winners, superseded, receipts, known, lost, facts
    )
    if result.rejected:
        device.ledger.add_notice("lines_rejected", {"lines": result.rejected})
    return result


def _winning_lines(answer: PushAnswer) -> list[Line]:
    winners = [outcome.winner for outcome in answer.outcomes if outcome.outcome != "rejected"]
    return parse_lines([winner for winner in winners if winner is not None])


def _known_lines(answer: PushAnswer) -> list[Line]:
    """What the central has in place of lines that are not this person's to write."""
    known = [outcome.winner for outcome in answer.outcomes if outcome.outcome == "rejected" and outcome.code == "known"]
    return parse_lines([line for line in known if line is not None])


def _superseded_lines(answer: PushAnswer) -> list[Line]:
    return parse_lines([outcome.loser for outcome in answer.outcomes if outcome.loser is not None])
