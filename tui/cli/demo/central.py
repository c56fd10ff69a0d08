"""The demo's central: an ordinary central, served on loopback by a child process that ends with the demo."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from sync.central.accounts.invitees import WhichPerson
from sync.central.admin import admin
from sync.central.exceptions import CentralDown

CENTRAL_START_TIMEOUT_S = 60.0
CENTRAL_STOP_TIMEOUT_S = 10.0


class DemoCentral:
    """A central in a folder. `start` again after `stop` serves at the same address, as after a cut network; ``port``
    is that of one that was served before, 0 takes a free one."""

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.folder = folder
        self.address = ""
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None

    def create(self, district: str, name: str) -> str:
        """Make the central; gives the one-time code of its first account."""
        return admin.create(self.folder, district, name)

    def invite(self, name: str, role: str) -> str:
        """A one-time code for an account of this name."""
        return str(admin.invite(self.folder, name, role, which=WhichPerson(again=True))["code"])

    def grant(self, name: str, role: str, projects: Sequence[str]) -> None:
        """Give an account this role for these projects."""
        admin.grant(self.folder, name, role, projects=projects)

    def start(self) -> str:
        """Serve, and wait until it is ready; gives the address. Raises `CentralDown`."""
        command = [
            sys.executable,
            "-m",
            "tui.cli.main",
            "central",
            "serve",
            "--data",
            str(self.folder),
            "--end-with-input",
        ]
        with (self.folder / "central.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "--port", str(self._port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log
            )
        self.address = self._ready_line(self._process)
        self._port = urlsplit(self.address).port or 0
        return self.address

    def _ready_line(self, process: subprocess.Popen[bytes]) -> str:
        assert process.stdout is not None
        guard = threading.Timer(CENTRAL_START_TIMEOUT_S, process.kill)
        guard.start()
        try:
            line = process.stdout.readline().decode().strip()
        finally:
            guard.cancel()
        if not line:
            self.stop()
            raise CentralDown(detail=str(self.folder / "central.log"))
        return line

    def stop(self) -> None:
        """End the process, and wait for its end."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.communicate(timeout=CENTRAL_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
