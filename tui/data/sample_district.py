"""The sample district: made by ``guanjia demo``; its central runs until the app ends, then everything is removed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from tui.data.subprocess import CommandResult, LineCallback, run_command

STOP_TIMEOUT_S = 5
KEPT_VARIABLES = ("GUANJIA_LANGUAGE",)


class SampleDistrict:
    """One demo in ``folder``, or in a temporary one where that is None. ``command`` is this program's command line."""

    def __init__(self, command: Sequence[str], folder: Path | None) -> None:
        self._command = command
        self._temporary = folder is None
        self.folder = folder or Path(tempfile.mkdtemp(prefix="guanjia-demo-"))
        self._central: subprocess.Popen[bytes] | None = None

    @property
    def laptop_home(self) -> Path:
        """The home that is opened."""
        return self.folder.absolute() / "laptop-a"

    def create(self, on_line: LineCallback) -> CommandResult:
        """Run the demo; ``on_line`` gets each sentence of its output. Blocks for about a minute. Afterwards the
        ``GUANJIA_`` variables of this process are removed: the sample must never use the person's own keyring or
        central."""
        ran = run_command(self._command, self.folder, ("demo", "--no-tui", "--home", str(self.folder)), on_line)
        if ran.error is None:
            for name in [name for name in os.environ if name.startswith("GUANJIA_") and name not in KEPT_VARIABLES]:
                del os.environ[name]
            self._serve()
        return ran

    def _serve(self) -> None:
        """Start the demo's central again where the laptops expect it; it ends when this process does."""
        central = run_command(self._command, self.laptop_home, ("status",)).fact("central")
        port = urlsplit(central).port or 0
        data = str(self.folder / "central")
        command = [*self._command, "central", "serve", "--data", data, "--port", str(port), "--end-with-input"]
        pipe, quiet = subprocess.PIPE, subprocess.DEVNULL
        self._central = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=quiet)
        assert self._central.stdout is not None
        self._central.stdout.readline()  # its address, when it is ready; nothing, when it ended instead

    def close(self) -> None:
        """Stop its central, and remove the folder where it was temporary."""
        if self._central is not None:
            self._central.terminate()
            try:
                self._central.communicate(timeout=STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                self._central.kill()
        if self._temporary:
            shutil.rmtree(self.folder, ignore_errors=True)
