"""``guanjia find``: the fast path and click give the same, and every way of typing finds."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.cli.conftest import DISTRICT, CommandLine
from tests.tui.cli.laptop import Laptop
from tui.cli import options
from tui.cli.commands import find as find_command
from tui.cli.commands import find_fast

HIT_KEYS = {"kind", "id", "project", "title", "snippet", "state", "light", "when", "score"}


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("热", "铁路专用线"),
        ("热源", "铁路专用线"),
        ("xqqdxh", "丁香湖"),
        ("dingxianghu", "丁香湖"),
        ("续5", "丁香湖"),
        ("19900000012", "丑宁"),
        ("新邱 旅游", "丁香湖"),
    ],
)
def test_every_way_of_typing_finds(imported: CommandLine, typed: str, title: str) -> None:
    """Characters from one on, initials, pinyin, numbers, phones and several words find the line."""
    hits = imported.json("find", typed)
    assert title in hits[0]["title"]
    assert all(hit.keys() >= HIT_KEYS for hit in hits)


def test_best_comes_first_and_limit_counts(imported: CommandLine) -> None:
    """Hits are ordered by score, and no more are given than were asked for."""
    hits = imported.json("find", "新邱", "--limit", "3")
    assert len(hits) == 3
    assert [hit["score"] for hit in hits] == sorted((hit["score"] for hit in hits), reverse=True)


def test_narrowed_by_kind_state_and_department(imported: CommandLine) -> None:
    """``--kind``, ``--state`` and ``--department`` leave out what is not meant; a light is shown with the state."""
    typed = ("--title", "丁香湖临时用电", "--department", "供电公司", "--due", "2020-01-02")
    imported.run("issue", "add", "--project", "续5", *typed)
    assert {hit["kind"] for hit in imported.json("find", "丁香湖", "--kind", "issue")} == {"issue"}
    [found] = imported.json("find", "丁香湖", "--state", "open", "--department", "供电公司", "--kind", "issue")
    assert (found["state"], found["light"]) == ("open", "red")
    assert imported.json("find", "丁香湖", "--state", "closed") == []
    imported.run("find", "丁香湖", "--department", "没有的", code=1)


def test_qualifiers_narrow_as_on_the_screen(imported: CommandLine) -> None:
    """People, numbers, departments, states and kinds narrow it where they are typed; a misspelt one is corrected."""
    typed = ("--title", "丁香湖临时用电", "--department", "供电公司", "--due", "2020-01-02")
    imported.run("issue", "add", "--project", "续5", *typed)
    [found] = imported.json("find", "dept:gdgs", "state:open", "丁香湖")
    assert (found["title"], found["light"]) == ("丁香湖临时用电", "red")
    assert {hit["title"] for hit in imported.json("find", "@丑宁")} == {"丑宁"}
    assert imported.json("find", "#续5")[0]["number"] == "续5"
    assert {hit["kind"] for hit in imported.json("find", "kind:project", "--limit", "3")} == {"project"}
    assert imported.json("find", "kind:project 丁香湖", "--kind", "issue") == []
    assert "“open”" in imported.run("find", "state:opne", code=1).err


def test_nothing_found_is_no_failure(imported: CommandLine) -> None:
    """An empty answer is an answer: exit 0, an empty list, a word on stderr for people."""
    assert imported.json("find", "没有这样的东西") == []
    result = imported.run("find", "没有这样的东西")
    assert (result.out, result.err) == ("", "Nothing was found.\n")


def test_people_get_lines_that_say_what_and_where(imported: CommandLine) -> None:
    """The text names kind, number and title on one line."""
    assert imported.run("find", "续5").out.startswith("project  续5  新邱区丁香湖旅游风景基础设施项目")


@pytest.mark.parametrize("typed", [("--kind", "projct"), ("--state", "opn"), ("--limit", "0"), ("--limit", "many")])
def test_invalid_values_are_wrong_usage(imported: CommandLine, typed: tuple[str, ...]) -> None:
    """A value that an option does not take exits 2, also where only click can tell."""
    result = imported.run("find", "没有这样的东西", *typed, code=2)
    assert typed[0] in result.err


def test_both_parsers_give_the_same(imported: CommandLine) -> None:
    """The fast path and click's command print the same."""
    quickly = imported.run("find", "新邱", "--limit", "2", "--ndjson").out
    assert find_fast.parse_options(["find", "--", "新邱", "--limit", "2"]) is None
    by_click = imported.run("find", "--limit", "2", "--ndjson", "--", "新邱").out
    assert quickly == by_click
    assert len([json.loads(line) for line in quickly.splitlines()]) == 2


def test_shared_options_may_stand_before(imported: CommandLine) -> None:
    """Options before the command's name count on the fast path too."""
    assert imported.run("--ndjson", "find", "热源").out == imported.run("find", "热源", "--ndjson").out


@given(
    st.lists(
        st.one_of(st.sampled_from(["find", "--limit", "--kind", "--json", "--home", "3", "x"]), st.text()), max_size=6
    )
)
def test_the_fast_parser_never_fails(arguments: list[str]) -> None:
    """Any command line is either parsed as a search for some text or left to click."""
    asked = find_fast.parse_options(arguments)
    assert asked is None or (arguments.count("find") and isinstance(asked.text, str))


def test_both_parsers_read_one_table() -> None:
    """The options that click knows are those of the table that the fast path reads: the same flags, and the same of
    them take a value."""
    by_click = {
        parameter.opts[0]: not parameter.is_flag
        for parameter in find_command.find.params
        if isinstance(parameter, click.Option)
    }
    table = {spec.flag: spec.is_plain is not None for spec in (*options.SHARED_OPTIONS, *options.FIND_OPTIONS)}
    assert by_click == table


def test_find_imports_nothing_of_sync(tmp_path: Path) -> None:
    """A lookup of the command line, by department and kind too, runs without any module of sync."""
    laptop = Laptop(tmp_path / "home")
    laptop.run("init", *DISTRICT, "--name", "乙卫东")
    code = "import sys, tui.cli.main\ntui.cli.main.run(sys.argv[1:])\nprint(*sys.modules, file=sys.stderr)"
    for typed in (["乙", "--kind", "person"], ["乙", "--department", "没有的"], ["无", "--kind", "nothing"]):
        done = subprocess.run(
            [sys.executable, "-c", code, "find", *typed], env=laptop.environment, capture_output=True, check=True
        )
        loaded = done.stderr.decode().split()
        assert "tui.cli.commands.find_fast" in loaded
        assert [name for name in loaded if name.split(".")[0] == "sync"] == []
