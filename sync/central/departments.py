"""To which department a bucket belongs: an issue to the one it is assigned to, a procedure to the one it names."""

from __future__ import annotations

from collections.abc import Sequence

from store.buckets import Area
from store.issues import state_of
from store.lines import Line
from sync.central.authority import STEP


def department_of(bucket: str, lines: Sequence[Line]) -> str | None:
    """The department (a unit's id) of an issue's or procedure's bucket; None while its own line has not arrived."""
    area, _, root = bucket.partition(":")
    own = next((line for line in lines if line.id == root and not line.deleted), None)
    if own is None:
        return None
    if area == Area.ISSUE:
        return state_of(own, [line for line in lines if line.kind == STEP]).department_id
    named = own.body.get("department_id")
    return named if isinstance(named, str) else None
