"""An office of the program as it was before the responsibility table granted roles, made by that program itself.

    git archive be5e849e store sync tui | tar x -C OLD
    python -m tests.sync.rounds.old_office OLD tests/sync/rounds/old_office.tar.xz

makes the file that the suite moves to the present program; the soak makes the office anew. In the file the homes'
databases are decrypted, so that it is small; their keys are beside them.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlite

OLD_PROGRAM = "be5e849e"
"""The last commit before roles followed from assignments."""
PACKED = Path(__file__).with_suffix(".tar.xz")
DISTRICT = "210903"
HOMES = ("boss", "butler", "other")
"""The homes of the bureau, of the butler of the first project, and of who was made butler of it at the server while the
table says the second project."""
UNSENT = "旧程序上写的一次走访"
"""What the butler has written and not sent."""
_RUN = "import sys; from tui.cli.main import main; sys.exit(main())"
_DATABASES = ("ledger.db", "ledger.device")
_PATIENCE_S = 60.0


class OldProgram:
    """The old program's command line, in a folder; each command is a process."""

    def __init__(self, program: Path, folder: Path) -> None:
        self._folder = folder
        kept = {name: os.environ[name] for name in ("PATH", "LC_ALL", "TMPDIR") if name in os.environ}
        own = {"HOME": str(folder), "PYTHONPATH": str(program), "GUANJIA_CREDENTIALS": "file"}
        self._environment = {**kept, **own, "GUANJIA_LANGUAGE": "en"}

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a command."""
        command = (sys.executable, "-c", _RUN, *arguments)
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=self._folder, env=self._environment, stdout=pipe, stderr=pipe)

    def start_python(self, code: str, *arguments: str) -> subprocess.Popen[str]:
        """Start a Python program that imports the old one, to be asked through its standard input."""
        command, pipe = (sys.executable, "-c", code, *arguments), subprocess.PIPE
        return subprocess.Popen(command, cwd=self._folder, env=self._environment, stdin=pipe, stdout=pipe, text=True)

    def run(self, *arguments: str) -> str:
        """What a command that must succeed printed."""
        process = self.start(*arguments)
        out, err = process.communicate()
        assert process.returncode == 0, (arguments, out.decode(), err.decode())
        return out.decode()

    def json(self, *arguments: str) -> Any:
        """The value that it printed."""
        return json.loads(self.run("--json", *arguments))

    @contextlib.contextmanager
    def serving(self) -> Iterator[str]:
        """Serve the central; gives its address."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        process = self.start("central", "serve", "--data", "central", "--host", "127.0.0.1", "--port", str(port))
        try:
            _await_port(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.communicate()


def _await_port(port: int) -> None:
    until = time.monotonic() + _PATIENCE_S
    while True:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        assert time.monotonic() < until, "the old central does not serve"
        time.sleep(0.05)


def make(program: Path, folder: Path) -> None:
    """Make the office in a folder: ``central`` and `HOMES`."""
    old = OldProgram(program, folder)
    code = old.run(
        "central", "init", "--data", "central", "--district", DISTRICT, "--name", "新邱区", "--admin", "局长"
    )
    with old.serving() as url:
        old.run("--home", "boss", "join", url, "--code", code.split()[-1])
        for number, butler in (("1", "甲某"), ("2", "乙某")):
            new = ("--number", f"续{number}", "--name", f"项目{number}", "--category", "new", "--butler", butler)
            old.run("--home", "boss", "project", "add", *new)
        old.run("--home", "boss", "sync")
        for name, home, person in (("甲某", "butler", "甲某"), ("乙某", "other", "乙某")):
            invited = ("--data", "central", "--name", person, "--role", "butler", "--project", "续1")
            old.run("--home", home, "join", url, "--code", old.run("central", "invite", *invited).split()[-1])
            old.run("--home", home, "sync")
            _visit(old, home, f"{name}看了续1")
            old.run("--home", home, "sync")
        _visit(old, "boss", "局长看了续2", "续2")
        old.run("--home", "boss", "sync")
        old.run("central", "invite", "--data", "central", "--name", "某主任", "--role", "supervision_office")
    _visit(old, "butler", UNSENT)


def _visit(old: OldProgram, home: str, said: str, project: str = "续1") -> None:
    old.run("--home", home, "visit", "add", "--project", project, "--at", "today", "--how", "visit", "--text", said)


def pack(folder: Path, file: Path) -> None:
    """Pack an office into one file."""
    with tempfile.TemporaryDirectory() as scratch:
        for home in HOMES:
            for name in _DATABASES:
                if (folder / home / name).exists():
                    plain = Path(scratch) / name
                    _copy(folder / home / name, plain, _key(folder / home), "")
                    (folder / home / name).write_bytes(plain.read_bytes())
                    plain.unlink()
        with tarfile.open(file, "w:xz") as packed:
            for each in ("central", *HOMES):
                packed.add(folder / each, each, filter=_plain_owner)


def _plain_owner(each: tarfile.TarInfo) -> tarfile.TarInfo | None:
    each.uid = each.gid = 0
    each.uname = each.gname = ""
    return None if each.name.endswith(("-wal", "-shm", ".lock", ".log")) else each


def unpack(folder: Path, file: Path = PACKED) -> None:
    """Unpack the office into a folder, with its databases encrypted as they were."""
    with tarfile.open(file) as packed:
        packed.extractall(folder, filter="data")
    for home in HOMES:
        for path in (folder / home / name for name in _DATABASES):
            if path.exists():
                encrypted = path.with_suffix(".encrypted")
                _copy(path, encrypted, "", _key(folder / home))
                encrypted.replace(path)
                path.chmod(0o600)
        for private in (folder / home, folder / home / "credentials"):
            private.chmod(0o700)


def _key(home: Path) -> str:
    return (home / "credentials" / "key").read_text("utf-8").strip()


def _copy(source: Path, target: Path, key: str, new_key: str) -> None:
    """Copy a database; an empty key is none."""
    connection = sqlite.connect(str(source), isolation_level=None)
    if key:
        connection.execute(f"PRAGMA key = \"x'{key}'\"")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    connection.execute("ATTACH DATABASE ? AS other KEY ?", (str(target), f"x'{new_key}'" if new_key else ""))
    connection.execute("SELECT sqlcipher_export('other')")
    connection.execute(f"PRAGMA other.user_version = {version}")
    connection.execute("DETACH DATABASE other")
    connection.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as place:
        make(Path(sys.argv[1]), Path(place))
        pack(Path(place), Path(sys.argv[2]))
