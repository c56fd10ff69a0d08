"""Couriers and meetings in a simulated district: a laptop takes files of the stick along, its next round hands them in,
and it brings the answers back; laptops that are in one room give each other what they have not sent. What they do is
decided by a source of its own, so that a seed plays as before where there are none."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from store.exceptions import GuanjiaError
from sync.device.fingerprint import is_copy, store_fingerprint
from sync.device.others_bundles import give_back
from sync.protocol.bundle.copies import heads_in
from sync.round.by_file import take_others
from sync.round.meeting import meet_with
from tests.simulation.laptop import Laptop

if TYPE_CHECKING:
    from tests.simulation.stick import Stick

SHARE, RATE = 0.4, 0.5
"""How many districts have couriers and meetings; how often one acts, and how often another does, a beat."""


class Courier:
    """Whoever carries for others, and the room in which laptops meet."""

    def __init__(self, seed: int, folder: Path, stick: Stick) -> None:
        self._dice = Random(f"{seed} courier")
        self.is_there = self._dice.random() < SHARE
        self._room, self._handed_in = folder / "room", folder / "handed in"
        self._stick = stick

    async def pass_round(self, laptops: list[Laptop], log: Callable[[str], None]) -> None:
        """Perhaps a laptop takes files along, brings answers back, or meets who left a card in the room."""
        while self.is_there and self._dice.random() < RATE:
            act, laptop = self._dice.choice(("take along", "bring back", "meet")), self._dice.choice(laptops)
            others = [self._dice.choice(laptops), laptop] if act == "meet" else []  # the first comes back for its files
            for each in (laptop, *others):
                try:
                    told = await self._do(act, each)
                except GuanjiaError as error:
                    told = error.code
                except asyncio.CancelledError:
                    told = "cut"
                log(f"courier: {each.name} {act}: {told}")

    async def _do(self, act: str, laptop: Laptop) -> str:
        if laptop.is_old or laptop.is_full or is_copy(laptop.meta(), store_fingerprint(laptop.home.database)):
            return "cannot"
        if act == "meet":
            self._room.mkdir(parents=True, exist_ok=True)
            met = (await meet_with(laptop.device, self._room)).met
            return f"{len(met)}, {sum(each.given for each in met)} given, {sum(each.taken for each in met)} taken"
        self._stick.folder.mkdir(exist_ok=True)
        if act == "take along":
            return f"{await laptop.device.run_in_store(take_others, laptop.device, self._stick.folder)} files"
        count = give_back(laptop.home, self._stick.folder, laptop.wall())
        self._stick.find_answers(heads_in(self._stick.folder))
        return f"{count} files"

    def note(self, message: str, answer: object) -> None:
        """A message was handed in over the network (both base64): record what became of its lines. ``answer`` is no
        text where it was refused, or failed."""
        self._handed_in.mkdir(parents=True, exist_ok=True)
        asked, told = self._handed_in / "message.gjb", self._handed_in / "answer.gjb"
        asked.write_bytes(base64.b64decode(message))
        if isinstance(answer, str):
            told.write_bytes(base64.b64decode(answer))
            self._stick.note_answer(asked, told)
        else:
            self._stick.note_failed(asked)
