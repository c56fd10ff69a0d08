"""Commands of this program, run from the screens as processes of their own: the screens need no network code, and what
a person sees done is what a script would do."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from store.values.text import clean
from tui.i18n.translate import Sentences, _, language

Hear = Callable[[str], None]


class Ran(NamedTuple):
    """How a command ended: its exit code, the data it printed (None where that was none), and what went wrong."""

    code: int
    value: Any = None
    error: Sentences | None = None


def run_command(command: Sequence[str], home: Path, arguments: Sequence[str], hear: Hear | None = None) -> Ran:
    """Run ``command`` with ``arguments`` on a home. With ``hear`` each line that it prints is told as it comes, else
    they are its data. Never raises: a command that cannot start has gone wrong."""
    environment = {**os.environ, "GUANJIA_HOME": str(home), "GUANJIA_LANGUAGE": language()}
    form = () if hear else ("--json",)
    with tempfile.TemporaryFile() as said:
        try:
            process = subprocess.Popen(
                [*command, *arguments, *form],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=said,
            )
        except OSError as error:
            return Ran(1, error=Sentences(clean(str(error)), "", ""))
        printed = _printed(process, hear)
        code = process.wait()
        said.seek(0)
        told = clean(said.read().decode("utf-8", "replace")).strip()
    return Ran(code, _value(printed), None if code in (0, 3) else _error(told))


def _printed(process: subprocess.Popen[bytes], hear: Hear | None) -> str:
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        text = clean(line.decode("utf-8", "replace")).rstrip("\n")
        lines.append(text)
        if hear:
            hear(text)
    return "\n".join(lines)


def _value(printed: str) -> Any:
    try:
        return json.loads(printed)
    except ValueError:
        return None


def _error(told: str) -> Sentences:
    """What the command said: one JSON object of sentences, or three lines for people."""
    try:
        error = json.loads(told)["error"]
        return Sentences(*(str(error[name]) for name in ("what", "data", "todo")))
    except (ValueError, KeyError, TypeError):
        lines = [line for line in told.splitlines() if line.strip()][-3:] or [_("The command ended without a word.")]
        return Sentences(*lines, *[""] * (3 - len(lines)))
