"""How fast the lookup answers a keystroke, and what its index costs. `python -m tests.bench.find_bench --lines 100000`.

What is typed is taken from the store itself: the first one to six characters of something in a title or text, their
initials, pinyin and digits, each prefix as one keystroke. The floor of the index is FTS5 with its default settings,
given the same text with a space between characters: the least with which one Chinese character can be found at all.
"""

from __future__ import annotations

import argparse
import random
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from store.db.connection import Connection
from store.db.database import Database
from store.ledger.kinds import kinds
from store.search import session
from store.search.index import SCHEMA, IndexEntry, add_entries, index_entry
from store.search.pinyin import pinyin_of
from store.writer.local_writes import Ledger
from store.writer.upgrade import create_store
from tests.bench.lines import district
from tests.bench.report import Measure, as_json, as_table, interleave
from tests.bench.tables import connect
from tests.store.devices import KEY

PAGE = 2_000
REACH_MS = 10.0
LONGEST = 6
_HAN = re.compile(f"[\u4e00-\u9fff]{{{LONGEST}}}")
_DIGITS = re.compile("[0-9]{4}")


def keystrokes(connection: Connection, lines: int, count: int = 300) -> Iterator[Measure]:
    """p99 of one keystroke, in milliseconds, for ``count`` things typed of each sort and length, with the median, the
    most, and the p99 of the processor's time alone, which other people's work on the machine does not lengthen."""
    rng = random.Random(3)
    sources = _sources(connection, rng, count)
    for name, typed in _typed(sources, rng):
        times = [_milliseconds(connection, text) for text in typed[:count]]
        waited, worked = (sorted(side) for side in zip(*times, strict=True))
        p99 = int(len(times) * 0.99)
        facts: dict[str, float | int | str] = {
            "p50": waited[len(times) // 2],
            "most": waited[-1],
            "cpu p99": worked[p99],
        }
        yield Measure(f"find p99, {name}", lines, waited[p99], unit="ms", reach=REACH_MS, facts=facts)


def _milliseconds(connection: Connection, text: str) -> tuple[float, float]:
    start, worked = time.perf_counter(), time.thread_time()
    session.find(connection, text)
    return (time.perf_counter() - start) * 1000, (time.thread_time() - worked) * 1000


def _sources(connection: Connection, rng: random.Random, count: int) -> list[tuple[str, str]]:
    """Titles and texts of lines all over the store."""
    last = connection.execute("SELECT max(n) FROM search_line").fetchone()[0]
    chosen = [(rng.randint(1, last),) for _ in range(count * 3)]
    query = "SELECT title, title || brief FROM search_line WHERE n = ?"
    return [row for n in chosen for row in connection.execute(query, n)]


def _typed(sources: Sequence[tuple[str, str]], rng: random.Random) -> Iterator[tuple[str, list[str]]]:
    words = [rng.choice(found) for _, text in sources if (found := _HAN.findall(text))]
    titles = [rng.choice(found) for title, _ in sources if (found := _HAN.findall(title))]
    digits = [rng.choice(found) for _, text in sources if (found := _DIGITS.findall(text))]
    for length in range(1, LONGEST + 1):
        yield f"{length} characters", [word[:length] for word in words]
    for length in range(1, LONGEST + 1):
        yield f"{length} initials", ["".join(pinyin_of(c)[0][0] for c in title[:length]) for title in titles]
    pinyin = ["".join(pinyin_of(character)[0] for character in title[:2]) for title in titles]
    for length in (3, 5, 7):
        yield f"{length} letters of pinyin", [word[:length] for word in pinyin]
    for length in (2, 4):
        yield f"{length} digits", [digit[:length] for digit in digits]
    yield "two words", [f"{one[:2]} {other[:2]}" for one, other in zip(words, titles, strict=False)]
    strange = ["".join(rng.choices("".join(words), k=4)) for _ in words]
    yield "4 characters not there", strange


def building(entries: Sequence[IndexEntry], place: Path, repeat: int) -> Iterator[Measure]:
    """Seconds to write the index of ``entries`` in pages ÷ plain FTS5 of the same text."""
    plain = [
        [(" ".join("\n".join((e.number or "", e.title, e.people, e.text))),) for e in page] for page in _paged(entries)
    ]
    ours, floor = interleave(
        repeat,
        lambda: _written(place, SCHEMA, list(_paged(entries)), add_entries),
        lambda: _written(place, ("CREATE VIRTUAL TABLE plain USING fts5(words)",), plain, _insert_plain),
    )
    yield Measure("lookup index ÷ plain FTS5", len(entries), ours, floor, reach=1.5)


def _insert_plain(connection: Connection, page: Sequence[tuple[str]]) -> None:
    connection.executemany("INSERT INTO plain (words) VALUES (?)", page)


def _written(
    place: Path, schema: Sequence[str], batches: Sequence[Any], write: Callable[[Connection, Any], object]
) -> float:
    path = place / f"index-{time.time_ns()}.db"
    connection = connect(path, KEY)
    for statement in schema:
        connection.execute(statement)
    start = time.perf_counter()
    for batch in batches:
        connection.execute("BEGIN IMMEDIATE")
        write(connection, batch)
        connection.execute("COMMIT")
    seconds = time.perf_counter() - start
    connection.close()
    path.unlink()
    return seconds


def _paged(entries: Sequence[IndexEntry]) -> Iterator[Sequence[IndexEntry]]:
    return (entries[at : at + PAGE] for at in range(0, len(entries), PAGE))


def filled(place: Path, lines: int) -> tuple[Database, list[IndexEntry]]:
    """A store with ``lines`` lines, and what the lookup was told of them."""
    database = create_store(place / "ledger.db", KEY, {"district": "210900", "person": "p", "device": "d"})
    ledger, drafts, entries = Ledger(database), list(district(lines)), []
    for at in range(0, lines, PAGE):
        written = ledger.put_many(drafts[at : at + PAGE])
        entries += [entry for line in written if (entry := index_entry(kinds()[line.kind], line))]
    return database, entries


def main() -> None:
    """Measure what was asked for and print a table."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.find_bench", description=__doc__)
    parser.add_argument("--lines", type=int, default=100_000, help="size of the store (100000)")
    parser.add_argument("--repeat", type=int, default=1, help="runs of each side for the index (1)")
    parser.add_argument("--json", action="store_true", help="one JSON value on stdout")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="guanjia-find-") as folder:
        database, entries = filled(Path(folder), asked.lines)
        found = [*keystrokes(database.connection(), asked.lines), *building(entries, Path(folder), asked.repeat)]
        database.close()
    print(as_json(found) if asked.json else as_table(found))


if __name__ == "__main__":
    main()
