"""Widgets that draw their own lines: the scroll bar in the last cell, and no difference to what Textual would draw."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style
from textual import events
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from tests.tui.driving import drive, make_app, press
from tests.tui.widgets.test_long_list import Counting, Item, OneList, on_screen, read, run
from tui.widgets.background import PreviewSplit
from tui.widgets.line_widget import LineWidget
from tui.widgets.long_list import LongList
from tui.widgets.page import PageView, Passage
from tui.widgets.scroll_bar import ScrollBarState

BARS = st.tuples(st.integers(2, 80), st.integers(0, 10**6)).flatmap(
    lambda size: st.builds(
        ScrollBarState, st.just(size[0]), st.just(size[1]), st.integers(0, max(size[1] - size[0], 0))
    )
)


@given(BARS)
def test_the_thumb_is_within_the_bar_and_at_its_ends_where_the_lines_end(bar: ScrollBarState) -> None:
    """Above at the first line, below at the last, never longer than the bar; none where all is in view."""
    thumb = bar.thumb
    assert bool(thumb) == (bar.lines > bar.height)
    if thumb:
        assert 0 <= thumb.start < thumb.stop <= bar.height
        assert bar._replace(top=0).thumb.start == 0
        assert bar._replace(top=bar.lines - bar.height).thumb.stop == bar.height


@given(BARS)
def test_the_thumb_is_where_it_was_drawn_to(bar: ScrollBarState) -> None:
    """Drawn by some cells, the thumb is so many cells further, or at the end of its way."""
    thumb, way = bar.thumb, bar.height - len(bar.thumb)
    for cells in (1, -1, bar.height, -bar.height) if way and thumb else ():
        top = max(min(bar.top_when_dragged(cells), bar.lines - bar.height), 0)
        expected = max(min(thumb.start + cells, way), 0)
        assert abs(bar._replace(top=top).thumb.start - expected) <= 1


def bar_of(rows: LineWidget) -> str:
    """The last cell of each line, as the screen has it: ``#`` is the thumb, ``|`` the rest of the bar, a blank where
    there is no bar."""
    known: dict[Style | None, str] = {
        rows.rich_style + rows.named_style(name): sign for name, sign in (("thumb", "#"), ("bar", "|"))
    }
    return "".join(known.get(list(strip)[-1].style, " ") for strip in rows.render_lines(rows.outer_size.region))


def test_the_bar_is_drawn_clicked_and_dragged() -> None:
    """A press beside the thumb scrolls by a page; dragged to the end, the thumb leads to rows that are read. The line
    on which the mouse is released is not clicked."""

    async def script(pilot: Pilot[None], rows: LongList[Item], app: OneList) -> None:
        rows.show(Counting(1000))
        await read(pilot)
        assert bar_of(rows) == "#" + "|" * 20
        for page in (21, 42):
            await pilot.click(offset=(39, 12))
            assert rows.scroll_offset.y == page
        await pilot.click(offset=(39, 0))
        assert rows.scroll_offset.y == 21
        drag(app, (39, 0), (39, 20), (5, 18))
        await read(pilot)
        assert bar_of(rows) == "|" * 18 + "#" + "|" * 2
        assert on_screen(rows)[-1] == str(rows.scroll_offset.y + 19)
        assert (rows.row, app.opened) == (Item(on_screen(rows)[-1]), [])
        await pilot.hover(offset=(39, 5))  # let go: the mouse draws nothing any more
        assert bar_of(rows) == "|" * 18 + "#" + "|" * 2

    run(script)


def drag(app: App[None], *way: tuple[int, int]) -> None:
    """Press the button, move the mouse along the way, release it at its end: the events that a terminal sends."""
    kinds = [events.MouseDown, *[events.MouseMove] * (len(way) - 1), events.MouseUp]
    for kind, (x, y) in zip(kinds, (*way, way[-1]), strict=True):
        app.post_message(kind(None, x, y, 0, 0, 1, False, False, False, screen_x=x, screen_y=y))


def test_a_bar_that_goes_lets_go_of_the_mouse() -> None:
    """The mouse is released when the list leaves the screen, or when something else captures it; a drag does not keep
    the program from ending."""

    async def script(pilot: Pilot[None], rows: LongList[Item], app: OneList) -> None:
        rows.show(Counting(1000))
        await read(pilot)
        await pilot.mouse_down(offset=(39, 0))
        assert app.mouse_captured is rows
        app.capture_mouse(None)
        await pilot.hover(offset=(39, 9))
        assert rows.scroll_offset.y == 0
        await pilot.mouse_up(offset=(39, 9))
        await pilot.mouse_down(offset=(39, 0))
        await rows.remove()
        await pilot.pause()
        assert app.mouse_captured is None

    async def end(pilot: Pilot[None], rows: LongList[Item], app: OneList) -> None:
        rows.show(Counting(1000))
        await read(pilot)
        await pilot.mouse_down(offset=(39, 0))
        assert app.mouse_captured is rows  # and the program ends

    run(script)
    run(end)


def test_the_bar_of_a_page_with_padding_is_where_it_is_drawn() -> None:
    """The cells of the thumb and those beside it, counted in the page and not in its frame; a page that has become
    shorter is scrolled from where it is now."""

    class OnePage(OneList):
        CSS = "PageView { padding: 2 1 0 1; }"

        def compose(self) -> ComposeResult:
            """A page of a hundred lines."""
            yield PageView([Passage("\n".join(map(str, range(100))))])

    async def go() -> None:
        async with OnePage().run_test(size=(40, 22)) as pilot:
            page = pilot.app.query_one(PageView)
            page.scroll_to(y=40, animate=False)
            await pilot.pause()
            thumb = page._scroll_bar.thumb
            for y, top in ((thumb.start, 40), (thumb.stop - 1, 40), (thumb.stop, 60), (thumb.start - 1, 40)):
                await pilot.mouse_down(offset=(38, y + 2))
                await pilot.mouse_up(offset=(38, y + 2))
                assert page.scroll_offset.y == top
            page.scroll_end(animate=False)
            page.show([Passage("\n".join(map(str, range(60))))])
            await pilot.press("tab", "up")
            assert page.scroll_offset.y == 39
            page.display = False
            await pilot.pause()
            page.show([Passage("\n".join(f"neu {n}" for n in range(60)))])
            page.display = True
            await pilot.pause()
            assert "neu 39" in page.render_lines(page.outer_size.region)[2].text

    asyncio.run(go())


def test_a_bar_that_comes_and_goes_lays_nothing_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list that a filter shortens, and that is long again, leaves everything on the screen at its place."""
    laid: list[bool] = []
    lay = Screen._refresh_layout

    def count(screen: Screen[None], *arguments: object) -> None:
        laid.append(True)
        lay(screen, *arguments)  # type: ignore[arg-type]

    async def script(pilot: Pilot[None], rows: LongList[Item], _app: OneList) -> None:
        rows.show(Counting(1000))
        await read(pilot)
        monkeypatch.setattr(Screen, "_refresh_layout", count)
        for total, bar in ((5, " " * 21), (1000, "#" + "|" * 20), (0, " " * 21), (40, "#" * 10 + "|" * 11)):
            rows.show(Counting(total))
            await read(pilot)
            assert bar_of(rows) == bar
        assert not laid

    run(script)


def looks(lines: list[Strip]) -> list[list[tuple[str, str]]]:
    """Each character of each line, and what it looks like: of a blank that is what stands behind it."""

    def look(sign: str, style: Style) -> tuple[str, str]:
        return sign, f"{style.bgcolor}" if sign == " " else f"{style.color} {style.bgcolor} {style.bold}"

    return [[look(sign, part.style or Style()) for part in line for sign in part.text] for line in lines]


@pytest.mark.soak(turns=4)
@pytest.mark.parametrize("keys", [("3",), ("2",), ("3", "enter"), ("slash",), ("6",), ("h",), ("question_mark",)])
@pytest.mark.parametrize("bare", [False, True])
def test_what_is_drawn_is_what_textual_would_draw(
    home: Path, keys: tuple[str, ...], bare: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With colours and without (``NO_COLOR``), whole and in parts: the short way shows what the long way would."""
    if bare:
        monkeypatch.setenv("NO_COLOR", "1")

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, *keys)
        screen = pilot.app.screen
        drawn = [one for one in screen.query(Widget) if isinstance(one, LineWidget | PreviewSplit) and one.outer_size]
        assert drawn
        for widget in drawn:
            whole = widget.outer_size.region
            for crop in (whole, whole.shrink((0, 1, 0, 1))):
                plain = Widget.render_lines(widget, crop)
                lines = widget.render_lines(crop)
                assert looks(lines) == looks(plain), widget

    drive(make_app(home), script, (160, 45))
