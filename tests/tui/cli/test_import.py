"""``guanjia import``: what is refused and how a person answers, exit codes, and the rehearsal row by row."""

from __future__ import annotations

from pathlib import Path

from store.importing.import_report import FieldChange, ImportCounts, ImportReport, RowVerdict, TableImportWarning
from store.importing.records.shape import RegisterName
from tests.store.importing.records.test_lines import TABLES
from tests.store.importing.samples import HEAD, project, to_csv
from tests.tui.cli.conftest import CommandLine, here, lone
from tui.i18n.translate import set_language
from tui.presenters.importing import import_report_page
from tui.widgets.page import Passage

__all__ = ["here", "lone"]


def table(folder: Path, *rows: list[str]) -> str:
    """A file with these rows."""
    path = folder / "table.csv"
    path.write_bytes(to_csv(rows))
    return str(path)


def test_an_issue_ledger_changes_nothing(lone: CommandLine, tmp_path: Path) -> None:
    """Its departments become no lead units, its clerks no contacts: refused by name with exit code 1."""
    before = lone.run("dump").out
    ledger = table(
        tmp_path, ["序号", "项目", "问题", "责任部门", "期限"], ["1", "北山", "缺电", "发改局", "2025-06-30"]
    )
    for arguments in ((), ("--dry-run",), ("--accept",)):
        refused = lone.run("import", ledger, *arguments, "--json", code=1)
        assert refused.error["code"] == "issue_ledger"
    assert lone.run("dump").out == before


def test_a_column_is_explained_or_set_aside(lone: CommandLine, tmp_path: Path) -> None:
    """Refused with the columns it saw; --map says what one is, --accept sets it aside, with exit code 3."""
    path = table(tmp_path, ["一、续建项目（1项）"], [*HEAD, "服务人"], [*project(1, "北山"), "丁红梅19900000004"])
    refused = lone.run("import", path, "--json", code=1).error
    assert refused["code"] == "unknown_columns"
    assert "服务人" in refused["what"] and "企业联系人" in refused["what"] and "--map" in refused["todo"]
    assert lone.json("import", path, "--dry-run", "--accept", code=3)["warnings"][0]["code"] == "unknown_column"
    assert lone.run("import", path, "--map", "服务人", code=1).err
    taken = lone.json("import", path, "--map", "服务人=项目秘书")
    assert taken["columns"][-1] == {"heading": "服务人", "meaning": "project_secretary"}
    assert (taken["written"], taken["warnings"], len(taken["rows"])) == (True, [], 1)


def test_the_rehearsal_says_who_is_replaced_by_whom(lone: CommandLine, tmp_path: Path) -> None:
    """Row by row, before anything is written, for scripts and for people."""
    section = ["一、续建项目（1项）"]
    lone.run("import", table(tmp_path, section, HEAD, project(1, "北山")))
    path = table(tmp_path, section, HEAD, project(1, "北山", butler="丁红梅19900000004"))
    rows = lone.json("import", path, "--dry-run")["rows"]
    assert [row["verdict"] for row in rows] == ["changes", "ends"]
    assert ("乙卫东" in rows[1]["what"], "丁红梅" in rows[1]["why"]) == (True, True)
    shown = lone.run("import", path, "--dry-run", "--lang", "zh")
    assert "终止" in shown.out and "由丁红梅接替" in shown.out


def test_the_report_on_the_screen_is_set_as_chinese_is() -> None:
    """A row, what happens to it and why stand with the marks of the language, none of the other's."""
    set_language("zh")
    shown = ImportReport(
        (), ImportCounts(), ImportCounts(),
        (TableImportWarning(3, "项目管家", "unknown_column", {"heading": "服务人"}),),
        (
            RowVerdict(3, "new", "北山", (FieldChange("butler", "", "乙卫东"),)),
            RowVerdict(4, "ends", "南山", (FieldChange("butler", "乙卫东", "丁红梅"),)),
        ),
    )  # fmt: skip
    text = "\n".join(block.text for block in import_report_page(shown, done=True) if isinstance(block, Passage))
    assert "第 3 行，新增：北山" in text
    assert "：" in text and ": " not in text and "—" not in text


def test_a_register_comes_in_by_its_template_and_what_is_refused_comes_back(lone: CommandLine, tmp_path: Path) -> None:
    """The template's headings are understood; refused rows are written with why, corrected, and taken in; nothing is
    overwritten."""
    lone.run("project", "add", "--name", "北山风电场", "--number", "续1")
    blank = str(tmp_path / "模板.xlsx")
    lone.run("template", "前期手续", "--out", blank)
    assert lone.run("import", blank, "--as", "procedures", "--json", code=1).error["code"] == "no_rows"
    assert lone.run("template", "issues", "--out", blank, "--json", code=1).error
    path = table(tmp_path, ["项目名称", "问题", "责任部门"], ["续1", "缺电", "供电公司"], ["北水", "缺水", ""])
    refused = tmp_path / "退回.csv"
    taken = lone.json("import", path, "--as", "issues", "--refused", str(refused), code=3)
    assert taken["records"] == {"added": 1, "updated": 0, "unchanged": 0, "refused": 1}
    assert [row["verdict"] for row in taken["rows"]] == ["new", "refused"]
    back = refused.read_text("utf-8-sig")
    assert "北水" in back and taken["rows"][1]["why"] in back.replace('"', "")
    refused.write_text(back.replace("北水", "续1"), "utf-8-sig")
    assert lone.json("import", str(refused), "--as", "issues")["records"]["added"] == 1
    assert len(lone.json("issue", "list")) == 2
    lone.run("template", "issues", "--filled", "--out", blank, "--overwrite")
    records = lone.json("import", blank, "--as", "issues")["records"]
    assert records == {"added": 0, "updated": 0, "unchanged": 2, "refused": 0}
    assert lone.run("import", path, "--refused", str(refused), code=2).err


def test_an_import_of_a_register_is_one_thing_to_take_back(lone: CommandLine, tmp_path: Path) -> None:
    """The last one goes as a whole, what it changed says what it said before, and the same table comes in again; after
    somebody went on with a line nothing is taken back."""
    lone.run("project", "add", "--name", "北山风电场", "--number", "续1")
    head = ["项目名称", "问题", "责任部门", "是否解决"]
    first = table(tmp_path, head, ["续1", "缺电", "供电公司", "否"])
    lone.run("import", first, "--as", "issues")
    both = table(tmp_path, head, ["续1", "缺电", "水务局", "是"], ["续1", "缺水", "水务局", "是"])
    lone.run("import", both, "--as", "issues", "--json")
    assert lone.json("import", "--take-back")["lines"] > 1
    (left,) = lone.json("issue", "list")
    assert (left["title"], left["state"], left["department"]) == ("缺电", "open", "供电公司")
    assert lone.run("import", "--take-back", "--json", code=1).error["code"]
    assert lone.json("import", both, "--as", "issues")["records"]["added"] == 1
    lone.run("issue", "tell", "缺水", "--text", "已告知")
    assert lone.run("import", "--take-back", "--json", code=1).error
    assert len(lone.json("issue", "list")) == 2
    assert lone.run("import", code=2).err


def test_a_list_that_was_written_comes_back_in_as_it_left(lone: CommandLine, tmp_path: Path) -> None:
    """What ``list --out`` writes is understood by its headings and words: each row is the same, none is left out."""
    lone.run("project", "add", "--name", "北山风电场", "--number", "续1")
    head = ["项目名称", "问题", "责任部门", "是否解决"]
    lone.run(
        "import", table(tmp_path, head, ["续1", "缺电", "供电公司", "否"], ["续1", "缺水", "", "是"]), "--as", "issues"
    )
    for _turn in range(2):
        lone.run("issue", "add", "--project", "续1", "--title", "同名的问题")
    tables: dict[RegisterName, str] = {"procedures": "procedure", "trainings": "training", "follow-ups": "follow-up"}
    for register, command in {**tables, "issues": "issue"}.items():
        if register in TABLES:
            rows = [[cell.replace("台账1", "缺电") for cell in row] for row in TABLES[register]]
            lone.run("import", table(tmp_path, *rows), "--as", register, code=None)
        written = str(tmp_path / f"{register}.xlsx")
        lone.run(command, "list", "--out", written, "--lang", "zh")
        again = lone.run("import", written, "--as", register, "--json", code=None).value["records"]
        assert again["unchanged"] > 0 and again["unchanged"] == sum(again.values()), (register, again)
