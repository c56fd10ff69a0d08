"""Run one seed in a temporary folder and check its invariants."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from tests.scratch import memory_folder
from tests.simulation.central import DatabaseServer
from tests.simulation.invariants import broken
from tests.simulation.state import stored_rows
from tests.simulation.world import World


class SeedResult(NamedTuple):
    """The journal of a seed, descriptions of the invariants that do not hold, and all that is stored in the end."""

    journal: list[str]
    broken: list[str]
    stored: list[str]


def play(seed: int, *, short: bool = False, first: bool = False, server: DatabaseServer | None = None) -> SeedResult:
    """Run a seed; ``short``: a smaller district for a shorter time, ``first``: without later calamities; both are other
    plays than the whole one. Its files are on a memory file system where there is one: nothing here is about power
    failures. ``server``: on a PostgreSQL that crashes."""
    with tempfile.TemporaryDirectory(prefix="guanjia-seed-", dir=memory_folder()) as folder:
        world = World(seed, Path(folder), short=short, first=first, server=server)
        try:
            return asyncio.run(_play(world, with_rows=server is None))
        finally:
            world.close()


def play_until(seeds: Iterable[int], has: Callable[[list[str]], bool]) -> list[str]:
    """Play short seeds until the journal of one says that something has happened; gives which invariants any broke.
    What a seed plays changes with every statement of the program, so that no single one says for long what happens in
    it. Raises `LookupError` where it has happened in none."""
    broken = []
    for seed in seeds:
        played = play(seed, short=True)
        broken += [f"seed {seed}: {text}" for text in played.broken]
        if has(played.journal):
            return broken
    raise LookupError("in none of the seeds; find others")


async def _play(world: World, *, with_rows: bool = True) -> SeedResult:
    await world.play()
    violations = broken(world, all_decided=False)
    await world.clear_rejected()
    violations += broken(world, all_decided=True)
    return SeedResult(world.journal, violations, list(stored_rows(world)) if with_rows else [])
