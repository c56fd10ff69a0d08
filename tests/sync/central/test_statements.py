"""What a push costs in statements, counted by SQLAlchemy's own events: it does not grow with the batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
import pytest
from sqlalchemy import event

from store.ledger.line import Line, canonical_json
from sync.central.admin import admin
from sync.central.admin.setup import open_database
from sync.central.db.database import CentralDatabase
from sync.central.request import RequestContext
from sync.central.steps.hello import answer_hello
from sync.central.steps.join import answer_join
from sync.central.steps.pull import answer_pull
from sync.central.steps.push import answer_push
from sync.protocol import DeviceName, HelloRequest, JoinRequest, PullRequest
from tests.sync.central.ledger import issue, project, step, visit
from tests.sync.central_fixture import DISTRICT, DISTRICT_NAME, Laptop


class Bench:
    """A database with one bureau's device, worked on without HTTP."""

    def __init__(self, folder: Path, url: str | None) -> None:
        code = admin.create(folder / "central", DISTRICT, DISTRICT_NAME, url)
        self.database: CentralDatabase = open_database(folder / "central")
        self.laptop = Laptop("http://unused")
        joined = JoinRequest(code=code, device=DeviceName(id=self.laptop.device, name="x"))
        answer = answer_join(RequestContext(self.database, None), joined)
        self.laptop.person = answer.person.id
        self.desk = RequestContext(self.database, answer.token)

    def push(self, lines: list[Line]) -> list[str]:
        """Push; gives the outcomes."""
        answer = orjson.loads(answer_push(self.desk, [orjson.loads(canonical_json(line)) for line in lines]))
        return [outcome["outcome"] for outcome in answer["outcomes"]]


@pytest.fixture
def bench(tmp_path: Path, database_url: str | None) -> Iterator[Bench]:
    """A bench over either database."""
    made = Bench(tmp_path, database_url)
    yield made
    made.database.close()


@contextmanager
def counted(database: CentralDatabase) -> Iterator[list[str]]:
    """The statements that are executed within."""
    statements: list[str] = []

    def note(_c: object, _k: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    yield statements
    event.remove(database.engine, "before_cursor_execute", note)


def batch(laptop: Laptop, size: int) -> list[Line]:
    """A project with visits and with issues that are assigned and settled: about ``size`` lines in ``size`` buckets."""
    own = project(laptop)
    lines = [own]
    for _ in range(size // 4):
        raised = issue(laptop, own.id)
        lines += [visit(laptop, own.id), raised, step(laptop, raised, "assigned", department_id=own.id)]
        lines += [step(laptop, raised, "accepted")]
    return lines


def edited(lines: list[Line]) -> list[Line]:
    """The next version of each line that may be changed."""
    return [line._replace(stamp=line.stamp + 10_000, base=line.stamp) for line in lines]


def backdated(lines: list[Line]) -> list[Line]:
    """A version of each line that comes too late."""
    return [line._replace(stamp=line.stamp - 10_000) for line in lines]


@pytest.mark.parametrize("version", [list, edited, backdated], ids=["new", "replacing", "late"])
def test_the_number_of_statements_does_not_grow(bench: Bench, version: Callable[[list[Line]], list[Line]]) -> None:
    """A batch of 800 lines takes as many statements as one of 40, whether its lines are new, win or lose."""
    counts = []
    for size in (40, 800):
        lines = batch(bench.laptop, size)
        if version is not list:
            bench.push(lines)
        with counted(bench.database) as statements:
            bench.push(version(lines))
        counts.append(len(statements))
    assert counts[0] == counts[1]
    assert counts[0] <= 20


def test_a_quiet_hello_and_pull_take_a_handful(bench: Bench) -> None:
    """hello asks a handful of small questions, however much there is."""
    bench.push(batch(bench.laptop, 400))
    cursor = orjson.loads(answer_pull(bench.desk, PullRequest()))["cursor"]
    asked = HelloRequest(device=bench.laptop.device, cursor=cursor, agreed=(0, 0, 0), time=0)
    with counted(bench.database) as statements:
        assert answer_hello(bench.desk, asked).news is False
    assert len(statements) <= 3
