"""Runs the program as processes of their own without the cost of starting an interpreter for each.

A server process has loaded what they need and forks for every command, central and daemon; the child has its
arguments, environment, folder, stdout and stderr, and ends with its exit code. What still runs when the test run has
ended, or was killed, is stopped. The servers of a run's workers are forked themselves (``fork_template.py``). What a
start itself costs or loads is not proved by this: those tests start an interpreter
(``tests/tui/cli/test_command_line.py``).
"""

from __future__ import annotations

import array
import atexit
import gc
import io
import json
import os
import pkgutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import BinaryIO, NamedTuple
from typing import cast as typed

from tests.tui.cli.fork_template import connect_to_server, fork_servers, template_socket

ROOT = Path(__file__).resolve().parents[3]
TIMEOUT_S = 600
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
    "sync.daemon.daemon",
    "sync.central.api.app",
    "sync.central.api.serve",
    "alembic.script",
    "chinese_calendar",
    "httpcore",
)
"""What commands import when they need it, among others: each child would import it anew."""
COMMAND_LINE = "tui.cli.main:main"
_RUNNING = 1 << 20
"""No exit code: the process still runs."""


class Ended(NamedTuple):
    """A command's exit code and what it printed."""

    code: int
    out: bytes
    err: bytes


class ForkServer:
    """A running server at the other end of a connection; `run` is safe from several threads, one command after the
    other."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket, self._lock = connection, Lock()
        connection.settimeout(TIMEOUT_S)

    def run(self, arguments: Sequence[str], environment: Mapping[str, str], folder: Path) -> Ended:
        """Run one command to its end. Raises `TimeoutError` where it takes longer than `TIMEOUT_S`."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            code = self._ask(_request(COMMAND_LINE, arguments, environment, folder, waits=True), out, err)
            out.seek(0)
            err.seek(0)
            return Ended(code, out.read(), err.read())

    def start(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        folder: Path = ROOT,
        program: str = COMMAND_LINE,
        *,
        with_stderr: bool = True,
    ) -> ForkedProcess:
        """Start a command line, or another ``module:function`` with these arguments, that goes on until it is stopped.
        It has nothing to read on its stdin. Without ``with_stderr`` its stderr is the server's, for what nobody reads.
        """
        reading, writing = os.pipe()
        streams = [os.fdopen(writing, "wb")]
        stdout, stderr = os.fdopen(reading, "rb"), typed("BinaryIO", io.BytesIO())
        if with_stderr:
            reading, writing = os.pipe()
            streams.append(os.fdopen(writing, "wb"))
            stderr = os.fdopen(reading, "rb")
        pid = self._ask(_request(program, arguments, environment, folder, waits=False), *streams)
        for stream in streams:
            stream.close()
        return ForkedProcess(self, pid, stdout, stderr)

    def exit_code(self, pid: int) -> int | None:
        """How a process that was started has ended; None while it runs. To be asked until there is a code."""
        code = self._ask({"ended": pid})
        return None if code == _RUNNING else code

    def _ask(self, request: Mapping[str, object], *streams: BinaryIO) -> int:
        asked = json.dumps(request).encode()
        with self._lock:
            descriptors = [stream.fileno() for stream in streams]
            socket.send_fds(self._socket, [len(asked).to_bytes(4, "big")], descriptors)
            self._socket.sendall(asked)
            return array.array("i", self._socket.recv(4))[0]

    def close(self) -> None:
        """End the server, and wait for its end."""
        self._socket.shutdown(socket.SHUT_WR)
        self._socket.recv(1)
        self._socket.close()


class ForkedProcess:
    """A process that a server has started, as far as tests need what `subprocess.Popen` offers."""

    def __init__(self, server: ForkServer, pid: int, stdout: BinaryIO, stderr: BinaryIO) -> None:
        self.pid, self.stdout, self.stderr = pid, stdout, stderr
        self.returncode: int | None = None
        self._server = server

    def poll(self) -> int | None:
        """The exit code, minus the signal's number where a signal ended it; None while it runs."""
        if self.returncode is None:
            self.returncode = self._server.exit_code(self.pid)
        return self.returncode

    def wait(self, timeout: float) -> int:
        """The exit code, once it has ended. Raises `TimeoutError`."""
        until = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > until:
                raise TimeoutError(f"process {self.pid} goes on")
            time.sleep(0.01)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal, if it still runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it, if it still runs."""
        self.send_signal(signal.SIGKILL)

    def communicate(self, timeout: float) -> tuple[bytes, bytes]:
        """What it printed until its end, for which the caller has asked. Raises `TimeoutError`."""
        printed = self.stdout.read(), self.stderr.read()
        self.wait(timeout)
        return printed


def _request(
    program: str, arguments: Sequence[str], environment: Mapping[str, str], folder: Path, *, waits: bool
) -> dict[str, object]:
    asked: dict[str, object] = {"program": program, "arguments": list(arguments), "environment": dict(environment)}
    return asked | {"folder": str(folder), "waits": waits}


@cache
def fork_server() -> ForkServer:
    """The server of this test process, started when it is first asked for."""
    server = ForkServer(connect_to_server())
    atexit.register(server.close)
    return server


def forked_command(program: str = COMMAND_LINE) -> tuple[str, ...]:
    """A command line of the program, to be started by others than this process, that is run by a server of its own."""
    fork_server()  # as long as this one is connected, the template listens
    return (sys.executable, "-S", str(Path(__file__).with_name("forked_command.py")), str(template_socket()), program)


def start_server(more: Mapping[str, str]) -> ForkServer:
    """A server in an interpreter of its own, with ``more`` in its environment; it ends with this process."""
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.tui.cli.fork_server", str(theirs.fileno())],
            env={**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8", **more},
            cwd=ROOT, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL,
        )  # fmt: skip
    server = ForkServer(ours)
    atexit.register(process.wait)
    atexit.register(server.close)
    return server


def load_program() -> None:
    """Import what commands, centrals and daemons need."""
    for name in _PRELOADED:
        import_module(name)
    for module in pkgutil.iter_modules(import_module("tui.cli.commands").__path__, "tui.cli.commands."):
        import_module(module.name)
    import_module("store.ledger.kinds").kinds()
    gc.freeze()


def serve(connection: socket.socket) -> None:
    """Fork for each command until the other end is closed."""
    running = set[int]()
    try:
        while _answer(connection, running):
            pass
    finally:
        for pid in running:
            os.kill(pid, signal.SIGTERM)  # not waited for yet, so that the number is still theirs


def _answer(connection: socket.socket, running: set[int]) -> bool:
    """Answer one request, and keep account of the processes that go on; False once the other end is closed."""
    size, streams, _flags, _address = socket.recv_fds(connection, 4, 3)
    if not size:
        return False
    asked = json.loads(_receive(connection, int.from_bytes(size, "big")))
    if "ended" in asked:
        answer = _exit_code(asked["ended"], os.WNOHANG)
        running -= {asked["ended"]} if answer != _RUNNING else set()
    else:
        answer = os.fork()
        if answer == 0:
            connection.close()
            _become(asked["program"], asked["arguments"], asked["environment"], asked["folder"], streams)
        for stream in streams:
            os.close(stream)
        if asked["waits"]:
            answer = _exit_code(answer, 0)
        else:
            running.add(answer)
    connection.sendall(array.array("i", [answer]).tobytes())
    return True


def _exit_code(pid: int, options: int) -> int:
    ended, status = os.waitpid(pid, options)
    return os.waitstatus_to_exitcode(status) if ended else _RUNNING


def _receive(connection: socket.socket, size: int) -> bytes:
    parts = b""
    while len(parts) < size:
        parts += connection.recv(size - len(parts))
    return parts


def _become(program: str, arguments: list[str], environment: dict[str, str], folder: str, streams: list[int]) -> None:
    """The command or another program, in this forked process; never returns."""
    code = 1
    try:
        for stream, number in zip(streams, (1, 2, 0), strict=False):
            os.dup2(stream, number)
            os.close(stream)
        sys.stdout, sys.stderr = os.fdopen(1, "w", encoding="utf-8"), os.fdopen(2, "w", 1, encoding="utf-8")
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(folder)
        module, _, function = program.partition(":")
        if program == COMMAND_LINE:
            sys.argv, arguments = ["guanjia", *arguments], []
        getattr(import_module(module), function)(*arguments)
        code = 0
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
    load_program()
    if sys.argv[1] == "--template":
        fork_servers(socket.socket(fileno=int(sys.argv[2])), Path(sys.argv[3]), serve)
    else:
        serve(socket.socket(fileno=int(sys.argv[1])))
