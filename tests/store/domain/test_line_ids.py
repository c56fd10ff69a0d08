"""Ids that follow from what a line says are known to, or the central refuses the line."""

from __future__ import annotations

from pathlib import Path

from store.commands import reminders, saved_views
from store.domain.line_ids import IdClaim, id_claim
from store.importing.records import import_records
from store.writer.checksums import all_lines
from tests.store.devices import device
from tests.store.importing.records.samples import with_projects
from tests.store.importing.samples import to_csv


def test_what_people_keep_for_themselves_reaches_their_other_devices(tmp_path: Path) -> None:
    """A saved view, what was said of a column, and which device reminds: the central takes them, as their ids are known
    to follow from what they say."""
    ledger = with_projects(device(tmp_path, "a"))
    saved_views.save(ledger, "issues", "红灯", {"light": "red"})
    reminders.remind_here(ledger, 1_790_000_000_000)
    table = tmp_path / "表.csv"
    table.write_bytes(to_csv([["项目名称", "问题", "盯办人"], ["续1", "缺电", "甲建国"]]))
    import_records(ledger, table, "issues", ("盯办人=owner",))
    kinds = ("saved_view", "reminder_device", "column_meaning")
    lines = {line.kind: line for line in all_lines(ledger.database.connection()) if line.kind in kinds}
    assert {kind: id_claim("210903", line) for kind, line in lines.items()} == dict.fromkeys(kinds, IdClaim.PROVEN)
