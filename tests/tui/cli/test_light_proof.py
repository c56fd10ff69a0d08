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


def test_hours_requests_and_whose_clock_it_is_are_explained(lone: CommandLine) -> None:
    """A rule in office hours limits the acceptance to the minute; the hours of offices are set as times of day, and not
    out of their order; the proof names the department whose clock it is, the rule, and a request with its answer."""
    lone.run("project", "add", "--name", "风电场", "--number", "续1", "--category", "continuing")
    number = lone.json("issue", "add", "--project", "续1", "--title", "缺电", "--due", "+9")["number"]
    rule = ("--counting", "办公小时", "--start", "called", "--pauses", "none", "--valid-from", "2026-01-01")
    refused = lone.run(
        "time-rule", "add", "--act", "接办", "--days", "4", *rule[:2], "--start", "assigned", *rule[4:], code=1
    )
    assert "called" in refused.err
    lone.run("time-rule", "add", "--act", "接办", "--days", "4", *rule)
    lone.run("limit", "set", "afternoon_from", "14:30")
    assert "order" in lone.run("limit", "set", "morning_from", "15:00", code=1).err
    lone.run("issue", "assign", number, "--department", "供电局", "--owner", "卯金海", "--at", "2026-03-02 11:00")
    lone.run("issue", "ask-extension", number, "--due", "+30", "--reason", "待评审")
    proof = lone.json("issue", "explain", number)
    (accept, settle) = proof["clocks"]
    assert (accept["act"], accept["limit"], accept["counting"]) == ("accept", "2026-03-02T17:30", "hours")
    assert (proof["light"], proof["rule"], proof["compared"]) == ("red", "act_overdue", accept["limit"])
    assert (settle["act"], settle["rule"]) == ("settle", None)
    assert [each["answer"] for each in proof["extensions"]] == [None]
    said = lone.run("issue", "explain", number).out
    assert "供电局" in said
    assert "4 office hours" in said
    assert "待评审" in said
    lone.run("issue", "extend", number)
    assert lone.json("issue", "show", number)["due"] == proof["extensions"][0]["due"]
    assert number in lone.run("issue", "explain", number, "--on", "2026-03-02 11:00", code=1).err
