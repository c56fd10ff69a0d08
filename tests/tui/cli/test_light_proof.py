"""``guanjia issue explain``: the proof of a light on the command line, as the contract has it."""

from __future__ import annotations

from tests.tui.cli.conftest import CommandLine


def test_a_light_is_explained_in_words_and_as_json(lone: CommandLine) -> None:
    """Light, rule, version, calendar, pauses and limits as JSON; in words the same, with names in place of ids; and a
    day before the issue was recorded is refused with a sentence."""
    lone.run("project", "add", "--name", "风电场", "--number", "续1", "--category", "continuing")
    number = lone.json("issue", "add", "--project", "续1", "--title", "缺电", "--due", "+2")["number"]
    proof = lone.json("issue", "explain", number)
    issue = lone.json("issue", "show", number)
    assert (proof["light"], proof["rule"], proof["compared"]) == (issue["light"], "due_soon", issue["due"])
    assert proof["names"][proof["due_dates"][0]["author"]] in lone.run("issue", "explain", number).out
    assert [limit["name"] for limit in proof["limits"]] == ["due_soon", "stale", "overdue", "confirmation"]
    assert {"deadlines", "calendar", "pauses", "clock", "inputs", "digest", "version"} <= proof.keys()
    refused = lone.run("issue", "explain", number, "--on", "昨天", code=1)
    assert number in refused.err
