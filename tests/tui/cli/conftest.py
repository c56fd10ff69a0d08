"""The command line in this process, for JSON shapes and errors; ``laptop.py`` runs it as a child process."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.tui.cli.laptop import CommandResult, Laptop
from tui.cli import main
from tui.i18n import translate

DISTRICT = ("--district", "210903", "--district-name", "新邱区")
SAMPLE = Path(__file__).resolve().parents[3] / "store" / "importing" / "sample.txt"


class CommandLine:
    """Runs command lines in this process, on a home of the test's own, in English."""

    def __init__(self, home: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.home = home
        self._capture = capture

    def run(self, *arguments: str, code: int | None = 0) -> CommandResult:
        """Run a command; it must end with ``code``, or with any where that is None."""
        self._capture.readouterr()
        ended = main.run(arguments)
        result = CommandResult(ended, *self._capture.readouterr())
        if code is not None:
            assert result.code == code, f"{arguments}: {result}"
        return result

    def json(self, *arguments: str, code: int = 0) -> Any:
        """The command's data, as ``--json`` prints it."""
        return self.run(*arguments, "--json", code=code).value


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[CommandLine]:
    """A command line whose home does not exist yet."""
    for name, value in Laptop(tmp_path / "home").environment.items():
        if name.startswith("GUANJIA_"):
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("LANGUAGE", "en")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    monkeypatch.chdir(tmp_path)
    spoken = translate.current_language()
    yield CommandLine(tmp_path / "home", capsys)
    translate.set_language(spoken)


@pytest.fixture
def lone(here: CommandLine) -> CommandLine:
    """A command line on a home that works alone."""
    here.run("init", *DISTRICT, "--name", "乙卫东")
    return here


@pytest.fixture
def imported(lone: CommandLine) -> CommandLine:
    """A command line on a home that has read the sample table."""
    lone.run("import", str(SAMPLE), code=3)  # a warning: fewer projects than declared
    return lone
