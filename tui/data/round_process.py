"""One round with the central, started from the screens: the command ``guanjia sync`` as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from store.values.text import sanitize
from tui.i18n.translate import _, current_language

EXIT_DONE, EXIT_ATTENTION, EXIT_OFFLINE, EXIT_LOCKED = 0, 3, 4, 5
_TIMEOUT_S = 600


@dataclass(frozen=True, slots=True)
class SyncCommandResult:
    """How a round ended: the command's exit code, its counts, and what it said."""

    code: int
    pushed: int = 0
    pulled: int = 0
    superseded: int = 0
    rejected: int = 0
    message: str = ""

    @property
    def succeeded(self) -> bool:
        """Whether nobody needs to look."""
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
    """Run the command and read its outcome. Never raises: a round that cannot start is an outcome, too."""
    environment = {**os.environ, "GUANJIA_HOME": str(home), "GUANJIA_LANGUAGE": current_language()}
    try:
        ended = subprocess.run(
            [*command], env=environment, capture_output=True, stdin=subprocess.DEVNULL, timeout=_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return SyncCommandResult(1, message=sanitize(str(error)))
    counts = _counts(ended.stdout)
    return SyncCommandResult(ended.returncode, *counts, message=_error_message(ended.stderr))


def _counts(stdout: bytes) -> tuple[int, int, int, int]:
    try:
        facts = json.loads(stdout)
        return tuple(int(facts.get(name) or 0) for name in ("pushed", "pulled", "superseded", "rejected"))  # type: ignore[return-value]
    except (ValueError, AttributeError, TypeError):
        return (0, 0, 0, 0)


def _error_message(stderr: bytes) -> str:
    """What the command said: one JSON object of sentences with ``--json``, else its last lines."""
    text = sanitize(stderr.decode("utf-8", "replace")).strip()
    try:
        error = json.loads(text)["error"]
        return "\n".join(str(error[name]) for name in ("what", "data", "todo"))
    except (ValueError, KeyError, TypeError):
        return "\n".join(text.splitlines()[-3:])
