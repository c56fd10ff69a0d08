"""A program of the office: it is given the message as JSON on its standard input."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys

from sync.daemon.channels import DEADLINE_S, ChannelOutcome


def give_to_program(path: str, body: bytes, deadline_s: float = DEADLINE_S) -> ChannelOutcome:
    """Run the program, without a shell and without arguments. Exit code 0 is yes. What it starts ends with it, where it
    outlasts the deadline."""
    nothing = subprocess.DEVNULL
    try:
        process = subprocess.Popen(
            [path], stdin=subprocess.PIPE, stdout=nothing, stderr=nothing, start_new_session=sys.platform != "win32"
        )
    except (OSError, ValueError):
        return "unavailable"
    try:
        process.communicate(body, timeout=deadline_s)
    except subprocess.TimeoutExpired:
        _kill(process)
        return "timeout"
    return "refused" if process.returncode else "sent"


def _kill(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(OSError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()
