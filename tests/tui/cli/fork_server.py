"""Runs command lines as processes of their own without the cost of starting an interpreter for each.

One server process a test run imports what commands need and forks for every command; the child has the command's
arguments, environment, folder, stdout and stderr, and ends with its exit code. What a start itself costs or loads is
not proved by this: those tests start an interpreter (``tests/tui/cli/test_command_line.py``).
"""

from __future__ import annotations

import array
import atexit
import gc
import json
import os
import pkgutil
import socket
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[3]
TIMEOUT_S = 120
_PRELOADED = (
    "tui.cli.main",
    "tui.cli.root",
    "tui.cli.tables",
    "store.ledger.kinds",
    "store.db.migrations.run",
    "store.writer.adoption",
    "store.commands.visits",
    "store.commands.issues",
    "store.importing.import_report",
    "sync.central.db.migrations.run",
    "sync.round",
    "sync.transport.client",
    "alembic.script",
    "chinese_calendar",
    "httpcore",
)
"""What commands import when they need it, among others: each child would import it anew."""


class Ended(NamedTuple):
    """A command's exit code and what it printed."""

    code: int
    out: bytes
    err: bytes


class ForkServer:
    """The running server; `run` is safe from several threads, one command after the other. ``more`` adds to the
    environment of the server itself."""

    def __init__(self, more: Mapping[str, str] | None = None) -> None:
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", "tests.tui.cli.fork_server", str(theirs.fileno())]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", **(more or {})}
        self._process = subprocess.Popen(
            command, env=environment, cwd=ROOT, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL
        )
        theirs.close()
        self._socket, self._lock = ours, Lock()
        ours.settimeout(TIMEOUT_S)

    def run(self, arguments: Sequence[str], environment: dict[str, str], folder: Path) -> Ended:
        """Run one command to its end. Raises `TimeoutError` where it takes longer than two minutes."""
        asked = json.dumps({"arguments": arguments, "environment": environment, "folder": str(folder)}).encode()
        with self._lock, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            socket.send_fds(self._socket, [len(asked).to_bytes(4, "big")], [out.fileno(), err.fileno()])
            self._socket.sendall(asked)
            code = array.array("i", self._socket.recv(4))[0]
            out.seek(0)
            err.seek(0)
            return Ended(code, out.read(), err.read())

    def close(self) -> None:
        """End the server."""
        self._socket.close()
        self._process.wait()


@cache
def fork_server() -> ForkServer:
    """The server of this test process, started when it is first asked for."""
    server = ForkServer()
    atexit.register(server.close)
    return server


def serve(connection: socket.socket) -> None:
    """Fork for each command until the other end is closed."""
    for name in _PRELOADED:
        import_module(name)
    for module in pkgutil.iter_modules(import_module("tui.cli.commands").__path__, "tui.cli.commands."):
        import_module(module.name)
    import_module("store.ledger.kinds").kinds()
    gc.freeze()
    while True:
        size, streams, _flags, _address = socket.recv_fds(connection, 4, 2)
        if not size:
            return
        asked = json.loads(_receive(connection, int.from_bytes(size, "big")))
        child = os.fork()
        if child == 0:
            _become(asked["arguments"], asked["environment"], asked["folder"], streams)
        for stream in streams:
            os.close(stream)
        _pid, status = os.waitpid(child, 0)
        connection.sendall(array.array("i", [os.waitstatus_to_exitcode(status)]).tobytes())


def _receive(connection: socket.socket, size: int) -> bytes:
    parts = b""
    while len(parts) < size:
        parts += connection.recv(size - len(parts))
    return parts


def _become(arguments: list[str], environment: dict[str, str], folder: str, streams: list[int]) -> None:
    """The command, in this forked process; never returns."""
    code = 1
    try:
        for stream, number in zip(streams, (1, 2), strict=True):
            os.dup2(stream, number)
        sys.stdout, sys.stderr = os.fdopen(1, "w", encoding="utf-8"), os.fdopen(2, "w", 1, encoding="utf-8")
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(folder)
        sys.argv = ["guanjia", *arguments]
        import_module("tui.cli.main").main()
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        _flush()
        os._exit(code)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError as error:
            os.write(2, f"{error}\n".encode())


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
