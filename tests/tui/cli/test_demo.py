"""``guanjia demo``: the scenario passes and prints its facts; what people see of it is ``test_terminal.py``'s."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from store.domain.issue_lifecycle import STATES
from store.domain.registers import REGISTERS
from tests.tui.cli.laptop import Laptop
from tests.tui.pictures import take
from tui.cli.demo.photos import PHOTOGRAPHED
from tui.cli.demo.story import DemoFailure, assert_equal

FACTS = {
    "home", "laptop_a", "laptop_b", "central", "imported", "joined", "offline", "online", "agreed", "conflict",
    "restored", "left", "year",
}  # fmt: skip


def test_the_story_is_told_and_true(tmp_path: Path) -> None:
    """Without keyring and network the demo ends with exit 0: 9 projects, a conflict, equal dumps, a restored version;
    with ``--home`` the laptops stay and say the same to other commands."""
    folder = tmp_path / "demo"
    nobody = Laptop(
        tmp_path / "nobody",
        {"GUANJIA_CREDENTIALS": "keyring", "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"},
    )
    facts = nobody.json("demo", "--no-tui", "--home", str(folder))
    assert facts.keys() == FACTS
    assert facts["imported"]["listed"] == 9
    assert facts["offline"]["unsent"] == {"a": 2, "b": 2}
    assert facts["conflict"]["lost"]["reason"] == "superseded"
    assert facts["agreed"]["equal"] and facts["restored"]["agreed"]["equal"]
    assert facts["year"]["agreed"]["equal"] and facts["year"]["projects"] == 12 and facts["year"]["lines"] > 2500
    assert not (tmp_path / "nobody").exists()
    a, b = Laptop(Path(facts["laptop_a"])), Laptop(Path(facts["laptop_b"]))
    assert a.run("dump").out == b.run("dump").out
    texts = [laptop.json("issue", "show", facts["offline"]["issue"])["text"] for laptop in (a, b)]
    assert texts == [facts["conflict"]["lost"]["body"]["text"]] * 2
    assert [one["line"] for one in a.json("conflicts", "list", code=3)] == [facts["left"]["project"]]
    every_state_and_register(a, facts["year"]["handed_over"])
    assert {f"{title}.jpg" for title, _act in PHOTOGRAPHED} == {file["name"] for file in a.json("attachment", "list")}
    assert facts["year"]["in_place"] == "酉小满（代戌长青）"
    drawn = [path.read_text("utf-8") for path in take(folder, tmp_path)]
    assert len(set(drawn)) == len(drawn)
    assert a.run("sync", "--json", code=4).error["code"] == "unreachable"
    assert nobody.run("demo", "--no-tui", "--home", str(folder), "--json", code=1).error["code"] == "home_exists"


def test_a_week_without_a_network_is_told_and_true(tmp_path: Path) -> None:
    """Three laptops join, send and receive by files on one stick, in three passes: then all hold the same bytes. No
    central serves, and none could be reached."""
    folder = tmp_path / "demo"
    facts = Laptop(tmp_path / "nobody").json("demo", "--stick", "--home", str(folder))
    assert facts["equal"] and (facts["laptops"], facts["passes"]) == (3, 3)
    dumps = {Laptop(folder / f"laptop-{number}").run("dump").out for number in (1, 2, 3)}
    assert len(dumps) == 1 and "周五" in dumps.pop()


def every_state_and_register(laptop: Laptop, handed_over: str) -> None:
    """The year left an issue in every state, a swarm, a silence, an overdue escalation at level 3, an approval that an
    edit undid, a hand-over of butlers, and lines in every register."""
    issues = laptop.json("issue", "list")
    assert {one["state"] for one in issues} == set(STATES)
    assert any(one["level"] == 3 and one["state"] == "escalated" and one["light"] == "red" for one in issues)
    assert any(one["because"] == "issue_changed" for one in issues)
    assert any(one["proposed"] for one in issues)
    lines = [json.loads(line) for line in laptop.run("dump", "--ndjson").out.splitlines()]
    serials = sorted(line["body"]["serial"] for line in lines if line["kind"] == "close_out")
    assert serials == list(range(1, len(serials) + 1))
    listed = laptop.json("project", "list")
    assert any(one["swarm"] for one in listed) and any(one["silent"] for one in listed)
    tenure = laptop.json("project", "show", handed_over)["tenure"]
    assert [one["butler"] for one in tenure] == ["戌长青", "丑立春"]
    for register in REGISTERS:
        assert laptop.json(register, "list", "--limit", "1"), register
    assert laptop.run("doctor", "--recompute", "--json", code=3).value[-1]["ok"] is True


def test_a_fact_that_is_not_as_expected_fails() -> None:
    """The story stops with both values when something is not as it must be."""
    assert_equal(1, 1)
    with pytest.raises(DemoFailure, match="expected 1, but found 2"):
        assert_equal(2, 1)
