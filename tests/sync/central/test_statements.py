"""How many statements a request takes, counted by SQLAlchemy's own events: a push's do not grow with the batch, and the
caller is looked up once before the district is locked and once after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import Connection, event, select

from store.ledger.hlc import system_clock_ms
from store.ledger.line import Line, canonical_json, new_id
from sync.central.admin import admin
from sync.central.admin.setup import open_database
from sync.central.db.database import CentralDatabase
from sync.central.db.tables import BUCKET
from sync.central.request import RequestContext
from sync.central.steps.exchange import answer_exchange
from sync.central.steps.fetch import answer_fetch
from sync.central.steps.hello import answer_hello
from sync.central.steps.history import answer_history
from sync.central.steps.join import answer_join
from sync.central.steps.pull import answer_pull
from sync.central.steps.push import answer_push
from sync.central.steps.renew import answer_renew
from sync.central.steps.verify import answer_verify
from sync.protocol import DeviceName, FetchRequest, HelloRequest, JoinRequest, PullRequest, RenewRequest, VerifyRequest
from sync.protocol.documents import ExchangeMessage
from tests.sync.central.ledger import issue, project, step, visit
from tests.sync.central_fixture import Laptop, create_central


class Bench:
    """A database with one bureau's device, worked on without HTTP."""

    def __init__(self, folder: Path, url: str | None) -> None:
        self.data_dir = folder / "central"
        code = create_central(self.data_dir, url)
        self.database: CentralDatabase = open_database(folder / "central")
        self.laptop = Laptop("http://unused")
        joined = JoinRequest(code=code, device=DeviceName(id=self.laptop.device, name="x"))
        answer = answer_join(RequestContext(self.database, None), joined)
        self.laptop.person = answer.person.id
        self.context = RequestContext(self.database, answer.token)

    def push(self, lines: list[Line]) -> list[str]:
        """Push; gives the outcomes."""
        answer = orjson.loads(answer_push(self.context, [orjson.loads(canonical_json(line)) for line in lines]))
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


def test_a_table_takes_as_many_statements_as_a_row(bench: Bench) -> None:
    """Assignments of many projects change the roles of their persons in as many statements as one does."""
    own = [project(bench.laptop, str(n)) for n in range(60)]
    bench.push(own)
    counts = []
    for some in (own[:2], own[2:]):
        lines = [
            bench.laptop.line("assignment", {"role": "butler", "person_id": bench.laptop.person}, each.id)
            for each in some
        ]
        with counted(bench.database) as statements:
            assert set(bench.push(lines)) == {"applied"}
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 30


def test_what_a_push_brings_of_new_issues_is_not_read_back(bench: Bench) -> None:
    """The departments of new issues follow from what the push brought; of issues that were there before their lines are
    read, in one statement."""
    reading, lines = "SELECT line.bucket, line.wire", batch(bench.laptop, 40)
    for version, times in ((lines, 0), (edited(lines), 1)):
        with counted(bench.database) as statements:
            assert set(bench.push(version)) <= {"applied", "rejected"}
        assert sum(reading in statement for statement in statements) == times
    with bench.database.read() as connection:
        led = connection.execute(select(BUCKET.c.department).where(BUCKET.c.area == "i")).scalars()
        assert set(led) == {lines[0].id}


def test_a_push_of_an_assignment_takes_no_more_in_a_large_district(bench: Bench) -> None:
    """However many assignments a district has, one more of somebody takes the same statements, and no more of SQLite's
    work: those of others are not read."""
    projects, done = [project(bench.laptop, str(n)) for n in range(3)], []
    bench.push(projects)

    def assignments(persons: list[str], place: Line) -> list[Line]:
        return [bench.laptop.line("assignment", {"role": "butler", "person_id": each}, place.id) for each in persons]

    bench.push(assignments([bench.laptop.person], projects.pop()))  # once, so that none is the first of its kind
    for others, place in zip((3, 600), projects, strict=True):
        assert set(bench.push(assignments([new_id() for _ in range(others)], place))) == {"applied"}
        with work(bench.database) as each:
            assert bench.push(assignments([bench.laptop.person], place)) == ["applied"]
        done.append((each.pop(STEPS, 0), each))
    (of_few, statements), (of_many, others_statements) = done
    assert statements == others_statements
    assert of_many - of_few < 600


def test_a_quiet_hello_and_pull_take_a_handful(bench: Bench) -> None:
    """hello asks a handful of small questions, however much there is."""
    bench.push(batch(bench.laptop, 400))
    cursor = orjson.loads(answer_pull(bench.context, PullRequest()))["cursor"]
    asked = HelloRequest(device=bench.laptop.device, cursor=cursor, agreed=(0, 0, 0), time=system_clock_ms())
    with counted(bench.database) as statements:
        assert answer_hello(bench.context, asked).news is False
    assert len(statements) <= 5  # BEGIN, the caller, the epoch, the devices of the account, what waits for the bureau


def test_an_exchange_takes_as_many_statements_whatever_it_carries(bench: Bench) -> None:
    """A message of 800 lines takes as many statements as one of 40, and fewer than hello, push, pull and hello; a quiet
    one takes those of a quiet hello."""
    cursor, counts = orjson.loads(answer_pull(bench.context, PullRequest()))["cursor"], []

    def message() -> ExchangeMessage:
        now = system_clock_ms()
        hello = HelloRequest(agreed=(0, 0, 0), time=now, offset_ms=bench.context.arrived_ms - now)
        return ExchangeMessage(hello=hello, cursor=cursor)

    for size in (40, 800):
        lines = [orjson.loads(canonical_json(line)) for line in batch(bench.laptop, size)]
        with counted(bench.database) as statements:
            answered = orjson.loads(answer_exchange(bench.context, message(), lines))
        assert len(answered["push"]["outcomes"]) == len(lines)
        counts.append(len(statements))
        cursor = answered["pull"]["cursor"]
    assert counts[0] == counts[1] <= 30
    with counted(bench.database) as statements:
        assert "pull" not in orjson.loads(answer_exchange(bench.context, message(), []))
    assert len(statements) <= 5


def test_a_hidden_bucket_takes_the_statements_of_a_missing_one(bench: Bench) -> None:
    """verify does for a bucket that is hidden from the caller what it does for one that does not exist: the same
    statements, so that its duration tells nothing."""
    lines = batch(bench.laptop, 40)
    assert set(bench.push(lines)) == {"applied"}
    code = admin.invite(bench.data_dir, "甲", "butler", projects=[new_id()])["code"]
    joined = JoinRequest(code=str(code), device=DeviceName(id=new_id(), name="x"))
    butler = RequestContext(bench.database, answer_join(RequestContext(bench.database, None), joined).token)
    cursor = orjson.loads(answer_pull(butler, PullRequest()))["cursor"]
    taken = []
    for bucket in (f"p:{lines[0].id}", f"p:{new_id()}"):
        with counted(bench.database) as statements:
            answer_verify(butler, VerifyRequest(cursor=cursor, buckets={bucket: (1, 2, 3)}))
        taken.append(list(statements))
    assert taken[0] == taken[1]


def landmarks(statements: list[str]) -> list[str]:
    """The look-ups of the caller (they alone read ``token_hash``) and the lock of the district, in order."""
    marks = {"device.token_hash": "caller", "SELECT district.seq, district.lines": "lock"}
    return [mark for statement in statements for text, mark in marks.items() if text in statement]


def test_the_caller_is_looked_up_once_before_and_once_after_the_lock(bench: Bench) -> None:
    """A push and a renew look the caller up, lock the district, and look the caller up again; a read does so once."""
    lines = batch(bench.laptop, 4)
    renewal = RenewRequest(device=DeviceName(id=new_id(), name="y"))
    with counted(bench.database) as pushing:
        assert set(bench.push(lines)) == {"applied"}
    with counted(bench.database) as renewing:
        answer_renew(bench.context, renewal)
    with counted(bench.database) as reading:
        answer_pull(bench.context, PullRequest())
    assert landmarks(pushing) == landmarks(renewing) == ["caller", "lock", "caller"]
    assert landmarks(reading) == ["caller"]


STEPS = "steps of SQLite's virtual machine"


@contextmanager
def work(database: CentralDatabase) -> Iterator[Counter[str]]:
    """What is done within: each statement, and how many steps SQLite takes."""
    done, steps = Counter[str](), [0]

    def count() -> None:
        steps[0] += 1

    def watch(connection: Connection) -> None:
        raw: Any = connection.connection.driver_connection
        if hasattr(raw, "set_progress_handler"):
            raw.set_progress_handler(count, 1)

    event.listen(database.engine, "begin", watch)
    with counted(database) as statements:
        yield done
    event.remove(database.engine, "begin", watch)
    done.update({**Counter(statements), STEPS: steps[0]})


def joined(bench: Bench, name: str, role: str, at_project: str) -> tuple[Laptop, RequestContext]:
    """A device of somebody with a role in a project, without HTTP."""
    code = str(admin.invite(bench.data_dir, name, role, projects=[at_project])["code"])
    laptop = Laptop("http://unused")
    asked = JoinRequest(code=code, device=DeviceName(id=laptop.device, name="x"))
    answer = answer_join(RequestContext(bench.database, None), asked)
    laptop.person = answer.person.id
    return laptop, RequestContext(bench.database, answer.token)


def test_no_duration_tells_what_is_hidden_from_what_is_missing(bench: Bench) -> None:
    """A butler guesses an issue of another project, with hundreds of lines, and one that does not exist: each call
    takes the same statements, and reads not a line of the hidden one."""
    own, other = project(bench.laptop, "一"), project(bench.laptop, "二")
    hidden = issue(bench.laptop, other.id)
    steps = [step(bench.laptop, hidden, "progress", text=str(n)) for n in range(300)]
    bench.push([own, other, hidden, *steps])
    butler, context = joined(bench, "刘丁", "butler", own.id)
    pages = [orjson.loads(answer_pull(context, PullRequest()))]
    while pages[-1]["more"]:
        pages.append(orjson.loads(answer_pull(context, PullRequest(cursor=pages[-1]["cursor"]))))
    asked, missing = VerifyRequest(cursor=pages[-1]["cursor"], within=[]), issue(butler, new_id())

    def calls(of: Line) -> dict[str, Callable[[], object]]:
        bucket = f"i:{of.id}"
        edited = of._replace(author=butler.person, device=butler.device, stamp=of.stamp + 1)
        pushed = [step(butler, of, "accepted"), step(butler, of, "approved"), edited]
        verify = asked.model_copy(update={"buckets": {bucket: (1, 2, 3)}})
        return {
            "verify": partial(answer_verify, context, verify),
            "fetch": partial(answer_fetch, context, FetchRequest(buckets=[bucket])),
            "history": partial(answer_history, context, of.id),
            **{f"push {n}": partial(answer_push, context, [line._asdict()]) for n, line in enumerate(pushed)},
        }

    for name in calls(hidden):
        done = []
        for of in (hidden, missing):
            call = calls(of)[name]
            call()  # once, so that what follows is not the first of its kind
            with work(bench.database) as each:
                call()
            done.append((each.pop(STEPS, 0), each))
        (of_hidden, statements), (of_missing, others) = done
        assert statements == others, name
        assert abs(of_hidden - of_missing) < len(steps), name
