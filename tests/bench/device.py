"""Our side of a measurement, in a process of its own: `python -m tests.bench.device HOME VERB [NUMBER]`.

    fill N      write N made-up lines into the home, page by page, as an officer's ledger would
    change N    edit N visits
    issues N    write a ledger of N issues instead
    add N       write N made-up lines that no earlier call has written
    hand_in N   the same without issues, and send them, without taking in what others sent
    first       the name of the first project in the list
    first_use   one round; the seconds are those until projects, people and the first open issues are here
    sync N [v1] [kept]  N rounds one after the other, each timed from before the connection is opened to its result;
                        by protocol 1; on one connection, as the daemon keeps it

Prints one JSON object: what the command said, the seconds it took, and this process's peak memory.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from store.home.credentials import open_credentials
from store.home.paths import Home
from store.home.settings import load_settings
from store.home.sync_progress import RoundProgress
from store.ledger.kinds import kinds
from store.writer.local_writes import Draft, Ledger
from store.writer.upgrade import open_store
from sync.device.device import Device
from sync.protocol import HelloRequest
from sync.protocol.documents import SPOKEN
from sync.round import connect_central, run_round
from sync.round_stats import RoundResult, RoundStats
from sync.steps.hello import hello
from sync.steps.pull import initial_pull
from sync.steps.push import push
from sync.transport.client import HttpCentral
from tests.bench.lines import district, issue_ledger
from tests.bench.screen import peak_mb

PAGE = 2_000


def opened(home: Path) -> Ledger:
    """The ledger of a home, opened as the program opens it."""
    key = open_credentials(Home(home), "file").key()
    return Ledger(open_store(Home(home).database, key))


def fill(home: Path, lines: int) -> None:
    """Write the made-up district."""
    _write(home, district(lines))


def _write(home: Path, drafts: Iterator[Draft]) -> None:
    ledger = opened(home)
    while page := list(islice(drafts, PAGE)):
        ledger.put_many(page)


def issues(home: Path, count: int) -> None:
    """Write the made-up issue ledger."""
    _write(home, issue_ledger(count))


def add(home: Path, lines: int) -> None:
    """Write lines that no earlier call has written."""
    _write(home, district(lines, seed=time.time_ns()))


def hand_in(home: Path, lines: int) -> None:
    """Write lines that no earlier call has written, and push them: the first half of a round. There are no issues among
    them: in a list of issues, in which keys are pressed meanwhile, those would come between the rows."""
    others = (draft for draft in district(4 * lines, seed=time.time_ns()) if draft.kind not in ("issue", "issue_step"))
    _write(home, islice(others, lines))
    found = Home(home)
    with Device.open(found, load_settings(found)) as device:
        asyncio.run(_push(device))


async def _push(device: Device) -> None:
    async with connect_central(device, (await device.facts()).get("central")) as central:
        tally = RoundStats()
        await hello(device, central, tally)
        await initial_pull(device, central, tally)
        await push(device, central, tally)


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


def sync(home: Path, rounds: int, *how: str) -> dict[str, Any]:
    """Rounds in an opened store. Both sides have met before, by a hello that is not timed: what they load only once is
    no part of a round. Seconds are the median's, the result is the first round's."""
    kinds()
    found = Home(home)
    with Device.open(found, load_settings(found)) as device:
        if "v1" in how:  # as on a day on which the central has not understood a message
            device.ledger.save_facts(exchange_refused=f"{device.now_ms() // 86_400_000} {SPOKEN}")
        rest_mb = peak_mb()
        timed, cpu = asyncio.run(_kept_connection(device, rounds) if "kept" in how else _connections(device, rounds))
        seconds = statistics.median(seconds for seconds, _ in timed)
        return {"seconds": seconds, "cpu": cpu / rounds, "rest_mb": rest_mb, "said": timed[0][1].to_json()}


def first_use(home: Path) -> dict[str, Any]:
    """A round of a device that has read nothing: seconds until its screens of today have what they need, and in all."""
    kinds()
    found = Home(home)
    usable: list[float] = []
    with Device.open(found, load_settings(found)) as device:
        start = time.perf_counter()

        def look(_progress: RoundProgress) -> None:
            query = "SELECT EXISTS (SELECT 1 FROM issue_step) AND EXISTS (SELECT 1 FROM issue_state)"
            if not usable and opened(home).database.connection().execute(query).fetchone()[0]:
                usable.append(time.perf_counter() - start)

        async def run() -> RoundResult:
            async with await _connect(device) as central:
                return await run_round(device, central, RoundStats(on_progress=look))

        result = asyncio.run(run())
        whole = time.perf_counter() - start
    return {"seconds": usable[0] if usable else whole, "whole": whole, "said": result.to_json()}


Timed = tuple[float, RoundResult]


async def _connections(device: Device, rounds: int) -> tuple[list[Timed], float]:
    """Rounds on a connection each, and the processor time of all."""
    async with await _connect(device) as central:
        await _greet(device, central)
    before, timed = time.process_time(), []
    for _ in range(rounds):
        start = time.perf_counter()
        async with await _connect(device) as central:
            result = await run_round(device, central)
        timed.append((time.perf_counter() - start, result))
    return timed, time.process_time() - before


async def _kept_connection(device: Device, rounds: int) -> tuple[list[Timed], float]:
    """Rounds on one connection, and the processor time of all."""
    timed = []
    async with await _connect(device) as central:
        await _greet(device, central)
        before = time.process_time()
        for _ in range(rounds):
            start = time.perf_counter()
            result = await run_round(device, central)
            timed.append((time.perf_counter() - start, result))
        return timed, time.process_time() - before


async def _connect(device: Device) -> HttpCentral:
    return connect_central(device, (await device.facts()).get("central"))


async def _greet(device: Device, central: HttpCentral) -> None:
    meta = await device.facts()
    await central.hello(HelloRequest(device=meta["device"], agreed=(0, 0, 0), time=device.now_ms()))


def main() -> None:
    """Do what is asked and tell how it went."""
    home, verb, *rest = sys.argv[1:]
    told: dict[str, Any] = {"seconds": 0.0}
    if verb == "sync":
        told = sync(Path(home), int(rest[0]), *rest[1:])
    elif verb == "first_use":
        told = first_use(Path(home))
    elif verb == "first":
        told = {"first": first(Path(home))}
    else:
        verbs = {"fill": fill, "add": add, "change": change, "issues": issues, "hand_in": hand_in}
        verbs[verb](Path(home), int(rest[0]))
    print(json.dumps(told | {"peak_mb": peak_mb()}))


if __name__ == "__main__":
    main()
