"""A long list under everything at once: keys, wheel, bar, other sizes, other rows, a slow disk, in an order that a seed
says. When all has come to rest, what is on the screen is what the source has."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from rich.cells import cell_len
from textual import events
from textual.pilot import Pilot

from tests.tui.widgets.test_line_widget import drag
from tests.tui.widgets.test_long_list import Item, OneList, on_screen, read, run, under_cursor
from tui.data.rows import InMemorySource, RowSource, RowWindow
from tui.widgets.long_list import LongList

pytestmark = pytest.mark.soak
SEEDS = int(os.environ.get("TESTS_LIST_SEEDS", "4"))
STEPS = 80
KEYS = ("down", "down", "up", "up", "pagedown", "pageup", "end", "home", "space")


@dataclass
class Changing:
    """A source whose rows come and go, and that takes its time as the seed has it."""

    chance: random.Random
    ids: list[str]
    made: int = 0
    whole: bool = False
    slow: random.Random = field(default_factory=random.Random)

    def window(self, anchor: str | None, place: int, reach: int) -> RowWindow[Item]:
        """The rows around a line or a place, as they are when the disk has answered."""
        time.sleep(self.slow.choice((0, 0, 0.001, 0.004)))
        ids = list(self.ids)
        if self.whole:
            return RowWindow([Item(one) for one in ids], 0, len(ids))
        place = ids.index(anchor) if anchor in ids else max(min(place, len(ids) - 1), 0)
        start = max(place - reach, 0)
        return RowWindow([Item(one) for one in ids[start : place + reach + 1]], start, len(ids))

    def change(self) -> None:
        """Some rows more, or fewer, anywhere."""
        place = self.chance.randint(0, len(self.ids))
        if self.chance.random() < 0.5:
            self.made += 1
            self.ids[place:place] = [f"n{self.made}-{n}" for n in range(self.chance.choice((1, 7, 300)))]
        else:
            del self.ids[place : place + self.chance.choice((1, 7, 300, 3000))]


def one_step(chance: random.Random, rows: LongList[Item], app: OneList, source: Changing) -> Callable[[], object]:
    """Something that happens to a list."""

    def other() -> None:
        source.ids = [str(n) for n in range(chance.choice((0, 1, 19, 21, 400, 2000)))]
        source.whole = chance.random() < 0.2
        shown: RowSource[Item] = InMemorySource([Item(one) for one in source.ids]) if chance.random() < 0.2 else source
        rows.show(shown, at=chance.choice([None, *source.ids[-3:]]))

    def renew() -> None:
        source.change()
        if isinstance(rows._source, InMemorySource):
            rows.replace_source(InMemorySource([Item(one) for one in source.ids]))
        else:
            rows.reread()

    def wheel() -> None:
        kind = chance.choice((events.MouseScrollUp, events.MouseScrollDown))
        for _turn in range(chance.choice((1, 1, 40))):
            app.post_message(kind(None, 5, 2, 0, 0, 0, False, False, False, screen_x=5, screen_y=2))

    def bar() -> None:
        x, (_width, height) = rows.line_width, app.size
        drag(app, (x, chance.randrange(height)), (x, chance.randrange(height)), (0, chance.randrange(height)))

    def keys() -> None:
        for key in chance.choices(KEYS, k=chance.choice((1, 3, 8))):
            app.post_message(events.Key(key, " " if key == "space" else None))

    return chance.choices((keys, wheel, bar, renew, other), (8, 3, 3, 6, 1))[0]


@pytest.mark.soak(turns=4)
@pytest.mark.parametrize("seed", range(SEEDS))
def test_whatever_happens_what_is_on_the_screen_is_true(seed: int) -> None:
    """Exactly one line is the cursor's, it is in view and the row that an act is about; the lines in view are the
    source's, one after the other, and each is as wide as the list."""
    chance = random.Random(seed)

    async def script(pilot: Pilot[None], rows: LongList[Item], app: OneList) -> None:
        source = Changing(chance, [str(n) for n in range(2000)], slow=random.Random(seed))
        rows.show(source)
        for step in range(STEPS):
            one_step(chance, rows, app, source)()
            if chance.random() < 0.1:
                await pilot.resize_terminal(chance.choice((30, 40, 77)), chance.choice((2, 3, 15, 21, 60)))
            await asyncio.sleep(chance.choice((0, 0, 0.002, 0.01)))
            if chance.random() < 0.3:
                await settled(pilot)
                check(rows, source, f"seed {seed}, step {step}")
        await settled(pilot)

    run(script)


async def settled(pilot: Pilot[None]) -> None:
    """Until all keys are carried out and all that was asked for has come."""
    for _time in range(3):
        await pilot.pause()
        await read(pilot)


def check(rows: LongList[Item], source: Changing, when: str) -> None:
    """What is to be true of a list at rest."""
    shown = [one for one in on_screen(rows) if one] if rows.total else []
    first = rows.scroll_offset.y
    assert shown == source.ids[first : first + rows.size.height - 1], when
    assert len(shown) == min(len(source.ids), rows.size.height - 1), when
    assert under_cursor(rows) == ([rows.row.id] if rows.row else []), when
    assert (rows.row is None) == (not source.ids), when
    whole = len(rows._window.rows) == rows.total  # else rows beyond the window are known only when they are read
    assert {row.id for row in rows.selected} <= set(source.ids) or not whole, when
    assert {cell_len(strip.text) for strip in rows.render_lines(rows.outer_size.region)} == {rows.size.width}, when
