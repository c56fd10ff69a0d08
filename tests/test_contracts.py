"""The import contracts of ``pyproject.toml`` are complete: each sub-package has one that names all of its modules."""

from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
OPEN = {
    "store/ledger/models",
    *(f"{db}/migrations{below}" for db in ("store/db", "sync/central/db") for below in ("", "/versions")),
}
"""Folders where a file is added and no other is touched: kinds and migrations, which do not import one another."""


def contracts() -> list[dict[str, object]]:
    """The contracts as import-linter reads them."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    listed: list[dict[str, object]] = settings["tool"]["importlinter"]["contracts"]
    return listed


def packages() -> set[str]:
    """Each package with two modules or more, as a path below the root."""
    folders = {file.parent for top in ("store", "sync", "tui") for file in (ROOT / top).rglob("__init__.py")}
    return {folder.relative_to(ROOT).as_posix() for folder in folders if len(modules(folder)) > 1}


def modules(folder: Path) -> list[str]:
    """The modules and sub-packages of a folder."""
    inner = [path.parent.name for path in folder.glob("*/__init__.py")]
    return inner + [path.stem for path in folder.glob("*.py") if path.stem not in ("__init__", "__main__")]


def test_every_package_has_an_exhaustive_contract() -> None:
    """Whoever adds a module says where it stands: its package's contract names it, or the check fails."""
    covered = {
        container.replace(".", "/")
        for contract in contracts()
        if contract["type"] == "layers" and contract.get("exhaustive")
        for container in contract["containers"]  # type: ignore[attr-defined]
    }
    assert packages() - covered - OPEN == set()


def test_no_contract_leaves_an_import_out() -> None:
    """No contract ignores an import, and imports for types count like any other."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    assert "exclude_type_checking_imports" not in settings
    assert [contract["name"] for contract in contracts() if "ignore_imports" in contract] == []
