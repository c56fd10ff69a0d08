"""The responsibility table: as published, and imported again without a change (R07, R09, R17)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from store import queries
from store.commands import projects
from store.domain.status_lights import LightThresholds, light_thresholds
from store.importing import import_table, read_table
from store.ledger.line import new_id
from store.values.times import district_time
from store.writer.local_writes import Draft
from store.writer.sync_writes import SyncLedger
from tests.store.devices import START_MS, device, dump
from tests.store.importing.samples import PUBLISHED, codes, said
from tests.tui.reports.opening import FORMATS, sheets, write_report, written
from tui.reports.responsibility import responsibility_table

ON: LightThresholds = light_thresholds(district_time(START_MS).date())
READ_AGAIN = ("xlsx", "docx", "csv")
HEAD = ["序号", "项目名称", "项目包保领导\n（联系方式）", "项目管家\n（联系方式）", "企业联系人\n（联系方式）"]


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[SyncLedger]:
    """A device with nothing on it."""
    made = device(tmp_path, "laptop")
    yield made
    made.database.close()


def exported(ledger: SyncLedger, folder: Path, kind: str) -> Path:
    """The responsibility table of this ledger, as a file."""
    path = folder / f"table.{kind}"
    report = responsibility_table(ledger.database.connection(), ON, district="新邱区")
    assert write_report(report, path, overwrite=True) == report.total
    return path


def unchanged(ledger: SyncLedger, path: Path) -> Any:
    """The rehearsal of importing it again, which must find nothing to change."""
    before = dump(ledger)
    report = import_table(ledger, path, dry_run=True)
    assert (report.projects.added, report.projects.updated) == (0, 0), report
    assert (report.people.added, report.people.updated) == (0, 0), report
    import_table(ledger, path)
    assert dump(ledger) == before
    return report


def test_the_people_of_a_cell_stand_in_the_order_of_the_table(ledger: SyncLedger, tmp_path: Path) -> None:
    """Who stands first in a cell leads: lists and the table that is handed in keep the order, whoever has which id."""
    people = ("甲领导", "乙领导", "丙领导", "丁领导", "戊领导")
    for turn in range(4):
        named = people[turn:] + people[:turn]
        path = tmp_path / f"{turn}.csv"
        path.write_text(
            f"序号,项目名称,包保领导,项目管家\n1,第{turn}个项目,{'、'.join(named)},己管家\n", encoding="utf-8"
        )
        import_table(ledger, path)
    cells = {row[1]: row[2] for row in sheets(exported(ledger, tmp_path, "xlsx"))["责任分劈表"] if row[1:]}
    for turn, project in enumerate(queries.projects.projects(ledger.database.connection(), ON)):
        assert project.lead_leader == "、".join(people[turn:] + people[:turn])
        assert cells[project.name] == "、\n".join(people[turn:] + people[:turn])


@pytest.mark.parametrize("kind", READ_AGAIN)
def test_the_published_table_comes_back_unchanged(kind: str, ledger: SyncLedger, tmp_path: Path) -> None:
    """Imported, exported and imported again: all twelve projects and everybody in them are as they were, and each
    section declares as many projects as it has."""
    import_table(ledger, PUBLISHED["xlsx"])
    report = unchanged(ledger, exported(ledger, tmp_path, kind))
    assert report.projects.unchanged == 12
    assert [(one.title, one.declared, one.project_count) for one in report.sections] == [
        ("一、计划续建项目（9项）", 9, 9),
        ("二、计划新建项目（3项）", 3, 3),
    ]
    assert [one.code for one in report.warnings] == ["missing_phone"]


@pytest.mark.parametrize("kind", READ_AGAIN)
def test_it_says_what_the_published_table_says(kind: str, ledger: SyncLedger, tmp_path: Path) -> None:
    """Projects, numbers, people and phones are those of the published file, and so is the title but for its year."""
    import_table(ledger, PUBLISHED["docx"])
    table = read_table(exported(ledger, tmp_path, kind))
    was, now = said(read_table(PUBLISHED["docx"])), said(table)
    assert [part[1:2] + part[3:] for part in now] == [part[1:2] + part[3:] for part in was]  # type: ignore[index]
    assert codes(table) == ["missing_phone"]
    assert table.title == (None if kind == "csv" else "新邱区2026年项目管家责任分劈表")


@pytest.mark.parametrize("kind", FORMATS)
def test_it_is_laid_out_as_published(kind: str, ledger: SyncLedger, tmp_path: Path) -> None:
    """The published headings, a section's line, then its projects, each person with the phone below the name."""
    import_table(ledger, PUBLISHED["xlsx"])
    cells = written(responsibility_table(ledger.database.connection(), ON, district="新邱区"), tmp_path, kind)
    start = cells.index(HEAD)
    first = cells[start + 1] if kind == "json" else cells[start + 2]
    assert cells[start + 1][0].strip("*") == "一、计划续建项目（9项）"
    assert first[-5] == "1"
    assert first[-3:] == ["甲建国\n19900000001", "乙卫东\n19900000002", "丙志远\n19900000003"]


def test_the_workbook_has_one_sheet_with_the_title_over_it(ledger: SyncLedger, tmp_path: Path) -> None:
    """As published: the title over the whole width, then the headings."""
    import_table(ledger, PUBLISHED["xlsx"])
    ((name, rows),) = sheets(exported(ledger, tmp_path, "xlsx")).items()
    assert (name, rows[0][0]) == ("责任分劈表", "新邱区2026年项目管家责任分劈表")


def add(ledger: SyncLedger, name: str, category: str = "new", number: str | None = None, **roles: str) -> str:
    """One more project."""
    return projects.add(ledger, name=name, category=category, number=number, roles=roles).id


def serve(ledger: SyncLedger, project: str, name: str, phone: str, **dates: str) -> None:
    """One more butler of a project, whoever serves it already."""
    person = new_id(START_MS)
    drafts = [Draft("person", {"name": name, "phone": phone}, id=person)]
    drafts.append(Draft("assignment", {"role": "butler", "person_id": person, **dates}, project))
    ledger.put_many(drafts)


@pytest.mark.parametrize("kind", READ_AGAIN)
def test_whatever_a_ledger_holds_comes_back_unchanged(kind: str, ledger: SyncLedger, tmp_path: Path) -> None:
    """Foreign prefixes, landlines, no phone, phones that are none, two in a role, nobody, formulas, line ends, and
    numbers of the office's own: nothing of it changes by being exported and imported again."""
    add(ledger, "供水改造工程", "continuing", "7", lead_leader="甲建国 +86 19900000001", butler="乙卫东 0418-0000001")
    add(ledger, "供热\n改造 （二期）", "continuing", "续3", butler="丙志远")
    add(ledger, "＝=SUM(A1)冷链", enterprise_contact="John Smith 19900000007")
    add(ledger, "+86 通信工程", lead_leader="甲建国 +86 19900000001")
    two = add(ledger, "-2 号矿坑治理", "advancing", butler="戊晓明 19900000005")
    serve(ledger, two, "己玉成", "19900000006")
    serve(ledger, two, "丁水", "内线 12")
    add(ledger, "无人项目", "advancing")
    report = unchanged(ledger, exported(ledger, tmp_path, kind))
    assert report.projects.unchanged == 6


@pytest.mark.parametrize("kind", READ_AGAIN)
def test_who_begins_later_is_not_in_it_and_not_ended_by_it(kind: str, ledger: SyncLedger, tmp_path: Path) -> None:
    """A butler named for next month is not printed yet; importing the table leaves the appointment as it is."""
    project = add(ledger, "供水改造工程", butler="乙卫东 19900000002")
    serve(ledger, project, "丙志远", "19900000003", from_date="2099-01-01")
    path = exported(ledger, tmp_path, kind)
    unchanged(ledger, path)
    people = [one.name for part in read_table(path).sections for row in part.rows for one in row.people]
    assert people == ["乙卫东"]


def test_projects_keep_their_numbers_where_all_have_one(ledger: SyncLedger, tmp_path: Path) -> None:
    """Numbers after the table's own prefix are printed; where one project has another number, all are counted."""
    add(ledger, "甲工程", "new", "新4")
    add(ledger, "乙工程", "new", "新9")

    def numbers() -> list[int | None]:
        return [row.number for row in read_table(exported(ledger, tmp_path, "csv")).sections[0].rows]

    assert numbers() == [4, 9]
    add(ledger, "丙工程", "new", "重-1")
    assert numbers() == [1, 2, 3]


def test_what_was_taken_off_the_list_is_not_in_it(ledger: SyncLedger, tmp_path: Path) -> None:
    """Neither the project nor its share of the declared count; a section without projects is left out."""
    add(ledger, "甲工程", "new")
    gone = add(ledger, "乙工程", "new")
    add(ledger, "丙工程", "advancing")
    projects.adjust(ledger, gone, act="removed", reason="停建")
    table = read_table(exported(ledger, tmp_path, "docx"))
    assert [(one.title, one.declared, one.project_count) for one in table.sections] == [
        ("二、计划新建项目（1项）", 1, 1),
        ("三、正在推进项目（1项）", 1, 1),
    ]


@pytest.mark.parametrize("kind", FORMATS)
def test_an_empty_ledger_gives_the_headings(kind: str, ledger: SyncLedger, tmp_path: Path) -> None:
    """No project, no section: a table with its head."""
    report = responsibility_table(ledger.database.connection(), ON, district="新邱区")
    assert report.total == 0
    assert written(report, tmp_path, kind)[-1] == HEAD
