"""Variants of the sample: roles that its person holds, and issues that somebody else settled."""

from __future__ import annotations

import json
from pathlib import Path

from store.commands import issues
from store.db.database import Database
from store.writer.sync_writes import SyncLedger
from store.writer.upgrade import open_store
from tests.tui.sample import KEY, NOON_MS, issue_id, line_id

OTHER = line_id("person", "丑宁")
REASON = "请说明逐户走访的范围"
WAS, IS = "逐户走访，分段施工", "逐户走访三百户，分段施工"


def store_of(home: Path) -> Database:
    """The store, as another process sees it."""
    return open_store(home / "ledger.db", KEY)


def hold(home: Path, *roles: str) -> None:
    """Give the sample's person these roles."""
    database = store_of(home)
    with database.write() as connection:
        held = json.dumps([{"role": role} for role in roles])
        connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES ('roles', ?)", (held,))
    database.close()


def submit(home: Path) -> None:
    """Issues 1 and 3 wait for the bureau: 3 was returned once and settled again. Both are somebody else's."""
    database = store_of(home)
    ledger = SyncLedger(database, wall_clock=lambda: NOON_MS - 3_600_000)
    number = issue_id(3)
    issues.act(ledger, number, "return", reason=REASON)
    issues.act(ledger, number, "settle", measure=IS, evidence="回访记录3份")
    issues.act(ledger, issue_id(1), "settle", measure="架设临时线路", evidence="验收单")
    with database.write() as connection:
        connection.execute("UPDATE issue SET author_id = ?", (OTHER,))
        connection.execute("UPDATE issue_step SET author_id = ? WHERE act <> 'returned'", (OTHER,))
    database.close()


def escalate(home: Path, number: int) -> None:
    """Raise an issue to the lead leader."""
    database = store_of(home)
    issues.act(
        SyncLedger(database, wall_clock=lambda: NOON_MS - 3_600_000), issue_id(number), "escalate", reason="跨部门"
    )
    database.close()
