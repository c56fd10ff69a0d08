"""Ids are never shown where a name is meant (issue 12): every command that prints what is here is run and read."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from store.home.credentials import open_credentials
from store.home.paths import resolve_home
from tests.sync.central_fixture import running_central
from tests.sync.laptops import Laptop, bureau, project
from tests.tui.cli.conftest import CommandLine
from tests.tui.registers_sample import fill_registers
from tests.tui.sample import KEY, sample_home
from tui.cli.commands.admin_tables import words_of
from tui.cli.root import guanjia

AN_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<![\w/.-])(?=[A-Za-z]*\d)[0-9A-Za-z]{26,}(?![\w/.-])")
A_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
PICTURES = Path(__file__).resolve().parents[1] / "__snapshots__" / "test_snapshots"
ELSEWHERE = ("admin", "central", "completion", "daemon", "demo", "dump", "join", "sync")
"""They need another machine, or print data for programs."""
SECRETS = {("reminders", "key")}
"""They print a secret that is to be copied, and nothing else."""
SERVING = (("central", "serve"), ("central", "install"))
"""They end when they are stopped, or change the machine; ``daemon`` is such a one, too."""
NAMED = {"project": "1", "issue": "W2026-001", "person": "乙卫东", "unit": "供电公司", "visit": ""}


def printing_commands(
    command: click.Command, path: tuple[str, ...] = (), within: tuple[str, ...] = ()
) -> Iterator[tuple[str, ...]]:
    """Each command that can be run with nothing or with the name of a record, with the arguments that it then has: of
    all that need no other machine, or of those ``within``."""
    context = click.Context(command)
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            if child is not None and (path or (name in within if within else name not in ELSEWHERE)):
                yield from printing_commands(child, (*path, name))
        return
    required = [each for each in command.params if each.required]
    if not required:
        yield path
    elif path[-1] == "show":
        yield (*path, NAMED.get(path[0], path[0]))


def lines_with_ids(printed: str) -> list[str]:
    """The lines that have an id elsewhere than in a column of their table, or a row, that is headed ID."""
    wrong = []
    for table in printed.split("\n\n"):
        has_column = any(re.search(r"(^|\s)ID(\s|$)", line) for line in table.splitlines()[:3])
        with_ids = [line for line in table.splitlines() if AN_ID.search(line) and not line.startswith("ID ")]
        wrong += [] if has_column else with_ids
    return wrong


def test_no_command_shows_an_id_for_a_name(here: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """On a district with a line in every register, each command that only prints is run for people: an id stands in a
    column of its own or nowhere."""
    sample_home(here.home).database.close()
    ids = fill_registers(here.home)
    open_credentials(resolve_home(str(here.home)), "file").save_key(KEY)
    monkeypatch.setenv("COLUMNS", "300")
    wrong: dict[str, list[str]] = {}
    paths = [path for path in printing_commands(guanjia) if path not in SECRETS]
    for path in paths:
        arguments = [ids.get(part, part) if at == 2 else part for at, part in enumerate(path)]
        ended = here.run(*arguments, code=None)
        if lines := [*lines_with_ids(ended.out), *filter(AN_ID.search, ended.err.splitlines())]:
            wrong[" ".join(path)] = lines[:3]
    assert wrong == {}
    assert len(paths) > 50
    shutil.rmtree(tmp_path / "home")


def test_no_command_about_a_central_shows_an_id_for_a_name(
    here: CommandLine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The bureau's seat, the central's own commands and rounds, where people, devices, a code and an audit
    are to be listed: names stand where names are meant, and moments to the minute."""
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setenv("HOME", str(tmp_path))
    with running_central(tmp_path) as central:
        boss = bureau(tmp_path / "boss", central, "张局")
        served = project(boss, "北山新能源材料项目")
        boss.sync()
        butler = Laptop(tmp_path / "butler").join(central, central.invite("李管家", "butler", projects=[served.id]))
        butler.sync()
        central.invite("王科", "supervision_office")
        monkeypatch.setenv("GUANJIA_HOME", str(boss.home.path))
        monkeypatch.setenv("GUANJIA_CENTRAL_DATA", str(central.data_dir))
        paths = [*printing_commands(guanjia, within=("admin", "central", "sync")), ("central", "install", "--dry-run")]
        ended = {path: here.run(*path, code=None) for path in paths if path not in SERVING}
        printed = {" ".join(path): each.out + each.err for path, each in ended.items()}
    assert "李管家" in printed["admin people"] and "李管家" in printed["central people"]
    assert "北山新能源材料项目" in printed["admin people"] and "北山新能源材料项目" in printed["central people"]
    wrong = {path: lines for path, text in printed.items() if (lines := lines_with_ids(text))}
    assert wrong == {}


def test_no_screen_shows_an_id() -> None:
    """The pictures of all screens, in both languages and sizes, show none."""
    pictures = sorted(PICTURES.glob("*.svg"))
    assert len(pictures) > 100
    assert [picture.name for picture in pictures if A_UUID.search(picture.read_text("utf-8"))] == []


def test_an_entry_of_the_audit_is_told_in_words() -> None:
    """Names, roles and counts of an entry's detail, without ids, keys and punctuation of programs."""
    line_id = "be790dad-0ba8-8264-bff7-93543fca60ed"
    assert words_of({"decision": "rejected", "count": 36, "lines": [line_id]}) == "不采纳  36"
    granted = {"subject": line_id, "name": "王五", "roles": [{"role": "butler", "project": line_id}], "by": "root"}
    assert words_of(granted) == "王五  项目管家  root"
    assert words_of({"asked": 0, "ok": True}) == ""
    assert words_of({"versions": 2, "entries": [[12, "0f" * 32, "1e" * 32]]}) == "2"
    butler = [{"role": "butler", "project": line_id, "department": None}]
    moved = {
        "cause": "dates",
        "at": 1_796_015_167_559,
        "accounts": 1,
        "changes": [{"account": line_id, "added": butler}],
    }
    assert words_of(moved) == "到期起止  2026-11-30 13:06  1  新增 项目管家"
