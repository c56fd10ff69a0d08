"""The floor's central: bare HTTP on loopback over bare SQLite. `python -m tests.bench.bare DATABASE [ROWS]`.

A request says in its headers what the floor is to do, so that it does what ours does and nothing else:
``Insert: n`` writes the next n prepared rows in one transaction, ``Select: n`` reads the next n rows, ``Answer: n``
sends that many bytes back. Prints its port on one line when ready.
"""

from __future__ import annotations

import socketserver
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.bench.tables import Row, Table, connect, read_table


class Floor(socketserver.TCPServer):
    """One connection at a time: the floor's device is alone."""

    allow_reuse_address = True

    def __init__(self, database: Path, rows_from: Path | None) -> None:
        self.connection = connect(database)
        self.table: Table | None = None
        self.rows: list[Row] = []
        if rows_from is not None:
            source = connect(rows_from)
            self.table = read_table(source, "line")
            self.rows = list(source.execute("SELECT * FROM line ORDER BY seq"))
            source.close()
            self.table.create(self.connection)
        self.done = 0
        super().__init__(("127.0.0.1", 0), Exchange)

    def insert(self, count: int) -> None:
        """Write the next ``count`` prepared rows in one transaction."""
        assert self.table is not None
        self.connection.execute("BEGIN IMMEDIATE")
        self.connection.executemany(self.table.insert, self.rows[self.done : self.done + count])
        self.connection.execute("COMMIT")
        self.done += count

    def select(self, count: int) -> None:
        """Read the next ``count`` rows, as a page of a pull would."""
        page = "SELECT seq, wire FROM line WHERE seq > ? ORDER BY seq LIMIT ?"
        self.connection.execute(page, (self.done, count)).fetchall()
        self.done += count


class Exchange(socketserver.StreamRequestHandler):
    """Requests on one kept-open connection."""

    disable_nagle_algorithm = True
    server: Floor

    def handle(self) -> None:
        """Answer until the peer hangs up."""
        while head := dict(self._head()):
            self.rfile.read(int(head.get("content-length", 0)))
            if "insert" in head:
                self.server.insert(int(head["insert"]))
            if "select" in head:
                self.server.select(int(head["select"]))
            body = b"x" * int(head.get("answer", 0))
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    def _head(self) -> Iterator[tuple[str, str]]:
        while (line := self.rfile.readline().strip()) != b"":
            name, _, value = line.decode("latin-1").partition(":")
            yield name.lower(), value.strip()


def main() -> None:
    """Serve until ended."""
    paths = [Path(argument) for argument in sys.argv[1:]]
    with Floor(paths[0], paths[1] if len(paths) > 1 else None) as server:
        print(server.server_address[1], flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
