"""Which lines of the outbox have surely left this device by no way: neither to the central nor to a colleague.

A withdrawal (``store/writer/withdrawal.py``) and the screens that offer it (``store/queries/outbox.py``) go by it.
"""

from __future__ import annotations

from typing import Final

CARRIED_UNTIL, GAVE = "carried_until", "gave"
"""The facts with the last stamp that left in a file for the central, and that colleagues may have though the central
has not: given at a meeting, or lost by a central that was set back."""


def _is_after(fact: str) -> str:
    """The condition that no version of a line of the outbox was stamped by then: an edit gets a later stamp than the
    version that left."""
    first = "min(stamp, coalesce((SELECT min(h.stamp) FROM history h WHERE h.id = outbox.id), stamp))"
    return f"{first} > coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE key = '{fact}'), 0)"


UNSENT_SQL: Final = f"""SELECT 1 FROM outbox WHERE id = ? AND state = 'pending' AND base_digest IS NULL
    AND NOT EXISTS (SELECT 1 FROM meta WHERE key = 'chain_next' AND value <> '') AND {_is_after(CARRIED_UNTIL)}"""
"""Finds a line that has surely not reached the central. A push that was begun and not answered may have arrived
(`chain_next`), and so may what was written to a file."""
HERE_ALONE_SQL: Final = f"{UNSENT_SQL} AND {_is_after(GAVE)}"
"""Finds such a line that no colleague has either."""
