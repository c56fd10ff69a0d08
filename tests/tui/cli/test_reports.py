"""``guanjia report``: files that open, refusals in words, the options that each report takes."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import docx
import pytest
from openpyxl import load_workbook

from tests.tui.cli.conftest import CommandLine
from tests.tui.cli.laptop import COMMAND, ROOT, Laptop
from tui.reports.options import REPORTS

FORMATS = ("xlsx", "docx", "csv", "json", "md")
LISTED = 12


@pytest.fixture
def busy(imported: CommandLine) -> CommandLine:
    """A home with the sample table, a visit and an issue."""
    imported.run(
        "visit", "add", "--project", "续1", "--at", "2026-03-05 14:30", "--yes", "--text", "现场查看", "--who", "甲建国"
    )
    imported.run("issue", "add", "--project", "续1", "--title", "临时用水", "--department", "水务局", "--owner", "丁水")
    return imported


@pytest.mark.soak(turns=5)
@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("kind", FORMATS)
def test_every_report_in_every_format(name: str, kind: str, busy: CommandLine, tmp_path: Path) -> None:
    """The command says how many rows are in which file, and the file opens. None but the responsibility table is ever
    taken for one."""
    path = tmp_path / f"{name}.{kind}"
    result = busy.json("report", name, "--out", str(path))
    assert result == {"rows": result["rows"], "file": str(path)}
    if kind == "xlsx":
        assert load_workbook(path).worksheets
    elif kind == "docx":
        document = docx.Document(str(path))
        assert document.tables or len(document.paragraphs) > 5
    elif kind == "json":
        assert json.loads(path.read_text("utf-8"))["name"] == name
    else:
        assert path.read_text("utf-8").strip()
    if name != "responsibility-table":
        assert "Nothing was imported" in busy.run("import", str(path), code=1).err


@pytest.mark.parametrize("kind", ["xlsx", "docx", "csv"])
def test_the_responsibility_table_is_imported_again(kind: str, imported: CommandLine, tmp_path: Path) -> None:
    """What was exported is read by “guanjia import” and changes nothing, in either language."""
    for language in ("zh", "en"):
        path = tmp_path / f"{language}.{kind}"
        rows = imported.json("report", "responsibility-table", "--out", str(path), "--lang", language)["rows"]
        found = imported.json("import", str(path), "--dry-run")
        assert found["projects"] == {"added": 0, "updated": 0, "unchanged": rows}
        assert (found["people"]["added"], found["people"]["updated"]) == (0, 0)
        assert all(one["declared"] == one["found"] for one in found["sections"])


def test_reports_are_narrowed(busy: CommandLine, tmp_path: Path) -> None:
    """By project, department, state and days, as they are named on the command line."""
    out = ("--out", str(tmp_path / "x.json"), "--overwrite")
    for arguments, rows in (
        (("issue-ledger", "--project", "续1"), 1),
        (("issue-ledger", "--project", "续2"), 0),
        (("issue-ledger", "--department", "水务局", "--state", "open"), 1),
        (("issue-ledger", "--state", "closed"), 0),
        (("issue-ledger", "--since", "today"), 1),
        (("issue-ledger", "--until", "yesterday"), 0),
        (("service-log", "--since", "2026-03-05", "--until", "2026-03-05"), 1),
        (("service-log", "--since", "2026-03-06"), 0),
        (("work-ledger", "--project", "续1"), 1),
        (("meeting-sheet", "--department", "水务局"), 1),
        (("evaluation", "--period", "2026"), 0),
    ):
        assert busy.json("report", *arguments, *out)["rows"] == rows, arguments


def test_people_read_a_sentence(busy: CommandLine, tmp_path: Path) -> None:
    """Without --json the command says how many rows are where; nothing but that is on stdout."""
    path = tmp_path / "log.md"
    result = busy.run("report", "service-log", "--out", str(path))
    assert result.out.strip() == f"Written to {path}; rows: 1"
    assert result.err == ""


def test_refusals(imported: CommandLine, tmp_path: Path) -> None:
    """An unknown format, period or option is wrong usage; an unknown name or a folder that is not there is a failure;
    no file appears."""
    out = ("--out", str(tmp_path / "x.csv"), "--overwrite")
    for code, error, arguments in (
        (2, "report_format", ("summary", "--out", str(tmp_path / "x.pdf"))),
        (2, "bad_period", ("summary", "--period", "soon", *out)),
        (2, "bad_time", ("service-log", "--since", "soon", *out)),
        (2, "usage", ("summary", "--project", "续1", *out)),
        (2, "usage", ("summary",)),
        (2, "usage", ("issue-ledger", "--state", "lost", *out)),
        (2, "usage", ("payroll", *out)),
        (1, "name_unknown", ("issue-ledger", "--project", "无此项目", *out)),
        (1, "report_file", ("summary", "--out", str(tmp_path / "nowhere" / "x.csv"))),
    ):
        result = imported.run("report", *arguments, "--json", code=code)
        assert (result.error["code"], result.out) == (error, ""), arguments
    assert [path.name for path in tmp_path.iterdir()] == ["home"]


def test_the_help_names_every_report(lone: CommandLine) -> None:
    """``report --help`` lists those of the contract; each one's help has its options."""
    result = lone.run("report", "--help").out
    assert all(name in result for name in REPORTS)
    assert len(REPORTS) == 17
    for name, kind in REPORTS.items():
        told = lone.run("report", name, "--help").out
        assert "--out" in told
        assert all(f"--{option}" in told for option in kind.options)


def test_a_terminal_sees_a_bar_and_a_pipe_does_not(busy: CommandLine, tmp_path: Path) -> None:
    """On a terminal stderr shows that it is writing; into a pipe nothing is narrated."""
    laptop = Laptop(busy.home)
    arguments = ("report", "service-log", "--out", str(tmp_path / "x.csv"), "--overwrite")
    assert laptop.run(*arguments).err == ""
    mine, theirs = pty.openpty()
    process = subprocess.Popen(
        [*COMMAND, *arguments], env={**laptop.environment, "TERM": "xterm"}, stdout=subprocess.PIPE, stderr=theirs
    )
    os.close(theirs)
    process.communicate(timeout=60)
    shown = os.read(mine, 65_536).decode()
    os.close(mine)
    assert process.returncode == 0
    assert "Writing" in shown


@pytest.mark.soak(turns=3)
@pytest.mark.parametrize("name", ["tables", "summary", "evaluation", "meeting_sheet", "docx", "xlsx"])
def test_reading_for_a_report_loads_no_model(name: str) -> None:
    """Describing and writing loads neither SQLModel nor pydantic, nor the library of a format not asked for."""
    code = f"import sys, tui.cli.commands.reports, tui.reports.{name}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    library = {"docx": "docx", "xlsx": "xlsxwriter"}.get(name)
    never = {"sqlmodel", "pydantic", "sqlalchemy", "openpyxl", "textual", "fastapi", "docx", "xlsxwriter"} - {library}
    assert set(done.stdout.split()) & never == set()


def test_a_report_overwrites_a_file_only_when_told_to(lone: CommandLine, tmp_path: Path) -> None:
    """A table corrected by hand is left alone; ``--overwrite`` replaces it."""
    corrected = tmp_path / "s.docx"
    corrected.write_text("原文", "utf-8")
    refused = lone.run("report", "summary", "--out", str(corrected), code=1)
    assert "already a file" in refused.err and corrected.read_text("utf-8") == "原文"
    lone.run("report", "summary", "--out", str(corrected), "--overwrite")
    assert corrected.read_bytes()[:2] == b"PK"


def test_a_calendar_is_written_narrowed_and_refused(busy: CommandLine, tmp_path: Path) -> None:
    """Of all, of a project, of one's own; another ending is wrong usage, and a file that is there stays."""
    out = tmp_path / "dates.ics"
    busy.run("issue", "edit", "临时用水", "--due", "+3")
    made = busy.json("calendar", "--out", str(out))
    assert made["rows"] >= 1 and "临时用水" in out.read_text("utf-8").replace("\r\n ", "")
    assert busy.json("calendar", "--out", str(out), "--overwrite", "--project", "续2")["rows"] == 0
    assert busy.json("calendar", "--out", str(out), "--overwrite", "--person", "丁水")["rows"] == 1
    assert busy.json("calendar", "--out", str(out), "--overwrite", "--mine")["rows"] == 1  # the butler of 续1
    busy.run("issue", "add", "--project", "续5", "--title", "缺路灯", "--owner", "丁水", "--due", "+3")
    busy.run("meeting", "add", "--level", "2", "--issues", "临时用水;缺路灯", "--at", "今天 09:00", "--text", "会")
    for project in ("续1", "续5"):  # a meeting is about both
        assert busy.json("calendar", "--out", str(out), "--overwrite", "--project", project)["rows"] == 2
    assert busy.json("calendar", "--out", str(out), "--overwrite", "--mine")["rows"] == 2
    busy.run("person", "merge", "丁水", "乙卫东")  # one and the same: whose both are is found under either
    assert busy.json("calendar", "--out", str(out), "--overwrite", "--mine")["rows"] == 3
    assert busy.run("calendar", "--out", str(out), "--json", code=1).error["code"] == "file_exists"
    assert "--person" in busy.run("calendar", "--out", str(out), "--mine", "--person", "丁水", code=2).err
    assert busy.run("calendar", "--out", str(tmp_path / "x.txt"), "--json", code=2).error["code"] == "calendar_format"


def test_an_own_form_is_filled_in_and_its_fields_are_listed(busy: CommandLine, tmp_path: Path) -> None:
    """By ``--form``, or from the folder of the setting, which is told; what a form may use is listed with what it says
    now; a form that cannot be filled in leaves no file."""
    form, out = tmp_path / "supervision-notice.docx", tmp_path / "out.docx"
    document = docx.Document()
    document.add_paragraph("{{ issue }}，请{{ department }}办理")
    document.save(str(form))
    notice = ("report", "supervision-notice", "--issue", "临时用水", "--out", str(out))
    busy.run(*notice, "--form", str(form))
    assert [one.text for one in docx.Document(str(out)).paragraphs] == ["临时用水，请水务局办理"]
    busy.run("settings", "set", "forms_folder", str(tmp_path))
    told = busy.run(*notice, "--overwrite").err
    assert str(form) in told
    assert [one.text for one in docx.Document(str(out)).paragraphs] == ["临时用水，请水务局办理"]
    busy.run("settings", "set", "forms_folder", str(tmp_path / "gone"))
    assert busy.run(*notice, "--overwrite", "--json", code=1).error["code"] == "forms_folder"
    busy.run("settings", "set", "forms_folder", str(tmp_path))
    fields = {one["field"]: one["value"] for one in busy.json("report", "fields", "visit-sheet")}
    assert fields["{{ seen }}"] == "现场查看"
    document.add_paragraph("{{ nobody }}")
    document.save(str(form))
    out.unlink()
    assert busy.run(*notice, "--json", code=1).error["code"] == "form_field"
    assert not out.exists()
