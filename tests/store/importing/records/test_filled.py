"""What the ledger says, as a table that is taken in again."""

from __future__ import annotations

from pathlib import Path

from store.commands import issues, procedures, register_lines, trainings, visits
from store.domain.registers import POLICY_REGISTER
from store.importing.records.fields import REGISTERS
from store.importing.records.filled import filled_rows
from tests.store.devices import device, dump
from tests.store.importing.records.samples import codes, take, verdicts, with_projects
from tests.store.importing.records.test_lines import TABLES


def test_every_register_comes_back_in_as_it_left(tmp_path: Path) -> None:
    """Lines that were taken in and lines that officers wrote: each row is the same, and nothing is written; a corrected
    one changes its line."""
    ledger = with_projects(device(tmp_path, "a"))
    head = ["项目名称", "问题编号", "问题", "责任部门", "责任人", "是否解决", "办理进展", "提出时间", "销号编号"]
    take(
        ledger, tmp_path, "issues", head,
        ["续1", "台账1", "缺电", "供电公司", "乙卫东", "否", "", "2026-03-01", ""],
        ["续2", "台账2", "用地", "区自然资源局", "", "是", "已批复", "2026-03-02", "销1"],
        ["续2", "台账3", "缺水", "水务局", "", "办理中", "在谈", "", ""],
        ["新1", "", "路", "", "", "待销号", "", "", ""],
    )  # fmt: skip
    person = ["甲建国", "区发改局", "科长", "19900000002"]
    take(ledger, tmp_path, "people", ["姓名", "单位", "职务", "手机"], person)
    take(ledger, tmp_path, "units", ["单位名称", "类别", "电话"], ["区发改局", "部门", "0418-0000000"])
    for name, table in TABLES.items():
        take(ledger, tmp_path, name, *table)
    issues.record(ledger, project="续1", title="缺路灯", department="区住建局", due="2027-01-05")
    for text in ("看了现场", "又谈"):
        visits.log(ledger, project="续1", at="2026-03-05 09:30", how="visit", who="甲建国、乙卫东等5人", text=text)
    visits.log(ledger, project="续1", at="2026-03-05 10:30:15", how="phone", text="有秒的时刻")
    procedures.propose(ledger, "续1")
    trainings.record_training(
        ledger, kind="professional", hours="1.25", at="2026-03-05 09:00", who="甲建国", title="实务"
    )
    register_lines.add(ledger, POLICY_REGISTER, title="另一措施", text="补助", recipients="各镇街、各部门")
    before = dump(ledger)
    for register, shape in REGISTERS.items():
        with ledger.database.read() as connection:
            rows = [list(row) for row in filled_rows(connection, shape.name)]
        head = [field.heading for field in shape.template_fields]
        report = take(ledger, tmp_path, shape.name, head, *rows)
        assert rows and verdicts(report) == {"same": len(rows)}, (register, codes(report), report.rows)
    assert dump(ledger) == before
    rows[0][5] = "2026-02-02"
    assert verdicts(take(ledger, tmp_path, "statistics", head, *rows)) == {"changes": 1}
