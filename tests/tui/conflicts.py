"""Conflicts in the sample district: 乙卫东, whose home it is, and 壬福生 edit lines without seeing each other."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from store.db.database import Database
from store.queries.conflicts import Conflict, unresolved_conflicts
from store.queries.lines import current_line
from store.writer.sync_writes import SyncLedger
from store.writer.upgrade import open_store
from tests.tui.sample import DAY_MS, KEY, NOON_MS, line_id

NOTE = ("二期用地正在报批，预计六月底完成。", "二期用地已获批复，预计七月初开工。")
SEEN = ("反应釜已到货。", "反应釜正在安装。")


def store_of(home: Path) -> Database:
    """The store, as another process sees it."""
    return open_store(home / "ledger.db", KEY)


def lose(home: Path, kind: str, line_of: str, mine: Mapping[str, Any], theirs: Mapping[str, Any], at: int = 0) -> None:
    """Edit a line here, ``at`` minutes after the first, and let a later edit by a device that had not seen it win."""
    ledger = SyncLedger(store_of(home), wall_clock=lambda: NOON_MS - DAY_MS + at * 60_000)
    before = current_line(ledger.database.connection(), line_of)
    assert before is not None
    lost = ledger.edit(kind, line_of, **mine)
    body = {**before.body, **theirs}
    won = before._replace(
        stamp=lost.stamp + (1 << 30), device=line_id("their device"), author=line_id("person", "壬福生"), body=body,
        base=before.stamp,
    )  # fmt: skip
    ledger.merge([won])
    ledger.database.close()


def lose_two(home: Path) -> None:
    """A project's note and the text of a visit; the visit was superseded last, so it comes first."""
    lose(home, "project", line_id("project", 1), {"note": NOTE[0]}, {"note": NOTE[1]})
    lose(home, "visit", line_id("visit", 0), {"text": SEEN[0]}, {"text": SEEN[1]}, at=5)


def still_lost(home: Path) -> list[Conflict]:
    """What is still to be dealt with."""
    database = store_of(home)
    found = unresolved_conflicts(database.connection())
    database.close()
    return found


def body_of(home: Path, line_of: str) -> Mapping[str, Any]:
    """The current body of a line."""
    database = store_of(home)
    found = current_line(database.connection(), line_of)
    database.close()
    assert found is not None
    return found.body
