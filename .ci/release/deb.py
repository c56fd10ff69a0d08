"""The package for Debian and what follows it: an offline folder, with user, units, completion, man pages and a desktop
entry. It unpacks the program when it is configured, from what is in it, with the system's Python."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from store.home.paths import Home
from sync.daemon.services import plan
from sync.daemon.services.central_units import CentralService, plan_central

ARCHITECTURES = {"linux-x86_64": "amd64", "linux-aarch64": "arm64"}
"""Debian's names of the platforms that have a package."""
LANGUAGES = {"en": "man1", "zh": "zh_CN/man1"}
_DATA = Path("/var/lib/guanjia-central")
_PROGRAM = ["/usr/bin/guanjia"]
_CONTROL = """\
Package: guanjia
Version: {version}
Architecture: {architecture}
Section: misc
Priority: optional
Maintainer: guanjia <root@localhost>
Installed-Size: {size}
Depends: python3 (>= 3.11), python3 (<< 3.15), libc6 (>= {glibc})
Description: ledger of project butlers: terminal app, sync daemon and central
 Works offline for weeks and agrees when there is a network. All packages that
 it needs are in it; nothing is fetched when it is installed. Removing it keeps
 every ledger.
"""


class DebianPackage(NamedTuple):
    """What a package is made of: the offline ``folder`` of a ``platform``, the exported ``source``, the version, the
    oldest glibc, and the time of all files in it (seconds since 1970)."""

    folder: Path
    platform: str
    source: Path
    version: str
    glibc: str
    seconds: int


def build_deb(package: DebianPackage, out: Path) -> Path | None:
    """Make the package; None where this machine has no ``dpkg-deb``."""
    if shutil.which("dpkg-deb") is None:
        return None
    architecture = ARCHITECTURES[package.platform]
    target = out / f"guanjia_{package.version}_{architecture}.deb"
    with tempfile.TemporaryDirectory(dir=out) as made:
        tree = Path(made) / "tree"
        _fill(tree, package)
        size = sum(path.stat().st_size for path in tree.rglob("*") if path.is_file()) // 1024
        values = {"version": package.version, "architecture": architecture, "size": size, "glibc": package.glibc}
        _write(tree / "DEBIAN/control", _CONTROL.format(**values))
        for name in ("postinst", "prerm"):
            shutil.copyfile(package.source / ".ci/release/debian" / name, tree / "DEBIAN" / name)
        _settle(tree, package.seconds)
        environment = {**os.environ, "SOURCE_DATE_EPOCH": str(package.seconds)}
        command = ["dpkg-deb", "--root-owner-group", "-Zgzip", "-z1", "--build", str(tree), str(target)]
        subprocess.run(command, env=environment, check=True, capture_output=True)
    return target


def _fill(tree: Path, package: DebianPackage) -> None:
    shutil.copytree(package.folder, tree / "usr/share/guanjia/offline")
    (tree / "usr/share/applications").mkdir(parents=True)
    shutil.copy(package.source / ".ci/release/debian/guanjia.desktop", tree / "usr/share/applications")
    units = tree / "usr/lib/systemd/system"
    central = CentralService(_DATA, _DATA / "backups", 14, user="guanjia")
    services = [*plan_central(central, platform="linux", program=_PROGRAM)]
    services.append(plan(Home(Path("/nonexistent")), system=True, platform="linux", program=_PROGRAM))
    for service in services:
        _write(units / service.name, service.text)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(package.source), str(package.source / ".ci")])}
    for language, place in LANGUAGES.items():
        pages = tree / "usr/share/man" / place
        _run(["release.man_pages", str(pages), language], package.source, environment)
        for page in sorted(pages.iterdir()):
            page.with_name(f"{page.name}.gz").write_bytes(gzip.compress(page.read_bytes(), mtime=0))
            page.unlink()
    script = _run(["tui.cli.main", "completion", "bash"], package.source, environment)
    _write(tree / "usr/share/bash-completion/completions/guanjia", script)


def _run(words: list[str], folder: Path, environment: dict[str, str]) -> str:
    command = [sys.executable, "-m", *words]
    return subprocess.run(
        command, cwd=folder, env=environment, check=True, capture_output=True, text=True, encoding="utf-8"
    ).stdout


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def _settle(tree: Path, seconds: int) -> None:
    """The modes and times of all files, whatever the builder's umask is and whenever it is built."""
    for path in [tree, *tree.rglob("*")]:
        is_program = path.parent.name == "DEBIAN" and path.name in ("postinst", "prerm")
        path.chmod(0o755 if path.is_dir() or is_program or path.name == "install.sh" else 0o644)
        os.utime(path, (seconds, seconds))
