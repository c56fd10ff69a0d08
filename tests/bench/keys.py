"""From key to screen, watched from outside: our app in a list of 100,000 issues, a bare Textual list beside it.

Each key is pressed in ours and then in the floor's terminal, so that both meet the same weather; then the same while
`guanjia sync` brings 10,000 lines from a real central, round after round. ``ours`` and ``floor`` are the 99th of a
hundred in milliseconds, ``facts`` the medians and the most. What counts as shown: ``tests/bench/terminal.py``.
"""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import count, takewhile
from pathlib import Path
from typing import NamedTuple

from store.domain.status_lights import light_thresholds
from store.ledger.hlc import system_clock_ms
from store.queries import issues
from store.search import session
from store.search.pinyin import pinyin_of
from store.search.ranking import SearchHit
from store.values.times import district_time
from tests.bench import bare_list, stage
from tests.bench.device import opened
from tests.bench.report import Measure
from tests.bench.terminal import Terminal, Wanted
from tui.i18n import translate
from tui.screens.filters import STATES, IssueFilterValues

NAMES = ("keys", "round_keys")
REACH_MS = 50.0
ROUND_LINES = 10_000
DOWN, PAGE_DOWN, HOME, END, ESCAPE, CLEAR = "\x1b[B", "\x1b[6~", "\x1b[H", "\x1b[F", "\x1b", "\x15"
PAUSE_S = 0.03
"""Between two keys: a held key repeats some 30 times a second."""
SIZE = (160, 45)
KEYS = 300
_NUMBER = re.compile("W[0-9]{6}")


class Step(NamedTuple):
    """Keys, and what they must show; None where that is not waited for, and not timed either."""

    keys: str
    wanted: Wanted | None = None


class Hands:
    """Our app and the floor, side by side, and a reader of the same store that knows what must be shown."""

    def __init__(self, home: Path) -> None:
        translate.set_language("zh")
        self._database = opened(home).database
        today = light_thresholds(district_time(system_clock_ms()).date())
        rows = issues.issues(self._database.connection(), today, IssueFilterValues().filter)  # as the screen lists them
        self.numbers: list[str] = [row.number for row in rows]
        self.titles: list[str] = [row.title for row in rows]
        self.cursor = 0
        self._worked = 0.0, 0.0
        self._floor_rows = (row % bare_list.ROWS for row in count(1))
        self.bare = Terminal([sys.executable, "-m", "tests.bench.bare_list"], stage.ENVIRONMENT, SIZE)
        self.bare.learn(bare_list.row(3))
        self.ours = Terminal([*stage.GUANJIA, "--home", str(home), "--lang", "zh"], stage.ENVIRONMENT, SIZE)
        self.ours.settle(1)
        self.ours.learn(self.numbers[5], "3")
        self.ours.settle(0.5)

    def close(self) -> None:
        """End both."""
        self.ours.close()
        self.bare.close()
        self._database.close()

    def here(self, by: int = 0) -> Wanted:
        """The row ``by`` lines further, under the cursor."""
        self.cursor = max(min(self.cursor + by, len(self.numbers) - 1), 0)
        return Wanted(self.numbers[self.cursor], lit=True)

    def timed(self, steps: Iterable[Step]) -> list[tuple[float, float]]:
        """Milliseconds of each timed step, ours and the floor's."""
        found = []
        self._worked = -self.ours.cpu, -self.bare.cpu
        for step in steps:
            if step.wanted is None:
                self.ours.type(step.keys)
            else:
                time.sleep(PAUSE_S)
                found.append((self.ours.press(step.keys, step.wanted), self.floor()))
        return found

    @property
    def worked(self) -> tuple[float, float]:
        """Milliseconds of processor time that ours and the floor's have used for what was `timed` last."""
        ours, floor = self._worked
        return (ours + self.ours.cpu) * 1000, (floor + self.bare.cpu) * 1000

    def floor(self) -> float:
        """Milliseconds of one key in the bare list."""
        return self.bare.press(DOWN, Wanted(bare_list.row(next(self._floor_rows))[:7], lit=True))

    # ── what is pressed ─────────────────────────────────────────────────────────────────────────────────────────

    def down(self) -> Iterator[Step]:
        """One line down, again and again."""
        while True:
            yield Step(DOWN, self.here(1))

    def page_down(self) -> Iterator[Step]:
        """One page down, again and again."""
        shown = self.ours.type(PAGE_DOWN, 0.3)
        lit = next(n for run in shown if run.background != self.ours.page for n in _NUMBER.findall(run.text))
        page = self.numbers.index(lit) - self.cursor
        self.cursor += page
        while True:
            if self.cursor == len(self.numbers) - 1:  # the list has fewer pages than there are keys
                self.here(-len(self.numbers))
                yield Step(HOME)
            yield Step(PAGE_DOWN, self.here(page))

    def ends(self) -> Iterator[Step]:
        """To the last line and back to the first."""
        while True:
            yield Step(END, self.here(len(self.numbers)))
            yield Step(HOME, self.here(-len(self.numbers)))

    def opening(self) -> Iterator[Step]:
        """An issue, and the next one."""
        while True:
            yield Step("\r", Wanted(self.numbers[self.cursor], lit=False))
            yield Step(ESCAPE)
            self.here(1)
            yield Step(DOWN)

    def filters(self) -> Iterator[Step]:
        """All, then those in one state, and all again."""
        counted = dict(self._database.connection().execute("SELECT state, count(*) FROM issue_state GROUP BY state"))
        totals = {"": sum(counted.values()), "unfinished": len(self.numbers), **counted}
        while True:
            for place, state in enumerate(STATES, 1):
                if totals.get(state):
                    yield Step("f")
                    yield Step(str(place))
                    yield Step("\r", Wanted(str(totals[state])))

    def lookups(self) -> Iterator[Step]:
        """Characters and initials of titles; what finds the same line first as before is typed, but cannot be timed."""
        rng = random.Random(5)
        yield Step("/")
        while True:
            title = rng.choice(self.titles)[:6]
            for typed in (title, "".join(pinyin_of(character)[0][0] for character in title)):
                yield from self._typing(typed)
                yield Step(CLEAR)

    def _typing(self, typed: str) -> Iterator[Step]:
        before: SearchHit | None = None
        for length in range(1, len(typed) + 1):
            hits = session.find(self._database.connection(), typed[:length], limit=60)
            first = hits[0] if hits else None
            seen = first is not None and (before is None or first.id != before.id)
            before = first
            number = first.number if first and seen else None
            marked = number is not None and typed[:length].casefold() in number.casefold()  # then not of one colour
            wanted = Wanted(number, lit=True) if number and not marked else None
            yield Step(typed[length - 1], wanted)

    def echoes(self) -> Iterator[Step]:
        """Letters into the lookup, each shown in its line. They find what they find; that no title has such letters
        makes the line the only place where they can appear."""
        yield Step("/")
        while True:
            for length in range(1, 5):
                yield Step("qxzj"[length - 1], Wanted("qxzj"[:length]))
            yield Step(CLEAR)


TASKS: dict[str, Callable[[Hands], Iterator[Step]]] = {
    "cursor down": Hands.down,
    "page down": Hands.page_down,
    "end and home": Hands.ends,
    "open an issue": Hands.opening,
    "change the filter": Hands.filters,
    "lookup keystroke": Hands.lookups,
}
ROUND_TASKS = {"cursor down": Hands.down, "typed into the lookup": Hands.echoes}


def set_up(place: Path, issues: int) -> None:
    """Make in ``place``: a central, ``full`` with the issues, agreed with it, and ``fresh``, another officer's."""
    place.mkdir(parents=True)
    stage.set_up(place, 0)
    fill(place / "full", place / "central", issues)


def fill(home: Path, central: Path, issues: int) -> None:
    """Write the issues into an empty home, and agree with its central."""
    stage.device(home, "issues", issues)
    with stage.central(central) as server:
        stage.sync(home, server.port)


def measure(place: Path, issues: int, repeat: int, wanted: Sequence[str]) -> Iterator[Measure]:
    """The wanted measurements in a place that is set up; ``repeat`` is how many rounds are watched."""
    for name, task in TASKS.items() if "keys" in wanted else ():
        hands = Hands(place / "full")
        found = Found(hands.timed(_some(task(hands), KEYS)), [hands.worked])
        hands.close()
        yield found.told(f"key, {name}", issues)
    for name, task in ROUND_TASKS.items() if "round_keys" in wanted else ():
        yield _in_rounds(place, task, repeat).told(f"key in a round, {name}", issues)


class Found(NamedTuple):
    """Milliseconds of each key, ours and the floor's, and of the processor for all of them."""

    keys: list[tuple[float, float]]
    worked: list[tuple[float, float]]

    def told(self, name: str, issues: int) -> Measure:
        """The row of the table."""
        ours, floor = (sorted(side) for side in zip(*self.keys, strict=True))
        cpu, floor_cpu = (sum(side) / len(ours) for side in zip(*self.worked, strict=True))
        p99, p50 = int(len(ours) * 0.99), len(ours) // 2
        facts: dict[str, float | int | str] = {"keys": len(ours), "p50": ours[p50], "most": ours[-1], "cpu": cpu}
        facts |= {"floor p50": floor[p50], "floor most": floor[-1], "floor cpu": floor_cpu}
        return Measure(name, issues, ours[p99], floor[p99], unit="ms", facts=facts)


def _some(steps: Iterator[Step], timed: int) -> Iterator[Step]:
    for step in steps:
        yield step
        timed -= step.wanted is not None
        if not timed:
            return


def _in_rounds(place: Path, task: Callable[[Hands], Iterator[Step]], rounds: int) -> Found:
    found = Found([], [])
    with stage.central(place / "central") as server:
        address = stage.address(server.port)
        for _round in range(rounds):
            stage.device(place / "fresh", "hand_in", ROUND_LINES, GUANJIA_CENTRAL=address)
            hands = Hands(place / "full")
            found.keys.extend(_while_syncing(place / "full", address, hands, task(hands)))
            found.worked.append(hands.worked)
            hands.close()
    return found


def _while_syncing(home: Path, address: str, hands: Hands, steps: Iterator[Step]) -> list[tuple[float, float]]:
    """Keys pressed for as long as a round takes. Raises when the round did not bring what it should."""
    command = [*stage.GUANJIA, "sync", "--home", str(home), "--json"]
    environment = {**stage.ENVIRONMENT, "GUANJIA_CENTRAL": address}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as running:
        found = hands.timed(takewhile(lambda _step: running.poll() is None, steps))
        said = json.loads(running.communicate()[0])
    if said["pulled"] != ROUND_LINES:
        raise RuntimeError(f"the round did not bring {ROUND_LINES} lines: {said}")
    return found
