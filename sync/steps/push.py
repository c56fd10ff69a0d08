"""push: a device's unsent lines, in its order; every one gets an outcome (applied, superseded, rejected).

Device half: `push`. Sending a line twice changes nothing, so a batch whose answer was lost is simply sent again.
"""

from __future__ import annotations

from store.exchange import Acknowledged, Unsent
from store.lines import Line
from sync.device import Device, readable
from sync.exceptions import NotTheCentral
from sync.protocol import PAGE_BYTES, PAGE_LINES, Central, PushAnswer
from sync.tally import Tally


async def push(device: Device, central: Central, tally: Tally) -> None:
    """Send the outbox in batches, until it is empty or what is left was just refused to be taken."""
    tried: set[int] = set()
    while batch := await device.do(device.exchange.unsent, PAGE_LINES, PAGE_BYTES):
        digests = {unsent.digest for unsent in batch}
        if digests <= tried:
            break
        tried = digests
        answer = await central.push([unsent.canonical for unsent in batch])
        took = await device.do(_take_in, device, batch, answer)
        tally.moved = True
        tally.pushed += took.applied
        tally.superseded += took.superseded
        if took.ahead and not tally.healed_again:
            tally.healed_again = True
            tally.offset_ms = answer.time - device.wall()
            await device.do(device.exchange.heal, tally.offset_ms)


def _take_in(device: Device, batch: list[Unsent], answer: PushAnswer) -> Acknowledged:
    if [outcome.id for outcome in answer.outcomes] != [unsent.id for unsent in batch]:
        raise NotTheCentral(central="", detail="it answered other lines than were sent")
    sent = {unsent.id: unsent for unsent in batch}
    took = device.exchange.acknowledge(answer.outcomes, sent, _winners(answer))
    if took.rejected:
        device.exchange.notify("lines_rejected", {"lines": took.rejected})
    return took


def _winners(answer: PushAnswer) -> list[Line]:
    return readable([outcome.winner for outcome in answer.outcomes if outcome.winner is not None])
