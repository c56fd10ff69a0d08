"""The system's viewer of files."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path


def open_with_viewer(path: Path) -> bool:
    """Open a file with the program that the system has for it; False where there is none, as on a bare console."""
    if sys.platform == "win32":
        os.startfile(path)
        return True
    command = "open" if sys.platform == "darwin" else "xdg-open"
    has_screen = sys.platform == "darwin" or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
    if not has_screen or shutil.which(command) is None:
        return False
    nothing = subprocess.DEVNULL
    subprocess.Popen([command, str(path)], stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True)
    return True
