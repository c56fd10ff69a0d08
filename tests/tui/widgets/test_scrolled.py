"""Cards and boards scrolled by mouse: the card that acts apply to is always in view."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from textual.app import ComposeResult
from textual.pilot import Pilot

from tests.tui.widgets.test_long_list import Item, OneList, wheel
from tui.widgets.board import Board, BoardCard, BoardLane
from tui.widgets.cards import CardGrid
from tui.widgets.line_widget import LineWidget


def under_cursor(widget: LineWidget) -> set[str]:
    """The words drawn on the cursor's background."""
    cursor = (widget.rich_style + widget.named_style("cursor")).bgcolor
    strips = widget.render_lines(widget.outer_size.region)
    parts = [part for strip in strips for part in strip if part.style and part.style.bgcolor == cursor]
    return {word for part in parts for word in part.text.split()}


def run(widget: LineWidget, size: tuple[int, int], script: Callable[[Pilot[None], OneList], Awaitable[None]]) -> None:
    """Run a screen that is this widget alone."""

    class One(OneList):
        def compose(self) -> ComposeResult:
            """The widget."""
            yield widget

    async def go() -> None:
        app = One()
        async with app.run_test(size=size) as pilot:
            await script(pilot, app)

    asyncio.run(go())


@pytest.mark.parametrize("size", [(70, 21), (130, 21), (70, 45), (70, 7)])
def test_the_cursor_comes_along_over_cards(size: tuple[int, int]) -> None:
    """Wherever the wheel leads and however many cards there are then, the card under the cursor is on the screen."""
    told: list[str] = []

    class Heard(CardGrid[Item]):
        def on_card_grid_view_changed(self) -> None:
            """Note the card under the cursor."""
            told.append(self.row.id if self.row else "")

    cards = Heard(lambda row, _width: [[(row.id, "")]], lambda _row: ("", ""), height=4)

    async def script(pilot: Pilot[None], app: OneList) -> None:
        cards.show([Item(f"c{n}") for n in range(100)])
        await pilot.pause()
        for turns in (1, 3, 60, 1):
            told.clear()
            for _turn in range(turns):
                app.post_message(wheel())
            await pilot.pause()
            assert cards.row
            assert under_cursor(cards) == {cards.row.id}
            assert turns == 1 or told[-1] == cards.row.id
        cards.show([Item(f"c{n}") for n in range(99, 20, -1)], at="c98")
        await pilot.pause()
        assert (cards.row, under_cursor(cards)) == (Item("c98"), {"c98"})

    run(cards, size, script)


@pytest.mark.parametrize("size", [(70, 21), (130, 21), (70, 4)])
def test_the_cursor_comes_along_over_a_board(size: tuple[int, int]) -> None:
    """In a long lane it moves in it, past the end of a short one to the lane beside; alone on the screen, a short lane
    cannot be scrolled beyond its end. What others commit meanwhile scrolls nothing back."""
    board = Board()
    lanes = [
        BoardLane(name, tuple(BoardCard(f"{name}{n}", (((f"{name}{n}", ""),), ())) for n in range(count)))
        for name, count in (("a", 14), ("b", 60), ("c", 0))
    ]

    async def script(pilot: Pilot[None], app: OneList) -> None:
        board.show(lanes)
        await pilot.pause()
        for turns in (1, 3, 60, 1):
            for _turn in range(turns):
                app.post_message(wheel())
            await pilot.pause()
            assert board.card
            assert under_cursor(board) == {board.card}
            top = board.scroll_offset.y
            board.show(lanes)
            await pilot.pause()
            assert board.scroll_offset.y == top
        assert (board.card or "")[:1] == ("b" if size[0] > 100 else "a")

    run(board, size, script)
