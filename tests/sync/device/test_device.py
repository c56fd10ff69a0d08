"""The device: parsing pages, its one thread, and recognising a copied store."""

from __future__ import annotations

import asyncio
import logging
import threading
from typing import Any

import orjson
import pytest

from store.ledger.line import canonical_json
from store.values.text import FORBIDDEN
from sync import protocol
from sync.device.device import parse_lines
from tests.sync.laptops import ForwardingCentral, Laptop, project_of, through, visit


def wire(laptop: Laptop, **changes: Any) -> dict[str, Any]:
    """The project's line as it travels, with some of it changed."""
    line: dict[str, Any] = orjson.loads(canonical_json(project_of(laptop)))
    return {**line, **changes}


def test_a_line_that_cannot_be_read_holds_up_no_other(laptop: Laptop, caplog: pytest.LogCaptureFixture) -> None:
    """What is no line at all is left out and logged; the rest is taken, also a line with text that a terminal would act
    on: the ledger keeps it whole and shows nothing of that text (``store/writer/quarantine.py``)."""
    good = wire(laptop)
    bad: list[Any] = [
        {**good, "stamp": -1},
        {**good, "id": "../../etc"},
        {name: value for name, value in good.items() if name != "author"},
        "no line at all",
        {**good, "body": {"name": 2**70}},
    ]
    unclean = [{**good, "body": {"name": name}} for name in ("红\x1b[31m色", "倒\u202e着")]
    with caplog.at_level(logging.WARNING):
        read = parse_lines([*bad, *unclean, good])
    assert [orjson.loads(canonical_json(line)) for line in read] == [*unclean, good]
    assert len(caplog.records) == len(bad)
    with laptop.open() as device:
        device.ledger.merge([line._replace(stamp=line.stamp + 1) for line in read[:1]])
    (stored,) = laptop.rows("SELECT name FROM project UNION ALL SELECT body FROM unknown_line")
    assert not FORBIDDEN.search(stored[0])


@pytest.mark.parametrize("field", [{"rank": 1 << 63}, {"points": 1 << 63}])
def test_a_number_beyond_64_bits_stops_no_round(pair: tuple[Laptop, Laptop], field: dict[str, int]) -> None:
    """A page with a line that an older central let in is taken whole: the other lines are there, the bad one is set
    aside and told, and later rounds go on."""
    first, second = pair
    bad = second.put("criterion", code="A1", name="走访", points=10, rank=1)
    good = visit(second, project_of(second))
    second.sync()

    class Lenient(ForwardingCentral):
        async def pull(self, request: protocol.PullRequest) -> protocol.PullAnswer:
            page = await super().pull(request)
            lines = [{**one, "body": {**bad.body, **field}} if one["id"] == bad.id else one for one in page.lines]
            return page.model_copy(update={"lines": lines})

    through(first, Lenient)
    assert first.lines()[good.id] == good
    assert first.rows("SELECT count(*) FROM quarantine") == [(1,)]
    late = visit(second, project_of(second), "后来")
    second.sync()
    first.sync()
    assert first.lines()[late.id] == late


def test_a_central_that_sends_an_unreadable_line_is_not_called_equal(pair: tuple[Laptop, Laptop]) -> None:
    """A line that came as another than the central's differs in the checksum: the round ends unverified, and does not
    loop; once the line arrives whole, the next round is verified."""
    first, second = pair
    line = visit(second, project_of(second))
    second.sync()

    class Spoiling(ForwardingCentral):
        def spoilt(self, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
            return [{**one, "body": {**one["body"], "text": "\x07"}} if one["id"] == line.id else one for one in lines]

        async def pull(self, request: protocol.PullRequest) -> protocol.PullAnswer:
            page = await super().pull(request)
            return page.model_copy(update={"lines": self.spoilt(page.lines)})

        async def fetch(self, request: protocol.FetchRequest) -> protocol.FetchAnswer:
            page = await super().fetch(request)
            return page.model_copy(update={"lines": self.spoilt(page.lines)})

    result, asked = through(first, Spoiling)
    assert not result.verified
    assert not result.needs_no_attention
    assert first.lines()[line.id] != line
    assert sum(step.startswith("fetch") for step in asked) == 1
    assert first.sync().verified
    assert first.lines()[line.id] == line


def test_all_work_on_the_store_is_done_by_one_thread_in_order(laptop: Laptop) -> None:
    """What is asked of the store is done in the order asked, never on the event loop's thread, and may be awaited
    from many tasks; leaving the device waits for the last of it."""
    done: list[int] = []
    threads: set[int] = set()

    def note(n: int) -> int:
        threads.add(threading.get_ident())
        done.append(n)
        return n

    async def run() -> None:
        with laptop.open() as device:
            assert await asyncio.gather(*(device.run_in_store(note, n) for n in range(50))) == list(range(50))
            assert device.idle
            late = asyncio.ensure_future(device.run_in_store(note, 50))
            await asyncio.sleep(0)
            late.cancel()

    asyncio.run(run())
    assert done[:50] == list(range(50))
    assert threads != {threading.get_ident()}
    assert len(threads) == 1
