"""Widgets that draw their own lines: the scroll bar in the last cell, and no difference to what Textual would draw."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style
from textual.pilot import Pilot
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget

from tests.tui.driving import drive, make_app, press
from tests.tui.test_long_list import Counting, Item, OneList, read, run
from tui.widgets.ground import Beside
from tui.widgets.ink import Ink
from tui.widgets.long_list import LongList
from tui.widgets.scroll_bar import Bar

BARS = st.tuples(st.integers(2, 80), st.integers(0, 10**6)).flatmap(
    lambda size: st.builds(Bar, st.just(size[0]), st.just(size[1]), st.integers(0, max(size[1] - size[0], 0)))
)


@given(BARS)
def test_the_thumb_is_within_the_bar_and_at_its_ends_where_the_lines_end(bar: Bar) -> None:
    """Above at the first line, below at the last, never longer than the bar; none where all is in view."""
    thumb = bar.thumb
    assert bool(thumb) == (bar.lines > bar.height)
    if thumb:
        assert 0 <= thumb.start < thumb.stop <= bar.height
        assert bar._replace(top=0).thumb.start == 0
        assert bar._replace(top=bar.lines - bar.height).thumb.stop == bar.height


@given(BARS)
def test_the_thumb_is_where_it_was_drawn_to(bar: Bar) -> None:
    """Drawn by some cells, the thumb is so many cells further, or at the end of its way."""
    thumb, way = bar.thumb, bar.height - len(bar.thumb)
    for cells in (1, -1, bar.height, -bar.height) if way and thumb else ():
        top = max(min(bar.dragged(cells), bar.lines - bar.height), 0)
        expected = max(min(thumb.start + cells, way), 0)
        assert abs(bar._replace(top=top).thumb.start - expected) <= 1


def bar_of(rows: LongList[Item]) -> str:
    """The last cell of each line: ``#`` is the thumb, ``|`` the rest of the bar, a blank where there is no bar."""
    known: dict[Style | None, str] = {
        rows.rich_style + rows.ink(name): sign for name, sign in (("thumb", "#"), ("bar", "|"))
    }
    return "".join(known.get(list(rows.render_line(y))[-1].style, " ") for y in range(rows.size.height))


def test_the_bar_is_drawn_clicked_and_dragged_and_the_cursor_stays() -> None:
    """A press beside the thumb turns a page, the thumb can be drawn to the end, and rows are read where it leads."""

    async def script(pilot: Pilot[None], rows: LongList[Item], _app: OneList) -> None:
        rows.show(Counting(1000))
        await read(pilot)
        assert bar_of(rows) == "#" + "|" * 20
        for page in (21, 42):
            await pilot.click(offset=(39, 12))
            assert rows.scroll_offset.y == page
        await pilot.click(offset=(39, 0))
        assert rows.scroll_offset.y == 21
        await pilot.mouse_down(offset=(39, 0))
        await pilot.hover(offset=(39, 20))
        await pilot.mouse_up(offset=(39, 20))
        await read(pilot)
        assert bar_of(rows) == "|" * 20 + "#"
        assert rows.render_line(20).text.strip().startswith("999")
        assert rows.row == Item("0")
        await pilot.hover(offset=(39, 5))  # let go: the mouse draws nothing any more
        assert bar_of(rows) == "|" * 20 + "#"
        await pilot.press("down")  # back to where the cursor is
        await read(pilot)
        assert rows.row == Item("0")
        assert bar_of(rows) == "#" + "|" * 20

    run(script)


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
        drawn = [one for one in screen.query(Widget) if isinstance(one, Ink | Beside) and one.outer_size]
        assert drawn
        for widget in drawn:
            whole = widget.outer_size.region
            for crop in (whole, whole.shrink((0, 1, 0, 1))):
                plain = Widget.render_lines(widget, crop)
                if isinstance(widget, Ink) and widget.EDGE != " ":  # the line at its left is its own
                    continue
                assert looks(widget.render_lines(crop)) == looks(plain), widget

    drive(make_app(home), script, (160, 45))
