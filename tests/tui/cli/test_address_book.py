"""``guanjia person`` and ``guanjia unit`` as scripts and people use them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tui.cli.conftest import CommandLine


def test_people_are_corrected_and_merged_by_command(imported: CommandLine) -> None:
    """A phone is corrected in one place, doubles are proposed, merged, and taken apart again; a known name with another
    phone is refused with the way to correct it."""
    known = imported.json("person", "list", "--role", "butler", "--limit", "1")[0]
    assert known.keys() >= {"id", "name", "title", "unit", "phones", "roles", "account"}
    assert known["roles"][0]["role"] == "butler"
    shown = imported.json("person", "edit", known["id"], "--phone", "13900000000", "--more-phone", "办公 0418-2812345")
    assert shown["phones"] == ["13900000000", "0418-2812345"]
    name = known["name"]
    refused = imported.run("project", "edit", "续1", "--butler", f"{name} 13911112222", "--json", code=2).error
    assert (refused["code"], known["name"] in refused["todo"]) == ("name_like_known", True)
    assert imported.run("person", "add", f"{name}同志", "--json", code=2).error["code"] == "name_like_known"
    double = imported.json("person", "add", f"{name}同志", "--unit", "区工信局", "--new")
    (pair,) = imported.json("person", "doubles")
    assert (pair["keep"]["id"], pair["other"]["id"], pair["reasons"]) == (known["id"], double["id"], ["spelling"])
    merged = imported.json("person", "merge", known["id"], double["id"])
    assert [each["id"] for each in merged["merged"]] == [double["id"]]
    assert imported.json("person", "show", f"{name}同志")["id"] == known["id"]
    assert imported.json("person", "doubles") == []
    assert imported.json("person", "unmerge", double["id"])["unit"] == "区工信局"
    assert imported.run("person", "list", "--find", "2812345").out.count(name) == 1


def test_a_hand_over_without_its_sheet_is_taken_back(imported: CommandLine) -> None:
    """Where the sheet cannot be written no project has changed hands, which is said; the command can be run again."""
    given = ("person", "hand-over", "卯金海", "新来的")
    error = imported.run(*given, "--out", "no-such-folder/sheet.docx", "--json", code=1).error
    assert (error["code"], "No project was handed over" in error["data"]) == ("report_file", True)
    assert imported.json("person", "list", "--find", "新来的") == []
    assert imported.json(*given, "--out", "sheet.docx")["projects"] == 1


@pytest.mark.proves("R07", "R43")
def test_one_command_gives_a_butlers_projects_to_several(imported: CommandLine, tmp_path: Path) -> None:
    """``--give`` names who takes which, TO takes the rest, the sheet has a page for each. Somebody must be named."""
    for number in ("甲1", "甲2", "甲3"):
        imported.run("project", "add", "--name", f"工程{number}", "--number", number, "--butler", "卯金海")
    hand_over = ("person", "hand-over", "卯金海")
    for wrong in ((), ("--give", "新来的"), ("--give", "新来的=")):
        assert imported.run(*hand_over, *wrong, "--json", code=2).error["code"] == "usage"
    given = ("--give", "新来的=甲1；甲3", "--give", "后来的=甲2", "--out", str(tmp_path / "several.json"))
    done = imported.json(*hand_over, "丁水", *given)
    assert done["shares"][1:] == [
        {"taker": "新来的", "projects": ["甲1", "甲3"]}, {"taker": "后来的", "projects": ["甲2"]},
    ]  # fmt: skip
    assert done["shares"][0]["taker"] == "丁水" and done["projects"] == 4
    tables = json.loads((tmp_path / "several.json").read_text("utf-8"))["tables"]
    assert sum(table["title"] == "Signatures" for table in tables) == 3
    assert {row["number"]: row["butler"] for row in imported.json("project", "list")}["甲3"] == "新来的"
