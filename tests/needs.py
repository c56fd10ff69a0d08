"""What some tests need beyond Python: how each thing is found, and what brings it.

A test says ``@pytest.mark.needs("postgresql")``. Where the thing is missing the test is skipped and named at the end
of the run; with ``TESTS_NEED=all`` (as in ``.ci/run``) it fails instead. ``tests/conftest.py`` does both.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

_ROOT = Path(__file__).parents[1]


class Need(NamedTuple):
    """One thing a test may need: whether it is ``here``, and the ``remedy`` (on Debian) where it is not."""

    here: Callable[[], bool]
    remedy: str


def postgresql_bin() -> Path | None:
    """The newest folder that holds ``initdb`` and ``postgres``, or None."""
    beside_path = shutil.which("initdb")
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    folders += [Path(beside_path).resolve().parent] if beside_path else []
    return next(
        (folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()),
        None,
    )


def _on_path(*programs: str) -> Callable[[], bool]:
    return lambda: all(shutil.which(program) for program in programs)


def _has_history() -> bool:
    """Whether this is a clone with the commit of the old program (``tests/sync/rounds/old_office.py``)."""
    asked = ["git", "cat-file", "-e", "be5e849e^{commit}"]
    return (
        bool(shutil.which("git")) and not subprocess.run(asked, cwd=_ROOT, check=False, capture_output=True).returncode
    )


NEEDS: dict[str, Need] = {
    "postgresql": Need(lambda: postgresql_bin() is not None, "apt-get install postgresql"),
    "tmux": Need(_on_path("tmux"), "apt-get install tmux"),
    "secret-service": Need(_on_path("gnome-keyring-daemon", "dbus-run-session"), "apt-get install gnome-keyring dbus"),
    "dbus": Need(_on_path("dbus-daemon"), "apt-get install dbus-daemon"),
    "systemd": Need(_on_path("systemd-analyze"), "apt-get install systemd"),
    "c-compiler": Need(_on_path("cc"), "apt-get install gcc libc6-dev"),
    "groff": Need(_on_path("groff"), "apt-get install groff-base"),
    "dpkg": Need(_on_path("dpkg-deb"), "apt-get install dpkg"),
    "root": Need(lambda: hasattr(os, "geteuid") and os.geteuid() == 0, "run as root"),
    "history": Need(_has_history, "git fetch --unshallow"),
    "linux": Need(lambda: sys.platform == "linux", "run on Linux"),
}


def missing(names: tuple[str, ...]) -> list[str]:
    """Those of ``names`` that are not on this machine. Raises `KeyError` for a name that is not in `NEEDS`."""
    return [name for name in names if not NEEDS[name].here()]


def all_required() -> bool:
    """Whether a missing need is a failure rather than a skip."""
    return os.environ.get("TESTS_NEED") == "all"
