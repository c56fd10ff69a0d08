"""Which ledger a table is, where nobody says it."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.importing.csv import read
from store.importing.import_report import ImportReport
from store.importing.records.fields import REGISTERS
from store.importing.records.guess import RESPONSIBILITY, guess_register, import_file
from store.importing.records.report import RecordReport
from store.importing.refusals import IssueLedgerRefused, OtherTableRefused, ProcedureTableRefused
from tests.store.devices import device
from tests.store.importing.records.samples import with_projects
from tests.store.importing.records.test_lines import TABLES
from tests.store.importing.samples import HEAD, project, to_csv

PLAIN = {
    "issues": ["序号", "项目名称", "存在问题", "责任单位", "完成时限", "办理情况"],
    "visits": ["日期", "项目名称", "走访方式", "走访人员", "走访地点", "走访情况"],
    "people": ["序号", "姓名", "单位", "职务", "联系电话"],
    "units": ["序号", "单位名称", "类别", "电话"],
}


def test_a_table_is_guessed_by_its_headings_and_title(tmp_path: Path) -> None:
    """Of each register, as offices head it and as its template does; a responsibility table is one."""
    ledger = with_projects(device(tmp_path, "a"))
    path = tmp_path / "表.csv"
    tables: dict[str, tuple[list[str], ...]] = {name: (head, ["1"] * len(head)) for name, head in PLAIN.items()}
    for name, rows in (*tables.items(), *TABLES.items()):
        assert guess_register(read(to_csv(list(rows)))) == name
        path.write_bytes(to_csv(list(rows)))
        report = import_file(ledger, path, dry_run=True)
        assert isinstance(report, RecordReport) and report.register == name
    for name, register in REGISTERS.items():
        fields = register.template_fields
        example = [[field.heading for field in fields], [field.example for field in fields]]
        path.write_bytes(to_csv(example))
        report = import_file(ledger, path, dry_run=True)
        assert isinstance(report, RecordReport) and report.register == name
    path.write_bytes(to_csv([["一、续建项目（1项）"], HEAD, project(1, "北山")]))
    assert isinstance(import_file(ledger, path, dry_run=True), ImportReport)


def test_who_handles_a_procedure_is_no_butler(tmp_path: Path) -> None:
    """A table of procedures with who handles each is never taken for a responsibility table: it would end roles. A
    project's row that speaks of procedures is one all the same."""
    ledger = with_projects(device(tmp_path, "a"))
    path = tmp_path / "表.csv"
    for head in ("手续 项目名称 状态 责任部门 代办人", "手续名称 项目名称 办理状态 责任单位 帮办人员"):
        path.write_bytes(to_csv([head.split(), ["取水许可", "北山风电场", "已受理", "区水利局", "乙卫东"]]))
        report = import_file(ledger, path, dry_run=True)
        assert isinstance(report, RecordReport) and report.register == "procedures"
        with pytest.raises(ProcedureTableRefused):
            import_file(ledger, path, RESPONSIBILITY, dry_run=True)
    path.write_bytes(to_csv([["项目名称", "包保领导", "代办员", "手续"], ["北山风电场", "甲建国", "乙卫东", "已办"]]))
    assert isinstance(import_file(ledger, path, dry_run=True), ImportReport)


def test_what_is_no_ledger_is_refused_and_nobody_is_overruled(tmp_path: Path) -> None:
    """A table that fits two registers, or none, is not guessed; what a person says it is, it is."""
    ledger = with_projects(device(tmp_path, "a"))
    path = tmp_path / "表.csv"
    path.write_bytes(to_csv([["序号", "工作任务", "完成时限", "责任单位"], ["1", "植树", "4月底", "区林草局"]]))
    with pytest.raises(OtherTableRefused):
        import_file(ledger, path, dry_run=True)
    path.write_bytes(to_csv([PLAIN["issues"], ["1", "续1", "缺电", "供电公司", "", ""]]))
    with pytest.raises(IssueLedgerRefused):
        import_file(ledger, path, RESPONSIBILITY, dry_run=True)
