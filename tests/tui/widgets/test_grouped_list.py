"""A list in groups: headings stand once, and no key, click or scrolling puts the cursor on one."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.pilot import Pilot

from tests.tui.widgets.test_long_list import OneList
from tui.data.rows import all_rows
from tui.widgets.cells import Spans
from tui.widgets.columns import ListColumn
from tui.widgets.grouped_list import GroupedList, GroupedSource


@dataclass(frozen=True)
class Line:
    """A row of a test, or a heading."""

    id: str
    heading: Spans = ()


ROWS = [
    Line(f"g{group}", ((f"组{group}", "bad"), (" 3", ""))) if n < 0 else Line(f"{group}{n}")
    for group in "abcdefgh"
    for n in range(-1, 3)
]


class Groups(OneList):
    """An app that is a list of eight groups of three rows."""

    def compose(self) -> ComposeResult:
        """The list."""
        column: ListColumn[Line] = ListColumn("名称", 8, lambda row: row.id, grow_share=1)
        yield GroupedList([column])


def test_the_cursor_passes_over_headings_and_the_one_above_it_stays_in_view() -> None:
    """Down, up, by pages, to both ends, by clicks and by the wheel: what is under the cursor is a row, and the list
    begins with its first heading where the cursor is at the top."""

    async def script(pilot: Pilot[None], rows: GroupedList[Line]) -> None:
        async def after(*keys: str) -> str:
            await pilot.press(*keys)
            assert rows.row is not None
            assert not rows.row.heading
            return rows.row.id

        rows.show(GroupedSource(ROWS))
        await pilot.pause()
        assert rows.row == Line("a0")
        assert await after("down", "down", "down") == "b0"
        assert await after("up") == "a2"
        assert await after("end") == "h2"
        assert await after("home") == "a0"
        assert "组a 3" in rows.render_lines(rows.size.region)[1].text
        assert await after("up") == "a0"
        await after("pagedown")
        await after("pageup")
        assert await after("home") == "a0"
        await pilot.click(GroupedList, offset=(3, 5))
        assert rows.row == Line("b0")
        for top in range(len(ROWS) - rows.size.height + 1):
            rows.scroll_to(y=top, animate=False)
            await pilot.pause()
            assert rows.row is not None and not rows.row.heading

    async def go() -> None:
        app = Groups()
        async with app.run_test(size=(40, 9)) as pilot:
            await script(pilot, app.query_one(GroupedList))

    asyncio.run(go())


def test_a_file_of_a_list_in_groups_has_rows_alone() -> None:
    """A heading is for the eye: what is written and counted are the rows."""
    assert [row.id for row in all_rows(GroupedSource(ROWS))] == [row.id for row in ROWS if not row.heading]
