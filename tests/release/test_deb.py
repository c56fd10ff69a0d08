"""The package for Debian: all that belongs to it, the same bytes again, and man pages of every command."""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import subprocess
from pathlib import Path

import pytest

from release.build import ROOT
from release.deb import DebianPackage, build_deb
from tests.release.test_install import made_folder
from tui.cli.root import guanjia

MACROS = (".TH", ".SH", ".SS", ".PP", ".TP", ".B ", ".BR", ".ad", ".nh")


@pytest.mark.needs("dpkg")
def test_the_package_has_units_completion_and_man_pages_of_every_command(tmp_path: Path) -> None:
    """Built twice, under any umask, it is the same to the byte. Unpacked: the offline folder whole, units that run what
    it installs as a user of its own, completion, a desktop entry, and pages in both languages for each command, with
    no letter of a text that roff would take for an instruction."""
    package = DebianPackage(made_folder(tmp_path / "f", "1.0"), "linux-x86_64", ROOT, "1.0", "2.28", 1_796_000_000)
    checksums = []
    for umask in (0o022, 0o077):
        before = os.umask(umask)
        try:
            made = build_deb(package, tmp_path)
        finally:
            os.umask(before)
        assert made is not None
        checksums.append(hashlib.sha256(made.read_bytes()).hexdigest())
    assert checksums[0] == checksums[1]
    subprocess.run(["dpkg-deb", "-R", str(made), str(tmp_path / "in")], check=True)
    inside = tmp_path / "in"
    assert "Depends: python3 (>= 3.11)" in (inside / "DEBIAN/control").read_text()
    offline = inside / "usr/share/guanjia/offline"
    assert subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=offline, check=False).returncode == 0
    central = (inside / "usr/lib/systemd/system/guanjia-central.service").read_text()
    assert "User=guanjia" in central and 'ExecStart="/usr/bin/guanjia"' in central
    assert "_guanjia_completion" in (inside / "usr/share/bash-completion/completions/guanjia").read_text()
    assert "Name[zh_CN]=项目管家" in (inside / "usr/share/applications/guanjia.desktop").read_text("utf-8")
    check_pages(inside / "usr/share/man")


def check_pages(man: Path) -> None:
    """Each command has a page in both languages, of macros and texts alone."""
    context = guanjia.context_class(guanjia, info_name="guanjia")
    commands = {name for name in guanjia.list_commands(context)}
    for place, word in (("man1", "Join with|Enrol this device"), ("zh_CN/man1", "本机加入中心")):
        pages = {path.name: gzip.decompress(path.read_bytes()).decode() for path in (man / place).iterdir()}
        assert {f"guanjia-{name}.1.gz" for name in commands} | {"guanjia.1.gz"} == pages.keys()
        assert re.search(word, pages["guanjia-join.1.gz"])
        assert r"guanjia central install" in pages["guanjia-central.1.gz"]
        lines = {line for page in pages.values() for line in page.splitlines() if line.startswith((".", "'"))}
        assert {line for line in lines if not line.startswith(MACROS)} == set()
