"""``guanjia bundle`` and ``guanjia central bundle``: rounds by file as commands, their JSON and their refusals."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sync.central_fixture import Central, running_central
from tests.sync.laptops import Laptop, bureau, project
from tests.tui.cli.conftest import CommandLine


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Central]:
    """A central."""
    with running_central(tmp_path) as running:
        yield running


@pytest.fixture
def joined(here: CommandLine, tmp_path: Path, at: Central) -> Laptop:
    """A home of the command line that has joined, with a project that is not sent yet."""
    laptop = bureau(here.home, at, "张甲")
    laptop.sync()
    project(laptop)
    return laptop


def test_a_round_by_file(here: CommandLine, joined: Laptop, at: Central, tmp_path: Path) -> None:
    """Three commands send a line and find both sides equal; each says what it did, also as JSON."""
    (tmp_path / "stick").mkdir()
    written = here.json("bundle", "export", "stick")
    assert (written["lines"], Path(written["file"]).parent.name) == (1, "stick")
    assert Path(written["file"]).name.startswith("张甲-") and written["file"].endswith("-上报.gjb")
    answered = here.json("central", "bundle", "stick", "--data", str(at.data_dir))
    assert [(each["person"], each["lines"], each["refused"]) for each in answered] == [("张甲", 1, None)]
    taken = here.json("bundle", "import", "stick")
    assert [(each["pushed"], each["equal"], each["in_agreement"]) for each in taken] == [(1, True, True)]
    assert here.json("status")["in_agreement"]
    assert "in already" in here.run("bundle", "import", "stick").out
    assert here.json("central", "bundle", "stick", "--data", str(at.data_dir)) == []
    rounds = here.json("status")["rounds"]
    assert rounds[0]["ran_by"] == "bundle"


def test_a_damaged_file_is_refused_with_a_sentence(
    here: CommandLine, joined: Laptop, at: Central, tmp_path: Path
) -> None:
    """Exit code 1 and what happened where one file was named; exit code 3 where others in the folder were answered."""
    (tmp_path / "stick").mkdir()
    good = here.json("bundle", "export", "stick")["file"]
    bad = tmp_path / "stick" / "bad.gjb"
    bad.write_bytes(Path(good).read_bytes()[:-1])
    data = ("--data", str(at.data_dir))
    assert here.run("central", "bundle", "stick/bad.gjb", "--json", *data, code=1).error["code"] == "bundle_damaged"
    told = here.json("central", "bundle", "stick", *data, code=3)
    assert sorted(each.get("code", "") for each in told) == ["", "bundle_damaged"]
    assert here.run("bundle", "import", good, "--json", code=1).error["code"] == "bundle_for_others"
