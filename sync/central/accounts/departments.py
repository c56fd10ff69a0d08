"""The departments of a bucket: of an issue those that lead and co-handle it, of a procedure the one that it names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from store.domain.issue_lifecycle import compute_state
from store.ledger.buckets import Area
from store.ledger.line import Line


class BucketDepartments(NamedTuple):
    """The departments of a bucket (ids of units): the ``leading`` one, and the others, sorted."""

    leading: str | None = None
    co_handlers: tuple[str, ...] = ()


def departments_of(bucket: str, lines: Sequence[Line]) -> BucketDepartments:
    """The departments of an issue's or procedure's bucket; none while its own line has not arrived."""
    own = own_line(bucket, lines)
    if own is None:
        return BucketDepartments()
    if bucket[0] == Area.ISSUE:
        state = compute_state(own, lines)
        return BucketDepartments(state.department_id, tuple(sorted(each.department_id for each in state.co_handlers)))
    department = own.body.get("department_id")
    return BucketDepartments(department if isinstance(department, str) else None)


def own_line(bucket: str, lines: Sequence[Line]) -> Line | None:
    """The line of the issue or procedure itself among the lines of its bucket; None while it has not arrived."""
    area, _, root = bucket.partition(":")
    kind = "issue" if area == Area.ISSUE else "procedure"
    return next((line for line in lines if line.id == root and line.kind == kind and not line.deleted), None)
