"""One seed from its founding to its verdict, in a folder that is gone afterwards."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import NamedTuple

from tests.simulation.invariants import broken
from tests.simulation.world import World

MEMORY = Path("/dev/shm")


class Played(NamedTuple):
    """What happened in a seed, and which invariants do not hold."""

    journal: list[str]
    broken: list[str]


def play(seed: int) -> Played:
    """Play a seed. Where there is a memory file system its files are there: nothing here is about power failures."""
    place = MEMORY if MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="guanjia-seed-", dir=place) as folder:
        world = World(seed, Path(folder))
        try:
            return asyncio.run(_play(world))
        finally:
            world.close()


async def _play(world: World) -> Played:
    await world.play()
    found = broken(world, all_decided=False)
    await world.clear_rejected()
    found += broken(world, all_decided=True)
    return Played(world.journal, found)
