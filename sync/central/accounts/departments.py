"""The department of a bucket: an issue belongs to the one it is assigned to, a procedure to the one it names."""

from __future__ import annotations

from collections.abc import Sequence

from store.domain.issue_lifecycle import compute_state
from store.ledger.buckets import Area
from store.ledger.line import Line


def department_of(bucket: str, lines: Sequence[Line]) -> str | None:
    """The department (a unit's id) of an issue's or procedure's bucket; None while its own line has not arrived."""
    own = own_line(bucket, lines)
    if own is None:
        return None
    if bucket[0] == Area.ISSUE:
        return compute_state(own, lines).department_id
    department = own.body.get("department_id")
    return department if isinstance(department, str) else None


def own_line(bucket: str, lines: Sequence[Line]) -> Line | None:
    """The line of the issue or procedure itself among the lines of its bucket; None while it has not arrived."""
    area, _, root = bucket.partition(":")
    kind = "issue" if area == Area.ISSUE else "procedure"
    return next((line for line in lines if line.id == root and line.kind == kind and not line.deleted), None)
