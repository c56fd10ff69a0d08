"""From the notice to the program and back: what each requirement asks, by which command and screen it is met, and which
tests prove it.

    python -m tests.traceability     print the README's table

``requirements.tsv`` beside this file lists them; tests name theirs by ``@pytest.mark.proves("R01", …)``.
"""

from __future__ import annotations

import ast
import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent


class Requirement(NamedTuple):
    """One line of the notice's requirements; ``screen`` is a name of ``tui/app/app.py``'s screens."""

    id: str
    requirement: str
    command: str
    screen: str


def requirements() -> list[Requirement]:
    """All of them, in order."""
    with (HERE / "requirements.tsv").open(encoding="utf-8", newline="") as file:
        return [Requirement(**row) for row in csv.DictReader(file, delimiter="\t")]


def proofs() -> dict[str, list[str]]:
    """The tests that prove each requirement, ``file::test``, as their markers say. Read from the source."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(HERE.rglob("test_*.py")):
        for test in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(test, ast.FunctionDef):
                for named in _marked(test):
                    found[named].append(f"{path.relative_to(HERE)}::{test.name}")
    return found


def _marked(test: ast.FunctionDef) -> Iterator[str]:
    for mark in test.decorator_list:
        if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.proves":
            yield from (str(ast.literal_eval(named)) for named in mark.args)


def table() -> str:
    """The README's table: requirement, command, screen."""
    rows = [f"| {r.id} | {r.requirement} | `{r.command}` | {r.screen} |" for r in requirements()]
    return "\n".join(("| | requirement | command | screen |", "|---|---|---|---|", *rows))


if __name__ == "__main__":
    print(table())
