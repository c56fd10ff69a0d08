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


def test_a_time_rule_gives_what_nobody_has_set(lone: CommandLine) -> None:
    """A rule that is entered afterwards gives open issues their due date, an assignment needs none, waiting for the
    enterprise moves it, a changed rule moves it again, and one that somebody sets stays; the proof names the rule."""
    lone.run("project", "add", "--name", "风电场", "--number", "续1", "--category", "continuing")
    number = lone.json("issue", "add", "--project", "续1", "--title", "缺电", "--urgency", "加急")["number"]
    refused = lone.run("issue", "assign", number, "--department", "供电局", "--owner", "卯金海", code=2)
    assert "due" in refused.err
    rule = ("--counting", "workdays", "--pauses", "enterprise", "--valid-from", "2026-01-01")
    kept = lone.json("time-rule", "add", "--days", "10", "--start", "recorded", "--urgency", "urgent", *rule)["id"]
    ruled = lone.json("issue", "show", number)
    assert (ruled["due_rule"], ruled["due"] is not None) == (kept, True)
    lone.run("issue", "assign", number, "--department", "供电局", "--owner", "卯金海")
    lone.run("issue", "accept", number)
    waiting = lone.json("issue", "wait", number, "--reason", "等材料", "--until", "+3", "--waiting-for", "企业")
    assert waiting["due"] > ruled["due"]
    proof = lone.json("issue", "explain", number)["due_rule"]
    assert (proof["rule"], proof["paused"], proof["due"]) == (kept, 3, waiting["due"])
    assert "time rule" in lone.run("issue", "explain", number).out
    lone.run("time-rule", "edit", kept, "--days", "30")
    assert lone.json("issue", "show", number)["due"] > waiting["due"]
    lone.run("issue", "progress", number, "--text", "材料已到")
    by_hand = lone.json("issue", "extend", number, "--due", "+5", "--reason", "商定")
    assert by_hand["due_rule"] is None
    lone.run("time-rule", "edit", kept, "--days", "1")
    assert lone.json("issue", "show", number)["due"] == by_hand["due"]
