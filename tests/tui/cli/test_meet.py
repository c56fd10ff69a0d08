"""``guanjia meet`` as a command: what it prints, its JSON and its refusals."""

from __future__ import annotations

import json
from pathlib import Path

from sync.round.meeting import MetColleague, meet_in_folder
from sync.round.meeting_code import new_code
from sync.round.meeting_net import hosting, meet_host
from tests.sync.central_fixture import running_central
from tests.sync.laptops import agree, bureau, project, visit
from tests.tui.cli.conftest import CommandLine
from tests.tui.cli.laptop import Laptop


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
            wrong = here.run("meet", new_code("", 0), str(held), "--json", code=1)
            assert wrong.error["code"] == "meeting_code"
            came = here.json("meet", held.code, str(held))
        assert came == {"met": [{"name": "李乙", "given": 0, "taken": 1, "left_out": 0, "no_room": 0}], "refused": []}
        assert here.run("meet", held.code, str(held), "--json", code=1).error["code"] == "meeting_failed"
        (listed,) = here.json("meet", "--list")
        assert (listed["kind"], listed["author"], listed["project"]) == ("visit", "李乙", "示范项目")
        assert "碰头前看的" in here.run("meet", "--list").out
        assert here.json("status")["provisional"] == 1
        assert here.json("visit", "list") == []
        assert [each["provisional"] for each in here.json("project", "list")] == [1]
        assert here.json("project", "show", "示范项目")["provisional"] == 1
        assert here.json("today")["provisional"] == 1
        assert "1 version from a meeting waits" in here.run("project", "show", "示范项目").out
        assert "1 version from a meeting waits" in here.run("today").out
        (tmp_path / "stick").mkdir()
        assert here.json("meet", "--folder", "stick")["met"] == []
        meet_in_folder(other.home, other.settings, tmp_path / "stick")
        assert here.json("meet", "--folder", "stick")["met"] == [
            {"name": "李乙", "given": 0, "taken": 0, "left_out": 0, "no_room": 0}
        ]
        assert here.run("meet", "ABCD-EFGH-JKMN-PQRS", "--json", code=1).error["code"] == "meeting_code_mistyped"
        assert here.run("meet", new_code("", 0), "--json", code=2).error["code"] == "usage"
        assert here.run("meet", "--folder", "nowhere", "--json", code=1).error["code"] == "bundle_unwritten"
        assert here.run("meet", "--folder", "stick", "--list", "--json", code=2).error["code"] == "usage"
        agree(own, other)
    assert here.json("meet", "--list") == [] and here.json("status")["provisional"] == 0
    assert [each["text"] for each in here.json("visit", "list")] == ["碰头前看的"]


def test_what_a_meeting_brought_is_put_aside_by_its_id(here: CommandLine, tmp_path: Path) -> None:
    """What need not be seen goes to the bin, line by line or all; a line that no meeting brought is an error. A meeting
    tells each thing that happens at once with ``--ndjson``, so that a program can show code and guests."""
    with running_central(tmp_path) as at:
        own, other = bureau(here.home, at, "张甲"), bureau(tmp_path / "other", at, "李乙")
        shared = project(other)
        agree(own, other)
        agree(own, other)
        seen = [visit(other, shared, f"第{n}次").id for n in range(3)]
        host = Laptop(here.home).fork("meet", "--ndjson", "--guests", "1", "--port", "0")
        opened = json.loads(host.stdout.readline())
        meet_host(other.home, other.settings, opened["code"], f"127.0.0.1:{opened['address'].rpartition(':')[2]}")
        (told,) = (json.loads(line) for line in host.stdout)
        assert (opened["event"], told["event"], told["name"], told["taken"]) == ("open", "met", "李乙", 3)
        assert host.wait(60) == 0
    assert here.run("meet", "--drop", shared.id, "--json", code=1).error["code"] == "not_found"
    assert here.json("meet", "--drop", seen[0]) == {"dropped": 1}
    assert {each["id"] for each in here.json("meet", "--list")} == set(seen[1:])
    assert here.json("meet", "--drop", "全部") == {"dropped": 2}
    assert {each["line"] for each in here.json("bin", "list")} == set(seen)
