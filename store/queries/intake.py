"""What this device remembers of the central's log of what it took in (``sync/steps/intake.py`` writes it)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

HEADS, HEAD, FAULT = "intake_heads", "intake_head", "intake_fault"
"""The facts of the device: the signed heads, what is said of the newest, and what is wrong with the log."""
LOG_RESTORED = "log_restored"
"""The notice that a central which was set back has lost entries of its log."""


class LogState(NamedTuple):
    """How many entries the log had at the newest head that is known, when the last one was added (milliseconds since
    1970), and the first digits of its root, for people to compare; ``fault`` is why it is not what it was
    (``rewritten``, ``unsigned``), found at ``fault_at``, None where all is well."""

    size: int
    at: int
    root: str
    fault: str | None = None
    fault_at: int = 0

    def to_json(self) -> dict[str, object]:
        """As ``guanjia status --json`` prints it."""
        return self._asdict()


def log_state(facts: Mapping[str, str]) -> LogState | None:
    """What do the facts of this device say of the central's log? None where nothing is known of it."""
    summary, fault = (json.loads(facts.get(key) or "{}") for key in (HEAD, FAULT))
    if not summary and not fault:
        return None
    told = (str(fault["code"]), int(fault["at"])) if fault else (None, 0)
    return LogState(int(summary.get("size", 0)), int(summary.get("at", 0)), str(summary.get("root", ""))[:16], *told)
