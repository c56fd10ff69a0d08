"""What was said of columns is known of the next table with the same headings, in the whole district."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.importing import import_table
from store.importing.records import import_records
from store.importing.records.exceptions import RegisterColumnsNotUnderstood
from store.importing.refusals import ColumnsNotUnderstood
from store.writer.sync_writes import SyncLedger
from tests.store.devices import device
from tests.store.importing.records.samples import with_projects
from tests.store.importing.samples import HEAD, project, to_csv

ISSUES = ["项目名称", "问题", "盯办人"]


def remembered(ledger: SyncLedger) -> list[tuple[str, str]]:
    """The headings with what each is."""
    query = "SELECT heading, field FROM column_meaning WHERE deleted = 0 ORDER BY heading"
    return [tuple(row) for row in ledger.database.connection().execute(query)]


def test_an_answer_about_a_column_is_asked_once(tmp_path: Path) -> None:
    """Of a register's table and of a responsibility table; a rehearsal remembers nothing, a column called by its number
    is not remembered, and what is said with a table comes before what is remembered."""
    ledger, path = with_projects(device(tmp_path, "a")), tmp_path / "表.csv"
    path.write_bytes(to_csv([ISSUES, ["续1", "缺电", "甲建国"]]))
    with pytest.raises(RegisterColumnsNotUnderstood):
        import_records(ledger, path, "issues")
    import_records(ledger, path, "issues", ("盯办人=owner",), dry_run=True)
    assert remembered(ledger) == []
    import_records(ledger, path, "issues", ("3=owner",))
    assert remembered(ledger) == []
    import_records(ledger, path, "issues", ("盯办人=责任人",))
    assert remembered(ledger) == [("盯办人", "owner")]
    path.write_bytes(to_csv([ISSUES, ["续1", "缺水", "乙卫东"]]))
    assert import_records(ledger, path, "issues").meanings[2] == "owner"
    assert import_records(ledger, path, "issues", ("盯办人=-",)).meanings[2] == "-"
    assert import_records(ledger, path, "issues", ("3=owner",), dry_run=True).meanings[2] == "owner"
    assert remembered(ledger) == [("盯办人", "-")]
    path.write_bytes(to_csv([["一、续建项目（1项）"], [*HEAD, "服务人"], [*project(1, "南山"), "丁红梅"]]))
    with pytest.raises(ColumnsNotUnderstood):
        import_table(ledger, path)
    import_table(ledger, path, ("服务人=项目秘书",))
    assert import_table(ledger, path).columns[-1] == ("服务人", "project_secretary")
    by_number = import_table(ledger, path, (f"{len(HEAD) + 1}=-",), dry_run=True)
    assert by_number.columns[-1] == ("服务人", "-")


def test_a_column_once_set_aside_stays_so_beside_another(tmp_path: Path) -> None:
    """Setting one column of the next table aside brings none back that was set aside before."""
    ledger, path = with_projects(device(tmp_path, "a")), tmp_path / "表.csv"
    head, row = [*HEAD, "项目秘书"], [*project(1, "南山"), "丁红梅"]
    path.write_bytes(to_csv([["一、续建项目（1项）"], head, row]))
    import_table(ledger, path, ("项目秘书=-",))
    path.write_bytes(to_csv([["一、续建项目（1项）"], [*head, "服务人"], [*row, "甲建国"]]))
    report = import_table(ledger, path, ("服务人=-",), dry_run=True)
    assert report.columns[-2:] == (("项目秘书", "-"), ("服务人", "-"))


def test_what_is_remembered_keeps_no_table_out(tmp_path: Path) -> None:
    """A table where the heading is none, or where another column is said to be that field, is read as ever; two devices
    that answer alike write one line."""
    ledger, other = with_projects(device(tmp_path, "a")), with_projects(device(tmp_path, "b"))
    path = tmp_path / "表.csv"
    path.write_bytes(to_csv([ISSUES, ["续1", "缺电", "甲建国"]]))
    for each in (ledger, other):
        import_records(each, path, "issues", ("盯办人=owner",))
    ids = [each.database.connection().execute("SELECT id FROM column_meaning").fetchall() for each in (ledger, other)]
    assert ids[0] == ids[1] and len(ids[0]) == 1
    path.write_bytes(to_csv([["项目名称", "问题", "盯办人", "具体办"], ["续1", "缺水", "甲建国", "乙卫东"]]))
    report = import_records(ledger, path, "issues", ("具体办=owner",), accept=True, dry_run=True)
    assert report.meanings == ("project", "title", None, "owner")
    path.write_bytes(to_csv([["项目名称", "问题"], ["续1", "盯办人"]]))
    assert import_records(ledger, path, "issues", dry_run=True).counts.added == 1
