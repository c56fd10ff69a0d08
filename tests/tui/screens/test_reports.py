"""The reports on the screen: listed, written to a file that opens again, refused with a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest
from textual.pilot import Pilot

from tests.tui.driving import drive, make_app, press, screen_text, settled, type_text
from tui.app.app import GuanjiaApp
from tui.i18n.translate import _
from tui.reports.options import REPORTS
from tui.screens.reports import ReportForm, ReportsScreen


async def open_reports(pilot: Pilot[None]) -> None:
    """From the first screen: the registers, their last line, the reports."""
    await press(pilot, "4", "end", "enter")
    assert isinstance(pilot.app.screen, ReportsScreen)


def test_every_report_is_listed_and_has_its_form(home: Path) -> None:
    """All reports stand in the list; enter opens a form, escape leads back to the same line."""

    async def script(pilot: Pilot[None]) -> None:
        await open_reports(pilot)
        for kind in REPORTS.values():
            assert _(kind.title) in screen_text(pilot)
            await press(pilot, "enter")
            assert isinstance(pilot.app.screen, ReportForm)
            assert _(kind.title) in screen_text(pilot)
            await press(pilot, "escape", "down")

    drive(make_app(home), script)


@pytest.mark.proves("R27")
def test_a_report_is_written_where_it_was_told(home: Path, tmp_path: Path) -> None:
    """The issue ledger as JSON under the typed name holds every issue; the form closes and says where it is."""
    out = tmp_path / "issues.json"

    async def script(pilot: Pilot[None]) -> None:
        await open_reports(pilot)
        await press(pilot, "down", "down", "enter")
        await type_text(pilot, str(out))
        await press(pilot, "ctrl+s")
        assert isinstance(pilot.app.screen, ReportsScreen)
        assert len(json.loads(out.read_text("utf-8"))["tables"][0]["rows"]) == 6

    drive(make_app(home), script, (160, 45))


def test_without_a_name_it_goes_among_the_persons_files(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Saving an empty form writes a workbook named by report and day, as the form's head says."""
    monkeypatch.setenv("HOME", str(tmp_path))

    async def script(pilot: Pilot[None]) -> None:
        await open_reports(pilot)
        await press(pilot, "enter", "ctrl+s")
        (made,) = tmp_path.glob("责任分劈表-2026-05-20.xlsx")
        assert openpyxl.load_workbook(made).worksheets

    drive(make_app(home), script)


def test_what_cannot_be_written_is_said_in_the_form(home: Path, tmp_path: Path) -> None:
    """A file of another kind and a day that is none are refused with a sentence, and what was typed stays."""

    async def script(pilot: Pilot[None]) -> None:
        assert isinstance(pilot.app, GuanjiaApp)
        await pilot.app.open_screen("report_form", "service-log")
        await type_text(pilot, str(tmp_path / "log.pdf"))
        await press(pilot, "ctrl+s")
        assert isinstance(pilot.app.screen, ReportForm)
        assert ".xlsx" in screen_text(pilot)
        assert list(tmp_path.glob("log*")) == []

    drive(make_app(home), script)


def test_a_report_never_overwrites_a_file(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a name the next one gets a number; a name that is taken is refused in the form, the file untouched."""
    monkeypatch.setenv("HOME", str(tmp_path))
    taken = tmp_path / "log.csv"
    taken.write_text("改过的", "utf-8")

    async def script(pilot: Pilot[None]) -> None:
        assert isinstance(pilot.app, GuanjiaApp)
        for _again in range(2):
            await pilot.app.open_screen("report_form", "service-log")
            await settled(pilot)
            await press(pilot, "ctrl+s")
        await pilot.app.open_screen("report_form", "service-log")
        await type_text(pilot, str(taken))
        await press(pilot, "ctrl+s")
        assert "已有文件" in screen_text(pilot)

    drive(make_app(home), script)
    assert len(list(tmp_path.glob("项目服务日志-*.xlsx"))) == 2
    assert taken.read_text("utf-8") == "改过的"
