"""A disk that fails at the k-th call: whatever k, the command's change is there whole or not at all, and a failure is a
sentence. The suite tries some k of each kind, ``make soak`` every one (``DISK_FAULTS=all``)."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest

from store.db.connection import connect
from store.db.migrations.run import upgrade
from store.queries.lines import dump
from store.writer.checksums import has_checksum_mismatch
from store.writer.upgrade import open_store
from tests.faults.injection import Call, Fault, run_on_faulty_disk
from tests.pictures import jpeg
from tests.sync.central_fixture import Central, running_central
from tests.tui.cli.laptop import Laptop

pytestmark = [pytest.mark.soak, pytest.mark.needs("linux", "c-compiler")]
SAMPLE = Path(__file__).resolve().parents[2] / "store" / "importing" / "sample.txt"
INIT = ("init", "--district", "210903", "--district-name", "新邱区", "--name", "乙卫东")
ALL = os.environ.get("DISK_FAULTS") == "all"
TRIED = (2, 9, 30)
"""The calls that fail in the suite: while opening, while writing, towards the end."""
FAULTS: tuple[tuple[Call, int], ...] = (
    ("write", errno.EIO),
    ("write", errno.ENOSPC),
    ("write", 0),
    ("flush", errno.EIO),
    ("flush", 0),
    ("read", errno.EIO),
)


SAVED = NEEDS_A_LOOK = 3
"""The exit code where the change was saved and something after it failed, or a person should look at it: the sample
table declares more projects than it has."""


class Scenario(NamedTuple):
    """A command that changes a home or copies one. ``FILE`` among its arguments is a file beside the home, ``PAPER``
    one that can be attached."""

    name: str
    arguments: tuple[str, ...]


SCENARIOS = (
    Scenario("save", ("visit", "add", "--project", "续1", "--text", "重要走访")),
    Scenario("import", ("import", str(SAMPLE))),
    Scenario("upgrade", ("status",)),
    Scenario("backup", ("backup", "FILE")),
    Scenario("restore", ("restore-backup", "FILE")),
    Scenario("attach", ("attach", "续1", "PAPER")),
)


class Stage:
    """Homes to begin each scenario from, and what the ledger holds before and after an undisturbed run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._begin: dict[str, Path] = {}
        self._counts: dict[str, tuple[int, int]] = {}

    def counts(self, scenario: Scenario) -> tuple[int, int]:
        """How many lines the ledger has before the command and after it."""
        if scenario.name not in self._counts:
            laptop, arguments = self.fresh(scenario)
            before = 0 if scenario.name == "upgrade" else lines_in(laptop)
            laptop.run(*arguments, code=NEEDS_A_LOOK if scenario.name == "import" else 0)
            self._counts[scenario.name] = (before, lines_in(laptop))
        return self._counts[scenario.name]

    def fresh(self, scenario: Scenario) -> tuple[Laptop, tuple[str, ...]]:
        """A home as the scenario finds it, and the command's arguments."""
        if scenario.name not in self._begin:
            self._begin[scenario.name] = self._build(scenario.name)
        played = self._folder / "played"
        shutil.rmtree(played, ignore_errors=True)
        shutil.copytree(self._begin[scenario.name], played)
        file = str(played / ("copy.db" if scenario.name == "restore" else "new.db"))
        files = {"FILE": file, "PAPER": str(played / "paper.pdf"), "PICTURE": str(played / "现场.jpg")}
        return Laptop(played / "home"), tuple(files.get(part, part) for part in scenario.arguments)

    def _build(self, name: str) -> Path:
        folder = self._folder / name
        folder.mkdir()
        laptop = Laptop(folder / "home")
        laptop.run(*INIT)
        (folder / "paper.pdf").write_bytes(b"%PDF-1.7" + bytes(200_000))
        (folder / "现场.jpg").write_bytes(jpeg(320, 240))
        if name == "picture":
            laptop.run("import", str(SAMPLE), code=NEEDS_A_LOOK)
            laptop.run("issue", "add", "--project", "续1", "--title", "缺水")
        elif name == "upgrade":
            make_old(laptop)
        elif name != "import":
            laptop.run("import", str(SAMPLE), code=NEEDS_A_LOOK)
        if name == "restore":
            laptop.run("backup", str(folder / "copy.db"))
            laptop.run(*SCENARIOS[0].arguments)
        return folder


def make_old(laptop: Laptop) -> None:
    """Put a ledger of schema 0007 in place of the home's."""
    database, key = laptop.home / "ledger.db", key_of(laptop)
    for file in laptop.home.glob("ledger.*"):
        file.unlink()
    with closing(connect(database, key)) as connection:
        upgrade(connection, "0007")
        facts = {"district": "210903", "district_name": "新邱区", "person": "p", "person_name": "乙卫东", "device": "d"}
        connection.executemany("INSERT INTO meta (key, value) VALUES (?, ?)", facts.items())


def key_of(laptop: Laptop) -> bytes:
    """The home's key."""
    return bytes.fromhex((laptop.home / "credentials" / "key").read_text().strip())


def lines_in(laptop: Laptop) -> int:
    """How many lines the ledger has, after seeing that the file is sound and the lines are as they were stored."""
    with closing(open_store(laptop.home / "ledger.db", key_of(laptop))) as database:
        assert database.integrity_errors() == []
        with database.read() as connection:
            assert not has_checksum_mismatch(connection)
            return sum(1 for _line in dump(connection))


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """One for all faults."""
    return Stage(tmp_path_factory.mktemp("faults"))


def calls_to_try(scenario: Scenario, call: Call, error: int) -> Iterator[int]:
    """The numbers of the calls that fail: one in the suite, each kind another, and all in the soak."""
    if ALL:
        yield from count(1)
    yield TRIED[(SCENARIOS.index(scenario) + FAULTS.index((call, error))) % len(TRIED)]


@pytest.mark.soak(turns=5)
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
@pytest.mark.parametrize(("call", "error"), FAULTS, ids=lambda value: errno.errorcode.get(value, str(value)))
def test_a_failing_disk_leaves_all_or_nothing_and_a_sentence(
    stage: Stage, scenario: Scenario, call: Call, error: int
) -> None:
    """Nothing is half written, what was saved before is there, success is success, and an error says what happened."""
    before, after = stage.counts(scenario)
    for at in calls_to_try(scenario, call, error):
        laptop, arguments = stage.fresh(scenario)
        fault = Fault(call, at, error)
        result, fired = run_on_faulty_disk(laptop, fault, laptop.home.parent, *arguments)
        left = lines_in(laptop)
        assert left in (before, after), f"{fault}: {left} lines, {result}"
        if result.code in (0, SAVED):
            assert left == after, f"{fault}: {result}"
        elif result.code > 0:
            assert left == before, f"{fault}: {result}"
        assert "Traceback" not in result.err and "did not foresee" not in result.err, f"{fault}: {result}"
        assert result.code <= 0 or len(result.err.strip().splitlines()) >= 2, f"{fault}: {result}"
        if not fired:
            return


@pytest.mark.soak(turns=5)
@pytest.mark.parametrize(("call", "error"), [fault for fault in FAULTS if fault[0] != "read" and fault[1]])
def test_the_text_is_saved_where_its_picture_finds_no_room(stage: Stage, call: Call, error: int) -> None:
    """Whatever write or flush of a picture's bytes fails, the act that it comes with is saved; what says that the
    picture is missing names it. Where nothing failed, it is there whole; nothing is ever left half written."""
    scenario = Scenario("picture", ("issue", "remind", "缺水", "--text", "看了现场", "--file", "PICTURE"))
    for at in count(1) if ALL else (1 + FAULTS.index((call, error)) % 2,):
        laptop, arguments = stage.fresh(scenario)
        before, fault = lines_in(laptop), Fault(call, at, error)
        result, fired = run_on_faulty_disk(laptop, fault, laptop.home / "ledger.attachments", *arguments)
        assert "Traceback" not in result.err, f"{fault}: {result}"
        shown = laptop.json("attachment", "list")
        assert lines_in(laptop) == before + 1 + len(shown), f"{fault}: {result}"
        assert result.code == (NEEDS_A_LOOK if fired and not shown else 0), f"{fault}: {result}"
        assert fired == ("现场.jpg" in result.err) == (shown == []), f"{fault}: {result}"
        assert all(each["here"] and each["copy_here"] for each in shown)
        left = [path.name for path in (laptop.home / "ledger.attachments").glob("*")]
        assert not any("." in name for name in left), f"{fault}: {left}"
        if not fired:
            return


@pytest.fixture(scope="module")
def joined(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Central, Laptop]]:
    """A serving central, and a laptop in agreement with it."""
    folder = tmp_path_factory.mktemp("round")
    with running_central(folder / "central") as central:
        laptop = Laptop(folder / "laptop" / "home")
        laptop.home.parent.mkdir()
        laptop.run("join", central.url, "--code", central.admin_code)
        laptop.run("import", str(SAMPLE), code=NEEDS_A_LOOK)
        laptop.run("sync")
        yield central, laptop


@pytest.mark.soak(turns=3)
@pytest.mark.parametrize(("call", "error"), FAULTS, ids=lambda value: errno.errorcode.get(value, str(value)))
def test_a_round_on_a_failing_disk_is_made_up_for_by_the_next(
    joined: tuple[Central, Laptop], call: Call, error: int
) -> None:
    """Whatever call of the laptop's disk fails in a round, what was to be sent is sent by the next, and both agree."""
    _central, laptop = joined
    for at in count(1) if ALL else (TRIED[FAULTS.index((call, error)) % len(TRIED)],):
        laptop.run("visit", "add", "--project", "续1", "--text", f"{call} {at} {error}")
        before, fault = lines_in(laptop), Fault(call, at, error)
        result, fired = run_on_faulty_disk(laptop, fault, laptop.home.parent, "sync")
        assert lines_in(laptop) == before, f"{fault}: {result}"
        assert "Traceback" not in result.err and "did not foresee" not in result.err, f"{fault}: {result}"
        again = laptop.json("sync")
        assert again["in_agreement"] and again["pending"] == 0, f"{fault}: {again}"
        if not fired:
            return


@pytest.mark.soak(turns=4)
@pytest.mark.parametrize(("call", "error"), FAULTS, ids=lambda value: errno.errorcode.get(value, str(value)))
@pytest.mark.parametrize("act", ["backup", "restore"])
def test_a_central_is_copied_whole_or_not_at_all(
    joined: tuple[Central, Laptop], tmp_path: Path, act: str, call: Call, error: int
) -> None:
    """A backup that is there is whole; one that fails leaves none and says so. A restore that fails can be repeated."""
    central, laptop = joined
    good = tmp_path / "good.db"
    lines = laptop.json("central", "backup", str(good), "--data", str(central.data_dir))["lines"]
    for at in count(1) if ALL else (TRIED[(FAULTS.index((call, error)) + len(act)) % len(TRIED)],):
        new, fault = tmp_path / f"{act}-{at}", Fault(call, at, error)
        arguments = {
            "backup": ("central", "backup", str(new), "--data", str(central.data_dir)),
            "restore": ("central", "restore", str(good), "--data", str(new)),
        }[act]
        result, fired = run_on_faulty_disk(laptop, fault, tmp_path, *arguments)
        assert "Traceback" not in result.err and "did not foresee" not in result.err, f"{fault}: {result}"
        assert result.code != 0 or new.exists(), f"{fault}: {result}"
        if act == "restore" and result.code != 0:
            laptop.run("central", "restore", str(good), "--data", str(tmp_path / f"again-{at}"))
        elif new.exists():
            copy = new if act == "backup" else good
            restored = laptop.json("central", "restore", str(copy), "--data", str(tmp_path / f"again-{at}"))
            assert restored["lines"] == lines, f"{fault}: {restored}"
        if not fired:
            return
