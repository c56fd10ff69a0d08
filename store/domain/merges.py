"""Which record stands for which, from the merges of people and units (`merge` lines). Pure.

Nothing rewrites the lines that name a merged record: who reads resolves ids (``store/queries/name_sql.py``), so a line
that arrives later under the old id is shown under the one that stays, and undoing a merge is exact. Every device and
the central have the same merges, so they resolve alike, in whatever order the lines arrived.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

KeptIds = Mapping[str, str]
"""By the id of each merged record the id of the one that stays. An id that is not in it stays itself."""


def kept_ids(merges: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Which record stays for each merged one; ``merges`` are pairs (from, into), in any order.

    Chains are followed to their end. Of a circle, which two devices can make that merge apart from each other, the
    least id stays, as if it had not been merged. Of several merges of one record, which the program never writes, the
    one into the least id counts. Takes a time in proportion to the number of merges."""
    into: dict[str, str] = {}
    for old, new in merges:
        if old != new:
            into[old] = min(new, into.get(old, new))
    kept: dict[str, str] = {}
    for start in into:
        path: dict[str, None] = {}
        at = start
        while at in into and at not in path and at not in kept:
            path[at] = None
            at = into[at]
        end = _least_of_circle(into, at) if at in path else kept.get(at, at)
        kept.update(dict.fromkeys(path, end))
    return {old: new for old, new in kept.items() if old != new}


def _least_of_circle(into: Mapping[str, str], start: str) -> str:
    least, at = start, into[start]
    while at != start:
        least, at = min(least, at), into[at]
    return least
