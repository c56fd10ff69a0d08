"""The program as it is installed: one wheel, one command, with everything in it that is not Python."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

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
    assert packed == ours
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
