"""The floor's device: bare SQLCipher and bare HTTP. `python -m tests.bench.bare_device PLAN`, the plan being JSON.

    push     reads the unsent rows, sends as many bytes in as many requests, empties the outbox page by page
    pull     asks for as many pages, writes the same rows and the same search index into an empty store, page by page
    changed  as push, of a few lines in a full store
    nothing  the exchanges alone, on a new connection each time
    kept     the exchanges alone, on one connection

Prints the seconds taken, without the preparations, and the processor time of the same, as a JSON list.
"""

from __future__ import annotations

import json
import socket
import sys
import time
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

from store.ledger.kinds import kinds
from store.search.index import SCHEMA, entry_tokens, index_entry
from store.search.tokenizer import MAX_ROWID
from store.writer.checksums import all_lines
from sync.protocol.documents import EXCHANGE
from tests.bench.tables import Row, Table, connect, pages, read_table

PAGE = 2_000
CARRY_LINES = ("/v1/push", "/v1/pull", EXCHANGE)
"""The calls of a round that carry lines, when there are any."""


Spent = tuple[float, float]
"""Seconds of waiting, and of this process' processor time."""


def now() -> Spent:
    """A moment to measure from."""
    return time.perf_counter(), time.process_time()


def since(start: Spent) -> Spent:
    """What was spent since ``start``."""
    waited, worked = now()
    return waited - start[0], worked - start[1]


class Wire:
    """Bare HTTP: one kept-open connection, opened when first used, that moves a given number of bytes."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._opened: socket.socket | None = None

    def _socket(self) -> socket.socket:
        if self._opened is None:
            self._opened = socket.create_connection(("127.0.0.1", self._port))
            self._opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self._opened

    def close(self) -> None:
        """Hang up; the next exchange connects anew."""
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def exchange(self, sent: int, received: int, **orders: int) -> None:
        """One request of ``sent`` bytes and an answer of ``received``, heads included; ``orders`` tell the server."""
        answer = max(received - len(f"HTTP/1.1 200 OK\r\nContent-Length: {received}\r\n\r\n"), 0)
        extra = "".join(f"{name}: {value}\r\n" for name, value in orders.items())
        head = f"POST / HTTP/1.1\r\nAnswer: {answer}\r\n{extra}Content-Length: "
        body = max(sent - len(head) - len(f"{sent}\r\n\r\n"), 0)
        wire = self._socket()
        wire.sendall(f"{head}{body}\r\n\r\n".encode() + b"x" * body)
        data = b""
        while b"\r\n\r\n" not in data:
            data += wire.recv(1 << 16)
        left = answer - len(data.partition(b"\r\n\r\n")[2])
        while left:
            left -= len(wire.recv(min(left, 1 << 20)))


def push(plan: dict[str, Any], wire: Wire) -> Spent:
    """Read what is unsent, send it, forget page by page that it was unsent."""
    store = connect(Path(plan["store"]), bytes.fromhex(plan["key"]))
    start = now()
    unsent = "SELECT * FROM {} WHERE id IN (SELECT id FROM outbox)"
    rows = [row for kind in plan["kinds"] for row in store.execute(unsent.format(kind))]
    numbers = [row[0] for row in store.execute("SELECT n FROM outbox ORDER BY n")]
    pushes_left = sum(path in CARRY_LINES for path, *_ in plan["exchanges"])
    for path, sent, received, *_ in plan["exchanges"]:
        if path not in CARRY_LINES:
            wire.exchange(sent, received)
            continue
        size = -(-len(numbers) // pushes_left)  # ours sizes its pages by what the line carries
        pushes_left -= 1
        page, numbers = numbers[:size], numbers[size:]
        wire.exchange(sent, received, Insert=len(page))
        store.execute("DELETE FROM outbox WHERE n <= ?", (page[-1],))
    spent = since(start)
    assert len(rows) == plan["lines"], f"the floor read {len(rows)} lines"
    assert not numbers, "the floor sends all that ours sent"
    return spent


def pull(plan: dict[str, Any], wire: Wire) -> Spent:
    """Ask page by page; each page is one transaction of the same rows, then of what the lookup knows of them."""
    key = bytes.fromhex(plan["key"])
    source, target = connect(Path(plan["store"]), key), connect(Path(plan["target"]), key)
    for statement in SCHEMA:
        target.execute(statement)
    tables = [read_table(source, name) for name in plan["kinds"]]
    for table in tables:
        table.create(target)
    filled = [(table, source.execute(f"SELECT * FROM {table.name}").fetchall()) for table in tables]
    parts = (filled, *([part] for part in _lookup(source)))
    ready = (list(chain(*page)) for page in zip_longest(*(pages(part, PAGE) for part in parts), fillvalue=()))
    start = now()
    for path, sent, received, *_ in plan["exchanges"]:
        if path not in CARRY_LINES:
            wire.exchange(sent, received)
            continue
        wire.exchange(sent, received, Select=PAGE)
        write(target, next(ready, []))
    for page in ready:
        write(target, page)
    return since(start)


def _lookup(source: Any) -> list[tuple[Table, list[Row]]]:
    """The lookup's rows and words of every line, as the program made them."""
    words: list[Row] = []
    known = dict(source.execute("SELECT id, n FROM search_line"))
    for line in all_lines(source):
        entry = index_entry(kinds()[line.kind], line)
        if entry is not None:
            words.append((MAX_ROWID - known[line.id], entry_tokens(entry)))
    lines = read_table(source, "search_line")
    index = Table("search_word", (), "INSERT INTO search_word (rowid, words) VALUES (?, ?)")
    return [(lines, source.execute("SELECT * FROM search_line").fetchall()), (index, sorted(words, reverse=True))]


def write(target: Any, page: list[tuple[Table, list[Row]]]) -> None:
    """One transaction of bare inserts."""
    target.execute("BEGIN IMMEDIATE")
    for table, rows in page:
        target.executemany(table.insert, rows)
    target.execute("COMMIT")


def nothing(plan: dict[str, Any], wire: Wire) -> Spent:
    """The exchanges alone, each time on a new connection; the median of some."""
    return _exchanges(plan, wire, keep=False)


def kept(plan: dict[str, Any], wire: Wire) -> Spent:
    """The exchanges alone on one connection that is there; the median of some."""
    wire.exchange(200, 200)
    return _exchanges(plan, wire, keep=True)


def _exchanges(plan: dict[str, Any], wire: Wire, *, keep: bool) -> Spent:
    times = []
    for _ in range(plan["rounds"]):
        start = now()
        for _path, sent, received, *_heads in plan["exchanges"]:
            wire.exchange(sent, received)
        times.append(since(start))
        if not keep:
            wire.close()
    return sorted(times)[len(times) // 2]


def main() -> None:
    """Carry out the plan and print the seconds."""
    plan = json.loads(Path(sys.argv[1]).read_text())
    wire = Wire(plan["port"])
    works = {"push": push, "changed": push, "pull": pull, "nothing": nothing, "kept": kept}
    print(json.dumps(works[plan["do"]](plan, wire)))


if __name__ == "__main__":
    main()
