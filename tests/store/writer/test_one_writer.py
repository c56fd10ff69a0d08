"""One writer: only ``store/writer`` changes lines, outbox, history and checksums, and it validates a body once."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import pytest

import store
from store.ledger.kinds import Kind, kinds
from store.ledger.local_schema import LocalTable
from store.writer.local_writes import Draft
from store.writer.sync_writes import SyncLedger
from tests.store.devices import MergeOnlyCentral, device, send, sync

STORE = Path(store.__file__).parent
OUTSIDE = ("writer", "db/migrations")
WRITES = re.compile(r"\b(?:INSERT(?: OR \w+)? INTO|REPLACE INTO|UPDATE(?: OR \w+)?|DELETE FROM)\s+\"?(\w+|\{\})")
DEVICE_FACTS = "meta"
"""What the device knows of itself has an accessor of its own (``store/db``)."""
PROJECT = {"name": "示范项目", "number": "续1", "category": "continuing"}


def ledger_tables() -> set[str]:
    """The tables of the ledger: of every kind, and those beside them; a name that is computed counts as one."""
    local = {str(model.__tablename__) for model in LocalTable.__subclasses__() if hasattr(model, "__table__")}
    return {*kinds(), *local, "{}"} - {DEVICE_FACTS}


def written_tables(source: str) -> set[str]:
    """The tables that the SQL in a module's strings changes."""
    texts = (_text_of(node) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant | ast.JoinedStr))
    return {table for text in texts for table in WRITES.findall(text)}


def _text_of(node: ast.Constant | ast.JoinedStr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)


def test_only_the_writer_changes_the_ledger() -> None:
    """No SQL outside ``store/writer`` and the migrations changes a table of the ledger."""
    elsewhere = {
        name: tables
        for path in sorted(STORE.rglob("*.py"))
        if not (name := path.relative_to(STORE).as_posix()).startswith(OUTSIDE)
        if (tables := written_tables(path.read_text("utf-8")) & ledger_tables())
    }
    assert elsewhere == {}


def test_the_scan_sees_every_form_of_writing() -> None:
    """Plain, conditional and computed statements are found, and the writer itself is seen to write."""
    statements = (
        "sql('INSERT OR REPLACE INTO outbox (id) VALUES (?)')",
        "sql(f'DELETE FROM {kind.name} WHERE id = ?')",
        "sql('UPDATE history SET at = 0')",
        "sql('SELECT 1 FROM visit')",
    )
    assert [written_tables(statement) for statement in statements] == [{"outbox"}, {"{}"}, {"history"}, set()]
    assert written_tables((STORE / "writer" / "transaction.py").read_text("utf-8")) >= {"outbox", "history", "{}"}


@pytest.fixture
def ledger(tmp_path: Path) -> SyncLedger:
    """A fresh store."""
    return device(tmp_path, "a")


def validations(act: Callable[[], object]) -> int:
    """How often a body is validated while ``act`` runs."""
    codes = {Kind.validate.__code__, Kind.is_valid_body.__code__}
    calls = 0

    def count(frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call" and frame.f_code in codes

    sys.setprofile(count)
    try:
        act()
    finally:
        sys.setprofile(None)
    return calls


def acts(ledger: SyncLedger, central: MergeOnlyCentral, line_id: str) -> Iterator[tuple[Callable[[], object], int]]:
    """Every way to write, with the number of lines that it writes."""
    yield lambda: ledger.put("project", {**PROJECT, "number": "续2"}), 1
    yield lambda: ledger.put_many([Draft("project", {**PROJECT, "number": f"续{n}"}) for n in range(3, 6)]), 3
    yield lambda: ledger.edit("project", line_id, name="新名"), 1
    yield lambda: ledger.delete("project", line_id), 1
    yield lambda: send(ledger, central), 0


def test_a_body_is_validated_once_per_write(ledger: SyncLedger, tmp_path: Path) -> None:
    """Each line that is written, by an officer or from the central, is validated exactly once."""
    central, line_id = MergeOnlyCentral(), ledger.put("project", PROJECT).id
    for act, lines in acts(ledger, central, line_id):
        assert validations(act) == lines
    other = device(tmp_path, "b")
    assert validations(lambda: sync(other, central)) == len(central.lines)


def test_a_null_says_nothing(ledger: SyncLedger) -> None:
    """A field that is null is left out of the line, known or not: no column could give it back."""
    assert "weather" not in ledger.put("project", {**PROJECT, "weather": None, "note": None}).body
