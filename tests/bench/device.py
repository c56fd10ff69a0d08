"""Our side of a measurement, in a process of its own: `python -m tests.bench.device HOME VERB [NUMBER]`.

    fill N      write N made-up lines into the home, page by page, as an officer's ledger would
    change N    edit N visits
    first       the name of the first project in the list
    run …       one command of the real command line (`run sync --json`)

Prints one JSON object: what the command said, the seconds it took, and this process's peak memory.
"""

from __future__ import annotations

import contextlib
import io
import json
import sys
import time
from itertools import islice
from pathlib import Path
from typing import Any

from store.ledger import Draft, Ledger
from tests.bench.lines import district
from tests.bench.screen import peak_mb

PAGE = 2_000


def opened(home: Path) -> Ledger:
    """The ledger of a home, opened as the program opens it."""
    from tui.commands.desk import open_desk  # noqa: PLC0415 - only what is measured is loaded

    return Ledger(open_desk(home).database)


def fill(home: Path, lines: int) -> None:
    """Write the made-up district."""
    ledger, drafts = opened(home), district(lines)
    while page := list(islice(drafts, PAGE)):
        ledger.put_many(page)


def change(home: Path, lines: int) -> None:
    """Give as many visits a new text, all at once."""
    ledger = opened(home)
    visits = ledger.database.connection().execute("SELECT id, project_id, at, how FROM visit LIMIT ?", (lines,))
    text = "复查：整改到位，资料齐全，企业表示满意，联系人更换，下周三再访。"
    drafts = [Draft("visit", {"at": at, "how": how, "text": text}, project, id) for id, project, at, how in visits]
    ledger.put_many(drafts)


def first(home: Path) -> str:
    """The name of a project that the app shows when it opens: the first by number."""
    names = opened(home).database.connection().execute("SELECT name FROM project ORDER BY number LIMIT 1")
    return str(names.fetchone()[0])


def run(arguments: list[str]) -> dict[str, Any]:
    """Run the real command line in this process; gives its exit code and what it printed as JSON."""
    from tui import cli  # noqa: PLC0415 - only what is measured is loaded

    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = cli.run(arguments)
    return {"code": code, "said": json.loads(out.getvalue() or "null")}


def main() -> None:
    """Do what is asked and tell how it went."""
    home, verb, *rest = sys.argv[1:]
    start = time.perf_counter()
    told: dict[str, Any] = {}
    if verb == "run":
        told = run(["--home", home, *rest])
    elif verb == "first":
        told = {"first": first(Path(home))}
    else:
        {"fill": fill, "change": change}[verb](Path(home), int(rest[0]))
    print(json.dumps(told | {"seconds": time.perf_counter() - start, "peak_mb": peak_mb()}))


if __name__ == "__main__":
    main()
