"""A device waits for a central that has too much to do, as long as it was told to, and then goes on."""

from __future__ import annotations

import asyncio

import orjson
import pytest

from sync import protocol
from sync.exceptions import CentralBusy
from sync.transport.busy import BusyWait, CentralLoaded
from sync.transport.client import HttpCentral, Timeouts
from tests.sync.servers import ReceivedRequest, answer, answering_with, serving

BUSY = answer(503, b'{"code": "busy", "detail": ""}', retry_after="1")
AWAY = answer(503, b'{"code": "unavailable", "detail": ""}', retry_after="1")
TOKEN = "d.e.f"
PAGE = {"lines": [], "cursor": "c", "more": False, "time": 1_700_000_000_000}


def test_a_device_waits_as_long_as_it_was_told_and_a_little_longer_by_chance() -> None:
    """The wait is what the central said and up to a tenth more, a second at least; what would be too long in all is
    the round's end, without another wait. Whoever watches the round is told of each wait and of its end."""
    waits: list[float] = []
    told: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    async def run() -> None:
        patience = BusyWait(60, sleep, lambda low, high: high, told.append)
        await patience.wait(CentralLoaded(central="", retry_after=2))
        await patience.wait(CentralLoaded(central="", retry_after=50))
        with pytest.raises(CentralLoaded):
            await patience.wait(CentralLoaded(central="", retry_after=2))

    asyncio.run(run())
    assert waits == [3.0, 55.0]
    assert told == [3.0, 0, 55.0, 0]


@pytest.mark.parametrize(("patience_s", "requests"), [(10.0, 2), (0.5, 1)])
def test_a_call_is_sent_again_when_the_central_said(patience_s: float, requests: int) -> None:
    """A pull that finds the central busy is sent again by itself, while its patience lasts."""
    asked: list[ReceivedRequest] = []

    async def run() -> None:
        answering = answering_with(BUSY, answer(200, orjson.dumps(PAGE)), asked=asked)
        async with serving(answering) as address, HttpCentral(address, TOKEN, timeouts=Timeouts(busy=patience_s)) as it:
            await it.pull(protocol.PullRequest(cursor=None))

    if requests == 1:
        with pytest.raises(CentralLoaded):
            asyncio.run(run())
    else:
        asyncio.run(run())
    assert len(asked) == requests


@pytest.mark.parametrize("said", [BUSY, AWAY])
def test_what_says_the_time_is_not_sent_again_as_it_is(said: bytes) -> None:
    """A greeting tells the time at which it leaves, so it is never kept and sent later; and a database that is away is
    told at once."""
    asked: list[ReceivedRequest] = []

    async def run() -> None:
        async with serving(answering_with(said, asked=asked)) as address, HttpCentral(address, TOKEN) as central:
            await central.hello(protocol.HelloRequest(agreed=(0, 0, 0), time=1))

    with pytest.raises(CentralBusy):
        asyncio.run(run())
    assert len(asked) == 1
