"""heal on the device: bring back to a central that was set back what it gave before and has lost.

A central that was restored from a backup, or whose database was replaced by an older copy, says so by another *epoch*.
The device then sends, before anything else, every version whose receipt it got since that copy was made: current and
past, of all authors, close-out numbers first. So the central knows the numbers that were given before an approval of
this round asks for one. Later, a line that a comparison finds missing there is brought back in the same way
(`send_held`). The central's side is ``sync/central/steps/heal.py``.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence

from store.writer.healing import HealedVersion, HeldLine, HeldVersionRef
from sync.device.device import LOG, Device
from sync.exceptions import CentralUnreachable, FirewallRefusal, NotTheCentral, RequestTooLarge
from sync.protocol import RECEIPT_BYTES, HealAnswer, HealRequest, HelloAnswer
from sync.protocol.calls import Central
from sync.round_stats import RoundStats

MARGIN_MS = 86_400_000
"""Versions from so long before the copy are sent too: the times of device and central are not the same."""


async def heal(device: Device, central: Central, stats: RoundStats, greeting: HelloAnswer) -> None:
    """Send what the central may have lost, if it was set back since this device healed it. An interrupted healing, or
    one of which a line did not pass, is repeated by the next round, which changes nothing twice."""
    stats.can_heal = greeting.epoch is not None
    if stats.central_clock_off_ms is not None:
        return  # while it doubts its clock, it takes nothing in
    known = (await device.facts()).get("epoch") or None
    if epoch := epoch_due(known, greeting):
        if needs_healing(known, epoch):
            await _heal_epoch(device, central, stats, known, with_current=not greeting.equal)
            stats.lines_moved = True  # compared once more, so that the central learns that this device is equal
        if stats.blocked:
            return
        await device.run_in_store(device.ledger.finish_healing, epoch)
    await send_held(device, central, stats)


def epoch_due(known: str | None, greeting: HelloAnswer) -> str | None:
    """The central's epoch, if it is another one than the ``known`` one, which this device healed last."""
    return greeting.epoch if greeting.epoch != known else None


def needs_healing(known: str | None, epoch: str | None) -> bool:
    """Whether a central in this epoch may lack what a device has that last healed the ``known`` one: not in its
    first."""
    return epoch is not None and epoch != known and (known is not None or epoch.partition("-")[0] != "1")


async def _heal_epoch(
    device: Device, central: Central, stats: RoundStats, known: str | None, *, with_current: bool
) -> None:
    LOG.info("the central was set back: sending what it may have lost")
    _mark, roster = await device.run_in_store(device.ledger.kept_roster)
    answer = await central.heal(HealRequest(epoch=known, roster=roster or None), [])
    since = answer.since - MARGIN_MS
    refs = await device.run_in_store(device.ledger.receipted_since, since, with_current=with_current)
    if await send_versions(device, central, stats, refs):
        await central.heal(HealRequest(epoch=known, done=True), [])


async def send_versions(
    device: Device, central: Central, stats: RoundStats, refs: Sequence[HeldVersionRef], epoch: str | None = None
) -> bool:
    """Send these versions, batch by batch. ``epoch`` is the last that this device has healed. Gives whether all of them
    passed on the way."""
    stats.begin_step("push", to_send=len(refs))
    while refs:
        page = refs[: device.page_limits.lines]
        versions, covered = await device.run_in_store(device.ledger.load_versions, page, device.page_limits.max_bytes)
        try:
            answer = await _send(device, central, versions, epoch)
        except (RequestTooLarge, FirewallRefusal) as error:
            _skip_blocked(device, stats, error, len(versions))
            refs = refs[covered:]
            continue
        if answer is None:
            continue
        stats.lines_moved = True
        stats.advance(sent=covered)
        refused = sum(outcome == "refused" for outcome in answer.outcomes)
        if refused:
            LOG.warning("the central refused %d versions that it is said to have given", refused)
        refs = refs[covered:]
    return not stats.blocked


def _skip_blocked(device: Device, stats: RoundStats, error: CentralUnreachable, count: int) -> None:
    """Go on after a single version that something on the way refuses. Raises the error otherwise."""
    if count != 1:
        raise error
    stats.note_blocked(error)
    device.page_limits.forget_refusals()


async def send_held(device: Device, central: Central, stats: RoundStats) -> None:
    """Bring back the single lines that a comparison has found missing at the central."""
    if stats.central_clock_off_ms is not None:
        return
    held = await device.run_in_store(device.ledger.held_lines, can_heal=stats.can_heal)
    known = (await device.facts()).get("epoch") or None
    while held:
        batch = _bounded(held[: device.page_limits.lines], device.page_limits.max_bytes)
        versions = [HealedVersion(each.line.canonical, each.receipt) for each in batch]
        try:
            answer = await _send(device, central, versions, known)
        except (RequestTooLarge, FirewallRefusal) as error:
            _skip_blocked(device, stats, error, len(versions))
            held = held[len(batch) :]
            continue
        if answer is None:
            continue
        held = held[len(batch) :]
        stats.lines_moved = True
        stats.set_back |= answer.epoch != known
        stats.pushed += await device.run_in_store(device.ledger.settle_held, batch, answer.outcomes)


def _bounded(held: Sequence[HeldLine], max_bytes: int) -> list[HeldLine]:
    """As many of the lines as fit one message."""
    size, batch = 0, list[HeldLine]()
    for each in held:
        size += len(each.line.canonical)
        if batch and size > max_bytes:
            break
        batch.append(each)
    return batch


async def _send(
    device: Device, central: Central, versions: Sequence[HealedVersion], epoch: str | None
) -> HealAnswer | None:
    """The central's answer; None when the message was too much for the way to it, and a smaller one may pass."""
    receipts = b"".join(version.receipt or bytes(RECEIPT_BYTES) for version in versions)
    request = HealRequest(epoch=epoch, receipts=base64.b64encode(receipts).decode())
    try:
        answer = await central.heal(request, [version.canonical for version in versions])
    except CentralUnreachable as error:
        size = sum(len(version.canonical) for version in versions)
        if len(versions) > 1 and device.page_limits.record_failure(error, size):
            return None
        raise
    if len(answer.outcomes) != len(versions):
        raise NotTheCentral(central="", detail="it answered other lines than were sent")
    return answer
