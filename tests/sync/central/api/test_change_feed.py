"""The change feed: a hint when something in scope changed, to the accounts concerned and to nobody else."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from queue import Empty, Queue

import httpx
import pytest
from sqlalchemy import update

from store.ledger.hlc import system_clock_ms
from store.values.times import district_time
from sync.central.accounts.authentication import authenticate
from sync.central.admin import admin
from sync.central.admin.setup import open_database
from sync.central.api.change_feed import HINT, ChangeFeed
from sync.central.db.tables import DEVICE
from sync.central.reads.cursor import Cursor
from sync.central.reads.news import Listener, who_has_news
from sync.central.reads.snapshot import ScopedReads
from tests.sync.central.ledger import issue, project, step, unit, visit
from tests.sync.central.test_statements import Bench, counted
from tests.sync.central_fixture import DISTRICT, Central, Laptop, running_central

PATIENCE, SILENCE = 20.0, 2.0
END = "(end)"


@contextlib.contextmanager
def listening(laptop: Laptop) -> Iterator[Queue[str]]:
    """The lines of a device's stream as they come, empty ones left out; `END` when the central ends it."""
    heard: Queue[str] = Queue()
    with laptop.client.stream("GET", "/v1/live", timeout=None) as response:
        assert response.headers["content-type"].startswith("text/event-stream")

        def hear() -> None:
            with contextlib.suppress(httpx.TransportError):  # the test has left the block before the stream ended
                for line in filter(None, response.iter_lines()):
                    heard.put(line)
                heard.put(END)

        thread = threading.Thread(target=hear, daemon=True)
        thread.start()
        assert heard.get(timeout=PATIENCE) == ": here"
        yield heard


def expect_hint(heard: Queue[str]) -> None:
    """A hint comes."""
    assert heard.get(timeout=PATIENCE) == "event: hint"
    assert heard.get(timeout=PATIENCE) == "data: {}"


def expect_silence(heard: Queue[str]) -> None:
    """No hint arrives, though the central has polled several times."""
    with pytest.raises(Empty):
        heard.get(timeout=SILENCE)


def test_a_hint_comes_to_whom_it_concerns(central: Central) -> None:
    """A line in scope brings a hint; a line out of scope and the device's own do not."""
    boss = central.enrol("局长")
    one, two = project(boss, "一"), project(boss, "二")
    boss.push([one, two])
    butler = central.enrol("甲", "butler", projects=[one.id])
    with listening(butler) as heard:
        boss.push([visit(boss, two.id)])
        butler.push([visit(butler, one.id)])
        expect_silence(heard)
        boss.push([visit(boss, one.id)])
        expect_hint(heard)
        expect_silence(heard)


def test_a_grant_rings_and_a_revocation_ends_the_stream(central: Central) -> None:
    """A change of scope is a hint; a revoked device's stream ends by itself."""
    boss = central.enrol("局长")
    one = project(boss, "一")
    boss.push([one])
    butler = central.enrol("甲", "butler")
    with listening(butler) as heard:
        admin.grant(central.data_dir, "甲", "butler", projects=["一"])
        expect_hint(heard)
        admin.revoke(central.data_dir, butler.device)
        assert heard.get(timeout=PATIENCE) == ": here"
        assert heard.get(timeout=PATIENCE) == END


def test_all_listeners_are_judged_at_once_as_each_would_be_alone(central: Central) -> None:
    """For every role and from every number on, the answer for all listeners together is that which each gets by its own
    request; and it takes as many statements for two as for all."""
    boss = central.enrol("局长")
    one, two, office = project(boss, "一"), project(boss, "二"), unit(boss)
    boss.push([one, two, office])
    butler = central.enrol("甲", "butler", projects=[one.id])
    listening_ones = [
        boss, butler, central.enrol("乙", "butler", projects=[two.id]), central.enrol("丙", "auditor"),
        central.enrol("丁", "department", department=office.id), central.enrol("戊", "principal_leader"),
    ]  # fmt: skip
    raised = issue(butler, one.id)
    butler.push([raised, visit(butler, one.id)])
    boss.push([visit(boss, two.id), step(boss, raised, "assigned", department_id=office.id)])
    database = open_database(central.data_dir)
    with database.read() as connection:
        callers = [authenticate(connection, laptop.token) for laptop in listening_ones]
        for seq in range(callers[0].seq + 1):
            alone = [ScopedReads(connection, caller).has_news(Cursor(seq, seq)) for caller in callers]
            listeners = [Listener(caller.account, caller.device, seq) for caller in callers]
            assert who_has_news(connection, DISTRICT, listeners) == alone
        with counted(database) as of_two:
            who_has_news(connection, DISTRICT, [Listener(c.account, c.device, 0) for c in callers[:2]])
        with counted(database) as of_all:
            who_has_news(connection, DISTRICT, [Listener(c.account, c.device, 0) for c in callers * 50])
    assert len(of_two) == len(of_all) == 4
    database.close()


def test_midnight_rings(tmp_path: Path) -> None:
    """A role that ends at midnight and one that begins then are hints to whom they concern, though nobody writes or
    asks: a device that stays connected loses and gains its scope at once."""
    later = [0]
    with running_central(tmp_path, wall=lambda: system_clock_ms() + later[0]) as central:
        boss = central.enrol("局长")
        one = project(boss, "一")
        old, new = central.enrol("甲", "butler"), central.enrol("乙", "butler")
        today = district_time(system_clock_ms()).date()
        days = [(today + timedelta(days=n)).isoformat() for n in (0, 1)]
        boss.push([
            one, boss.line("assignment", {"role": "butler", "person_id": old.person, "to_date": days[0]}, one.id),
            boss.line("assignment", {"role": "butler", "person_id": new.person, "from_date": days[1]}, one.id),
        ])  # fmt: skip
        old.pull_all(), new.pull_all()
        with listening(old) as losing, listening(new) as gaining:
            later[0] = 86_400_000
            expect_hint(losing)
            expect_hint(gaining)
        assert f"h:{one.id}" in old.pull()["dropped"] and f"h:{one.id}" in new.pull()["granted"]


def test_a_replaced_token_holds_up_no_day_and_rings_no_alarm(tmp_path: Path) -> None:
    """A stream whose token was replaced meanwhile ends; the day of its district begins all the same, in nobody's name,
    so nobody is told that a copy of a home was seen."""
    begun: list[str] = []
    bench = Bench(tmp_path, None)

    async def listen() -> list[bytes]:
        feed = ChangeFeed(bench.database, system_clock_ms, begun.append)
        heard = feed.stream(feed.subscribe(bench.context.token))
        first = await anext(heard)
        with bench.database.write() as connection:
            connection.execute(update(DEVICE).values(former_hash=DEVICE.c.token_hash, token_hash="another"))
        return [first, *[event async for event in heard]]

    assert HINT not in asyncio.run(listen())
    assert begun == [DISTRICT]
    assert "token_refused" not in {entry["action"] for entry in admin.audit_page(bench.data_dir)}
    bench.database.close()
