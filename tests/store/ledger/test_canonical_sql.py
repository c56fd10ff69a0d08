"""What SQL writes of a row is what Python writes of the line, to the byte."""

from __future__ import annotations

from pathlib import Path

from store.ledger.kinds import Kind, kinds
from store.ledger.line import Body, Line, canonical_json, derived_id
from store.queries.lines import dump
from tests.store.devices import device
from tests.store.ledger.poisons import valid_body

ODD = "\"甲\\ {乙}[] \u2028 🙂/' é 0\\u4e00"
OBJECT = {
    "stamp": 5, "reason": ODD, "points": 7, "line": "x", "id": "y", "device": "z", "date": "2026-05-20", "act": "added",
}  # fmt: skip
"""Is any of the objects that lists hold, with its keys in another order than the canonical one."""
PROJECT, OTHER = derived_id("project"), derived_id("other")


def _bodies(kind: Kind) -> list[Body]:
    """Bodies of a kind: with everything, odd texts, as little as may be, and what a newer version has."""
    full = valid_body(kind)
    odd = {name: _odd(value) for name, value in full.items()}
    required = {name: value for name, value in full.items() if kind.model.model_fields[name].is_required()}
    return [full, odd, required, {**odd, "zz_newer": {"b": 1.5, "a": [True, None]}, "a_newer": ODD}]


def _odd(value: object) -> object:
    if isinstance(value, list):
        return [_odd(one) for one in value]
    if isinstance(value, dict):
        return OBJECT
    return ODD if value == "甲" else value


def test_rows_of_every_kind_are_written_as_their_lines_travel(tmp_path: Path) -> None:
    """Odd texts, lists with objects, fields of a newer version, deleted lines: the dump has each as it came, and the
    checksums of all buckets that are computed from rows are those that were kept while the lines came."""
    ledger, lines = device(tmp_path, "a"), list[Line]()
    for kind in kinds().values():
        for n, body in enumerate(_bodies(kind)):
            project = None if n % 2 and kind.name in ("assignment", "unit", "person") else PROJECT
            head = (derived_id(kind.name, str(n)), kind.name, project, (n + 1) << 16, OTHER, OTHER)
            lines.append(Line(*head, deleted=n == 2, body=body, base=n))
    ledger.merge(lines)
    with ledger.database.read() as connection:
        assert list(dump(connection)) == [
            canonical_json(line) for line in sorted(lines, key=lambda line: (line.kind, line.id))
        ]
        in_columns = sum(connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in kinds())
    assert in_columns > 3 * len(kinds())
    assert ledger.recompute_checksums() == []
