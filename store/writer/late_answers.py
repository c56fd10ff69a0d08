"""Answers that come late: what they say of lines of which a later version is known to be at the central is left out.

An answer that came as a file may be older than what a round over a network has brought since. Taken for the present
state it would make this device believe that the central has lost something. Next: ``sync_writes.py``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

from store.ledger.line import Line
from store.ledger.merge import may_settle
from store.writer.transaction import OutboxRow, Transaction


class Sent(Protocol):
    """A version that was sent."""

    @property
    def stamp(self) -> int: ...


SentT = TypeVar("SentT", bound=Sent)


class SentLongAgo(dict[str, SentT]):
    """Versions, by line id, that were sent so long ago that later ones may be known to be at the central since."""


class Named(Protocol):
    """Anything about a line."""

    @property
    def id(self) -> str: ...


ThingT = TypeVar("ThingT", bound=Named)


class SettleableOutcomes:
    """What of the outcomes of the versions that were ``sent`` may still settle what ``waiting`` holds."""

    def __init__(self, waiting: Mapping[str, OutboxRow], sent: Mapping[str, Sent]) -> None:
        self._ids = {i for i, row in waiting.items() if i in sent and may_settle(sent[i].stamp, row.base_stamp)}

    def among(self, things: Sequence[ThingT]) -> list[ThingT]:
        """Those of these outcomes or lines that are about such a version."""
        return [thing for thing in things if thing.id in self._ids]


def news(change: Transaction, lines: Sequence[Line]) -> list[Line]:
    """Those of the central's lines of which no later version is known to be there: below what waits, or as current."""
    waiting = change.outbox_rows([line.id for line in lines])
    held = change.stored_lines((line.kind, line.id) for line in lines if line.id not in waiting)
    known = {i: stored.line.stamp for i, stored in held.items()} | {i: row.base_stamp for i, row in waiting.items()}
    return [line for line in lines if line.stamp == known.get(line.id) or may_settle(line.stamp, known.get(line.id))]
