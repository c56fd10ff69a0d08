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

from store.values.text import sanitize
from tui.i18n.translate import ErrorText, _, current_language

LineCallback = Callable[[str], None]


class CommandResult(NamedTuple):
    """How a command ended: its exit code, the data it printed (None where that was none), and what went wrong."""

    code: int
    value: Any = None
    error: ErrorText | None = None


def run_command(
    command: Sequence[str], home: Path, arguments: Sequence[str], on_line: LineCallback | None = None
) -> CommandResult:
    """Run ``command`` with ``arguments`` on a home. With ``hear`` each line that it prints is told as it comes, else
    they are its data. Never raises: a command that cannot start has gone wrong."""
    environment = {**os.environ, "GUANJIA_HOME": str(home), "GUANJIA_LANGUAGE": current_language()}
    form = () if on_line else ("--json",)
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
            return CommandResult(1, error=ErrorText(sanitize(str(error)), "", ""))
        printed = _read_output(process, on_line)
        code = process.wait()
        said.seek(0)
        told = sanitize(said.read().decode("utf-8", "replace")).strip()
    return CommandResult(code, _value(printed), None if code in (0, 3) else _error(told))


def _read_output(process: subprocess.Popen[bytes], on_line: LineCallback | None) -> str:
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        text = sanitize(line.decode("utf-8", "replace")).rstrip("\n")
        lines.append(text)
        if on_line:
            on_line(text)
    return "\n".join(lines)


def _value(printed: str) -> Any:
    try:
        return json.loads(printed)
    except ValueError:
        return None


def _error(stderr_text: str) -> ErrorText:
    """What the command said: one JSON object of sentences, or three lines for people."""
    try:
        error = json.loads(stderr_text)["error"]
        return ErrorText(*(str(error[name]) for name in ("what", "data", "todo")))
    except (ValueError, KeyError, TypeError):
        lines = [line for line in stderr_text.splitlines() if line.strip()][-3:] or [
            _("The command ended without a word.")
        ]
        return ErrorText(*lines, *[""] * (3 - len(lines)))
