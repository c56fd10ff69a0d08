"""The simulated network records what became of the lines of every request."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from itertools import count
from pathlib import Path
from random import Random

from sync.central.accounts.scope import Grant
from tests.simulation.causality import Version, versions_of
from tests.simulation.central import DISTRICT, SimulatedCentral
from tests.simulation.laptop import Laptop
from tests.simulation.network import Network
from tests.simulation.officer import Officer
from tests.simulation.record import Record
from tests.store.devices import START_MS


def test_a_version_that_a_failed_request_has_brought_must_remain(tmp_path: Path) -> None:
    """The central commits a line and loses its database before the answer is complete: the author is told that it has
    failed, and may lose the disk now. The version counts as taken in all the same."""
    dice, record = Random(1), Record()
    central = SimulatedCentral(tmp_path / "central", lambda: START_MS, dice.randbytes, (DISTRICT,))
    network = Network(central, record, dice, dice, lambda _text: None)
    laptop = Laptop("局长-0", "局长", DISTRICT, tmp_path, network, lambda: START_MS, dice.randbytes)
    laptop.exchanges = True
    try:
        untold = asyncio.run(_taken_in_untold(central, network, laptop, Officer(1, dice, record, lambda _text: None)))
        taken = versions_of(line for versions in record.accepted.values() for line in versions.values())
    finally:
        laptop.close()
        central.stop()
    assert untold
    assert untold <= taken


async def _taken_in_untold(
    central: SimulatedCentral, network: Network, laptop: Laptop, officer: Officer
) -> set[Version]:
    """What is at the central and unsent on the laptop, once the database has gone away at the first statement of a
    request at which there is such a version."""

    async def conduct(work: Coroutine[object, object, None], idle: Callable[[str], bool]) -> None:
        await network.gate.conduct({laptop.name: asyncio.create_task(work)}, idle, lambda names: names[0])

    await conduct(laptop.join(central.code(DISTRICT, laptop.account, Grant("bureau"))), lambda _: True)
    await conduct(
        laptop.round(), lambda _: not laptop.device.working
    )  # the first sends no lines with its first message
    officer.new_unit(laptop)
    for statements in count():
        central.lose_database(statements)
        await conduct(laptop.round(), lambda _: not laptop.device.working)
        untold = laptop.unsent() & versions_of(central.versions())
        if untold or laptop.last != "central_busy":
            return untold
    return set()
