"""Lists of people and units taken in."""

from __future__ import annotations

from pathlib import Path

from tests.store.devices import device, dump
from tests.store.importing.records.samples import codes, take, verdicts

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
