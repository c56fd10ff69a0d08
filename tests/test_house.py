"""The house rules that a program can check: sizes, docstrings, import hygiene, forbidden words, cited requirements."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILE_LINES, FUNCTION_LINES = 500, 40
LAST_REQUIREMENT = 59
Function = ast.FunctionDef | ast.AsyncFunctionDef


def sources(*packages: str) -> list[Path]:
    """All Python files of the packages, `ROOT`-relative order."""
    return sorted(path for package in packages for path in (ROOT / package).rglob("*.py"))


def parsed(*packages: str) -> Iterator[tuple[str, ast.Module]]:
    """Each file's name below the root, and its tree."""
    for path in sources(*packages):
        yield str(path.relative_to(ROOT)), _tree(path)


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@cache
def nodes(tree: ast.Module) -> tuple[ast.AST, ...]:
    """Everything in a file: walking all files takes longer than what a rule asks of them."""
    return tuple(ast.walk(tree))


@pytest.fixture(scope="module", autouse=True)
def forget_trees() -> Iterator[None]:
    """The tests after these do not search for garbage among two million nodes."""
    yield
    _tree.cache_clear()
    nodes.cache_clear()


def functions(tree: ast.Module) -> Iterator[Function]:
    """Every function and method, nested ones too."""
    return (node for node in nodes(tree) if isinstance(node, Function))


def loaded_by(module: str) -> set[str]:
    """The modules in memory once a fresh interpreter has imported ``module``, or several."""
    code = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.soak(turns=3)
@pytest.mark.parametrize(
    ("module", "never"),
    [
        ("sync.daemon.daemon, sync.round", {"textual", "tui", "fastapi", "sync.central", "rich", "pygments"}),
        ("sync.central.api.app", {"textual", "tui", "sync.transport.client", "sync.daemon.daemon"}),
        ("tui.app.app", {"fastapi", "sync", "uvicorn", "sqlmodel", "sqlalchemy", "pydantic", "alembic", "pypinyin"}),
        ("tui.cli.main", {"textual", "sync", "fastapi", "sqlmodel", "pydantic", "click"}),
        ("store.search.ranking", {"sqlmodel", "sqlalchemy", "pydantic", "textual", "pypinyin", "alembic"}),
        ("store.writer.backup", {"sqlmodel", "sqlalchemy", "pydantic", "alembic"}),
        ("store.db.database", {"sqlmodel", "sqlalchemy", "pydantic", "alembic"}),
    ],
)
def test_a_part_never_loads_what_it_does_not_need(module: str, never: set[str]) -> None:
    """Each part starts without the others' weight: a laptop without the central, a daemon without the screens."""
    assert loaded_by(module) & never == set()


def test_files_stay_short() -> None:
    """No file is longer than one can keep in mind."""
    long = {str(path): n for path in sources("store", "sync", "tui", "tests") if (n := _lines(path)) > FILE_LINES}
    assert long == {}


def _lines(path: Path) -> int:
    return path.read_text("utf-8").count("\n")


def test_functions_stay_short() -> None:
    """No function is longer than a screen."""
    long = {
        f"{name}:{node.name}": length
        for name, tree in parsed("store", "sync", "tui", "tests")
        for node in functions(tree)
        if (length := (node.end_lineno or 0) - node.lineno + 1) > FUNCTION_LINES
    }
    assert long == {}


def test_public_names_say_what_they_are() -> None:
    """Every module, class and function that others may use has a docstring (a migration's is its module's)."""
    silent = [
        f"{name}:{getattr(node, 'name', 'module')}"
        for name, tree in parsed("store", "sync", "tui")
        if "migrations/versions" not in name
        for node in [tree, *_public(tree)]
        if ast.get_docstring(node) is None and (node is not tree or tree.body)
    ]
    assert silent == []


def _public(node: ast.Module | ast.ClassDef) -> Iterator[Function | ast.ClassDef]:
    for child in node.body:
        if isinstance(child, Function | ast.ClassDef) and not child.name.startswith("_") and not _is_signature(child):
            yield child
            if isinstance(child, ast.ClassDef):
                yield from _public(child)


def _is_signature(node: Function | ast.ClassDef) -> bool:
    """A member of a `Protocol` that only says a name and a type; the class says the rest."""
    return [ast.unparse(statement) for statement in node.body] == ["..."]


def test_tests_say_what_they_prove() -> None:
    """Every test has its sentence."""
    silent = [
        f"{name}:{node.name}"
        for name, tree in parsed("tests")
        for node in functions(tree)
        if node.name.startswith("test_") and ast.get_docstring(node) is None
    ]
    assert silent == []


def test_tests_can_fail() -> None:
    """Every test asserts something, expects an error, or calls what raises: assert…, check…, until…, wait_for."""
    idle = [
        f"{name}:{node.name}"
        for name, tree in parsed("tests")
        for node in functions(tree)
        if node.name.startswith("test_") and not any(_judges(inner) for inner in ast.walk(node))
    ]
    assert idle == []


def _judges(node: ast.AST) -> bool:
    if isinstance(node, ast.Assert):
        return True
    if not isinstance(node, ast.Call):
        return False
    called = ast.unparse(node.func)
    return called in ("pytest.raises", "pytest.fail", "snap_compare") or bool(
        re.search(r"(^|[._])(assert|check|expect|until|wait_for)", called)
    )


def test_nothing_is_left_for_later() -> None:
    """No stub, no note to self: what is here is finished."""
    notes = re.compile("TO" + "DO|FIX" + "ME|XX" + "X")
    found = [str(path) for path in sources("store", "sync", "tui", "tests") if notes.search(path.read_text("utf-8"))]
    stubs = [name for name, tree in parsed("store", "sync", "tui", "tests") if any(map(_is_stub, nodes(tree)))]
    assert found + stubs == []


def _is_stub(node: ast.AST) -> bool:
    return isinstance(node, ast.Raise) and node.exc is not None and "NotImplemented" in ast.unparse(node.exc)


def test_nothing_fails_in_silence() -> None:
    """No bare except, and no handler that only passes."""
    silent = [
        f"{name}:{node.lineno}"
        for name, tree in parsed("store", "sync", "tui", "tests")
        for node in nodes(tree)
        if isinstance(node, ast.ExceptHandler) and (node.type is None or _only_passes(node))
    ]
    assert silent == []


def _only_passes(handler: ast.ExceptHandler) -> bool:
    return all(isinstance(statement, ast.Pass) for statement in handler.body)


def test_queries_live_in_the_store() -> None:
    """Neither the device half of sync nor the screens contain SQL: named queries do (``store/queries``)."""
    contains_sql = re.compile(r"\bselect\(|['\"](SELECT|INSERT|UPDATE|DELETE|BEGIN|PRAGMA) ")
    found = [
        str(path.relative_to(ROOT))
        for path in sources("sync", "tui")
        if "central" not in path.relative_to(ROOT).parts and contains_sql.search(path.read_text("utf-8"))
    ]
    assert found == []


def test_only_the_merge_rule_chooses_winners() -> None:
    """Timestamps are compared in one place to tell which version is current; the clock and its correction only order
    moments."""
    found = [
        f"{name}:{node.lineno}"
        for name, tree in parsed("store", "sync", "tui")
        if name not in ("store/ledger/merge.py", "store/ledger/hlc.py", "store/ledger/clock_correction.py")
        for node in nodes(tree)
        if isinstance(node, ast.Compare) and _orders_stamps(node)
    ]
    assert found == []


def _orders_stamps(node: ast.Compare) -> bool:
    orders = any(isinstance(operator, ast.Lt | ast.LtE | ast.Gt | ast.GtE) for operator in node.ops)
    sides = [node.left, *node.comparators]
    return orders and all(re.search(r"\bstamp$", ast.unparse(side)) for side in sides)


def test_cited_requirements_exist() -> None:
    """Every R-number in code, tests and documents is one of the founding notice's R01–R59."""
    files = [*sources("store", "sync", "tui", "tests"), *ROOT.glob("*.md"), *ROOT.glob("*/README.md")]
    cited = {(path.name, number) for path in files for number in re.findall(r"\bR(\d\d)\b", path.read_text("utf-8"))}
    assert cited
    assert {pair for pair in cited if not 1 <= int(pair[1]) <= LAST_REQUIREMENT} == set()
