"""The parameters of a district that a seed draws: its size, its rate of faults, and the events that may happen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

ORDINARY = {"write": 110, "rounds": 60, "restart": 4, "late request": 4, "central restarts": 1, "rejected lines": 3}
CALAMITIES: dict[str, dict[str, int]] = {
    "clocks": {"clock": 10},
    "roles": {"roles": 10},
    "backups": {"backup": 4, "restored backup": 4},
    "copies": {"copied home": 2},
    "losses": {"lost laptop": 1},
    "central set back": {"copy of the central": 10, "central set back": 8, "close-out": 30},
}
"""Groups of rare events; a seed draws some of them, so that each occurs alone and with the others."""
MORE_CALAMITIES: dict[str, dict[str, int]] = {
    "central's clock": {"central's clock": 8},
    "full disks": {"full disk": 5, "full disk at the central": 4},
    "database away": {"database away": 8},
    "approvals": {"close-out": 30},
    "contacts": {"contact": 15},
    "twins": {"twin": 2},
    "old protocol": {"upgrade": 5},
    "two districts": {"neighbours": 25},
}
"""The same, drawn from a source of their own: without them a seed plays as it did before there were any."""


@dataclass
class Traits:
    """A district's parameters. ``faults``: the rate of failing requests; ``busy``: how often an officer writes between
    two requests of a running round; ``departs``: how many laptops never return once the central was set back;
    ``old``: how many laptops begin with the protocol and the store of an earlier version; ``neighbours``: whether the
    central serves another district too; ``happenings``: the events of a beat, with their weights."""

    beats: int
    projects: int
    butlers: int
    bureau_devices: int
    butler_devices: int
    others: tuple[str, ...]
    pages: tuple[int, ...]
    faults: float
    busy: float
    drifts: bool
    departs: float
    old: float
    neighbours: bool
    happenings: dict[str, int]


def draw(dice: Random, more: Random | None, *, short: bool = False) -> Traits:
    """Draw the parameters from the seeded random source, the later calamities from ``more``; those of a ``short`` play
    are smaller."""
    drawn = _drawn(dice, CALAMITIES, 0.45)
    further = _drawn(more, MORE_CALAMITIES, 0.25) if more else []
    if "old protocol" in further:  # what an earlier version does with stamps that were repaired only its own code tells
        further = [name for name in further if name != "central's clock"]
    happenings = dict(ORDINARY)
    for events in [*(CALAMITIES[name] for name in drawn), *(MORE_CALAMITIES[name] for name in further)]:
        happenings |= events
    beats, projects = dice.randint(50, 110), dice.randint(1, 3)
    if short:
        beats, projects = beats // 6, min(projects, 1)
    return Traits(
        beats=beats,
        projects=projects,
        butlers=min(projects, dice.randint(1, 2)),
        bureau_devices=dice.randint(1, 1 if short else 2),
        butler_devices=dice.randint(1, 2),
        others=tuple(role for role in ("lead_leader", "supervision_office") if dice.random() < (0.1 if short else 0.3)),
        pages=dice.choice(((2_000,), (1, 2, 5), (3, 2_000))),
        faults=dice.choice((0.0, 0.05, 0.2, 0.4)),
        busy=dice.choice((0.0, 0.1)),
        drifts="clocks" in drawn,
        departs=dice.choice((0.0, 0.2)),
        old=0.5 if "old protocol" in further else 0.0,
        neighbours="two districts" in further,
        happenings=happenings,
    )


def on_server(happenings: Mapping[str, int]) -> dict[str, int]:
    """The events where the central's database is a real server's, which crashes now and then: those of files are left
    out."""
    of_files = ("copy of the central", "central set back", "full disk at the central")
    kept = {name: weight for name, weight in happenings.items() if name not in of_files}
    return kept | {"database away": 8}


def _drawn(dice: Random, groups: Mapping[str, dict[str, int]], share: float) -> list[str]:
    return [name for name in groups if dice.random() < share]
