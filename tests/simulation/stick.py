"""A stick in a simulated district: laptops write messages on it, the central answers some, laptops take some answers
in, whoever has rounds over a network meanwhile. What it does is decided by a source of its own, so that a seed without
a stick plays as before."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import orjson

from store.exceptions import GuanjiaError
from sync.central.accounts import identity
from sync.central.bundles import BundleResponder
from sync.device.bundle_keys import bundle_keys
from sync.device.fingerprint import is_copy, store_fingerprint
from sync.protocol.bundle.bundle_file import BundleHead, open_bundle, read_head
from sync.protocol.bundle.keys import BundleKeys
from sync.round.by_file import export_from, import_into
from tests.simulation.central import DISTRICT
from tests.simulation.laptop import Laptop
from tests.simulation.network import Network

if TYPE_CHECKING:
    from tests.simulation.record import Record

SHARE, RATE = 0.3, 0.6
"""How many districts have a stick; how often something is done with it, and how often something more, a beat."""
LATEST = 5
"""Of so many files, the latest, one is answered or taken in."""


class Stick:
    """The files of one district: messages, and answers with the laptop that each is for."""

    def __init__(self, seed: int, folder: Path, network: Network, record: Record) -> None:
        self._dice = Random(f"{seed} stick")
        self.is_there = self._dice.random() < SHARE
        self.folder, self._network, self._record = folder, network, record
        self._central = network.central
        self._messages: list[tuple[Laptop, Path, BundleKeys]] = []
        self._answers: list[tuple[Laptop, Path]] = []
        self.taken_in = 0

    async def pass_round(self, laptops: list[Laptop], log: Callable[[str], None]) -> None:
        """Perhaps one act: a message is written, answered, or an answer taken in; any of them may be an old one. What
        is refused changes nothing, and neither does what is interrupted."""
        while self.is_there and self._dice.random() < RATE:
            await self._act(laptops, log)

    async def _act(self, laptops: list[Laptop], log: Callable[[str], None]) -> None:
        self.folder.mkdir(exist_ok=True)
        act = self._dice.choice(("write", "write", "answer", "answer", "take in", "take in", "take in"))
        try:
            told = await self._do(act, laptops)
        except GuanjiaError as error:
            told = error.code
        except asyncio.CancelledError:
            told = "cut"
        log(f"stick: {act}: {told}")

    async def _do(self, act: str, laptops: list[Laptop]) -> str:
        if act == "write":
            laptop = self._dice.choice(laptops)
            if laptop.is_old or laptop.is_full or is_copy(laptop.meta(), store_fingerprint(laptop.home.database)):
                return f"{laptop.name} cannot"
            written = await export_from(laptop.device, self.folder / f"{len(self._messages)}.gjb")
            self._messages.append((laptop, written.file, bundle_keys(laptop.device)))
            return f"{laptop.name}, {written.lines} lines"
        if act == "answer" and self._messages:
            laptop, message, keys = self._dice.choice(self._messages[-LATEST:])
            answer = self._answer(message, keys)
            self._answers.append((laptop, answer))
            return laptop.name
        if act == "take in" and self._answers:
            laptop, answer = self._dice.choice(self._answers[-LATEST:])
            return await self._take_in(laptop, answer) if laptop in laptops else f"{laptop.name} is lost"
        return "nothing is there"

    def _answer(self, message: Path, keys: BundleKeys) -> Path:
        """Answer a message, and record what became of its lines."""
        database, wall = self._central.database, self._central.wall
        responder = BundleResponder(database, wall, lambda: self._central.off_ms == 0)
        try:
            file = responder.answer(message, self.folder / f"{len(self._answers)}-answer.gjb").file
        except GuanjiaError:
            self._note_repairs()
            self.note_failed(message)
            raise
        self._note_repairs()
        self._note(message, file, keys)
        return file

    def _note_repairs(self) -> None:
        for repair in self._central.new_repairs():
            self._record.repair(repair)

    def note_answer(self, message: Path, answer: Path) -> None:
        """Record what became of the lines of a message that somebody else handed in, and that was written here."""
        wanted = read_head(message).message
        for _laptop, path, keys in self._messages:
            if read_head(path).message == wanted:
                self._note(message, answer, keys)
                return

    def note_failed(self, message: Path) -> None:
        """Record what the central has taken in of a message whose answer failed."""
        for question in self._opened(message, self._central_keys()):
            self._network.note_failed(question["message"]["lines"])

    def find_answers(self, heads: Mapping[Path, BundleHead]) -> None:
        """The answers that a courier has brought to the stick are taken in as any others."""
        writers = {read_head(path).message: laptop for laptop, path, _keys in self._messages}
        known = {path for _laptop, path in self._answers}
        for path, head in sorted(heads.items()):
            if path not in known and head.kind == "answer" and head.message in writers:
                self._answers.append((writers[head.message], path))

    def _note(self, message: Path, answer: Path, keys: BundleKeys) -> None:
        asked, told = self._opened(message, self._central_keys()), self._opened(answer, keys)
        for question, outcome in zip(asked, told, strict=False):
            if pushed := outcome["answer"].get("push"):
                self._network.note_outcomes(question["message"]["lines"], pushed["outcomes"])

    def _central_keys(self) -> BundleKeys:
        with self._central.database.read() as connection:
            return identity.key_pair(str(identity.district_secret(connection, DISTRICT)))

    @staticmethod
    def _opened(bundle: Path, keys: BundleKeys) -> list[dict[str, Any]]:
        """The documents of a bundle, without its opening."""
        return [orjson.loads(document) for document in open_bundle(bundle, keys).documents()][1:]

    async def _take_in(self, laptop: Laptop, answer: Path) -> str:
        if laptop.is_old or laptop.is_full:
            return f"{laptop.name} cannot"
        taken = await import_into(laptop.device, answer)
        self._record.show(laptop.name, laptop.lines().values(), ())
        self.taken_in += taken.imported.is_new
        return f"{laptop.name}, {taken.imported}"
