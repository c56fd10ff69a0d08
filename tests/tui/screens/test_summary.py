"""The summary on the real ledger: the report's own figures, charts that are read without colour, findings that open."""

from __future__ import annotations

import json
import time
import unicodedata
from pathlib import Path

import pytest
from textual.pilot import Pilot

from store.home.credentials import open_credentials
from store.home.paths import resolve_home
from store.ledger.hlc import system_clock_ms
from store.writer.local_writes import Draft, Ledger
from store.writer.upgrade import open_store
from tests.tui.cli.laptop import Laptop
from tests.tui.driving import drive, make_app, press, screen_lines, screen_text, settled, type_text, until
from tests.tui.sample import KEY, NOON_MS, issue_id, line_id
from tui.app.app import GuanjiaApp
from tui.data.summary_cache import SummaryCache
from tui.i18n import translate
from tui.i18n.dates import format_period
from tui.presenters.summary import SUMMARY_PARTS, part_page
from tui.reports.overview import PeriodOverview
from tui.screens.figures import PeriodScreen
from tui.screens.issue import IssueScreen
from tui.screens.project import ProjectScreen
from tui.screens.reports import ReportForm
from tui.screens.summary import SummaryPartScreen, SummaryScreen
from tui.widgets.cells import Span
from tui.widgets.charts import BarSegment, BarTable, ChartBar, ColumnChart, bar_spans
from tui.widgets.page import PageView


def summary(pilot: Pilot[None]) -> SummaryScreen:
    """The summary, which must be in view."""
    assert isinstance(pilot.app.screen, SummaryScreen), screen_text(pilot)
    return pilot.app.screen


def text_of(lines: list[list[Span]] | list[tuple[Span, ...]]) -> str:
    """What lines of spans say."""
    return "\n".join("".join(text for text, _style in line) for line in lines)


def close(home: Path, number: int, days: int) -> None:
    """Close an issue of the sample, so many days after it was recorded."""
    database = open_store(home / "ledger.db", KEY)
    raised = NOON_MS - 22 * 86_400_000
    with database.write() as connection:
        values = (raised + days * 86_400_000, issue_id(number))
        connection.execute("UPDATE issue_state SET state = 'closed', closed_at = ? WHERE id = ?", values)
    database.close()


def reported(home: Path, path: Path) -> dict[tuple[str, ...], list[list[object]]]:
    """The rows of the summary that the command writes, by the keys of their columns."""
    open_credentials(resolve_home(str(home)), "file").save_key(KEY)
    laptop = Laptop(home, {"GUANJIA_TEST_CLOCK_OFFSET_MS": str(NOON_MS - system_clock_ms())})
    laptop.run("report", "summary", "--period", "2026-05", "--lang", "zh", "--out", str(path))
    tables = json.loads(path.read_text("utf-8"))["tables"]
    keys = [tuple(column["key"] for column in table["columns"]) for table in tables]
    return {key: [list(row.values()) for row in table["rows"]] for key, table in zip(keys, tables, strict=True)}


def shown(home: Path) -> tuple[PeriodOverview, dict[str, list[str]]]:
    """What the screen has counted, and the lines of each of its parts."""
    seen: list[PeriodOverview] = []

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "5")
        seen.extend(filter(None, [summary(pilot).overview]))

    drive(make_app(home), script)
    pages = {
        name: [line for block in part_page(name, seen[0]) for line in block.lay_out(120)] for name in SUMMARY_PARTS
    }
    return seen[0], {name: ["".join(text for text, _ in line) for line in page] for name, page in pages.items()}


def test_the_screen_says_what_the_report_says(home: Path, tmp_path: Path) -> None:
    """Every figure of the screen is in the file that ``guanjia report summary`` writes of the same period."""
    close(home, 3, 12)
    overview, pages = shown(home)
    told = reported(home, tmp_path / "x.json")
    figures = told["figure", "number", "before"]
    departments = told["department", "open", "overdue", "yellow", "blue", "closed", "owed"]
    assert [row[1] for row in figures] == [*overview.done.values(), *overview.current.values()]
    assert told["month", "recorded", "closed", "visits", "days"] == [list(month) for month in overview.months]
    times = [list(pair) for pair in zip(overview.closing, overview.ageing, strict=True)]
    assert [row[1:] for row in told["days", "closed", "open"]] == times
    assert overview.months[-1].days == overview.median == 12
    assert [row[1:] for row in departments] == [list(load)[1:] for load in overview.departments]
    assert [row[1:] for row in told["category", "recorded", "open"]] == [list(one)[1:] for one in overview.categories]
    assert [row[2] for row in told["one", "filled", "lacking", "by_butler"]] == [
        count.lacking for count in overview.six_ones.values()
    ]
    assert len(told["rule", "project", "finding"]) == len(overview.findings)
    for row in figures:
        assert any(str(row[0]) in line and str(row[1]) in line for line in pages["figures"]), row
    for name, *numbers in departments:
        line = next(line for line in pages["departments"] if line.startswith(str(name)))
        assert line.split()[1:7] == [str(number) for number in numbers]


def test_the_period_is_switched_by_arrows(home: Path) -> None:
    """Left and right go to the period before and after, p to quarters and years; nothing lies after the present."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "5")
        assert "2026-05" in screen_lines(pilot)[1]
        assert "being counted" not in screen_text(pilot)
        await press(pilot, "right")
        assert summary(pilot).period.name == "2026-05"
        await press(pilot, "left")
        counted = summary(pilot).overview
        assert counted is not None
        assert (counted.period.name, counted.done["recorded"]) == ("2026-04", 6)
        await press(pilot, "p")
        assert summary(pilot).period.name == "2026Q2"
        await press(pilot, "ctrl+p", "left")
        assert summary(pilot).period.name == "2025"
        assert "2025" in screen_lines(pilot)[1]

    drive(make_app(home), script)


def test_parts_and_findings_open(home: Path) -> None:
    """Enter opens the chart of a part on a small screen, and the project or issue of a finding; escape leads back."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "5", "down", "enter")
        assert isinstance(pilot.app.screen, SummaryPartScreen)
        assert sum("most" in line or "最多" in line for line in pilot.app.screen.query_one(PageView).texts()) == 3
        await press(pilot, "left", "escape")
        rows = summary(pilot).rows
        opened = set()
        for place, row in enumerate(rows._window.rows):
            if row.target is not None and row.target.kind not in opened:
                rows._move_cursor(place)
                await press(pilot, "enter")
                screens = {"project": ProjectScreen, "issue": IssueScreen}
                assert isinstance(pilot.app.screen, screens[row.target.kind])
                opened.add(row.target.kind)
                await press(pilot, "escape")
        assert "project" in opened

    drive(make_app(home), script)


def test_a_finding_begins_with_its_project(home: Path) -> None:
    """At 80 columns, too: no two findings of one rule read alike, and the rule stands once above them with how many
    there are."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "5", "end")
        rows = summary(pilot).rows._window.rows
        for rule in {row.rule for row in rows if row.rule}:
            found = [row for row in rows if row.rule == rule and not row.heading]
            assert len({(row.name, row.spans) for row in found}) == len(found)
            heading = next(row for row in rows if row.rule == rule and row.heading)
            assert heading.heading[1][0] == f" {len(found)}"
        last = rows[-1]
        assert last.name[:8] in screen_text(pilot)

    drive(make_app(home), script)


def test_figures_of_one_person_or_unit(home: Path) -> None:
    """By f the figures are those of a person or unit, which the head says, in the parts and in the report, too."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "5")
        screen = summary(pilot)
        assert screen.overview is not None
        everybody = screen.overview.current["open"]
        await press(pilot, "f", "tab")
        await type_text(pilot, "gdgs")
        await press(pilot, "enter", "enter")
        assert "供电公司" in screen_lines(pilot)[1]
        assert screen.overview is not None and 0 < screen.overview.current["open"] < everybody
        assert [one.department for one in screen.overview.departments] == ["供电公司"]
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, SummaryPartScreen) and "供电公司" in screen_lines(pilot)[1]
        await press(pilot, "escape", "o")
        assert isinstance(pilot.app.screen, ReportForm) and pilot.app.screen.preset["unit"] == "供电公司"

    drive(make_app(home), script)


def test_a_wide_screen_shows_the_chart_beside_the_list(home: Path) -> None:
    """The chart of the part under the cursor, and for a finding the suggestion over the line's own page."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "5")
        await press(pilot, *["down"] * 4)
        assert "!" in screen_text(pilot)
        assert "供电公司" in screen_text(pilot)
        rows = summary(pilot).rows
        rows._move_cursor(next(place for place, row in enumerate(rows._window.rows) if row.target is not None))
        await settled(pilot)
        finding = rows.row
        assert finding is not None
        assert finding.suggestion[:8] in screen_text(pilot)

    drive(make_app(home), script, size=(160, 45))


def test_an_empty_district_has_a_summary(empty_home: Path) -> None:
    """Noughts everywhere, every chart can be drawn, and nothing stands out."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "5")
        counted = summary(pilot).overview
        assert counted is not None
        for name in SUMMARY_PARTS:
            for width in (20, 76, 120):
                assert [line for block in part_page(name, counted) for line in block.lay_out(width)]
        assert summary(pilot).rows.total == len(SUMMARY_PARTS)

    drive(make_app(empty_home), script)


def test_the_report_is_written_from_here(home: Path, tmp_path: Path) -> None:
    """o opens the form of the report with the period filled in; saving writes the file."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "5", "left", "o")
        assert isinstance(pilot.app.screen, ReportForm)
        assert "2026-04" in screen_text(pilot)
        field = pilot.app.screen.query_one("#field-file Input")
        field.value = str(tmp_path / "a.docx")  # type: ignore[attr-defined]
        await press(pilot, "ctrl+s")
        assert (tmp_path / "a.docx").exists()
        assert isinstance(pilot.app.screen, SummaryScreen)

    drive(make_app(home), script)


def test_figures_follow_the_ledger_at_a_fair_pace(home: Path) -> None:
    """A commit of somebody else is counted in; while commits keep coming, only a part of the time goes into it."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "5")
        before = summary(pilot).overview
        assert before is not None
        store = open_store(home / "ledger.db", KEY)
        ledger = Ledger(store, wall_clock=lambda: NOON_MS + 1000)
        ledger.put_many([Draft("visit", {"at": "2026-05-20T10:00+08:00", "how": "phone"}, line_id("project", 1))])
        await until(pilot, lambda: (summary(pilot).overview or before).done["visits"] == before.done["visits"] + 1)
        summary(pilot)._not_before = time.monotonic() + 60
        ledger.put_many([Draft("visit", {"at": "2026-05-20T11:00+08:00", "how": "phone"}, line_id("project", 1))])
        await until(pilot, lambda: summary(pilot)._timer_running)
        assert (summary(pilot).overview or before).done["visits"] == before.done["visits"] + 1
        await press(pilot, "f11")
        assert summary(pilot).rows.total >= len(SUMMARY_PARTS)
        store.close()

    drive(make_app(home), script)


def test_one_is_told_while_it_is_counted_and_is_not_held_up(home: Path) -> None:
    """While a period takes long to count, the screen says so, shows nothing of another period, and takes keys; only
    the period one has arrived at is counted then."""
    app = make_app(home)

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "5")
        assert app.reader is not None
        with app.reader.summary_cache._lock:  # as while another count goes on
            await pilot.press("left", "left", "p")
            screen = summary(pilot)
            assert format_period(screen.period.name) in screen_lines(pilot)[1]
            await until(pilot, lambda: screen.rows.total == 0)
            await until(pilot, lambda: translate._(screen.rows.empty) in screen_lines(pilot)[1])
            await pilot.press("2", "5")
            await until(pilot, lambda: format_period("2026Q1") in screen_lines(pilot)[1])
        await settled(pilot)
        assert summary(pilot).overview is not None
        assert [period.name for (period, *_whose), *_rest in app.reader.summary_cache._cache] == [
            "2026-05",
            "2026-04",
            "2026Q1",
        ]
        assert summary(pilot).rows.total >= len(SUMMARY_PARTS)

    drive(app, script)


def test_a_change_while_counting_is_counted_in(home: Path) -> None:
    """What is written while a count goes on is in the figures soon after it."""
    app = make_app(home)

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "5")
        before = summary(pilot).overview
        assert before is not None
        assert app.reader is not None
        store = open_store(home / "ledger.db", KEY)
        with app.reader.summary_cache._lock:
            await pilot.press("left", "right")
            Ledger(store, wall_clock=lambda: NOON_MS + 1000).put_many(
                [Draft("visit", {"at": "2026-05-20T10:00+08:00", "how": "phone"}, line_id("project", 1))]
            )
            await until(pilot, lambda: summary(pilot)._reload_wanted)
        await until(pilot, lambda: (summary(pilot).overview or before).done["visits"] == before.done["visits"] + 1)
        store.close()

    drive(app, script)


def test_a_period_is_counted_once_for_each_state_of_the_ledger(home: Path) -> None:
    """Going back to a period costs nothing until somebody writes."""
    app = make_app(home)

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "5", "left", "right")
        assert isinstance(app, GuanjiaApp)
        assert app.reader is not None
        overviews: SummaryCache = app.reader.summary_cache
        screen = pilot.app.screen
        assert isinstance(screen, PeriodScreen)
        assert overviews.get(screen.period).seconds == 0.0
        app.reader.invalidate()
        assert overviews.get(screen.period).seconds > 0.0

    drive(app, script)


def test_columns_have_a_scale() -> None:
    """Each month is a column over its mark, as high as its amount; nothing but nought is left out, and of more months
    than there is room for the latest are shown."""
    chart = ColumnChart("登记", [0, 1, None, 40, 20], ["01", "02", "03", "04", "05"], "=")
    lines = text_of([tuple(line) for line in chart.lay_out(40)]).splitlines()
    assert [line.rstrip() for line in lines[1:]] == [
        "40          ==",
        "            ==",
        "            == ==",
        "      ==    == ==",
        " 0 01 02 03 04 05",
    ]
    narrow = text_of([tuple(line) for line in chart.lay_out(10)]).splitlines()
    assert [line.rstrip() for line in narrow[-2:]] == ["   == ==", " 0 04 05"]
    assert len(ColumnChart("登记", [None, 0], ["01", "02"], "=").lay_out(40)) == 1


@pytest.mark.parametrize("bare", [False, True])
def test_cells_of_charts_are_colours_or_characters(home: Path, bare: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cell of a chart is all colour; where there are no colours its character is seen."""
    if bare:
        monkeypatch.setenv("NO_COLOR", "1")

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "5", *["down"] * 4, "enter")
        page = pilot.app.screen.query_one(PageView)
        styles = {page.named_style(name) for name in page._named_styles if name.startswith("mark-")}
        assert styles
        assert {style.color == style.bgcolor for style in styles} == {not bare}

    drive(make_app(home), script)


def test_bars_are_read_without_colour() -> None:
    """Lights have a character each, all of a width that no terminal disagrees on; nothing but nought is left out; no
    bar is longer than there is room for."""
    bars = BarTable(
        ("局", "在办"),
        [
            ChartBar("供电公司", ("1001",), (BarSegment(1, "!", "red"), BarSegment(1000, "=", "muted"))),
            ChartBar("住建局", ("1",), (BarSegment(0, "!", "red"), BarSegment(1, "~", "yellow"))),
        ],
    )
    for width in (20, 40, 78, 200):
        text = text_of([tuple(line) for line in bars.lay_out(width)])
        assert "1001" in text
        assert not any(unicodedata.east_asian_width(character) == "A" for character in text)
    lines = text_of([tuple(line) for line in bars.lay_out(60)]).splitlines()
    assert lines[1].count("!") == 1
    assert lines[2].rstrip().endswith("~")
    assert (
        sum(len(text) for text, _style in bar_spans((BarSegment(3, "a"), BarSegment(5, "b"), BarSegment(1, "c")), 9, 6))
        == 6
    )
