"""Tables of registers on the screen: guessed, looked at, corrected by keys, taken in and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.store.importing.samples import to_csv
from tests.tui.driving import drive, make_app, press, screen_text, settled, type_text
from tui.app.app import GuanjiaApp
from tui.screens.import_columns import ColumnMenu, LedgerMenu, TableColumns
from tui.widgets.fields import TextField


def count(app: GuanjiaApp, table: str) -> int:
    """How many lines of a kind are here."""
    assert app.reader is not None
    row = app.reader.database.connection().execute(f"SELECT count(*) FROM {table} WHERE deleted = 0").fetchone()
    return int(row[0])


def test_a_ledger_is_guessed_corrected_by_keys_and_taken_in(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Enter tells which ledger it is and what each row would do, and writes nothing; a key says what a column is; ^S
    takes it in; what is left out becomes a file in the folder for these; the whole table is taken back after a
    question."""
    monkeypatch.setenv("GUANJIA_EXPORT_FOLDER", str(tmp_path))
    file = tmp_path / "表.csv"
    head = ["项目编号", "存在问题", "责任单位", "盯办说法"]
    file.write_bytes(to_csv([head, ["1", "缺路灯", "区住建局", "已看现场"], ["没有的", "缺水", "", ""]]))
    app = make_app(home)

    async def script(pilot: Pilot[None]) -> None:
        before = count(app, "issue")
        await press(pilot, "I")
        await type_text(pilot, f"{file}\n")
        await settled(pilot)
        shown = screen_text(pilot)
        assert "看来是：问题" in shown and "责任单位  责任部门" in shown and "盯办说法  不读" in shown
        assert "缺路灯" in shown and "这里没有叫“没有的”的项目" in shown
        assert count(app, "issue") == before
        await press(pilot, "f9")
        assert isinstance(app.screen, TableColumns)
        await press(pilot, "4")
        assert isinstance(app.screen, ColumnMenu)
        await press(pilot, "end", "up", "up", "up", "enter")
        await settled(pilot)
        assert app.screen.query_one("#field-columns", TextField).value == "盯办说法=解决措施及结果"
        await press(pilot, "ctrl+s")
        await settled(pilot)
        assert count(app, "issue") == before + 1
        await press(pilot, "f4")
        await settled(pilot)
        (left_out,) = tmp_path.glob("未录入的行-表*.xlsx")
        assert left_out.name in screen_text(pilot).replace("\n", "").replace(" ", "")
        await press(pilot, "f2", "enter")
        await settled(pilot)
        assert count(app, "issue") == before

    drive(app, script, size=(100, 40))


def test_what_a_person_says_a_table_is_it_is(home: Path, tmp_path: Path) -> None:
    """Another ledger is chosen by a key, and the table judged as that one; what that one lacks is asked about."""
    file = tmp_path / "表.csv"
    file.write_bytes(to_csv([["姓名", "单位", "联系电话", "备注"], ["丁红梅", "区住建局", "19900000004", ""]]))
    app = make_app(home)

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "I")
        await type_text(pilot, f"{file}\n")
        await settled(pilot)
        assert "看来是：人员" in screen_text(pilot)
        await press(pilot, "f6")
        assert isinstance(app.screen, LedgerMenu)
        await press(pilot, "c")
        await settled(pilot)
        assert "哪一列是“状态”？" in screen_text(pilot)
        await press(pilot, "escape")
        assert "这是：制度建立" in screen_text(pilot)
        assert count(app, "adoption") == 0

    drive(app, script)
