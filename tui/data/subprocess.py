"""Runs ``guanjia`` commands as child processes: the screens need no network code, and do what a script would do.

A command is read by its ``--json`` output and the error that it prints; rounds with the central are one such command.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from store.home.paths import Home
from store.home.pin_lock import HANDED_KEY_VARIABLE, UNLOCKED, handed_line
from store.values.text import sanitize
from tui.i18n.translate import ErrorText, _, current_language

EXIT_DONE, EXIT_ATTENTION = 0, 3
ROUND_TIMEOUT_S = 600
LineCallback = Callable[[str], None]


class CommandResult(NamedTuple):
    """How a command ended: its exit code, the data that it printed (None where that was no JSON), and what it printed
    on stderr."""

    code: int
    value: object = None
    stderr: str = ""

    @property
    def error(self) -> ErrorText | None:
        """What went wrong, in three sentences; None where the command succeeded."""
        if self.code in (EXIT_DONE, EXIT_ATTENTION):
            return None
        return _error_text(self.stderr) or ErrorText(_("The command ended without a word."), "", "")

    @property
    def error_code(self) -> str:
        """The code of the error that was printed as JSON; empty where there is none."""
        try:
            return str(json.loads(self.stderr)["error"]["code"])
        except (ValueError, KeyError, TypeError):
            return ""

    def fact(self, name: str) -> str:
        """A value of the JSON object that was printed, as text; empty where there is none."""
        return str(self.value.get(name) or "") if isinstance(self.value, dict) else ""


def run_command(
    command: Sequence[str],
    home: Path,
    arguments: Sequence[str] = (),
    on_line: LineCallback | None = None,
    timeout_s: float | None = None,
    typed: str = "",
    variables: Mapping[str, str] | None = None,
    on_start: Callable[[subprocess.Popen[bytes]], None] | None = None,
) -> CommandResult:
    """Run ``command`` with ``arguments`` on a home. With ``on_line`` each line of its output is passed on as it comes,
    without it the output is JSON. After ``timeout_s`` seconds the command is killed. ``typed`` is what the command
    reads from its standard input: secrets are not among the arguments, which everybody on the machine can read. The key
    of a home that a PIN protects and that is unlocked here goes before it. ``variables`` are added to its environment.
    ``on_start`` is given the process, to end it by. Never raises: a command that cannot start has failed."""
    own = {"GUANJIA_HOME": str(home), "GUANJIA_LANGUAGE": current_language()}
    environment = {**os.environ, **own, **(variables or {})}
    output_format = () if on_line or "--json" in command else ("--json",)
    key = UNLOCKED.key(Home(home))
    handed = {} if key is None else {HANDED_KEY_VARIABLE: "0"}
    with tempfile.TemporaryFile() as errors:
        try:
            process = subprocess.Popen(
                [*command, *arguments, *output_format],
                env=environment | handed,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
            )
        except OSError as error:
            return CommandResult(1, stderr=sanitize(str(error)))
        if on_start is not None:
            on_start(process)
        told = (b"" if key is None else handed_line(key)) + typed.encode()
        threading.Thread(target=_type, args=(process, told), daemon=True, name="typing").start()
        printed = _read_output(process, on_line, timeout_s)
        code = process.wait()
        errors.seek(0)
        stderr = sanitize(errors.read().decode("utf-8", "replace")).strip()
    return CommandResult(code, _parse_json(printed), stderr)


def _type(process: subprocess.Popen[bytes], told: bytes) -> None:
    """Write the child's standard input: in a thread, since a pipe takes little until the child reads."""
    assert process.stdin is not None
    with contextlib.suppress(OSError), process.stdin as pipe:  # it ended without reading
        pipe.write(told)


def _read_output(process: subprocess.Popen[bytes], on_line: LineCallback | None, timeout_s: float | None) -> str:
    assert process.stdout is not None
    watchdog = threading.Timer(timeout_s, process.kill) if timeout_s else None
    if watchdog is not None:
        watchdog.daemon = True
        watchdog.start()
    lines = []
    for line in process.stdout:
        text = sanitize(line.decode("utf-8", "replace")).rstrip("\n")
        lines.append(text)
        if on_line:
            on_line(text)
    if watchdog is not None:
        watchdog.cancel()
    return "\n".join(lines)


def _parse_json(printed: str) -> object:
    try:
        value: object = json.loads(printed)
    except ValueError:
        return None
    return value


def _error_text(stderr: str) -> ErrorText | None:
    """The error that a command printed: one JSON object of sentences, or its last three lines; None for nothing."""
    try:
        error = json.loads(stderr)["error"]
        return ErrorText(*(str(error[name]) for name in ("what", "data", "todo")))
    except (ValueError, KeyError, TypeError):
        lines = [line for line in stderr.splitlines() if line.strip()][-3:]
        return ErrorText(*lines, *[""] * (3 - len(lines))) if lines else None


@dataclass(frozen=True, slots=True)
class SyncCommandResult:
    """How a round ended: the command's exit code, its counts of lines, and the error that it printed."""

    code: int
    pushed: int = 0
    pulled: int = 0
    superseded: int = 0
    rejected: int = 0
    message: str = ""

    @property
    def succeeded(self) -> bool:
        """Whether nobody needs to act."""
        return self.code == EXIT_DONE

    def text(self) -> str:
        """The outcome as a sentence."""
        if self.code in (EXIT_DONE, EXIT_ATTENTION):
            text = _("Sent {pushed}, received {pulled}.").format(pushed=self.pushed, pulled=self.pulled)
            if self.superseded:
                text += " " + _("Overtaken by later edits: {n}.").format(n=self.superseded)
            if self.rejected:
                text += " " + _("Refused: {n}; see 6.").format(n=self.rejected)
            return text
        return self.message or _("The round did not succeed.")


def run_round(command: Sequence[str], home: Path) -> SyncCommandResult:
    """Run one round with the central; ``command`` is ``guanjia sync --json``. Never raises."""
    result = run_command(command, home, timeout_s=ROUND_TIMEOUT_S)
    counts = [result.fact(name) for name in ("pushed", "pulled", "superseded", "rejected")]
    pushed, pulled, superseded, rejected = (int(count) if count.isdecimal() else 0 for count in counts)
    message = "\n".join(part for part in _error_text(result.stderr) or () if part)
    return SyncCommandResult(result.code, pushed, pulled, superseded, rejected, message)
