"""Importing into real encrypted stores: once, twice, changed, rehearsed, refused, and on two laptops offline."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from store.domain.status_lights import light_thresholds
from store.importing import import_table
from store.importing.exceptions import TableImportError
from store.importing.import_report import WARNING_TEXTS
from store.ledger.line import Line
from store.queries.projects import projects
from store.writer.checksums import all_lines
from store.writer.sync_writes import SyncLedger
from tests.store.devices import MergeOnlyCentral, SetClock, device, dump, sync_all
from tests.store.importing.samples import BUTLER, HEAD, PUBLISHED, project, to_csv, to_xlsx

DAY_MS = 86_400_000


@pytest.fixture
def ledger(tmp_path: Path) -> SyncLedger:
    """An empty encrypted store."""
    return device(tmp_path, "laptop")


def versions(ledger: SyncLedger) -> tuple[int, ...]:
    """How many lines, older versions and unsent lines there are."""
    tables = ("unit", "person", "contact", "project", "assignment", "history", "outbox")
    counts = (ledger.database.connection().execute(f"SELECT count(*) FROM {table}").fetchone() for table in tables)
    return tuple(int(row[0]) for row in counts)


def lines(ledger: SyncLedger) -> dict[str, Line]:
    """Every current line by id."""
    return {line.id: line for line in all_lines(ledger.database.connection())}


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_report_is_what_the_command_prints(ledger: SyncLedger, name: str) -> None:
    """Sections, counts and warnings as the command line's contract has them."""
    found = import_table(ledger, PUBLISHED[name]).to_json()
    count, people = (9, 19) if name == "txt" else (12, 23)
    assert list(found) == ["sections", "projects", "people", "warnings", "rows", "columns", "written"]
    assert [row["verdict"] for row in found["rows"]] == ["new"] * count
    assert [column["meaning"] for column in found["columns"]] == [
        "number", "name", "lead_leader", "butler", "enterprise_contact",
    ]  # fmt: skip
    assert found["sections"][0] == {"title": "一、计划续建项目（20项）", "declared": 20, "found": 9}
    assert found["projects"] == {"added": count, "updated": 0, "unchanged": 0}
    assert found["people"] == {"added": people, "updated": 0, "unchanged": 0}
    assert [set(warning) for warning in found["warnings"]] == [{"row", "column", "code", "text"}] * len(
        found["warnings"]
    )
    assert found["warnings"][0]["text"] == "一、计划续建项目（20项）: the table declares 20 projects and has 9."


def test_warnings_are_told_in_the_readers_language(ledger: SyncLedger) -> None:
    """Texts go through the translator that the caller gives; a place that it spoils is shown, not an error."""
    report = import_table(ledger, PUBLISHED["csv"], dry_run=True)
    words = {WARNING_TEXTS["missing_phone"]: "{name}没有电话。", WARNING_TEXTS["count_differs"]: "{titel}"}
    assert [warning["text"] for warning in report.to_json(lambda text: words.get(text, text))["warnings"]] == [
        "{titel}",
        "巳芒种没有电话。",
    ]


@pytest.mark.soak(turns=4)
@pytest.mark.parametrize("first", PUBLISHED)
@pytest.mark.parametrize("second", PUBLISHED)
def test_importing_twice_changes_nothing(ledger: SyncLedger, first: str, second: str) -> None:
    """The second import writes no version, whichever of the four files comes first (but new projects, once)."""
    import_table(ledger, PUBLISHED[first])
    if first == "txt" != second:
        import_table(ledger, PUBLISHED[second])
    before = versions(ledger)
    report = import_table(ledger, PUBLISHED[second])
    assert versions(ledger) == before
    assert (report.projects.added, report.projects.updated, report.people.added, report.people.updated) == (0, 0, 0, 0)
    same = (first, second) == ("txt", "txt")
    assert before == ((0, 19, 19, 9, 27, 0, 74) if same else (0, 23, 22, 12, 36, 0, 93))


@pytest.mark.proves("R09")
def test_projects_are_listed_as_the_table_has_them(ledger: SyncLedger) -> None:
    """Numbers, names, categories and people of the published table, in its order."""
    import_table(ledger, PUBLISHED["docx"])
    found = projects(ledger.database.connection(), light_thresholds(date(2026, 9, 22)))
    assert [row.number for row in found] == [*(f"续{n}" for n in range(1, 10)), "新1", "新2", "新3"]
    assert (found[3].name, found[3].category) == ("新邱区“三供一业”供热、物业改造工程", "continuing")
    assert (found[3].lead_leader, found[3].butler, found[3].enterprise_contact) == ("辛柱", "壬福生", "癸文斌")


def test_one_person_in_two_roles_is_one_line(ledger: SyncLedger) -> None:
    """Who leads two projects and is butler of two others is entered once."""
    import_table(ledger, PUBLISHED["xlsx"])
    query = (
        "SELECT count(DISTINCT n.id), group_concat(DISTINCT a.role ORDER BY a.role) FROM person n "
        "JOIN contact c ON c.person_id = n.id JOIN assignment a ON a.person_id = n.id WHERE c.phone = '19900000002'"
    )
    assert ledger.database.connection().execute(query).fetchone() == (1, "butler,lead_leader")


def test_a_changed_table_updates_only_what_changed(tmp_path: Path) -> None:
    """A new butler, a new phone and a new project: eight lines, and every other line is the version it was."""
    clock = SetClock()
    ledger = device(tmp_path, "laptop", clock=clock)
    import_table(ledger, PUBLISHED["csv"])
    before = lines(ledger)
    text = PUBLISHED["csv"].read_bytes().decode("gb18030")
    changed = text.replace("巳士杰\n19900000016", "戌新来\n19900000030").replace("19900000021", "19900000031")
    changed = (
        changed.replace("（3项）", "（4项）") + ",".join(project(4, "亥山水库", butler="")).replace("\n", "") + "\r\n"
    )
    clock.now += DAY_MS
    report = import_table(ledger, _file(tmp_path, "changed.csv", changed.encode("gb18030")))
    after = lines(ledger)
    touched = sorted(after[id].kind for id in after if after[id] != before.get(id))
    assert touched == sorted(["person"] + ["contact"] * 2 + ["project"] + ["assignment"] * 4)
    assert [id for id in before if id not in after] == []
    assert report.projects.to_json() == {"added": 1, "updated": 1, "unchanged": 11}
    assert report.people.to_json() == {"added": 1, "updated": 1, "unchanged": 21}


def _file(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_a_rehearsal_writes_nothing(ledger: SyncLedger) -> None:
    """With dry_run the report is the same and the store as it was."""
    before = versions(ledger)
    rehearsed = import_table(ledger, PUBLISHED["docx"], dry_run=True)
    assert versions(ledger) == before
    assert replace(rehearsed, written=True) == import_table(ledger, PUBLISHED["docx"])


@pytest.mark.parametrize("name", ["empty.csv", "cut.xlsx", "other.csv", "formulas.csv", "missing.docx"])
def test_a_refused_file_writes_nothing(ledger: SyncLedger, tmp_path: Path, name: str) -> None:
    """After any refusal the store is as it was."""
    contents = {
        "empty.csv": b"",
        "cut.xlsx": PUBLISHED["xlsx"].read_bytes()[:4000],
        "other.csv": b"a,b\n1,2\n",
        "formulas.csv": to_csv([HEAD, ["1", "=A1", "=A1", "=A1", "=A1"]]),
    }
    if name in contents:
        _file(tmp_path, name, contents[name])
    import_table(ledger, PUBLISHED["txt"])
    before = dump(ledger)
    with pytest.raises(TableImportError):
        import_table(ledger, tmp_path / name)
    assert dump(ledger) == before


def test_a_failing_write_leaves_nothing_behind(ledger: SyncLedger) -> None:
    """The import is one transaction: a store that refuses the last line has none of the others."""
    connection = ledger.database.connection()
    connection.execute(
        "CREATE TRIGGER full BEFORE INSERT ON assignment WHEN (SELECT count(*) FROM assignment) >= 30 "
        "BEGIN SELECT RAISE(ABORT, 'no more'); END"
    )
    before = versions(ledger)
    with pytest.raises(Exception, match="no more"):
        import_table(ledger, PUBLISHED["docx"])
    assert versions(ledger) == before


def test_two_laptops_that_import_offline_meet_in_the_same_lines(tmp_path: Path) -> None:
    """Both import the table without a network, one the text and one the workbook; after a round nothing is double."""
    central = MergeOnlyCentral()
    first, second = device(tmp_path, "first", person="甲"), device(tmp_path, "second", person="乙")
    import_table(first, PUBLISHED["txt"])
    import_table(second, PUBLISHED["xlsx"])
    sync_all(central, first, second, first)
    assert dump(first) == dump(second)
    assert versions(second)[:5] == (0, 23, 22, 12, 36)
    before = dump(first)
    import_table(first, PUBLISHED["docx"])
    assert dump(first) == before


def test_edits_by_hand_outlive_an_import(ledger: SyncLedger) -> None:
    """What a person entered that the table does not speak of is still there after the next import."""
    import_table(ledger, PUBLISHED["xlsx"])
    stored = next(line for line in lines(ledger).values() if line.body.get("name") == "示范区再生铝循环利用项目")
    ledger.edit("project", stored.id, stage="building", investment_yuan=60_000_000)
    import_table(ledger, PUBLISHED["xlsx"])
    assert lines(ledger)[stored.id].body == {**stored.body, "stage": "building", "investment_yuan": 60_000_000}


def test_nothing_that_acts_on_a_terminal_gets_in(ledger: SyncLedger, tmp_path: Path) -> None:
    """Escape sequences and bidi controls of a hostile table are not in the store."""
    rows = [HEAD, project(1, "北山\x1b]52;c;eA==\x07", butler=f"\u202e{BUTLER}\x9b2J")]
    import_table(ledger, _file(tmp_path, "hostile.csv", to_csv(rows, "utf-8")))
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", b"".join(dump(ledger)).decode())


def test_today_is_the_districts_day(tmp_path: Path) -> None:
    """A hand-over late in the evening of Greenwich is dated with Shanghai's next day."""
    clock = SetClock(1_790_000_000_000 // DAY_MS * DAY_MS + 17 * 3_600_000)
    ledger = device(tmp_path, "laptop", clock=clock)
    for number, butler in enumerate((BUTLER, "丁红梅19900000004")):
        import_table(ledger, _file(tmp_path, f"{number}.xlsx", to_xlsx([HEAD, project(1, "北山", butler=butler)])))
    terms = [line.body for line in lines(ledger).values() if line.kind == "assignment" and "from_date" in line.body]
    assert [body["from_date"] for body in terms] == ["2026-09-22"]
