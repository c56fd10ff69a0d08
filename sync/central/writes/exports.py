"""Exports that devices tell of: each is one event of the audit, under the person of the device's token."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from sync.admin_protocol import ExportInfo
from sync.central import audit
from sync.central.accounts.authentication import Caller
from sync.central.db.commit_order import DistrictCounter
from sync.central.db.database import insert_rows, is_one_of
from sync.central.db.tables import EXPORT, ExportRow


def record_exports(
    connection: Connection, counter: DistrictCounter, caller: Caller, exports: Sequence[ExportInfo]
) -> None:
    """Record those that the audit does not have; the caller saves the counter. What the device says of the time is told
    as such, beside the central's own."""
    ids = sorted({export.id for export in exports})
    here = (EXPORT.c.district == counter.district, is_one_of(connection, EXPORT.c.id, ids))
    known = set(connection.execute(select(EXPORT.c.id).where(*here)).scalars())
    added = list[ExportRow]()
    for export in exports:
        if export.id not in known:
            known.add(export.id)
            audit.record_event(
                connection, counter, "export", account=caller.account, device=caller.device,
                what=export.what, file_kind=export.file_kind, rows=export.rows, exported_at=export.at,
            )  # fmt: skip
            added.append(ExportRow(counter.district, export.id, counter.seq))
    insert_rows(connection, EXPORT, added)
