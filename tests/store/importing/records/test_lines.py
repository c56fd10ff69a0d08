"""Tables of procedures, policies, progress, trainings, returns, follow-ups, deliveries, adoption and statistics."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from store.commands import register_lines
from store.domain.registers import DELIVERY_REGISTER, FOLLOW_UP_REGISTER, POLICY_REGISTER, PROCEDURE_REGISTER
from store.importing.records.fields import REGISTERS
from store.importing.records.shape import RegisterName
from store.ledger.kinds import kinds
from store.writer.sync_writes import SyncLedger
from tests.store.devices import device, dump
from tests.store.importing.records.samples import codes, take, verdicts, with_projects

TABLES: Mapping[RegisterName, tuple[list[str], ...]] = {
    "procedures": (
        ["项目名称", "手续名称", "办理状态", "审批部门", "批复文号", "批复时间"],
        ["续1", "环境影响评价", "已批复", "区生态环境分局", "示环审〔2025〕3号", "2025-06-03"],
        ["续1", "专项论证", "未启动", "区水利局", "", ""],
    ),
    "policies": (
        ["序号", "文件名称", "文号", "发文单位", "发文时间"],
        ["1", "某措施", "示发〔2026〕1号", "区政府办", "2026年1月5日"],
    ),
    "progress": (
        ["2025年10月重点项目进度表"],
        ["单位：万元"],
        ["项目名称", "年度计划投资", "年度完成投资", "累计完成投资（元）", "形象进度"],
        ["北山风电场", "5200", "1800.5", "90000000", "主体封顶"],
    ),
    "trainings": (
        ["培训时间", "培训主题", "主办单位", "学时", "参加人员"],
        ["2026-03-05", "廉洁从政警示教育", "区纪委", "1.5", "甲建国、乙卫东"],
    ),
    "returns": (["项目名称", "报送期间", "期限", "报送日期"], ["续1", "2026年3月", "2026-04-10", "2026-04-08"]),
    "follow-ups": (
        ["问题编号", "回访时间", "回访方式", "满意度"],
        ["台账1", "2026-05-01", "电话回访", "基本满意"],
    ),
    "deliveries": (
        ["项目编号", "政策名称", "时间", "方式", "经办人"],
        ["续1", "某措施", "2026-05-01", "宣讲", "甲建国"],
    ),
    "adoption": (["单位名称", "是否建立", "时间"], ["区住建局", "是", "2026-01-05"], ["区水利局", "正在完善", ""]),
    "statistics": (["项目名称", "施工合同", "入库时间"], ["续1", "2026-01-05", "2026-02-01"]),
}  # fmt: skip
SAID: Mapping[RegisterName, dict[str, object]] = {
    "procedures": {"code": "eia", "status": "granted", "document": "示环审〔2025〕3号", "day": "2025-06-03"},
    "policies": {"title": "某措施", "number": "示发〔2026〕1号", "issuer": "区政府办", "issued": "2026-01-05"},
    "progress": {"month": "2025-10", "planned": 52_000_000, "done": 18_005_000, "total": 90_000_000},
    "trainings": {"kind": "integrity", "minutes": 90, "at": "2026-03-05T00:00+08:00"},
    "returns": {"period": "2026-03", "due": "2026-04-10", "returned": "2026-04-08"},
    "follow-ups": {"satisfaction": "basically", "how": "phone", "at": "2026-05-01T00:00+08:00"},
    "deliveries": {"act": "interpret", "who": '["甲建国"]'},
    "adoption": {"status": "set_up", "day": "2026-01-05"},
    "statistics": {"contract": "2026-01-05", "entered": "2026-02-01"},
}
KINDS = {
    "procedures": "procedure", "policies": "policy", "progress": "progress_report", "trainings": "training",
    "returns": "data_return", "follow-ups": "follow_up", "deliveries": "policy_delivery", "adoption": "adoption",
    "statistics": "statistics_entry",
}  # fmt: skip


@pytest.fixture
def ledger(tmp_path: Path) -> SyncLedger:
    """A store with projects and an issue."""
    ledger = with_projects(device(tmp_path, "a"))
    take(ledger, tmp_path, "issues", ["项目名称", "问题编号", "问题"], ["续1", "台账1", "缺电"])
    return ledger


def stored(ledger: SyncLedger, register: str, *columns: str) -> list[tuple[object, ...]]:
    """These columns of a register's lines."""
    query = f"SELECT {', '.join(columns)} FROM {KINDS[register]} WHERE deleted = 0 ORDER BY id"
    return [tuple(row) for row in ledger.database.connection().execute(query)]


def test_each_register_is_taken_in_once(ledger: SyncLedger, tmp_path: Path) -> None:
    """What the columns say is in the ledger under any usual heading; the same table again changes nothing."""
    for register, rows in TABLES.items():
        first = take(ledger, tmp_path, register, *rows)
        assert not first.refused, register
        assert set(verdicts(first)) == {"new"}, register
        said = SAID[register]
        assert tuple(said.values()) in stored(ledger, register, *said), register
    before = dump(ledger)
    for register, rows in TABLES.items():
        assert set(verdicts(take(ledger, tmp_path, register, *rows))) == {"same"}, register
    assert dump(ledger) == before
    (people,) = ledger.database.connection().execute("SELECT count(*) FROM attendance").fetchone()
    assert people == 2


def test_a_corrected_table_changes_what_differs(ledger: SyncLedger, tmp_path: Path) -> None:
    """The line that an officer wrote is met by what it is about, not by its id: its hour, its text and what the table
    leaves empty stay."""
    register_lines.add(
        ledger, PROCEDURE_REGISTER, project="续1", code="own-1", name="专项论证", status="preparing", note="急"
    )
    register_lines.add(ledger, POLICY_REGISTER, title="某措施", number="示发〔2026〕1号", text="补助")
    register_lines.add(
        ledger, DELIVERY_REGISTER, project="续1", policy="某措施", act="interpret", at="2026-05-01 14:30"
    )
    register_lines.add(
        ledger, FOLLOW_UP_REGISTER, issue="台账1", at="2026-05-01 09:00", how="visit", satisfaction="satisfied"
    )
    registers: tuple[RegisterName, ...] = ("procedures", "policies", "deliveries")
    for register in registers:
        assert verdicts(take(ledger, tmp_path, register, *TABLES[register]))["changes"] == 1, register
    assert ("own-1", "not_started", "急") in stored(ledger, "procedures", "code", "status", "note")
    assert stored(ledger, "policies", "text", "issuer") == [("补助", "区政府办")]
    assert stored(ledger, "deliveries", "at") == [("2026-05-01T14:30+08:00",)]
    report = take(ledger, tmp_path, "follow-ups", *TABLES["follow-ups"])
    assert [change.field for row in report.rows for change in row.changes] == ["how", "satisfaction"]


def test_what_is_not_clear_comes_back(ledger: SyncLedger, tmp_path: Path) -> None:
    """Words between two levels, states that say nothing, amounts without a unit, months without a year, what a status
    needs: the row is refused, or its cell left out, and told."""
    take(ledger, tmp_path, "policies", *TABLES["policies"])
    cases: tuple[tuple[RegisterName, list[str], list[str], str], ...] = (
        ("follow-ups", ["问题", "时间", "满意度"], ["台账1", "2026-05-01", "比较满意"], "unclear_value"),
        ("follow-ups", ["问题", "时间", "满意度"], ["没有的", "2026-05-01", "满意"], "unknown_issue"),
        ("procedures", ["项目", "手续", "状态"], ["续1", "取水许可", "未办结"], "unclear_value"),
        ("procedures", ["项目", "手续", "状态"], ["续1", "取水许可", "容缺受理"], "field_needed"),
        ("deliveries", ["项目", "政策", "时间", "方式"], ["续1", "没有的", "2026-05-01", "解读"], "unknown_policy"),
        ("returns", ["项目", "期间", "期限"], ["续1", "3月", "2026-04-10"], "unclear_value"),
        ("progress", ["项目", "月份", "本年完成"], ["续1", "2025-10", "1800"], "no_money_unit"),
        ("trainings", ["时间", "主题", "学时"], ["2026-03-05", "座谈", "2"], "not_given"),
        ("trainings", ["时间", "主题", "学时"], ["2026-03-05", "业务培训", "半天"], "unclear_value"),
        ("statistics", ["项目编号", "项目名称", "入库时间"], ["续1", "临江水库", "2026-02-01"], "project_differs"),
    )
    for register, head, row, code in cases:
        assert codes(take(ledger, tmp_path, register, head, row)) == [code], (register, row)


def test_a_row_that_is_refused_enters_nobody(ledger: SyncLedger, tmp_path: Path) -> None:
    """Neither its department nor its people are new lines, unless a row that is taken names them too."""
    head = ["项目", "手续", "状态", "责任部门", "代办人"]
    report = take(
        ledger, tmp_path, "procedures", head,
        ["没有的", "取水许可", "已受理", "区水利局", "丙丁"], ["续1", "取水许可", "未办结", "区气象局", "甲建国"],
        ["续1", "施工图设计文件审查", "已受理", "区水利局", "乙卫东"],
    )  # fmt: skip
    assert (report.units, report.people, len(report.refused)) == (1, 1, 2)
    connection = ledger.database.connection()
    assert connection.execute("SELECT name FROM unit").fetchall() == [("区水利局",)]
    assert connection.execute("SELECT name FROM person").fetchall() == [("乙卫东",)]


def test_refused_rows_keep_what_the_title_said(ledger: SyncLedger, tmp_path: Path) -> None:
    """The month and the unit of the title stand in the file of refused rows, which is taken in when it is corrected."""
    rows = TABLES["progress"]
    report = take(ledger, tmp_path, "progress", *rows[:3], ["没有的", "1", "2", "3", ""], dry=True)
    assert report.headings == (
        "项目名称",
        "年度计划投资（万元）",
        "年度完成投资（万元）",
        "累计完成投资（元）",
        "形象进度",
        "月份",
    )
    (left_out,) = report.refused
    corrected = ["续1", *left_out.cells[1:]]
    assert verdicts(take(ledger, tmp_path, "progress", list(report.headings), corrected)) == {"new": 1}
    assert stored(ledger, "progress", "month", "planned", "total") == [("2025-10", 10_000, 3)]


def test_what_is_said_less_exactly_changes_nothing(ledger: SyncLedger, tmp_path: Path) -> None:
    """An amount that a list rounds to two places of ten thousand yuan stays as it is, another one is a change."""
    head = ["项目", "月份", "本年完成"]
    take(ledger, tmp_path, "progress", head, ["续1", "2025-10", "12345678元"])
    assert verdicts(take(ledger, tmp_path, "progress", head, ["续1", "2025-10", "1,234.57万元"])) == {"same": 1}
    assert stored(ledger, "progress", "done") == [(12_345_678,)]
    assert verdicts(take(ledger, tmp_path, "progress", head, ["续1", "2025-10", "1,234.58万元"])) == {"changes": 1}


def test_every_field_of_a_table_is_one_of_its_kind() -> None:
    """What a template asks for, a line can hold, and every word of a drop-down is understood."""
    for register, kind in KINDS.items():
        shape = REGISTERS[register]
        names = {name.removesuffix("_id") for name in kinds()[kind].fields} | {
            "project",
            "project_number",
            "who",
            "hours",
        }
        assert {field.name for field in shape.fields} <= names, register
        assert all(field.coded(word) for field in shape.fields for word in field.choices)
        headings = [field.heading for field in shape.fields]
        assert [shape.meaning(heading.removesuffix("（万元）")) for heading in headings] == [
            field.name for field in shape.fields
        ], register
