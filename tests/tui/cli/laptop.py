"""A laptop in a folder: real commands as processes of their own, with a home and file credentials."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from tests.tui.cli.fork_server import ForkedProcess, fork_server

ROOT = Path(__file__).resolve().parents[3]
COMMAND = (sys.executable, "-m", "tui.cli.main")


class CommandResult(NamedTuple):
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def value(self) -> Any:
        """The one JSON value on stdout."""
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, str]:
        """The JSON error on stderr."""
        error: dict[str, str] = json.loads(self.err)["error"]
        return error


@dataclass
class Laptop:
    """One home. ``more`` adds to the environment; nothing of the tester's own reaches the command."""

    home: Path
    more: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What the command sees: its home, file credentials, English texts."""
        kept = {name: os.environ[name] for name in ("PATH", "LC_ALL", "SYSTEMROOT", "TMPDIR") if name in os.environ}
        own = {"GUANJIA_HOME": str(self.home), "GUANJIA_CREDENTIALS": "file", "GUANJIA_LANGUAGE": "en"}
        return {**kept, "HOME": str(self.home.parent), "PYTHONPATH": str(ROOT), **own, **self.more}

    def run(self, *arguments: str, code: int | None = 0) -> CommandResult:
        """Run the command; it must end with ``code``, or with any where that is None."""
        ended = fork_server().run(arguments, self.environment, self.home.parent)
        result = CommandResult(ended.code, ended.out.decode(), ended.err.decode())
        if code is not None:
            assert result.code == code, f"{arguments}: {result}"
        return result

    def json(self, *arguments: str, code: int = 0) -> Any:
        """The command's data, as ``--json`` prints it."""
        return self.run(*arguments, "--json", code=code).value

    def fork(self, *arguments: str) -> ForkedProcess:
        """Start a command that goes on until it is stopped; it reads nothing."""
        return fork_server().start(arguments, self.environment, self.home.parent)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """The same in an interpreter of its own, which reads what is written to it."""
        return subprocess.Popen(
            [*COMMAND, *arguments],
            env=self.environment,
            cwd=self.home.parent,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
