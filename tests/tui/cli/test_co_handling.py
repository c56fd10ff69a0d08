"""Several departments on one issue from the command line, as the contract has it (R25, R49)."""

from __future__ import annotations

import pytest

from tests.tui.cli.conftest import CommandLine


@pytest.mark.proves("R25", "R49")
def test_departments_are_named_and_speak_from_the_command_line(lone: CommandLine) -> None:
    """``--with`` names the others, ``opinion`` is each one's word; ``with`` in the issue's JSON and in the list's has
    every department with what it said, and ``--owed`` finds what is missing. Settling without gives a reason."""
    lone.run("project", "add", "--name", "风电场", "--number", "续1", "--category", "continuing")
    number = lone.json("issue", "add", "--project", "续1", "--title", "缺电")["number"]
    assign = ("--department", "住建局", "--owner", "甲", "--due", "+5", "--with", "供电公司;交通局")
    made = lone.json("issue", "assign", number, *assign)
    assert [(each["department"], each["opinion"]) for each in made["with"]] == [("供电公司", None), ("交通局", None)]
    lone.run("issue", "accept", number)
    lone.json("issue", "opinion", number, "--text", "容量够", "--department", "供电公司")
    refused = lone.run("issue", "settle", number, "--measure", "接通", "--evidence", "照片", code=1)
    assert "交通局" in refused.err
    listed = lone.json("issue", "list", "--owed", "--department", "交通局")
    assert [(row["number"], [each["opinion"] for each in row["with"]]) for row in listed] == [
        (number, ["容量够", None])
    ]
    assert lone.json("issue", "list", "--owed", "--department", "供电公司") == []
    shown = lone.run("issue", "show", number).out
    assert "供电公司: 容量够" in shown and "交通局: opinion still owed" in shown
    lone.run("issue", "opinion", number, "--text", "无意见")  # the only one that is owed
    settled = lone.json("issue", "settle", number, "--measure", "接通", "--evidence", "照片")
    assert (settled["state"], [each["owed"] for each in settled["with"]]) == ("settled", [False, False])


def test_a_department_that_is_like_a_known_one_is_asked_about(lone: CommandLine) -> None:
    """The others are names like any: one that is like a known one is refused until it is confirmed, and a department
    that gives its opinion must be one of the issue's."""
    lone.run("project", "add", "--name", "风电场", "--number", "续1", "--category", "continuing")
    number = lone.json("issue", "add", "--project", "续1", "--title", "缺电")["number"]
    lone.run("issue", "add", "--project", "续1", "--title", "占道", "--department", "区交通局")
    assign = ("issue", "assign", number, "--department", "住建局", "--owner", "甲", "--due", "+5")
    lone.run(*assign, "--with", "供电公司；新邱区交通局", code=2)
    lone.run(*assign, "--with", "供电公司；区交通局")
    lone.run("issue", "add", "--project", "续1", "--title", "缺水", "--department", "水务局")
    refused = lone.run("issue", "opinion", number, "--text", "可以", "--department", "水务局", code=1)
    assert "水务局" in refused.err
