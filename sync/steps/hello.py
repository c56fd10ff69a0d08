"""hello: where a device stands. When nothing happened on either side, it is the whole round.

Device half: `hello`. Every hello also measures the device's clock and heals what it stamped wrongly (decision 5).
Central half: `answer_hello`, one snapshot.
"""

from __future__ import annotations

import time

from sync.device.device import Device
from sync.exceptions import NotTheCentral
from sync.protocol import Central, HelloAnswer, HelloRequest
from sync.round_stats import Tally

NOISE_MS = 500
"""Offsets that differ by no more than this, or by the time the question took, are one and the same."""
JUMP_MS = 1_000


async def hello(device: Device, central: Central, tally: Tally) -> HelloAnswer:
    """Say where this device stands, and set its clock right by the answer.

    Raises `NotTheCentral` when another central than the one that was joined answers."""
    meta = await device.meta()
    agreed = await device.do(device.exchange.agreed)
    tally.offset_ms = int(meta.get("offset_ms", "0"))
    asked_at, tally.looked_at = device.wall(), time.monotonic()
    request = HelloRequest(device=meta["device"], cursor=meta.get("cursor") or None, agreed=agreed, time=asked_at)
    answer = await central.hello(request)
    if meta.get("central_id", answer.central) != answer.central:
        raise NotTheCentral(central=meta.get("central", ""), detail="another central than the one that was joined")
    if answer.lines is not None:
        tally.at(tally.step, to_receive=max(answer.lines - agreed.lines, 0))
    took_ms = int((time.monotonic() - tally.looked_at) * 1000)
    if abs(device.wall() - asked_at - took_ms) <= JUMP_MS:
        await _heal(device, tally, answer.time - asked_at - took_ms // 2, took_ms)
    return answer


async def _heal(device: Device, tally: Tally, offset_ms: int, took_ms: int) -> None:
    """Take the offset measured at mid-flight, if it says anything new: it is no finer than half the flight."""
    believed_ms, tally.offset_ms = tally.offset_ms, offset_ms
    if abs(offset_ms - believed_ms) > max(NOISE_MS, took_ms):
        await device.do(device.exchange.heal, offset_ms)
    else:
        await device.do(device.exchange.spoke)
