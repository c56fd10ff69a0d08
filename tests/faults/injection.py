"""Runs commands on a disk that fails at one chosen call: ``disk_faults.c``, preloaded into a fork server.

The server's children are commands of their own (``tests/tui/cli/fork_server.py``); each is told by its environment
which of its calls fails, and how. Linux with a C compiler only.
"""

from __future__ import annotations

import atexit
import errno
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

from tests.tui.cli.fork_server import ForkServer, start_server
from tests.tui.cli.laptop import CommandResult, Laptop

Call = Literal["write", "flush", "read"]
SOURCE = Path(__file__).with_name("disk_faults.c")


class Fault(NamedTuple):
    """The ``at``-th ``call`` on a file of the home fails with an error number, or (0) the process is killed there."""

    call: Call
    at: int
    error: int

    def __str__(self) -> str:
        return f"{self.call} {self.at} {errno.errorcode.get(self.error, 'SIGKILL')}"


class FaultyResult(NamedTuple):
    """How a command ended on a faulty disk, and whether it came as far as the fault."""

    result: CommandResult
    fired: bool


def run_on_faulty_disk(laptop: Laptop, fault: Fault, folder: Path, *arguments: str) -> FaultyResult:
    """Run a command while one call on a file below ``folder`` fails."""
    fired = laptop.home.parent / "fired"
    fired.unlink(missing_ok=True)
    environment = {
        **laptop.environment,
        "DISK_FAULT_FOLDER": str(folder.resolve()),
        "DISK_FAULT_CALL": fault.call,
        "DISK_FAULT_AT": str(fault.at),
        "DISK_FAULT_DOES": str(fault.error) if fault.error else "kill",
        "DISK_FAULT_FIRED": str(fired),
    }
    ended = _server().run(arguments, environment, laptop.home.parent)
    result = CommandResult(ended.code, ended.out.decode(errors="replace"), ended.err.decode(errors="replace"))
    return FaultyResult(result, fired.exists())


@cache
def _server() -> ForkServer:
    folder = tempfile.TemporaryDirectory(prefix="faults-")
    library = Path(folder.name) / "disk_faults.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, SOURCE, "-ldl"], check=True, capture_output=True)
    atexit.register(folder.cleanup)
    return start_server({"LD_PRELOAD": str(library)})
