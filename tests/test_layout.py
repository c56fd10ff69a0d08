"""The layout that a program can check: packages, names, parameters, migrations, and that each rule has its proof."""

from __future__ import annotations

import ast
import copy
import hashlib
import re
from collections import defaultdict
from pathlib import Path

import pytest

from tests.test_house import ROOT, functions, parsed

PACKAGES = ("store", "sync", "tui")
ENTRIES = 12
VAGUE_PARAMETERS = {"one", "found", "given"}
MIGRATIONS = Path(__file__).parent / "migrations.tsv"
ANY_WORDS = 100
WITHOUT_COUNTERPART = {
    "faults": "the disk fails under whole commands",
    "bench": "measures; `make bench` runs it",
    "release": "what `make dist` hands out, made in .ci/release",
    "kill": "many processes of all packages, killed",
    "simulation": "many devices and a central, with faults and seeds",
    "store/importing/data": "tables as published",
    "sync/rounds": "whole rounds between real devices and a real central",
}
"""Folders of tests that mirror no folder of the program, and why."""


def test_class_names_are_unique() -> None:
    """No class name has two meanings across the three packages (a name of ``exceptions.py`` aside)."""
    places = defaultdict(list)
    for name, tree in parsed(*PACKAGES):
        if not name.endswith("exceptions.py"):
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef):
                    places[node.name].append(name)
    assert {name: files for name, files in places.items() if len(files) > 1} == {}


@pytest.mark.parametrize("package", PACKAGES)
def test_the_top_of_a_package_is_short(package: str) -> None:
    """The top level of a package holds sub-packages and what all of them need: at most 12 entries of Python."""
    entries = [
        path.name
        for path in (ROOT / package).iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists() or list(path.glob("*.py"))
    ]
    assert len(entries) <= ENTRIES, sorted(entries)


def test_no_parameter_has_a_vague_name() -> None:
    """No parameter of a function is named ``one``, ``found`` or ``given``: the name says what it is."""
    vague = [
        f"{name}:{node.lineno}:{argument.arg}"
        for name, tree in parsed(*PACKAGES)
        for node in functions(tree)
        for argument in _arguments(node)
        if argument.arg in VAGUE_PARAMETERS
    ]
    assert vague == []


def _arguments(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.arg]:
    arguments = node.args
    starred = [argument for argument in (arguments.vararg, arguments.kwarg) if argument]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *starred]


def test_any_is_rare() -> None:
    """The word `Any` stands fewer than 100 times in the three packages: bodies, rows and values have types."""
    words = {name: len(re.findall(r"\bAny\b", (ROOT / name).read_text("utf-8"))) for name, _tree in parsed(*PACKAGES)}
    assert sum(words.values()) < ANY_WORDS, {name: count for name, count in words.items() if count}


def test_folders_of_tests_mirror_the_packages() -> None:
    """Each folder of tests is named as the folder that it tests, or is listed with the reason why not."""
    folders = [path for path in (ROOT / "tests").rglob("*") if path.is_dir() and not path.name.startswith("__")]
    names = {path.relative_to(ROOT / "tests").as_posix() for path in folders if "__" not in path.as_posix()}
    strangers = {name for name in names if not (ROOT / name).is_dir()}
    assert strangers == WITHOUT_COUNTERPART.keys()


def test_migrations_are_append_only() -> None:
    """A migration that has been released does what it did: its code is listed with its checksum. A new one is added to
    ``tests/migrations.tsv``; a changed one is a mistake."""
    listed = dict(line.split("\t") for line in MIGRATIONS.read_text("utf-8").splitlines())
    assert {name: checksum_of(tree) for name, tree in parsed("store", "sync") if "/versions/0" in name} == listed


def checksum_of(tree: ast.Module) -> str:
    """A checksum of what a module does: its code without docstrings, comments and layout."""
    code = copy.deepcopy(tree)
    for node in ast.walk(code):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return hashlib.sha256(ast.dump(code).encode()).hexdigest()[:16]


def test_nothing_of_ours_is_patched() -> None:
    """No test replaces an attribute of our modules: what differs in a test is passed as an argument."""
    patch = re.compile(r"monkeypatch\.(?:set|del)attr\(\s*([^,]+),|(?:mock|mocker)\.patch")
    allowed = {"Stylesheet", "Screen", "sys", "os"}
    patched = [
        f"{path.relative_to(ROOT)}: {target}"
        for path in (ROOT / "tests").rglob("*.py")
        for target in patch.findall(path.read_text("utf-8"))
        if target not in allowed
    ]
    assert patched == []


@pytest.mark.parametrize("package", [*PACKAGES, "tests"])
def test_every_rule_names_a_test_that_exists(package: str) -> None:
    """Each rule of a package's README (``> **…**``) says by which tests it is proved, and these are there."""
    text = (ROOT / package / "README.md").read_text("utf-8")
    rules = re.split(r"^(?=> \*\*)", text, flags=re.MULTILINE)[1:]
    assert rules
    unproved = [rule.splitlines()[0] for rule in rules if not _proofs_of(rule)]
    missing = [proof for rule in rules for proof in _proofs_of(rule) if not _exists(proof)]
    assert (unproved, missing) == ([], [])


def _proofs_of(rule: str) -> list[str]:
    """The tests that a rule names in the quoted block after "Proved by"."""
    quoted = "\n".join(line for line in rule.split("\n\n", maxsplit=1)[0].splitlines() if line.startswith(">"))
    return re.findall(r"`(tests/[^`]+)`", quoted.partition("Proved by")[2])


def _exists(proof: str) -> bool:
    path, _, test = proof.partition("::")
    if not test or not (ROOT / path).is_file():
        return (ROOT / path).exists()
    return any(node.name == test for node in functions(ast.parse((ROOT / path).read_text("utf-8"))))


def test_the_long_proofs_are_chosen_once_properties_are_marked(pytestconfig: pytest.Config) -> None:
    """``make soak`` takes every property: Hypothesis marks them before ours asks which tests are long."""
    hook = pytestconfig.pluginmanager.hook.pytest_collection_modifyitems
    called = [str(implementation.plugin_name) for implementation in reversed(hook.get_hookimpls())]
    ours = next(n for n, name in enumerate(called) if name.endswith("tests/conftest.py"))
    assert called.index("hypothesispytest") < ours
