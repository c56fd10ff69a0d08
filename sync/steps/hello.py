"""hello: where a device stands. When nothing happened on either side, it is the whole round.

Device half: `hello`. Every hello also measures the device's clock and heals what it stamped wrongly (decision 5).
Central half: `answer_hello`, one snapshot.
"""

from __future__ import annotations

import time

from sync.device.device import Device
from sync.exceptions import NotTheCentral
from sync.protocol import Central, HelloAnswer, HelloRequest
from sync.round_stats import RoundStats

OFFSET_NOISE_MS = 500
"""Offsets that differ by no more than this, or by the time the question took, are one and the same."""
CLOCK_JUMP_MS = 1_000


async def hello(device: Device, central: Central, stats: RoundStats) -> HelloAnswer:
    """Say where this device stands, and set its clock right by the answer.

    Raises `NotTheCentral` when another central than the one that was joined answers."""
    meta = await device.meta()
    agreed = await device.run_in_store(device.exchange.total_checksum)
    stats.offset_ms = int(meta.get("offset_ms", "0"))
    asked_at, stats.compared_at = device.now_ms(), time.monotonic()
    request = HelloRequest(device=meta["device"], cursor=meta.get("cursor") or None, agreed=agreed, time=asked_at)
    answer = await central.hello(request)
    if meta.get("central_id", answer.central) != answer.central:
        raise NotTheCentral(central=meta.get("central", ""), detail="another central than the one that was joined")
    if answer.lines is not None:
        stats.begin_step(stats.step, to_receive=max(answer.lines - agreed.lines, 0))
    took_ms = int((time.monotonic() - stats.compared_at) * 1000)
    if abs(device.now_ms() - asked_at - took_ms) <= CLOCK_JUMP_MS:
        await _correct_clock(device, stats, answer.time - asked_at - took_ms // 2, took_ms)
    return answer


async def _correct_clock(device: Device, stats: RoundStats, offset_ms: int, took_ms: int) -> None:
    """Take the offset measured at mid-flight, if it says anything new: it is no finer than half the flight."""
    believed_ms, stats.offset_ms = stats.offset_ms, offset_ms
    if abs(offset_ms - believed_ms) > max(OFFSET_NOISE_MS, took_ms):
        await device.run_in_store(device.exchange.correct_clock, offset_ms)
    else:
        await device.run_in_store(device.exchange.record_contact)
