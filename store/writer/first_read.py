"""The first read of a device: the newest lines arrive first, and the lookup has them in the order of their change.

The index numbers lines as they are written, so that a larger number is a later change. A first read therefore gets a
block of numbers that it takes downward; what is written on this device meanwhile gets larger ones. Block and progress
are one device fact, saved with the lines, so that a first read may be interrupted anywhere. The central's side is
``sync/central/steps/pull.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType
from typing import NamedTuple

from store.db.device_facts import FIRST_READ, FirstReadProgress, first_read_progress
from store.ledger.line import Line
from store.search.index import NumberBlock, reserve_numbers
from store.writer.clock_repair import ClockRepairLedger
from store.writer.sync_writes import MergeResult, Receipts

MAX_BLOCK = 1 << 24
"""No central makes a device keep more numbers than this; where a block is used up, lines are numbered as ever."""


class _Fact(NamedTuple):
    """The device fact: how many lines have come of how many, and the numbers that are left."""

    progress: FirstReadProgress
    block: NumberBlock


class FirstReadPage(NamedTuple):
    """That a page is of a first read of ``total`` lines, and whether ``more`` follows it."""

    total: int
    more: bool


class FirstReadLedger(ClockRepairLedger):
    """The ledger with the writes of a first read."""

    def merge_first_read(
        self, lines: Sequence[Line], page: FirstReadPage, cursor: str, receipts: Receipts = MappingProxyType({})
    ) -> MergeResult:
        """Merge a page of a first read and store the cursor that covers it, in one transaction."""
        with self._transaction() as change:
            known = _read_fact(change.facts.get(FIRST_READ))
            block = known.block if known else reserve_numbers(change.connection, min(2 * page.total, MAX_BLOCK))
            change.index_block = block
            merged = self._merge_lines(change, lines, receipts)
            change.write_out()
            come = (known.progress.come if known else 0) + len(lines)
            numbers = (come, page.total, *(change.index_block or block))
            change.facts[FIRST_READ] = " ".join(map(str, numbers)) if page.more else ""
            change.facts["cursor"] = cursor
            return merged


def _read_fact(text: str | None) -> _Fact | None:
    progress = first_read_progress(text)
    if progress is None:
        return None
    return _Fact(progress, NumberBlock(*map(int, (text or "").split(" ")[2:])))
