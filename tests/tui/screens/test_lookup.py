"""The lookup on the real ledger: scopes completed as one types, marks, earlier queries, one question a keystroke."""

from __future__ import annotations

import json
import re
from pathlib import Path

from textual.events import Key
from textual.pilot import Pilot

from store.home.device_state import DeviceState
from store.search.history import MAX_ENTRIES, record_search, search_history
from store.writer.upgrade import open_store
from tests.tui.driving import drive, make_app, press, screen_lines, screen_text, settled, type_text
from tests.tui.sample import KEY, issue_id
from tui.app.app import GuanjiaApp
from tui.data.search_results import SearchResultRow
from tui.i18n.translate import set_language
from tui.screens.issue import IssueScreen
from tui.screens.lookup import LookupScreen
from tui.widgets.cells import Spans


def lookup(pilot: Pilot[None]) -> LookupScreen:
    """The lookup, which must be in view."""
    assert isinstance(pilot.app.screen, LookupScreen), screen_text(pilot)
    return pilot.app.screen


def found(pilot: Pilot[None]) -> list[str]:
    """The titles or queries that are listed."""
    rows: list[SearchResultRow] = list(lookup(pilot).rows._window.rows)
    return [row.hit.title if row.hit else row.query for row in rows]


def marked(pilot: Pilot[None]) -> list[str]:
    """What is marked in the row under the cursor."""
    from tui.presenters.search_hits import _title  # noqa: PLC0415 - what the column shows

    row = lookup(pilot).rows.row
    assert row is not None
    cell = _title(row)
    assert not isinstance(cell, str)
    spans: Spans = cell
    return [text for text, style in spans if style == "match"]


def test_scopes_are_shown_before_anything_is_typed(home: Path) -> None:
    """An empty line names every scope, in either language, and says what can be typed."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "slash")
        assert all(sign in screen_lines(pilot)[2] for sign in ("@", "#", "部门:", "状态:", "类别:"))
        assert "请输入要查找的内容" in screen_text(pilot)

    drive(make_app(home), script)


def test_a_scope_is_completed_as_one_types(home: Path) -> None:
    """Initials, a part of a name or English letters offer what they can mean; tab takes the first, and one types on."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "slash")
        await type_text(pilot, "dept:gd")
        assert "供电公司" in screen_lines(pilot)[2]
        await press(pilot, "tab")
        assert lookup(pilot).input.value == "dept:供电公司 "
        await type_text(pilot, "@w")
        assert "卫东" in screen_lines(pilot)[2]
        lookup(pilot).input.value = ""
        await type_text(pilot, "state:in")
        assert "in_progress" in screen_lines(pilot)[2]
        lookup(pilot).input.value = ""
        await type_text(pilot, "状态:办理")
        await press(pilot, "tab")
        await type_text(pilot, "供电")
        assert lookup(pilot).input.value == "状态:办理中 供电"
        assert found(pilot) == ["外部供电线路未接通，影响设备调试"]

    drive(make_app(home), script)


def test_a_wrong_scope_is_told_with_the_nearest(home: Path) -> None:
    """An unknown qualifier is reported on the line below, with suggestions; nothing else breaks."""

    async def script(pilot: Pilot[None]) -> None:
        set_language("en")
        await press(pilot, "slash")
        await type_text(pilot, "state:opne")
        assert "opne" in screen_lines(pilot)[2]
        assert "“open”" in screen_lines(pilot)[2]
        assert found(pilot) == []
        lookup(pilot).input.value = "dept:供电"
        await settled(pilot)
        assert found(pilot) == ["外部供电线路未接通，影响设备调试"]

    drive(make_app(home), script, size=(100, 24))


def test_what_matched_is_marked(home: Path) -> None:
    """The characters typed, those that initials mean, in a title, a number, a name and in the text around."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "slash")
        for text, marks in (
            ("供电", ["供电"]), ("gdxl", ["供电线路"]), ("#2026-001", ["2026-001"]), ("kind:visit @dhm", ["丁红梅"]),
            ("@w 供电", ["供电", "卫"]), ("最早明确谁", []), ("尽快明确 w2026-003", ["W2026-003", "尽快明确"]),
        ):  # fmt: skip
            lookup(pilot).input.value = text
            await settled(pilot)
            assert (marked(pilot) if found(pilot) else []) == marks, text

    drive(make_app(home), script)


def test_one_question_a_keystroke(home: Path) -> None:
    """Whatever is typed, and however fast, the store is asked once for each key at most, and the last answer shows."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "slash")
        assert isinstance(pilot.app, GuanjiaApp)
        assert pilot.app.reader is not None
        before = pilot.app.reader.lookup.generation
        for character in "gdxl":
            pilot.app.post_message(Key(character, character))
        await settled(pilot)
        assert pilot.app.reader.lookup.generation - before <= 4
        assert found(pilot)[0] == "外部供电线路未接通，影响设备调试"
        await press(pilot, "down", "up", "tab")
        assert pilot.app.reader.lookup.generation - before <= 4

    drive(make_app(home), script)


def test_a_new_query_starts_at_its_best_hit(home: Path) -> None:
    """The cursor does not stay on an earlier answer: enter opens what is best for what is typed."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "slash")
        await type_text(pilot, "项目")
        await press(pilot, "down", "down")
        await type_text(pilot, " 丁香湖")
        assert lookup(pilot).rows._cursor == 0
        assert found(pilot)[0] == "丁香湖旅游风景基础设施项目"

    drive(make_app(home), script)


def test_coming_back_keeps_the_query_and_later_it_is_offered_again(home: Path) -> None:
    """Escape from what was opened leads back to the answer; a new lookup shows the query and the line, enter repeats
    the one and opens the other."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "slash")
        await type_text(pilot, "gdxl")
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, IssueScreen)
        await press(pilot, "escape")
        assert lookup(pilot).input.value == "gdxl"
        await press(pilot, "escape", "slash")
        assert found(pilot) == ["gdxl", "外部供电线路未接通，影响设备调试"]
        await press(pilot, "enter")
        assert lookup(pilot).input.value == "gdxl"
        assert found(pilot)[0] == "外部供电线路未接通，影响设备调试"
        lookup(pilot).input.value = ""
        await settled(pilot)
        await press(pilot, "down", "enter")
        assert isinstance(pilot.app.screen, IssueScreen)

    drive(make_app(home), script)


def test_the_last_twenty_are_kept_on_this_device_only(home: Path) -> None:
    """Recent queries are listed newest first, once each, twenty at most, and are never sent."""
    database = open_store(home / "ledger.db", KEY)
    waiting = database.connection().execute("SELECT count(*) FROM outbox").fetchone()
    for number in range(MAX_ENTRIES + 5):
        record_search(DeviceState(database), f"查{number % 23}", issue_id(number % 3 + 1))
    known = search_history(DeviceState(database))
    assert known.queries[:3] == ("查1", "查0", "查22")
    assert len(known.queries) == MAX_ENTRIES
    assert known.lines == (issue_id(1), issue_id(3), issue_id(2))
    assert database.connection().execute("SELECT count(*) FROM outbox").fetchone() == waiting
    database.close()


def test_earlier_queries_are_inert(home: Path) -> None:
    """What was once pasted into the line cannot act on the terminal when it is offered again."""
    database = open_store(home / "ledger.db", KEY)
    with database.write() as connection:
        told = json.dumps({"queries": ["\x1b]52;c;aGk=\x07[/bold]"], "lines": ["gone"]})
        connection.execute("INSERT INTO meta (key, value) VALUES ('lookups', ?)", (told,))
    database.close()

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "slash")
        assert "\x1b" not in screen_text(pilot)
        assert "[/bold]" in screen_text(pilot)

    drive(make_app(home), script)


def test_the_last_column_is_whole_beside_the_scroll_bar(home: Path) -> None:
    """A list that is longer than the screen has a cell for its scroll bar, and no text is cut by it."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "slash")
        await type_text(pilot, "kind:visit @wd")
        rows = [line for line in screen_lines(pilot) if "走访" in line and "卫东" in line]
        assert lookup(pilot).rows.allow_vertical_scroll
        assert len(rows) > 1
        assert all(re.search(r"\d\d:\d\d\W{0,2}$", row) for row in rows), rows

    drive(make_app(home), script, size=(80, 8))
