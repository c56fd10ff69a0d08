"""A program in a terminal of its own, watched from outside: when it first paints, and when given words appear."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

_ESCAPES = re.compile(
    rb"\x1b\[[0-?]*[ -/]*[@-~]"  # colours, cursor, modes
    rb"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[P_^][^\x1b]*\x1b\\"  # titles and other strings
    rb"|\x1b.|[\x00-\x20]"
)
_ALTERNATE = b"\x1b[?1049h"


class Seen(NamedTuple):
    """Seconds from the start of the process to the first painted character and to the words waited for; peak memory
    in megabytes and seconds of processor time at that moment, which other people's work does not lengthen."""

    paint: float
    words: float
    peak_mb: float
    cpu: float


def watch(command: Sequence[str], words: str, environment: Mapping[str, str], patience: float = 30) -> Seen:
    """Start ``command`` in a pseudo-terminal of 120 × 40 and end it once ``words`` are on the screen.

    Raises `TimeoutError` with what was shown when they never come."""
    wanted = b"".join(words.encode().split())
    start = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:  # the new process
        os.execvpe(command[0], list(command), {**environment, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"})
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    output, paint = b"", 0.0
    try:
        while wanted not in (shown := _shown(output)):
            left = start + patience - time.perf_counter()
            if left <= 0 or not select.select([terminal], [], [], left)[0]:
                raise TimeoutError(f"{command[0]} never showed {words!r}: {shown[-400:].decode(errors='replace')}")
            output += os.read(terminal, 1 << 16)
            if not paint and _shown(output):
                paint = time.perf_counter() - start
        return Seen(paint, time.perf_counter() - start, peak_mb(pid), cpu_seconds(pid))
    finally:
        _end(pid, terminal)


def _shown(output: bytes) -> bytes:
    """What was painted since the program took the screen, without controls and spaces."""
    return _ESCAPES.sub(b"", output.partition(_ALTERNATE)[2])


def peak_mb(pid: int | str = "self") -> float:
    """The most memory that a process has had resident so far, in megabytes (VmHWM: of this program alone, not of what
    the process was before it became it)."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def cpu_seconds(pid: int) -> float:
    """The processor time that a running process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _end(pid: int, terminal: int) -> None:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(terminal)
