"""verify: a round ends by comparing set-digests; where they differ, only the buckets that differ travel again.

Device half: `verify`. Sums of the whole scope ride on hello; sums of 256 groups, then of the buckets within the groups
that differ, narrow a difference down (decision 6). What left the scope unheard, as when a central was set back to an
older copy, is named too, and forgotten. Central half: `answer_verify`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from store.buckets import Sum
from sync.device import Device
from sync.protocol import Central, HelloAnswer, Sums, VerifyAnswer, VerifyRequest
from sync.steps.fetch import fetch, refetch
from sync.steps.hello import hello
from sync.steps.pull import pull
from sync.steps.push import push
from sync.tally import Tally

if TYPE_CHECKING:
    from sync.central.accounts import Caller
    from sync.central.desk import Desk

ATTEMPTS = 4
"""Others may write while we compare; after as many tries the next round goes on."""


async def verify(device: Device, central: Central, tally: Tally, greeting: HelloAnswer | None) -> None:
    """Compare, and put right what differs. ``greeting`` is the hello of this round when nothing moved since."""
    for _ in range(ATTEMPTS):
        tally.at("verify")
        standing = greeting or await hello(device, central, tally)
        greeting = None
        if standing.news:
            await pull(device, central, tally)
            await fetch(device, central, tally)
        elif standing.equal:
            tally.verified, tally.differ = True, ()
            return
        elif not await _put_right(device, central, tally):
            return


async def _put_right(device: Device, central: Central, tally: Tally) -> bool:
    """Find what differs, fetch it, and send what the central lacks. Our own rows are counted afresh first, since it may
    be they that are damaged. Gives False when nothing came of it, as with a line that cannot be read here."""
    recounted = await device.do(device.exchange.recount)
    before = (tally.pulled, tally.pushed, tally.superseded)
    cursor = (await device.meta()).get("cursor") or None
    sums = await device.do(device.exchange.agreed_groups)
    groups = await central.verify(VerifyRequest(cursor=cursor, groups=dict(sums)))
    if groups.news or not groups.differ:
        return True
    sums = await device.do(device.exchange.agreed_buckets, groups.differ)
    buckets = await central.verify(VerifyRequest(cursor=cursor, buckets=dict(sums), within=groups.differ))
    if buckets.news:
        return True
    tally.differ = buckets.differ
    if buckets.dropped:
        await device.do(device.exchange.merge, [], dropped=buckets.dropped)

    async def nothing_new() -> bool:
        return not (await hello(device, central, tally)).news

    if not await refetch(device, central, tally, buckets.differ, sure=nothing_new):
        return True
    await push(device, central, tally)
    return bool(recounted or buckets.dropped) or (tally.pulled, tally.pushed, tally.superseded) != before


# The central half


def answer_verify(desk: Desk, request: VerifyRequest) -> VerifyAnswer:
    """The central half. Before it says that a bucket differs it makes sure that its own sums are right."""
    answer, caller = _compare(desk, request)
    if answer.news or (request.buckets is None and answer.differ):
        return answer
    if request.buckets is None:
        desk.settle(caller)
    elif answer.differ:
        desk.recheck(caller, answer.differ)
        return _compare(desk, request)[0]
    return answer


def _compare(desk: Desk, request: VerifyRequest) -> tuple[VerifyAnswer, Caller]:
    with desk.reading() as view:
        if view.has_news(view.cursor(request.cursor)):
            return VerifyAnswer(news=True, differ=[]), view.caller
        if request.buckets is None:
            return VerifyAnswer(news=False, differ=_differing(request.groups or {}, view.groups())), view.caller
        named = list(request.buckets)
        hidden = view.hidden([name for name, theirs in request.buckets.items() if any(theirs)])
        differ = _differing(request.buckets, view.buckets(request.within, named))
        answer = VerifyAnswer(news=False, differ=[n for n in differ if n not in hidden], dropped=sorted(hidden))
        return answer, view.caller


def _differing(theirs: Mapping[str, Sums], ours: Mapping[str, Sum]) -> list[str]:
    """Names whose sums differ; what one side has not is empty there."""
    names = {*theirs, *ours}
    return sorted(name for name in names if Sum(*theirs.get(name, ())) != ours.get(name, Sum()))
