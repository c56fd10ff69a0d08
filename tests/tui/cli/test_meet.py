"""``guanjia meet`` as a command: what it prints, its JSON and its refusals."""

from __future__ import annotations

from pathlib import Path

from sync.round.meeting import MetColleague, meet_in_folder
from sync.round.meeting_net import hosting, new_code
from tests.sync.central_fixture import running_central
from tests.sync.laptops import agree, bureau, project, visit
from tests.tui.cli.conftest import CommandLine


def test_a_meeting_as_commands(here: CommandLine, tmp_path: Path) -> None:
    """A home comes to a meeting by code, then meets by files; what it got is listed and counted apart, until a round
    has brought the central's own. Every refusal is a sentence with a code."""
    met: list[MetColleague] = []
    with running_central(tmp_path) as at:
        own, other = bureau(here.home, at, "张甲"), bureau(tmp_path / "other", at, "李乙")
        shared = project(other)
        agree(own, other)
        agree(own, other)
        visit(other, shared, "碰头前看的")
        with hosting(other.home, other.settings, met.append, "127.0.0.1", 0) as held:
            wrong = here.run("meet", new_code(), str(held), "--json", code=1)
            assert wrong.error["code"] == "meeting_code"
            came = here.json("meet", held.code, str(held))
        assert came == {"met": [{"name": "李乙", "given": 0, "taken": 1}], "refused": []}
        assert here.run("meet", held.code, str(held), "--json", code=1).error["code"] == "meeting_failed"
        (listed,) = here.json("meet", "--list")
        assert (listed["kind"], listed["author"], listed["project"]) == ("visit", "李乙", "示范项目")
        assert "碰头前看的" in here.run("meet", "--list").out
        assert here.json("status")["provisional"] == 1
        assert here.json("visit", "list") == []
        (tmp_path / "stick").mkdir()
        assert here.json("meet", "--folder", "stick")["met"] == []
        meet_in_folder(other.home, other.settings, tmp_path / "stick")
        assert here.json("meet", "--folder", "stick")["met"] == [{"name": "李乙", "given": 0, "taken": 0}]
        assert here.run("meet", "--folder", "nowhere", "--json", code=1).error["code"] == "bundle_unwritten"
        assert here.run("meet", "--folder", "stick", "--list", "--json", code=2).error["code"] == "usage"
        agree(own, other)
    assert here.json("meet", "--list") == [] and here.json("status")["provisional"] == 0
    assert [each["text"] for each in here.json("visit", "list")] == ["碰头前看的"]
