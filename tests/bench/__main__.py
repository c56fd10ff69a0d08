"""`make bench`: measure, then print a table (or JSON). See tests/README.md for what is compared with what."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.bench import herd, keys, large, ledgers, office, pictures, rounds, starts, sticks
from tests.bench.device import opened
from tests.bench.find_bench import keystrokes
from tests.bench.report import Measure, as_json, as_table
from tests.bench.rounds import Stage

SIZES = (10_000, 100_000)
ONLY = (
    *rounds.NAMES, "find", *starts.NAMES, *office.NAMES, *large.NAMES, *ledgers.NAMES, *pictures.NAMES,
    *keys.NAMES, *sticks.NAMES,
    *herd.NAMES,
)  # fmt: skip
_WITHOUT_STAGE = {*keys.NAMES, *sticks.NAMES, *herd.NAMES, *pictures.NAMES} - {"pictured"}


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--lines", type=int, nargs="+", default=SIZES, help="sizes of the store (10000 100000)")
    parser.add_argument("--repeat", type=int, default=5, help="runs of each side; medians are shown (5)")
    parser.add_argument("--only", nargs="+", choices=ONLY, default=ONLY, help="some of the measurements")
    parser.add_argument("--laptops", type=int, default=herd.LAPTOPS, help="how many return at once (50)")
    parser.add_argument("--streams", type=int, default=herd.STREAMS, help="open streams of hints (500)")
    parser.add_argument(
        "--workers", type=int, nargs="+", default=herd.WORKERS, help="processes over PostgreSQL; 0: SQLite"
    )
    parser.add_argument("--json", action="store_true", help="one JSON value on stdout")
    asked = parser.parse_args()
    found: list[Measure] = []
    with tempfile.TemporaryDirectory(prefix="guanjia-bench-") as place:
        for lines in asked.lines:
            for measure in _measured(Path(place) / str(lines), lines, asked.repeat, asked.only):
                found.append(measure)
                _show(measure)
        for measure in herd.measure(Path(place) / "herd", asked.only, asked.laptops, asked.streams, asked.workers):
            found.append(measure)
            _show(measure)
    print(as_json(found) if asked.json else as_table(found))


def _show(measure: Measure) -> None:
    print(as_table([measure]).splitlines()[1], file=sys.stderr, flush=True)


def _measured(place: Path, lines: int, repeat: int, wanted: Sequence[str]) -> Iterator[Measure]:
    if set(wanted) - _WITHOUT_STAGE:
        yield from _of_lines(Stage(place, lines), repeat, wanted)
    if set(wanted) & set(keys.NAMES):
        hands = place.with_name(f"{place.name}-issues")
        keys.set_up(hands, lines)
        yield from keys.measure(hands, lines, repeat, wanted)
    yield from sticks.measure(place.with_name(f"{place.name}-stick"), repeat, wanted)
    yield from pictures.measure(place.with_name(f"{place.name}-pictures"), repeat, wanted)


def _of_lines(scene: Stage, repeat: int, wanted: Sequence[str]) -> Iterator[Measure]:
    yield from rounds.measure(scene, repeat, wanted)
    if "find" in wanted:
        database = opened(scene.home).database
        yield from keystrokes(database.connection(), scene.lines)
        database.close()
    yield from starts.measure(scene.home, scene.lines, repeat, wanted)
    yield from office.measure(scene.home, scene.lines, repeat, wanted)
    yield from large.measure(scene.home, scene.lines, repeat, wanted)
    yield from ledgers.measure(scene.home, scene.lines, repeat, wanted)
    yield from pictures.measure_home(scene.home, scene.lines, repeat, wanted)


if __name__ == "__main__":
    main()
