"""Man pages made from the commands, as groff sets them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from release.build import ROOT
from tui.cli.root import guanjia


def command_paths(command: click.Command, context: click.Context) -> Iterator[str]:
    """The path of each command that is shown, such as ``guanjia issue add``."""
    yield context.command_path
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None and not below.hidden:
                yield from command_paths(below, below.context_class(below, info_name=name, parent=context))


@pytest.mark.needs("groff")
@pytest.mark.parametrize(("language", "word"), [("en", "The service log"), ("zh", "服务日志")])
def test_every_command_has_a_page_that_can_be_set(tmp_path: Path, language: str, word: str) -> None:
    """Each command has a page, with each command below it; groff sets all of them, has nothing to say against them but
    that a long word does not fit a line, and leaves no instruction in the text."""
    command = [sys.executable, "-m", "release.man_pages", str(tmp_path), language]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / '.ci'}{os.pathsep}{ROOT}"}
    subprocess.run(command, env=environment, check=True, capture_output=True)
    pages = sorted(tmp_path.iterdir())
    paths = list(command_paths(guanjia, guanjia.context_class(guanjia, info_name="guanjia")))
    firsts = {"-".join(path.split()[:2]) for path in paths}
    assert {page.name for page in pages} == {f"{first}.1" for first in firsts}
    setter = ["groff", "-man", "-Tutf8", "-Kutf8", "-P-cbou", "-rLL=78n", *map(str, pages)]
    done = subprocess.run(setter, check=True, capture_output=True, text=True, encoding="utf-8")
    assert [line for line in done.stderr.splitlines() if "can't break line" not in line] == []
    text = " ".join(done.stdout.split())
    assert [path for path in paths if path not in text] == []
    assert word in text and not re.search(r"\\[&-]|^\.[A-Z]{2}", done.stdout, re.MULTILINE)
