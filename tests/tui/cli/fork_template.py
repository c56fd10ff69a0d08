"""One process of a test run has everything loaded, and forks a server of commands (``fork_server.py``) for each worker
of pytest that asks: loading takes as long as hundreds of commands.

It is started when it is first asked for and ends with the last of its servers. Whoever may open its socket may run
programs as us, so the socket is in a folder that is only ours.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.scratch import memory_folder

ROOT = Path(__file__).resolve().parents[3]
_END_TIMEOUT_S = 10.0
_LOOK_S = 0.5
"""How often it looks whether a server has ended."""


def template_socket() -> Path:
    """Where the template listens, once it has been started."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    return (memory_folder() or Path(tempfile.gettempdir())) / f"guanjia-fork-{os.getuid()}-{run[:16]}" / "socket"


def connect_to_server() -> socket.socket:
    """A connection to a server of this process's own, which writes its errors where this process writes them."""
    folder = template_socket().parent
    connection = socket.socket(socket.AF_UNIX)
    with _lock():
        try:
            connection.connect(str(folder / "socket"))
        except (FileNotFoundError, ConnectionRefusedError):
            shutil.rmtree(folder, ignore_errors=True)  # of one that was killed
            _start(folder)
            connection.connect(str(folder / "socket"))
    socket.send_fds(connection, [b"e"], [2])
    return connection


@contextlib.contextmanager
def _lock() -> Iterator[None]:
    """Nobody starts, joins or ends a template meanwhile."""
    with Path(__file__).open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _start(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(folder / "socket"))
        listening.listen()
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.tui.cli.fork_server", "--template", str(listening.fileno()), str(folder)],
            env={**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"},
            cwd=ROOT, pass_fds=[listening.fileno()], stdin=subprocess.DEVNULL,
        )  # fmt: skip
    atexit.register(_await_end, process)


def _await_end(process: subprocess.Popen[bytes]) -> None:
    """The workers of a run end together, and the template with them."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_END_TIMEOUT_S)


def fork_servers(listening: socket.socket, folder: Path, serve: Callable[[socket.socket], None]) -> None:
    """Fork a server for each connection, until all have ended."""
    servers: set[int] = set()
    while True:
        if select.select([listening], [], [], _LOOK_S)[0]:
            connection, _address = listening.accept()
            if (server := os.fork()) == 0:
                listening.close()
                _become_server(connection, serve)
            connection.close()
            servers.add(server)
        servers = {server for server in servers if not os.waitpid(server, os.WNOHANG)[0]}
        if not servers and _has_ended(listening, folder):
            return


def _become_server(connection: socket.socket, serve: Callable[[socket.socket], None]) -> None:
    code = 1
    try:
        _said, (errors,), _flags, _address = socket.recv_fds(connection, 1, 1)
        os.dup2(errors, 2)
        os.close(errors)
        serve(connection)
        code = 0
    finally:
        os._exit(code)


def _has_ended(listening: socket.socket, folder: Path) -> bool:
    """Whether nobody waits for a server, and nobody will any more."""
    with _lock():
        if select.select([listening], [], [], 0)[0]:
            return False
        shutil.rmtree(folder)
        return True
