"""The long list: its cursor is on a line and not on a row number; it reads and draws no more than it needs."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from rich.cells import cell_len
from textual import events
from textual.app import ComposeResult
from textual.pilot import Pilot

from tui.data.rows import InMemorySource, RowWindow
from tui.widgets.columns import ListColumn
from tui.widgets.long_list import LongList
from tui.widgets.paint_batching import PaintBatchingApp
from tui.widgets.themes import THEMES


@dataclass(frozen=True)
class Item:
    """A row of a test."""

    id: str
    text: str = "项目"


@dataclass
class Counting:
    """A source of ``total`` rows, numbered; notes which windows were read. ``before`` rows stand above them."""

    total: int
    before: int = 0
    gone: set[str] = field(default_factory=set)
    read: list[tuple[str | None, int]] = field(default_factory=list)

    def window(self, anchor: str | None, place: int, reach: int) -> RowWindow[Item]:
        """Rows around a line or a place."""
        self.read.append((anchor, place))
        ids = [f"new{n}" for n in range(self.before)] + [f"{n}" for n in range(self.total) if f"{n}" not in self.gone]
        if anchor in ids:
            place = ids.index(str(anchor))
        place = max(min(place, len(ids) - 1), 0)
        start = max(place - reach, 0)
        return RowWindow([Item(one) for one in ids[start : place + reach + 1]], start, len(ids))


class OneList(PaintBatchingApp):
    """An app that is one list."""

    def __init__(self) -> None:
        super().__init__()
        self.register_theme(THEMES[0])
        self.theme = THEMES[0].name
        self.moved: list[str | None] = []
        self.opened: list[str] = []

    def compose(self) -> ComposeResult:
        """The list."""
        number: ListColumn[Item] = ListColumn("", 8, lambda row: row.id)
        text: ListColumn[Item] = ListColumn("", 10, lambda row: row.text, grow_share=1)
        yield LongList((number, text), empty="空", selecting=True)

    def on_long_list_cursor_moved(self, message: LongList.CursorMoved) -> None:
        """Note where the cursor goes."""
        self.moved.append(message.row.id if message.row else None)

    def on_long_list_row_opened(self, message: LongList.RowOpened) -> None:
        """Note what is opened."""
        self.opened.append(message.row.id)


def run(script: Callable[[Pilot[None], LongList[Item], OneList], Awaitable[None]]) -> None:
    """Run a list of 20 lines on a screen of its own."""

    async def go() -> None:
        app = OneList()
        async with app.run_test(size=(40, 21)) as pilot:
            await script(pilot, app.query_one(LongList), app)

    asyncio.run(go())


async def read(pilot: Pilot[None]) -> None:
    """Wait for the list's readers: a screenful first, then its surroundings; a later reader cancels an earlier one."""
    for _reader in range(2):
        while not all(worker.is_finished for worker in pilot.app.workers):
            await pilot.pause(0.01)
        await pilot.pause()


def test_the_cursor_stays_on_its_line_when_lines_come_and_go_above_it() -> None:
    """New lines above push the cursor's line down in the list, but neither the cursor nor the screen jumps."""

    async def script(pilot: Pilot[None], rows: LongList[Item], _app: OneList) -> None:
        source = Counting(1000)
        rows.show(source)
        await read(pilot)
        await pilot.press("pagedown", "pagedown", "down")
        assert rows.row == Item("41")
        on_screen = 41 - rows.scroll_offset.y
        source.before = 7
        rows.reread()
        await read(pilot)
        assert rows.row == Item("41")
        assert 48 - rows.scroll_offset.y == on_screen
        assert rows.total == 1007

    run(script)


def on_screen(rows: LongList[Item]) -> list[str]:
    """The ids in view, as the screen has them; "" for a line without a row."""
    strips = rows.render_lines(rows.size.region)
    return [strip.text.lstrip(" *").split(" ")[0] for strip in strips[1:]]


def under_cursor(rows: LongList[Item]) -> list[str]:
    """The ids of the lines that are drawn as the cursor's."""
    cursor = (rows.rich_style + rows.named_style("cursor")).bgcolor
    strips = rows.render_lines(rows.size.region)[1:]
    drawn = [strip.crop(1, 2)._segments[0].style for strip in strips]  # behind the gutter
    return [of for of, style in zip(on_screen(rows), drawn, strict=True) if style and style.bgcolor == cursor]


def test_the_cursor_comes_along_where_the_mouse_scrolls() -> None:
    """An act is about a line that one sees: scrolled away from, the cursor stays at the edge, on rows that are read
    there; and what the mouse has scrolled to stays when lines come and go above it or in it."""

    async def script(pilot: Pilot[None], rows: LongList[Item], _app: OneList) -> None:
        source = Counting(1000)
        rows.show(source)
        await read(pilot)
        for top, row in ((3, "3"), (600, "600"), (500, "519"), (980, "980")):
            rows.scroll_to(y=top, animate=False)
            await read(pilot)
            assert rows.row == Item(row)
            assert on_screen(rows) == [str(n) for n in range(top, top + 20)]
            assert under_cursor(rows) == [row]
        rows.scroll_to(y=600, animate=False)
        await read(pilot)
        for before in (0, 7, 3):
            source.before = before
            rows.reread()
            await read(pilot)
            assert on_screen(rows)[0] == "600"
            assert rows.row == Item("619")
        source.gone |= {"600", "605"}
        rows.reread()
        await read(pilot)
        assert rows.row == Item("619")
        assert "" not in on_screen(rows)

    run(script)


def test_a_list_that_shrinks_keeps_its_cursor_on_the_screen() -> None:
    """Wherever the line under the cursor is now, one sees it there."""

    async def script(pilot: Pilot[None], rows: LongList[Item], _app: OneList) -> None:
        source = Counting(1000)
        for gone in (range(100, 980), range(0, 960), range(0, 988), ()):
            source.gone.clear()
            rows.show(source, at="990")
            await read(pilot)
            await pilot.press("end", *["up"] * 9)
            source.gone.update(map(str, gone))
            rows.reread()
            await read(pilot)
            assert rows.row == Item("990")
            assert under_cursor(rows) == ["990"]

    run(script)


@dataclass
class Slow(Counting):
    """A source that answers when it is released."""

    let: threading.Event = field(default_factory=threading.Event)

    def window(self, anchor: str | None, place: int, reach: int) -> RowWindow[Item]:
        """As `Counting`, after it is released."""
        self.let.wait(10)
        return super().window(anchor, place, reach)


@pytest.mark.parametrize(
    "way", [("end", "home"), ("end", "home", "down"), ("end", "up", "up", "pageup"), ("pagedown", "end", "home", "end")]
)
def test_keys_are_quicker_than_the_disk(way: tuple[str, ...]) -> None:
    """Keys pressed while rows are being read count; a late window for another position is requested again."""

    async def script(pilot: Pilot[None], rows: LongList[Item], app: OneList) -> None:
        source = Slow(1000)
        source.let.set()
        rows.show(source)
        await read(pilot)
        source.let.clear()
        place = 0
        for key in way:
            app.post_message(events.Key(key, None))
            place = {"end": 999, "home": 0}.get(
                key, place + {"down": 1, "up": -1, "pageup": -20, "pagedown": 20}.get(key, 0)
            )
        await asyncio.sleep(0.1)
        source.let.set()
        await read(pilot)
        await read(pilot)
        assert rows.row == Item(str(place))
        assert under_cursor(rows) == [str(place)]
        assert "" not in on_screen(rows)

    run(script)


def test_what_is_pressed_before_the_rows_come_is_about_them() -> None:
    """While another list is being read, no line of the old one can be opened, selected or gone to; keys that move
    count from where the new one begins."""

    async def script(pilot: Pilot[None], rows: LongList[Item], app: OneList) -> None:
        old = Counting(900, before=100)
        rows.show(old)
        await read(pilot)
        source = Slow(1000)
        rows.show(source, at="300")
        for key in ("down", "space", "enter", "down"):
            app.post_message(events.Key(key, " " if key == "space" else None))
        app.post_message(wheel())
        await asyncio.sleep(0.1)
        assert (rows.row, rows.selected, app.opened) == (None, [], [])
        source.let.set()
        await read(pilot)
        await read(pilot)
        assert rows.row == Item("302")
        assert under_cursor(rows) == ["302"]

    run(script)


def wheel() -> events.MouseScrollDown:
    """A step of the mouse's wheel."""
    return events.MouseScrollDown(None, 5, 2, 0, 0, 0, False, False, False, screen_x=5, screen_y=2)


def test_a_menu_that_is_typed_into_opens_what_it_shows() -> None:
    """Rows that are at hand are shown at once: the next key is about them."""

    async def script(pilot: Pilot[None], rows: LongList[Item], app: OneList) -> None:
        rows.show(InMemorySource([Item("alpha"), Item("beta")]))
        await read(pilot)
        rows.show(InMemorySource([Item("gamma"), Item("gambit")]))
        rows.action_move(1)
        rows.action_open_row()
        await pilot.pause()
        assert app.opened == ["gambit"]

    run(script)


def test_steps_quicker_than_the_disk_do_not_call_each_other_off() -> None:
    """However many keys come while a window is being read, that window comes, and one more after it."""

    async def script(pilot: Pilot[None], rows: LongList[Item], _app: OneList) -> None:
        source = Slow(100_000)
        source.let.set()
        rows.show(source)
        await read(pilot)
        source.let.clear()
        before = len(source.read)
        for _step in range(50):
            rows.action_page(1)
            rows.reread()
            await asyncio.sleep(0)
        source.let.set()
        await read(pilot)
        await read(pilot)
        assert rows.row == Item("1000")
        assert len(source.read) - before <= 5

    run(script)


def test_a_source_that_fails_is_asked_again() -> None:
    """After an error the next key reads."""

    class Failing(Counting):
        fails = False

        def window(self, anchor: str | None, place: int, reach: int) -> RowWindow[Item]:
            if self.fails:
                raise OSError
            return super().window(anchor, place, reach)

    async def script(pilot: Pilot[None], rows: LongList[Item], _app: OneList) -> None:
        source = Failing(1000)
        rows.show(source)
        await read(pilot)
        source.fails = True
        await pilot.press("end")
        await read(pilot)
        assert rows.row is None
        source.fails = False
        await pilot.press("up")
        await read(pilot)
        assert rows.row == Item("998")

    run(script)


def test_a_list_fills_a_terminal_of_another_size() -> None:
    """Wider, narrower, higher, with a bar and without: each line is as wide as the list, and there is a row in it."""

    async def script(pilot: Pilot[None], rows: LongList[Item], _app: OneList) -> None:
        for total in (30, 1000):
            rows.show(Counting(total))
            await read(pilot)
            await pilot.press("end")
            await read(pilot)
            for width, height in ((70, 21), (40, 21), (40, 40), (90, 15), (40, 20), (40, 301), (40, 21)):
                await pilot.resize_terminal(width, height)
                while rows.outer_size != (width, height):
                    await pilot.pause(0.01)
                await read(pilot)
                strips = rows.render_lines(rows.outer_size.region)
                assert {cell_len(strip.text) for strip in strips} == {width}
                assert under_cursor(rows) == [str(total - 1)]
                assert [of for of in on_screen(rows) if of] == [
                    str(n) for n in range(max(total - height + 1, 0), total)
                ]
                assert "项目" in strips[1].text[9:]

    run(script)


def test_a_line_that_is_gone_leaves_the_cursor_at_its_place() -> None:
    """When the line under the cursor is gone, the next line takes its place."""

    async def script(pilot: Pilot[None], rows: LongList[Item], _app: OneList) -> None:
        source = Counting(10)
        rows.show(source)
        await read(pilot)
        await pilot.press("down", "down", "down")
        source.gone.add("3")
        rows.reread()
        await read(pilot)
        assert rows.row == Item("4")

    run(script)


def test_a_million_lines_cost_no_more_than_a_screenful() -> None:
    """Only windows are read, wherever the cursor goes: end, home, page by page."""

    async def script(pilot: Pilot[None], rows: LongList[Item], _app: OneList) -> None:
        source = Million()
        rows.show(source)
        await read(pilot)
        await pilot.press("end")
        await read(pilot)
        assert rows.row == Item("999999")
        await pilot.press("pageup", "up")
        await read(pilot)
        assert rows.row == Item("999978")
        await pilot.press("home")
        await read(pilot)
        assert rows.row == Item("0")
        assert source.largest <= 401
        assert len(source.asked) < 8

    run(script)


class Million:
    """A source of a million rows that makes them when asked."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.largest = 0

    def window(self, anchor: str | None, place: int, reach: int) -> RowWindow[Item]:
        """Rows around a line or a place."""
        place = int(anchor) if anchor is not None else place
        start, end = max(place - reach, 0), min(place + reach + 1, 1_000_000)
        self.asked.append(place)
        self.largest = max(self.largest, end - start)
        return RowWindow([Item(str(n)) for n in range(start, end)], start, 1_000_000)


def test_every_line_fills_the_width_exactly() -> None:
    """Wide characters at the edge, the heading and the empty lines below are all as wide as the list."""

    async def script(pilot: Pilot[None], rows: LongList[Item], _app: OneList) -> None:
        rows.show(InMemorySource([Item("a", "甲" * 40), Item("b乙", "x" * 80), Item("c", "一\n二\x1b[2J")]))
        await read(pilot)
        lines = [rows.render_line(y).text for y in range(rows.size.height)]
        assert {cell_len(line) for line in lines} == {rows.size.width}
        assert "一 二[2J" in lines[3]

    run(script)


def test_enter_and_a_second_click_open_the_line() -> None:
    """Enter opens the line under the cursor; a click moves there, a click on the cursor opens."""

    async def script(pilot: Pilot[None], rows: LongList[Item], app: OneList) -> None:
        rows.show(Counting(5))
        await read(pilot)
        await pilot.press("enter")
        await pilot.click(LongList, offset=(3, 3))
        assert rows.row == Item("2")
        await pilot.click(LongList, offset=(3, 3))
        assert app.opened == ["0", "2"]

    run(script)


def test_an_empty_list_says_what_to_do() -> None:
    """Without a line, the list says its own sentence, and keys do nothing."""

    async def script(pilot: Pilot[None], rows: LongList[Item], app: OneList) -> None:
        rows.show(InMemorySource(()))
        await read(pilot)
        await pilot.press("down", "end", "enter")
        assert rows.row is None
        assert "空" in rows.render_line(1).text
        assert app.opened == []

    run(script)


def test_an_answer_for_another_list_is_not_shown() -> None:
    """Rows of a list that is no longer wanted are dropped, however late they come."""

    async def script(pilot: Pilot[None], rows: LongList[Item], _app: OneList) -> None:
        stale = rows.WindowLoaded(rows._number, (None, 0), RowWindow([Item("stale")], 0, 1))
        rows.show(InMemorySource([Item("fresh")]))
        await read(pilot)
        rows.post_message(stale)
        await pilot.pause()
        assert rows.row == Item("fresh")

    run(script)


def test_moves_are_posted_once_for_each_line() -> None:
    """Each line that comes under the cursor is posted once, so that a preview is read once."""

    async def script(pilot: Pilot[None], rows: LongList[Item], app: OneList) -> None:
        rows.show(Counting(3))
        await read(pilot)
        await pilot.press("down", "down", "down", "up")
        rows.reread()
        await read(pilot)
        assert app.moved == ["0", "1", "2", "1"]

    run(script)


def test_selected_lines_are_what_an_act_is_about() -> None:
    """Space selects and goes on; without a selection the line under the cursor is meant. What is gone is selected no
    longer, and another list begins with nothing selected."""

    async def script(pilot: Pilot[None], rows: LongList[Item], _app: OneList) -> None:
        source = Counting(9)
        rows.show(source)
        await read(pilot)
        assert rows.target_rows == [Item("0")]
        await pilot.press("space", "down", "space", "space")
        assert [row.id for row in rows.target_rows] == ["0", "2", "3"]
        await pilot.press("up", "space")
        assert [row.id for row in rows.target_rows] == ["0", "2"]
        source.gone.add("2")
        rows.reread()
        await read(pilot)
        assert [row.id for row in rows.target_rows] == ["0"]
        rows.show(Counting(3))
        await read(pilot)
        assert rows.target_rows == [Item("0")]

    run(script)


def test_a_selection_far_above_is_kept_while_the_window_moves() -> None:
    """In a long list, what was selected stays so when its row is no longer held."""

    async def script(pilot: Pilot[None], rows: LongList[Item], _app: OneList) -> None:
        rows.show(Counting(100_000))
        await read(pilot)
        await pilot.press("space", "end")
        await read(pilot)
        await pilot.press("space")
        assert [row.id for row in rows.target_rows] == ["0", "99999"]
        rows.deselect()
        assert [row.id for row in rows.target_rows] == ["99999"]

    run(script)
