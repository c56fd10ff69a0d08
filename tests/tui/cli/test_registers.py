"""The registers on the command line, as contract.md words them: what is typed, what comes back as JSON."""

from __future__ import annotations

from typing import Any

import pytest
from rich.cells import cell_len

from tests.tui.cli.conftest import CommandLine

PROJECT = ("--project", "续1")


def test_procedures(imported: CommandLine) -> None:
    """A list is proposed from the category, one is set with what its status calls for, and what blocks is told."""
    imported.run("procedure", "propose", *PROJECT)
    listed = imported.json("procedure", "list", *PROJECT)
    assert listed and {"id", "code", "name", "status", "department", "days", "stage", "late"} <= listed[0].keys()
    one = listed[0]["id"]
    assert (
        imported.run("procedure", "set", one, "--status", "conditional", "--json", code=2).error["code"]
        == "field_missing"
    )
    done = imported.json(
        "procedure", "set", one, "--status", "granted", "--document", "建字8号", "--date", "2026-03-05"
    )
    assert (done["status"], done["document"], done["day"]) == ("granted", "建字8号", "2026-03-05")
    assert all(row["id"] != one for row in imported.json("procedure", "path", *PROJECT))
    assert imported.json("procedure", "show", one)["status"] == "granted"


def test_a_meeting_decides_on_issues(imported: CommandLine) -> None:
    """A meeting names issues, chair and departments; a decision is a step that names the meeting by its number."""
    issue = imported.json(
        "issue", "add", *PROJECT, "--title", "缺电", "--department", "供电公司", "--owner", "丁一", "--due", "+3"
    )
    for act in (("assign",), ("accept",), ("escalate", "--reason", "跨部门", "--to", "2")):
        imported.run("issue", act[0], issue["id"], *act[1:])
    met = imported.json(
        "meeting", "add", "--level", "2", "--chair", "甲乙", "--departments", "发改局;住建局",
        "--issues", issue["number"], "--text", "三日内接电",
    )  # fmt: skip
    assert (met["level"], met["chair"], met["departments"]) == (2, "甲乙", ["发改局", "住建局"])
    after = imported.json("issue", "resolve", issue["id"], "--meeting", met["number"], "--text", "由供电公司办理")
    assert after["state"] == "in_progress"
    decisions = imported.json("meeting", "show", met["id"])["decisions"]
    assert [(one["issue_id"], one["act"]) for one in decisions] == [(issue["id"], "resolved")]


def test_a_register_is_listed_for_a_period(imported: CommandLine) -> None:
    """The days of a period are included, whether the register keeps moments or months."""
    for day in ("2026-03-05 9:00", "2026-03-06 9:00"):
        imported.json("meeting", "add", "--project", "续1", "--title", "例会", "--level", "1", "--at", day)
    imported.json("progress", "add", "--project", "续1", "--month", "2026-03", "--done", "100万")
    assert len(imported.json("meeting", "list", "--since", "2026-03-06")) == 1
    assert len(imported.json("meeting", "list", "--until", "2026-03-05")) == 1
    assert len(imported.json("meeting", "list", "--since", "2026-03-05", "--until", "2026-03-06")) == 2
    assert len(imported.json("progress", "list", "--since", "2026-03-20")) == 1
    assert imported.json("progress", "list", "--until", "2026-02-28") == []


def test_policies_are_delivered(imported: CommandLine) -> None:
    """Who has not been told of a policy shrinks with each transmission."""
    policy = imported.json("policy", "add", "--title", "电价优惠", "--text", "下浮一成")
    before = len(imported.json("policy", "untold", policy["id"]))
    told = imported.json("policy", "deliver", policy["id"], *PROJECT, "--act", "transmit", "--at", "today")
    assert (told["policy"], told["act"]) == ("电价优惠", "transmit")
    assert len(imported.json("policy", "untold", "电价优惠")) == before - 1
    assert imported.json("policy", "edit", policy["id"], "--issuer", "区政府")["issuer"] == "区政府"


def test_figures_training_evaluation_adoption(lone: CommandLine) -> None:
    """The other registers take what the contract says, and give it back with what follows from it."""
    lone.run("project", "add", "--name", "风电场", "--investment-yuan", "60000000")
    figures = ("--month", "2026-06", "--planned", "1亿", "--done", "3000万", "--text", "基础")
    month = lone.json("progress", "add", "--project", "风电场", *figures)
    assert (month["rate"], month["lag"], month["behind"]) == (30.0, 20.0, True)
    trained = lone.json("training", "add", "--kind", "integrity", "--organiser", "纪委", "--at", "2026-05-01",
                        "--who", "甲一;乙一", "--hours", "1.5")  # fmt: skip
    assert (trained["hours"], [one["name"] for one in trained["who"]]) == (1.5, ["乙一", "甲一"])
    assert {one["person"]: one["integrity"] for one in lone.json("training", "hours")} == {"甲一": 1.5, "乙一": 1.5}
    judged = lone.json("evaluation", "add", "--period", "2026Q2", "--person", "甲一", "--score", "91.5", "--outcome",
                       "commendation", "--reason", "主动服务")  # fmt: skip
    assert (judged["score"], judged["facts"]["issues"]) == (91.5, 0)
    assert lone.run("evaluation", "add", "--period", "2026", "--outcome", "none", "--json", code=2).error
    assert lone.json("adoption", "set", "--unit", "发改局", "--status", "improving")["status"] == "improving"


def test_limits_are_set_by_name(lone: CommandLine) -> None:
    """A limit has a value and says who set it; one that does not exist is refused with the names that do. One that is
    yes or no is set and shown by the word."""
    listed: list[dict[str, Any]] = lone.json("limit", "set", "stale", "5")
    assert next(one for one in listed if one["name"] == "stale") == {"name": "stale", "value": 5, "set": True}
    assert "guanjia limit list" in lone.run("limit", "set", "nothing", "5", "--json", code=1).error["todo"]
    assert lone.run("limit", "set", "stale", "bald", "--json", code=2).error["code"] == "bad_amount"
    shown = lone.run("limit", "set", "confirmation", "yes").out.splitlines()
    assert "yes" in next(line for line in shown if line.startswith("confirmation"))
    assert next(one["value"] for one in lone.json("limit", "list") if one["name"] == "confirmation") == 1
    assert lone.run("limit", "set", "confirmation", "5", "--json", code=1).error["code"] == "switch_unknown"


def test_a_line_that_is_not_there(lone: CommandLine) -> None:
    """An id that nobody has is told plainly, with exit 1."""
    result = lone.run("training", "show", "01900000-0000-7000-8000-000000000000", "--json", code=1)
    assert result.error["code"] == "not_found"


@pytest.mark.parametrize("kind", ["difficulty", "困难", " 困难", "Difficulty"])
def test_a_choice_is_taken_by_its_code_and_by_its_words(lone: CommandLine, kind: str) -> None:
    """What help and screens show can be typed; so can the stored code. Acts on issues, too."""
    lone.run("project", "add", "--name", "甲项目", "--investment-yuan", "1.2亿")
    assert lone.json("project", "show", "甲项目")["investment_yuan"] == 120_000_000
    made = lone.json("issue", "add", "--project", "甲项目", "--title", "缺电", "--kind", kind)
    assert made["kind"] == "difficulty"
    told = lone.json("issue", "告知企业", made["number"], "--text", "在办")
    assert told["steps"][-1]["act"] == "told"
    assert len(lone.json("issue", "list", "--state", "待交办" if kind == "困难" else "open")) == 1


def test_titles_are_bounded_and_tables_fit(lone: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A title of 5,000 characters is refused with a sentence; where a width is stated, no line of a table is wider."""
    lone.run("project", "add", "--name", "甲" * 120)
    for length in (201, 5_000):
        refused = lone.run("issue", "add", "--project", "甲" * 120, "--title", "长" * length, code=1)
        assert f"{length} characters; 200" in refused.err
    lone.run("issue", "add", "--project", "甲" * 120, "--title", "长" * 200)
    monkeypatch.setenv("COLUMNS", "80")
    for typed in (("issue", "list"), ("project", "list"), ("today",), ("settings",), ("limit", "list")):
        assert max(map(cell_len, lone.run(*typed).out.splitlines())) <= 80, typed


def test_a_setting_is_shown_and_taken_by_its_words(lone: CommandLine) -> None:
    """On and off, and the words for a choice; no value of the program's stands in the table."""
    shown = lone.run("settings", "set", "live", "关", "--lang", "zh").out
    assert "关" in shown and "True" not in shown and "default" not in shown
    assert lone.run("settings", "set", "start", "项目", "--lang", "zh").code == 0
    values = {row["name"]: row["value"] for row in lone.json("settings")}
    assert (values["live"], values["start"]) == (False, "projects")
