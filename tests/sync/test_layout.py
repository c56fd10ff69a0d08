"""The layout of sync: the device knows nothing of the central, and tests lie where their modules do."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
SYNC, TESTS = ROOT / "sync", ROOT / "tests" / "sync"
WITHOUT_MODULE = {"rounds"}
"""Whole rounds of real devices: ``sync/round/__init__.py`` with everything below it."""


def imports_of(path: Path) -> Iterator[str]:
    """The modules that a file imports, anywhere in it, also for type checkers only."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def test_no_device_module_imports_the_central() -> None:
    """No module beside the central imports anything of it, not even for type checkers."""
    for path in sorted(SYNC.rglob("*.py")):
        if SYNC / "central" not in path.parents:
            assert not [name for name in imports_of(path) if name.startswith("sync.central")], path


def test_the_contract_names_every_device_module() -> None:
    """The import contract of the device lists all modules of sync but the central, so that a new one is covered."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    [listed] = [each["source_modules"] for each in contracts if each["name"].startswith("The device half of sync")]
    modules = {path.stem for path in SYNC.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert set(listed) == {f"sync.{name}" for name in modules - {"__init__", "central"}}


def test_folders_of_tests_have_their_packages() -> None:
    """Every folder of these tests is named as a package of sync, at the same place."""
    folders = {path.parent.relative_to(TESTS) for path in TESTS.rglob("test_*.py")}
    assert {str(each) for each in folders if not (SYNC / each / "__init__.py").exists()} == WITHOUT_MODULE
