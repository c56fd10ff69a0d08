"""``guanjia central evidence-of-controls``: what an assessor of level-2 protection gets, and what stands behind it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from sync.central.admin.setup import open_database
from tests.tui.cli.conftest import CommandLine
from tests.tui.cli.laptop import ROOT
from tui.i18n.translate import LANGUAGES, set_language
from tui.reports.controls import BEGIN, CONTROLS, END, README, controls_markdown


@pytest.fixture
def central(here: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A central's folder, which commands without ``--data`` mean."""
    data = tmp_path / "central"
    monkeypatch.setenv("GUANJIA_CENTRAL_DATA", str(data))
    here.run("central", "init", "--district", "210903", "--name", "新邱区")
    return data


def test_the_sheet_tells_the_present_state_and_what_there_is_none_of(
    here: CommandLine, central: Path, tmp_path: Path
) -> None:
    """Each control has a row; what was set and done since is in it; without a certificate of its own, and without a
    backup, it says that there is none. A file that is there is not overwritten unless asked for."""
    settings = central / "central.toml"
    settings.write_text(settings.read_text("utf-8").replace("# token_days = 90", "token_days = 45"), "utf-8")
    sheet = here.json("central", "evidence-of-controls", "--out", "a.md")
    facts, text = sheet["facts"], (tmp_path / "a.md").read_text("utf-8")
    assert sheet["controls"] == len(CONTROLS) == 14
    assert all(control.clause in text for control in CONTROLS)
    assert (facts["token_days"], facts["folder_private"], facts["audit_holds"]) == (45, True, True)
    assert (facts["backup_at"], facts["certificate_ends"]) == (None, None)
    assert "Newest verified backup: none" in text
    assert "Serving role cannot rewrite the past: does not apply to this database" in text
    here.run("central", "backup", ".")
    assert here.run("central", "evidence-of-controls", "--out", "a.md", "--json", code=1).error["code"] == "file_exists"
    later = here.json("central", "evidence-of-controls", "--out", "a.md", "--overwrite")["facts"]
    assert later["backup_at"][:10] == later["read_at"][:10]
    assert later["audit_entries"] == facts["audit_entries"] + 1


def test_a_changed_audit_is_in_the_sheet(here: CommandLine, central: Path) -> None:
    """An event that was changed past the central: the sheet is written, says that the chain is not whole, and the exit
    code asks for a look."""
    database = open_database(central)
    with database.write() as connection:
        connection.exec_driver_sql("DROP TRIGGER IF EXISTS audit_no_update")
        connection.exec_driver_sql("UPDATE audit SET detail = '{}'")
    database.close()
    sheet = here.json("central", "evidence-of-controls", "--out", "b.xlsx", code=3)
    assert sheet["facts"]["audit_holds"] is False


def test_each_control_is_proved_by_tests_that_exist_and_the_readme_has_the_table() -> None:
    """The tests that the table names are functions of this suite; the README's table is the one that is written."""
    names = {
        node.name
        for file in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert {test for control in CONTROLS for test in control.tests} <= names
    set_language("en")
    try:
        table = controls_markdown()
    finally:
        set_language(LANGUAGES[0])
    written = re.search(f"{re.escape(BEGIN)}\n(.*?)\n{re.escape(END)}", README.read_text("utf-8"), re.DOTALL)
    assert written is not None
    assert written[1] == table
