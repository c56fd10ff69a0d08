"""The merge rule: of two versions of one ledger line, the latest stamp wins (decision 2).

This is the only place that compares stamps to choose a winner. Equal stamps are decided by device id; equal devices
too (only after damage, or a store copied behind the program's back) by the canonical bytes, so that every store
decides alike. The rule is a maximum over a total order, hence commutative, associative and idempotent.
"""

from __future__ import annotations

from store.ledger.line import Line, canonical

Rank = tuple[int, str]


def rank(line: Line) -> Rank:
    """What decides between two versions: stamp first, device id second."""
    return (line.stamp, line.device)


def wins(challenger: Line, holder: Line) -> bool:
    """Whether ``challenger`` replaces ``holder`` as the current version of the same line."""
    if rank(challenger) != rank(holder):
        return rank(challenger) > rank(holder)
    return canonical(challenger) > canonical(holder)


def why(winner: Line, loser: Line) -> str:
    """Why ``loser`` is not current: ``edited`` when the winner's author had seen it (or a later one), ``superseded``
    when two people changed the line without knowing of each other."""
    seen = winner.base >= loser.stamp or winner.device == loser.device
    return "edited" if seen else "superseded"
