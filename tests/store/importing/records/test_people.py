"""Lists of people and units taken in."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.importing.records.shape import RegisterName
from tests.store.devices import device, dump
from tests.store.importing.records.samples import codes, take, verdicts, with_projects

HEAD = ["姓名", "单位", "职务", "联系电话", "办公电话"]
PERSON = ["乙卫东", "区发改局", "科长", "19900000002", "0418-1234567"]


def test_people_come_with_their_units_and_phones(tmp_path: Path) -> None:
    """Known by name, unit and phone: taken once, corrected in place, the phone that changed is told; namesakes of other
    units are other people, and what is no name is refused."""
    ledger = device(tmp_path, "a")
    namesake = ["乙卫东", "区住建局", "局长", "19900000003", ""]
    report = take(ledger, tmp_path, "people", HEAD, PERSON, namesake, ["待定", "区住建局", "", "", ""])
    assert (verdicts(report), codes(report)) == ({"new": 2, "refused": 1}, ["no_one_person"])
    before = dump(ledger)
    assert verdicts(take(ledger, tmp_path, "people", HEAD, PERSON, namesake)) == {"same": 2}
    assert dump(ledger) == before
    moved = take(ledger, tmp_path, "people", HEAD, [*PERSON[:3], "19900000009", ""])
    assert (verdicts(moved), codes(moved)) == ({"changes": 1}, ["phone_changed"])
    connection = ledger.database.connection()
    assert connection.execute("SELECT count(*) FROM person WHERE name = '乙卫东'").fetchone() == (2,)
    assert {phone for (phone,) in connection.execute("SELECT phone FROM contact")} == {
        "19900000009", "0418-1234567", "19900000003",
    }  # fmt: skip


def test_units_are_known_with_and_without_their_district(tmp_path: Path) -> None:
    """示范区发改局 and 发改局 are one; kind and phone are added to what is known."""
    ledger = device(tmp_path, "a")
    head = ["单位名称", "类别", "办公电话"]
    take(ledger, tmp_path, "units", head, ["发改局", "部门", ""])
    report = take(ledger, tmp_path, "units", head, ["示范区发改局", "部门", "0418-1111111"], ["城管局", "部门", ""])
    assert verdicts(report) == {"changes": 1, "new": 1}
    assert ledger.database.connection().execute("SELECT phone FROM contact").fetchone() == ("0418-1111111",)


@pytest.mark.parametrize(
    ("register", "head", "good", "long"),
    [
        ("people", HEAD, PERSON, [*PERSON[:2], "长" * 201, *PERSON[3:]]),
        ("people", HEAD, PERSON, ["丙志远", "局" * 201, "", "", ""]),
        ("people", HEAD, PERSON, ["丙志远", "", "", "1" * 61, ""]),
        ("units", ["单位名称", "办公电话"], ["城管局", ""], ["局" * 201, ""]),
        ("visits", ["项目", "时间", "地点"], ["续1", "2026-03-05", "现场"], ["续1", "2026-03-06", "地" * 201]),
        ("issues", ["项目", "问题", "编号"], ["续1", "缺电", "1"], ["续1", "缺水", "2" * 201]),
    ],
)
def test_a_text_longer_than_a_line_costs_its_row_alone(
    tmp_path: Path, register: RegisterName, head: list[str], good: list[str], long: list[str]
) -> None:
    """A row with a name, post, phone, place or number longer than a line of the ledger is refused with the reason and
    comes back to be shortened; the other rows are written."""
    report = take(with_projects(device(tmp_path, "a")), tmp_path, register, head, good, long)
    assert (verdicts(report), report.written) == ({"new": 1, "refused": 1}, True)
    assert [(refused.warning.row, refused.warning.code) for refused in report.refused] == [(3, "too_long")]
