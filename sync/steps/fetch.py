"""fetch: whole buckets, for what was newly granted and for what was found to differ.

Device half: `fetch` and `refetch`. Buckets come one after another, each whole; a bucket is put right as soon as it has
come, in one transaction, so that memory is that of a page and a bucket, however much differs.
Central half: `answer_fetch`.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import orjson

from store.kinds import bucket_of
from store.lines import Line
from sync.device import Device, readable
from sync.exceptions import NotTheCentral
from sync.protocol import BUCKETS_A_FETCH, PAGE_BYTES, Central, FetchRequest
from sync.tally import Tally

if TYPE_CHECKING:
    from sync.central.desk import Desk


async def fetch(device: Device, central: Central, tally: Tally) -> None:
    """Fetch what was granted and not yet fetched, also by rounds before this one."""
    await refetch(device, central, tally, await device.do(device.exchange.fills))


async def refetch(device: Device, central: Central, tally: Tally, buckets: list[str]) -> None:
    """Make these buckets agree with the central's; what it lacks is queued to be sent."""
    wanted = sorted(set(buckets))
    for start in range(0, len(wanted), BUCKETS_A_FETCH):
        await _refetch(device, central, tally, wanted[start : start + BUCKETS_A_FETCH])


async def _refetch(device: Device, central: Central, tally: Tally, buckets: list[str]) -> None:
    left, after = buckets, None
    arrived: dict[str, list[Line]] = defaultdict(list)
    while left:
        tally.moved = True
        page = await central.fetch(FetchRequest(buckets=buckets, after=after))
        last = _sort_in(arrived, readable(page.lines), left)
        whole = left if page.after is None else [bucket for bucket in left if bucket < last]
        if page.after == after and after is not None:
            raise NotTheCentral(central="", detail="its pages lead nowhere")
        tally.pulled += await device.do(_put_right, device, {bucket: arrived.pop(bucket, []) for bucket in whole})
        left, after = left[len(whole) :], page.after


def _sort_in(arrived: dict[str, list[Line]], lines: list[Line], left: list[str]) -> str:
    """Add lines to their buckets; gives the bucket that the last of them is in. Raises `NotTheCentral` for a line that
    was not asked for."""
    allowed, bucket = set(left), ""
    for line in lines:
        bucket = bucket_of(line)
        if bucket not in allowed:
            raise NotTheCentral(central="", detail="it sent lines that were not asked for")
        arrived[bucket].append(line)
    return bucket


def _put_right(device: Device, whole: dict[str, list[Line]]) -> int:
    if not whole:
        return 0
    differed = device.exchange.repair(list(whole), [line for lines in whole.values() for line in lines])
    device.exchange.filled(list(whole))
    return differed


# The central half


def answer_fetch(desk: Desk, request: FetchRequest) -> bytes:
    """The central half: the current lines of the buckets in scope; of others nothing, as if they were empty."""
    with desk.reading() as view:
        page, after = view.lines_in(request.buckets, request.after, request.limit, PAGE_BYTES)
    return orjson.dumps({"lines": [orjson.Fragment(wire) for wire in page.wires], "after": after})
