"""SQL that writes a row of a kind's table as canonical JSON: the bytes of `store.ledger.line.canonical_json`.

What reads the whole ledger (``guanjia dump``, the check of checksums) need not take each row apart and put it together
again. A row that SQL cannot write so is given as a JSON array of its columns instead: one with further fields beside
its columns, or with objects in a list, whose keys would have to be sorted.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

IS_LINE = b"{"[0]
"""The first byte where a row is given as a line; else it is an array."""


def row_json_sql(
    kind: str, columns: Sequence[str], fields: Sequence[str], lists: Collection[str], flags: Collection[str]
) -> str:
    """An expression over a row ``t`` of the kind's table that gives a BLOB: the line in canonical JSON, or a JSON array
    of ``columns`` for who puts the line together. ``fields`` are the body's columns; of these ``lists`` hold JSON
    arrays and ``flags`` 0 or 1."""
    is_plain = " AND ".join(["t.extra IS NULL", *(f"coalesce(instr(t.\"{name}\", '{{'), 0) = 0" for name in lists)])
    row = ", ".join(f't."{name}"' for name in columns)
    return f"CAST(CASE WHEN {is_plain} THEN {_line(kind, fields, lists, flags)} ELSE json_array({row}) END AS BLOB)"


def _line(kind: str, fields: Sequence[str], lists: Collection[str], flags: Collection[str]) -> str:
    values = {name: _field(name, lists, flags) for name in sorted(fields)}
    body = "".join(f', iif(t."{name}" IS NULL, NULL, \',"{name}":\' || {value})' for name, value in values.items())
    members = {
        "author": "json_quote(t.author_id)",
        "base": "t.base",
        "body": f"'{{', substr(concat(''{body}), 2), '}}'",
        "deleted": _flag("deleted"),
        "device": "json_quote(t.device_id)",
        "id": "json_quote(t.id)",
        "kind": f"'\"{kind}\"'",
        "project": "json_quote(t.project_id)",
        "stamp": "t.stamp",
    }
    return "concat('{', " + ", ',', ".join(f"'\"{name}\":', {value}" for name, value in members.items()) + ", '}')"


def _field(name: str, lists: Collection[str], flags: Collection[str]) -> str:
    if name in lists:
        return f't."{name}"'
    return _flag(name) if name in flags else f'json_quote(t."{name}")'


def _flag(name: str) -> str:
    return f"iif(t.\"{name}\", 'true', 'false')"
