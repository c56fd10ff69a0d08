"""The program of before protocol 2 and the present one as processes: whoever is the central's, all agree."""

from __future__ import annotations

import io
import json
import random
import subprocess
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.sync.rounds.old_office import OldProgram

ROOT = Path(__file__).parents[3]
BEFORE = "b76c9eb6"
"""The last commit that knows protocol 1 alone."""
ROUNDS = 200
NAMES = ("甲某", "乙某", "丙某")
_DRIVER = """
import json, sys
from pathlib import Path
from store.home.paths import Home
from store.home.settings import load_settings
from store.ledger.line import canonical_json
from store.writer.checksums import all_lines
from sync.device.device import Device
from sync.round import sync_home

home = Home(Path(sys.argv[1]).absolute())
settings = load_settings(home)

def visits(device):
    rows = device.ledger.database.connection().execute("SELECT id FROM visit WHERE deleted = 0 ORDER BY id")
    return [row[0] for row in rows]

def answer(do, **asked):
    if do == "sync":
        return sync_home(home, settings).to_json()
    with Device.open(home, settings) as device:
        if do == "lines":
            return sorted(canonical_json(line).decode() for line in all_lines(device.ledger.database.connection()))
        known = visits(device)
        if do == "edit" and known:
            return device.ledger.edit("visit", known[asked["n"] % len(known)], text=asked["text"]).id
        body = {"at": "2025-03-04T09:00+08:00", "how": "visit", "text": asked["text"]}
        return device.ledger.put("visit", body, project=asked["project"]).id

for line in sys.stdin:
    print(json.dumps(answer(**json.loads(line))), flush=True)
"""


class Peer:
    """A home and the program that it has, as one process that does what it is asked."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, do: str, **asked: object) -> Any:
        """What it answers."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do, **asked}) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def sync(self) -> dict[str, Any]:
        """A round, which ends verified and with nothing refused."""
        result: dict[str, Any] = self.ask("sync")
        assert (result["verified"], result["rejected"]) == (True, 0)
        return result


@contextmanager
def running(program: OldProgram, home: str) -> Iterator[Peer]:
    """A home's process, while the block runs."""
    process = program.start_python(_DRIVER, home)
    try:
        yield Peer(process)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(30)


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """The program of before."""
    archived = subprocess.run(
        ["git", "archive", BEFORE, "store", "sync", "tui"], cwd=ROOT, check=True, capture_output=True
    )
    with tarfile.open(fileobj=io.BytesIO(archived.stdout)) as packed:
        packed.extractall(tmp_path / "before", filter="data")
    return tmp_path / "before"


@pytest.mark.needs("history")
@pytest.mark.soak(only=True)
@pytest.mark.parametrize("old_central", [False, True], ids=["new central", "old central"])
def test_both_programs_agree_for_many_rounds(tmp_path: Path, before: Path, *, old_central: bool) -> None:
    """Two homes of the one program and one of the other write and edit the same visits for 200 rounds, at a central of
    either: every round ends verified, and in the end all have the same lines."""
    office = tmp_path / "office"
    office.mkdir()
    old, new = OldProgram(before, office), OldProgram(ROOT, office)
    central, others = (old, new) if old_central else (new, old)
    programs = (others, others, central)
    first = ("--district", "210903", "--name", "新邱区", "--admin", NAMES[0])
    code = central.run("central", "init", "--data", "central", *first)
    with central.serving() as url, ExitStack() as stack:
        for name, program in zip(NAMES, programs, strict=True):
            if name != NAMES[0]:
                code = central.run("central", "invite", "--data", "central", "--name", name, "--role", "bureau")
            program.run("--home", name, "join", url, "--code", code.split()[-1])
        added = ("--number", "续1", "--name", "项目", "--category", "new")
        programs[0].run("--home", NAMES[0], "project", "add", *added)
        one, other, third = play([stack.enter_context(running(*each)) for each in zip(programs, NAMES, strict=True)])
    assert one == other == third
    assert len(one) > ROUNDS // 2


def play(peers: Sequence[Peer]) -> list[list[str]]:
    """`ROUNDS` rounds of homes that write and edit visits, and two more of each; gives the lines of each then."""
    rng = random.Random(14)
    lines = [json.loads(line) for line in peers[0].ask("lines")]
    (project,) = (line["id"] for line in lines if line["kind"] == "project")
    for peer in peers:
        peer.sync()
    for n in range(ROUNDS):
        peer = rng.choice(peers)
        for _ in range(rng.randrange(4)):
            do = rng.choice(("add", "edit"))
            rng.choice(peers).ask(do, n=rng.randrange(1_000), text=f"第{n}轮", project=project)
        peer.sync()
    for peer in (*peers, *peers):
        result = peer.sync()
    assert result["in_agreement"]
    return [peer.ask("lines") for peer in peers]
