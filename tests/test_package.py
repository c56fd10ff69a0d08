"""The program as it is installed: one wheel, one command, with everything in it that is not Python."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PACKAGES = ("store", "sync", "tui")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that ``pipx install .`` would build."""
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(target)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(target.glob("*.whl"))


def test_the_wheel_holds_every_file_of_the_three_packages(wheel: Path) -> None:
    """Style sheets, catalogs, migrations, unit templates and the sample table travel with the code; tests do not."""
    files = (path for package in PACKAGES for path in (ROOT / package).rglob("*") if path.is_file())
    ours = {path.relative_to(ROOT).as_posix() for path in files if "__pycache__" not in path.parts}
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert packed == ours | {"tui/i18n/README.zh.md"}  # from the top of the source: the pages of “guanjia help TOPIC”
    assert {Path(name).suffix for name in packed} >= {".py", ".tcss", ".mo", ".txt"}


def test_the_installed_program_is_one_command_that_speaks_chinese(wheel: Path, tmp_path: Path) -> None:
    """Installed away from its source, ``guanjia`` finds its version and its catalogs."""
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(tmp_path)]
    subprocess.run([*install, str(wheel)], check=True, capture_output=True)
    away = {**os.environ, "PYTHONPATH": str(tmp_path), "GUANJIA_LANGUAGE": "zh"}

    def printed(*arguments: str) -> str:
        command = [sys.executable, str(tmp_path / "bin" / "guanjia"), *arguments]
        return subprocess.run(command, cwd=tmp_path, env=away, check=True, capture_output=True, text=True).stdout

    assert [path.name for path in (tmp_path / "bin").iterdir()] == ["guanjia"]
    assert printed("--version").split() == ["guanjia", wheel.name.split("-")[1]]
    assert "项目" in printed("--help")
    assert "照常工作" in printed("help", "no-network") and "central.db" in printed("help", "central-backup")


def pins() -> dict[str, tuple[str, list[str]]]:
    """The packages of ``constraints.txt`` by normalized name: the version, and the checksums of its wheels."""
    text = (ROOT / "constraints.txt").read_text("utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    found = [
        re.fullmatch(r"([\w.-]+)==(\S+)(?: ; [^-]+?)?((?:\s+--hash=sha256:[0-9a-f]{64})+)\s*", line) for line in lines
    ]
    assert None not in found, [line for line, pin in zip(lines, found, strict=True) if pin is None]
    return {canonicalize_name(pin[1]): (pin[2], pin[3].split()) for pin in found if pin}


def test_every_package_is_pinned_with_the_checksums_of_its_wheels() -> None:
    """What is installed is named: each package that guanjia needs, and each that those need, at one version, with
    checksums, and no index's address."""
    pinned = pins()
    needed, seen = ["guanjia[dev]"], set[str]()
    while needed:
        requirement = Requirement(needed.pop())
        extras = {"extra": next(iter(requirement.extras), "")}
        for text in requires(requirement.name) or []:
            inner = Requirement(text)
            if (inner.marker is None or inner.marker.evaluate(extras)) and str(inner) not in seen:
                seen.add(str(inner))
                needed.append(str(inner))
                version_, checksums = pinned[canonicalize_name(inner.name)]
                assert inner.specifier.contains(version_) and checksums, inner
    assert not re.search(r"https?:|--(?:extra-)?index|--find-links", (ROOT / "constraints.txt").read_text("utf-8"))
