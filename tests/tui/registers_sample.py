"""One line in every register of the sample district, written as an officer's form writes it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from store.domain.registers import REGISTERS
from store.writer.upgrade import open_store
from tests.tui.sample import KEY, NOON_MS, line_id
from tests.tui.writing import add_line
from tui.data.writer import Writer

PROJECT = line_id("project", 1)
LINES: Mapping[str, Mapping[str, Any]] = {
    "procedure": {"project": PROJECT, "code": "works_permit", "name": "建筑工程施工许可证", "department": "住建局"},
    "meeting": {"project": PROJECT, "title": "研究供电接入", "level": "2", "issues": "W2026-001",
                "at": "2026-05-11 9:00"},
    "policy": {"title": "新能源材料若干措施", "issuer": "管委会", "issued": "2026-04-01",
               "text": "对固定资产投资给予补助。"},
    "delivery": {"project": PROJECT, "policy": "新能源材料若干措施", "act": "transmit", "at": "2026-05-06 10:00"},
    "progress": {"project": PROJECT, "month": "2026-04", "planned": "2亿", "done": "2300万", "physical": "主体封顶"},
    "statistics": {"project": PROJECT, "filing": "2025-03-01"},
    "return": {"project": PROJECT, "period": "2026-04", "due": "2026-05-08"},
    "training": {"title": "廉洁教育", "kind": "integrity", "hours": "1.5", "who": "乙卫东;壬福生",
                 "at": "2026-05-09 14:00"},
    "criterion": {"code": "A1", "name": "按期办结", "points": "40", "fact": "in_time"},
    "evaluation": {"period": "2026H1", "unit": "供电公司", "lines": ["A1=31.5"], "outcome": "none"},
    "time-rule": {"days": "10", "counting": "workdays", "start": "assigned", "urgency": "urgent", "pauses": "outside",
                  "valid_from": "2026-05-01"},
    "file-rule": {"act": "settled", "count": "17", "category": "land", "valid_from": "2026-05-01"},
    "phrase": {"text": "已到现场踏勘，正在编制方案", "person": "乙卫东"},
    "adoption": {"unit": "供电公司", "status": "improving", "day": "2026-05-01"},
    "follow-up": {"issue": "W2026-003", "how": "visit", "satisfaction": "basically",
                  "at": "2026-05-15 10:00", "text": "希望再快些"},
}  # fmt: skip
"""The values of a line by the register's name; a delivery names the policy before it."""


_FILLED: dict[bytes, tuple[bytes, dict[str, str]]] = {}
"""By the digest of a ledger as it was: the ledger with all registers, and the lines' ids."""


def fill_registers(home: Path) -> dict[str, str]:
    """Write all of them; returns the lines' ids by the register's name. A ledger that was filled before, byte for byte
    the same, is copied: most tests begin with the sample home."""
    ledger = home / "ledger.db"
    before = hashlib.blake2b(ledger.read_bytes()).digest()
    if ledger.with_name("ledger.db-wal").exists():
        return _fill(home)
    if before not in _FILLED:
        ids = _fill(home)
        _FILLED[before] = (ledger.read_bytes(), ids)
    content, ids = _FILLED[before]
    ledger.write_bytes(content)
    return dict(ids)


def _fill(home: Path) -> dict[str, str]:
    database = open_store(home / "ledger.db", KEY)
    writer = Writer(database, lambda: NOON_MS)
    ids = {name: add_line(writer, REGISTERS[name], values) for name, values in LINES.items()}
    database.close()
    return ids
