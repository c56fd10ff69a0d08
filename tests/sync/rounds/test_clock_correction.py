"""Damaged rows on either side, wrong checksums and wrong clocks are repaired."""

from __future__ import annotations

import asyncio

import pytest

from store.ledger.hlc import ms_from_hlc, system_clock_ms
from store.ledger.line import Line
from sync import protocol
from sync.central.admin import admin
from tests.sync.central_fixture import Central
from tests.sync.laptops import ForwardingCentral, Laptop, agree, project_of, through, visit

YEAR_MS = 365 * 86_400_000


# Damage


def test_a_row_damaged_on_the_laptop_is_fetched_again_with_its_bucket_alone(pair: tuple[Laptop, Laptop]) -> None:
    """A row changed outside the program is found by recomputing checksums, and only its bucket is fetched."""
    first, second = pair
    shared = project_of(first)
    line = visit(first, shared)
    agree(first, second)
    with first.open() as device, device.ledger.database.write() as connection:
        connection.execute("UPDATE visit SET text = '被改坏了' WHERE id = ?", (line.id,))
    assert first.lines()[line.id] != line
    with first.open() as device:
        assert device.ledger.recompute_checksums() == [f"p:{shared.id}"]
    result, asked = through(first)
    assert result.verified
    assert [step for step in asked if step.startswith("fetch")] == [f"fetch p:{shared.id}"]
    assert first.lines()[line.id] == line
    agree(first, second)


def test_a_row_lost_on_the_laptop_comes_back(pair: tuple[Laptop, Laptop]) -> None:
    """A deleted row makes the checksums differ, and is fetched again."""
    first, second = pair
    line = visit(first, project_of(first))
    agree(first, second)
    with first.open() as device, device.ledger.database.write() as connection:
        connection.execute("DELETE FROM visit WHERE id = ?", (line.id,))
    with first.open() as device:
        device.ledger.recompute_checksums()
    assert first.sync().verified
    assert first.lines()[line.id] == line


def test_a_row_damaged_at_the_central_is_sent_again(pair: tuple[Laptop, Laptop], at: Central) -> None:
    """A line whose text was changed in the central's database is quarantined there, and a laptop that has it sends it
    again."""
    first, second = pair
    line = visit(first, project_of(first))
    agree(first, second)
    damage_central(at, line)
    admin.check_integrity(at.data_dir)
    results = [through(first)[0] for _ in range(2)]
    assert results[-1].verified
    agree(first, second)
    assert second.lines()[line.id] == line
    assert admin.stats(at.data_dir)["damaged"] == 0


def damage_central(at: Central, line: Line) -> None:
    """Change a line's stored text outside the central."""
    from sqlalchemy import text  # noqa: PLC0415

    from sync.central.admin.setup import open_database  # noqa: PLC0415

    database = open_database(at.data_dir)
    with database.engine.begin() as connection:
        wire = connection.execute(text("SELECT wire FROM line WHERE id = :id"), {"id": line.id}).scalar_one()
        damaged = wire.replace("看了现场", "没看现场")
        assert damaged != wire
        connection.execute(text("UPDATE line SET wire = :wire WHERE id = :id"), {"wire": damaged, "id": line.id})
    database.close()


# Clocks


@pytest.mark.soak(turns=3)
@pytest.mark.parametrize("offset_ms", [5 * YEAR_MS, -27 * YEAR_MS, 10 * 60_000])
def test_a_wrong_clock_is_healed_and_nobody_wins_forever(pair: tuple[Laptop, Laptop], offset_ms: int) -> None:
    """A laptop whose clock is years off writes offline; its round corrects the stamps and adds a notice; the other
    laptop's later edit wins, and then its own."""
    first, second = pair
    first.clock(offset_ms)
    shared = project_of(first)
    with first.open() as device:
        earlier = device.ledger.edit("project", shared.id, name="钟错时改的")
        steps = [visit(first, shared, f"第{n}次").id for n in range(3)]
    result = first.sync()
    assert result.rejected == result.pending == 0
    assert result.verified
    assert abs(result.clock_offset_ms + offset_ms) < 60_000
    agree(first, second)
    corrected = [second.lines()[line_id] for line_id in (earlier.id, *steps)]
    assert [line.stamp for line in corrected] == sorted(line.stamp for line in corrected)
    assert all(abs(ms_from_hlc(line.stamp) - system_clock_ms()) < 3_600_000 for line in corrected)
    assert ("clock_healed",) in first.rows("SELECT code FROM notice")
    with second.open() as device:
        device.ledger.edit("project", shared.id, name="对钟的后改的")
    agree(second, first)
    assert first.lines()[shared.id].body["name"] == "对钟的后改的"
    with first.open() as device:
        device.ledger.edit("project", shared.id, name="钟错的再改的")
    agree(first, second)
    assert second.lines()[shared.id].body["name"] == "钟错的再改的"


def test_a_clock_that_jumps_after_the_hello_is_healed_within_the_round(pair: tuple[Laptop, Laptop]) -> None:
    """When the central rejects a stamp as ahead of its time, the line gets a corrected stamp and is pushed again at
    once."""
    first, second = pair
    agree(first, second)
    shared = project_of(first)

    class Jumping(ForwardingCentral):
        """Between hello and push somebody writes with the clock a day ahead."""

        async def hello(self, request: protocol.HelloRequest) -> protocol.HelloAnswer:
            answered = await super().hello(request)
            if len(self.asked) == 1:
                ahead = Laptop(first.home.path, clock_offset_ms=86_400_000)
                await asyncio.to_thread(visit, ahead, shared, "明天写的")
            return answered

    result, asked = through(first, Jumping)
    assert asked.count("push") == 2
    assert (result.pushed, result.pending, result.rejected, result.verified) == (1, 0, 0, True)
    agree(first, second)
