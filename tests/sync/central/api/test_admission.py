"""Admission: who is served, who waits and who is told to come back, counted."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from sync.central.admin.setup import open_database
from sync.central.api.admission import Admission, AdmissionLimits
from sync.central.api.app import create_app
from sync.central.db.database import CentralDatabase, sqlite_url
from sync.central.exceptions import Refusal
from sync.central.request import RequestContext
from sync.central.steps.pull import require_turn
from tests.bench.herd_device import Herd, enrol
from tests.sync.central.ledger import project, visit
from tests.sync.central_fixture import DISTRICT, Laptop, create_central, serving_app

DEVICES, PROJECTS, LINES = 50, 5, 3


def refused(ask: Callable[[], object]) -> int:
    """After how many seconds who asks is told to come back."""
    with pytest.raises(Refusal) as caught:
        ask()
    assert (caught.value.status, caught.value.code) == (503, "busy")
    return caught.value.retry_after or 0


def test_who_finds_no_room_is_told_to_come_back_one_after_the_other() -> None:
    """Of 50 requests 3 are let in; the other 47 come back so many a second, not before a second has passed, and whoever
    is refused later comes later."""
    now = [100.0]
    waiting, done = threading.Event(), Counter[str]()

    async def ask() -> list[int]:
        admission = Admission(AdmissionLimits(requests=3, returns=10), lambda: now[0])

        async def request() -> None:
            with admission.place(None):
                await admission.run(waiting.wait)
            done["served"] += 1

        inside = [asyncio.create_task(request()) for _ in range(3)]
        await asyncio.sleep(0)
        told = [refused(admission.place(None).__enter__) for _ in range(47)]
        waiting.set()
        await asyncio.gather(*inside)
        with admission.place(None):
            return told

    told = asyncio.run(ask())
    assert done == {"served": 3}
    assert told == sorted(told)
    assert Counter(told) == {2: 10, 3: 10, 4: 10, 5: 10, 6: 7}


def test_one_token_takes_no_place_from_others_and_moves_nobodys_time() -> None:
    """A device that sends request after request gets a few places, and of those that wait for first syncs two; however
    often it asks again before its time it is told the same, and who comes after it comes a moment later."""
    now = [100.0]

    async def ask() -> tuple[list[int], int, int]:
        admission = Admission(AdmissionLimits(requests=100, own=3, first_waiting=5, returns=10), lambda: now[0])
        with contextlib.ExitStack() as held:
            for _ in range(3):
                held.enter_context(admission.place("greedy"))
            told = [refused(admission.place("greedy").__enter__) for _ in range(1_000)]
            now[0] += 1
            told.append(refused(admission.place("greedy").__enter__))
            with admission.place("other"):
                other = refused(lambda: [held.enter_context(admission.place("other")) for _ in range(3)])
        with admission.place("greedy"):
            pass
        contexts = [RequestContext(CentralDatabase(sqlite_url(Path("unused"))), name) for name in 9 * ["greedy"]]
        go_on = threading.Event()

        def first_sync(context: RequestContext) -> None:
            require_turn(context)
            go_on.wait()

        for context in contexts:
            context.first_syncs_wait = True
        asked = [asyncio.create_task(admission.answer(context, partial(first_sync, context))) for context in contexts]
        while sum(task.done() for task in asked) < 7:
            await asyncio.sleep(0)
        go_on.set()
        ends = await asyncio.gather(*asked, return_exceptions=True)
        return told, other, [type(end) for end in ends].count(Refusal)

    told, other, first_refused = asyncio.run(ask())
    assert told == [2] * 1_000 + [1]
    assert other == 2
    assert first_refused == 7


def test_first_syncs_are_made_a_few_at_a_time_and_ordinary_rounds_go_ahead(tmp_path: Path) -> None:
    """Of 10 first syncs 2 are at work, 5 wait in their order and 3 are told to come back; an ordinary request that
    comes after all of them is answered before."""
    database = CentralDatabase(sqlite_url(tmp_path / "unused.db"))
    order: list[int | str] = []
    at_work, go_on = threading.Semaphore(0), threading.Semaphore(0)

    def first_sync(n: int, context: RequestContext) -> None:
        require_turn(context)
        order.append(n)
        at_work.release()
        go_on.acquire()

    async def run() -> list[object]:
        admission = Admission(AdmissionLimits(first_pages=2, first_waiting=5))

        async def ask(n: int) -> None:
            context = RequestContext(database, None)
            context.first_syncs_wait = True
            await admission.answer(context, lambda: first_sync(n, context))

        asked = [asyncio.create_task(ask(n)) for n in range(10)]
        while sum(task.done() for task in asked) < 3:
            await asyncio.sleep(0)
        for _ in range(2):
            await asyncio.to_thread(at_work.acquire)
        await admission.answer(RequestContext(database, None), lambda: order.append("ordinary"))
        for _ in range(10):
            go_on.release()
        return await asyncio.gather(*asked, return_exceptions=True)

    ends = asyncio.run(run())
    assert [type(end) for end in ends].count(Refusal) == 3
    assert order[2] == "ordinary"
    assert len(order) == 8
    waited = [each for each in order[3:] if isinstance(each, int)]
    assert len(waited) == 5


def test_who_would_wait_too_long_for_its_turn_is_told_to_come_back() -> None:
    """A device gives up a silent connection, and asks again while its first request still waits: pages would then be
    made for nobody. So who is not served soon is answered, and its place is free again."""
    go_on = threading.Event()

    async def run() -> int:
        admission = Admission(AdmissionLimits(first_pages=1, first_patience_s=0.01))
        contexts = [RequestContext(CentralDatabase(sqlite_url(Path("unused"))), name) for name in "abc"]

        def first_sync(context: RequestContext) -> None:
            require_turn(context)
            go_on.wait()

        for context in contexts:
            context.first_syncs_wait = True
        first, second, later = (partial(admission.answer, each, partial(first_sync, each)) for each in contexts)
        asked = [asyncio.create_task(first()), asyncio.create_task(second())]
        await asyncio.wait(asked, timeout=20, return_when=asyncio.FIRST_COMPLETED)
        go_on.set()
        ends = await asyncio.gather(*asked, return_exceptions=True)
        await later()
        return [type(end) for end in ends].count(Refusal)

    try:
        assert asyncio.run(run()) == 1
    finally:
        go_on.set()


def test_a_herd_that_returns_at_once_agrees_and_nobody_is_shown_an_error(tmp_path: Path) -> None:
    """Fifty laptops sync for the first time, then each with lines of a week, all at once, with a central that takes on
    five at a time: each line arrives once at each of its project's laptops, all agree, and who was refused came back
    by itself."""
    data_dir = tmp_path / "central"
    code = create_central(data_dir)
    limits = AdmissionLimits(requests=15, first_pages=1, first_waiting=5)
    with serving_app(create_app(open_database(data_dir), admission_limits=limits)) as url:
        boss = Laptop(url)
        boss.join(code)
        projects = [project(boss, str(n)) for n in range(PROJECTS)]
        boss.push([*projects, *(visit(boss, each.id) for each in projects)])
        members = enrol(data_dir, DISTRICT, [projects[n % PROJECTS].id for n in range(DEVICES)])

        async def soon(_seconds: float) -> None:
            await asyncio.sleep(0.1)

        async def run() -> Herd:
            herd = Herd(url, members, soon)
            assert all(await herd.rounds())
            first_pulled, first_refused = herd.pulled, herd.statuses[503]
            assert (
                first_pulled == DEVICES * 3
            )  # its project, the visit there, and what made the officer of the bureau one
            assert first_refused > 0
            for device in herd.devices:
                device.write(LINES)
            assert all(await herd.rounds())
            assert all(await herd.rounds())
            assert herd.pulled - first_pulled == DEVICES * (DEVICES // PROJECTS - 1) * LINES
            assert herd.statuses[503] > first_refused
            await herd.close()
            return herd

        herd = asyncio.run(run())
    assert herd.statuses[200] == herd.statuses.total() - herd.statuses[503]
    assert 3 * DEVICES <= herd.statuses[200] < 4 * DEVICES  # a greeting that comes late is followed by another message
    assert len({(device.member.project, device.total) for device in herd.devices}) == PROJECTS
