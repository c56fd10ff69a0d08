"""The merge rule: of two versions of one ledger line, the latest stamp wins (decision 2).

This is the only place that compares stamps to choose a winner. Equal stamps are decided by device id; equal devices
too (only after damage, or a store copied behind the program's back) by the canonical bytes, so that every store
decides alike. The rule is a maximum over a total order, hence commutative, associative and idempotent.
"""

from __future__ import annotations

from store.ledger.line import Line, canonical_json

VersionKey = tuple[int, str]


def version_key(line: Line) -> VersionKey:
    """What decides between two versions: stamp first, device id second."""
    return (line.stamp, line.device)


def replaces(challenger: Line, current: Line) -> bool:
    """Whether ``challenger`` replaces ``current`` as the current version of the same line."""
    if version_key(challenger) != version_key(current):
        return version_key(challenger) > version_key(current)
    return canonical_json(challenger) > canonical_json(current)


def supersede_reason(winner: Line, loser: Line) -> str:
    """Why ``loser`` is not current: ``edited`` when the winner's author had seen it (or a later one), ``superseded``
    when two people changed the line without knowing of each other."""
    seen = winner.base >= loser.stamp or winner.device == loser.device
    return "edited" if seen else "superseded"


def is_overtaken(line: Line, current: Line | None) -> bool:
    """Whether a version that somebody gave says nothing new beside the ``current`` one: that is the same or a later
    one, or says the same in its author's name, as one does whose stamp was corrected."""
    if current is None:
        return False
    same = (current.author, current.body, current.deleted) == (line.author, line.body, line.deleted)
    return same or not replaces(line, current)


def may_settle(sent_stamp: int, known_stamp: int | None) -> bool:
    """Whether an outcome of the version that was sent with this stamp says something new of its line: of the central's
    version, as far as it is known here, the stamp is not as late. Versions there only become later."""
    return known_stamp is None or known_stamp < sent_stamp
