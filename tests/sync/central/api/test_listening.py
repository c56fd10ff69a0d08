"""Hints by PostgreSQL's notifications: at once, from any process, by the serving role; by polling when they fail."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import orjson
import psycopg
import pytest
from sqlalchemy.engine import make_url

from store.ledger.hlc import system_clock_ms
from store.ledger.line import canonical_json
from sync.central.accounts.invitees import WhichPerson
from sync.central.admin import admin
from sync.central.admin.setup import open_database
from sync.central.api.change_feed import HEARTBEAT, HINT, ChangeFeed, FeedTimes
from sync.central.api.listening import DistrictListener
from sync.central.db.database import CHANNEL
from sync.central.db.serving_role import OWNER_VARIABLE
from sync.central.request import RequestContext
from sync.central.steps.join import answer_join
from sync.central.steps.push import answer_push
from sync.protocol import DeviceName, JoinRequest
from tests.sync.central.ledger import project
from tests.sync.central.test_statements import Bench
from tests.sync.central_fixture import DISTRICT, Laptop, create_central
from tests.sync.postgres import Cluster

pytestmark = pytest.mark.needs("postgresql")
PATIENCE_S = 20.0
SERVING = "guanjia_listening"


class Hearing:
    """What a listener has heard, and a way to wait for it."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self._news = asyncio.Event()

    def __call__(self, district: str) -> None:
        """Note it."""
        self.heard.append(district)
        self._news.set()

    async def until(self, district: str) -> None:
        """Wait until it was heard."""
        async with asyncio.timeout(PATIENCE_S):
            while district not in self.heard:
                self._news.clear()
                await self._news.wait()


@contextlib.asynccontextmanager
async def running(listener: DistrictListener) -> AsyncIterator[None]:
    """While the block runs, the listener listens."""
    task = asyncio.create_task(listener.run())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def test_every_process_is_told_of_a_write_by_the_narrow_role(
    tmp_path: Path, postgres: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes that serve with a role which owns nothing both hear of what a third has committed, by its
    district, and only once it is committed; a transaction that was rolled back is not told."""
    owner = postgres.database()
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {SERVING} LOGIN")
    monkeypatch.setenv(OWNER_VARIABLE, owner)
    bench = Bench(tmp_path, make_url(owner).set(username=SERVING).render_as_string())
    monkeypatch.delenv(OWNER_VARIABLE)
    databases = [open_database(bench.data_dir) for _ in range(2)]

    async def run() -> None:
        hearings = [Hearing(), Hearing()]
        listeners = [DistrictListener(each, heard) for each, heard in zip(databases, hearings, strict=True)]
        async with running(listeners[0]), running(listeners[1]):
            for hearing in hearings:
                await hearing.until("")
            assert all(listener.is_listening for listener in listeners)
            await asyncio.to_thread(bench.push, [project(bench.laptop)])
            for hearing in hearings:
                await hearing.until(DISTRICT)
                assert hearing.heard.count(DISTRICT) == 1
        assert not any(listener.is_listening for listener in listeners)

    asyncio.run(run())
    for each in [*databases, bench.database]:
        each.close()
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute(f"DROP OWNED BY {SERVING}; DROP ROLE {SERVING}")


def test_a_hint_comes_by_notification_alone_and_by_polling_alone(tmp_path: Path, postgres: Cluster) -> None:
    """A feed that polls once an hour while it is told of writes gets a hint at once; when its connection was ended, and
    is not made again within the hour, it polls."""
    url = postgres.database()
    bench = Bench(tmp_path, url)
    colleague = another(bench)

    async def run() -> None:
        feed = ChangeFeed(bench.database, system_clock_ms, lambda _district: None, FeedTimes(0.05, 3_600, 3_600))
        heard = feed.stream(feed.subscribe(bench.context.token))
        assert await anext(heard) == HEARTBEAT
        for is_told in (True, False):
            if not is_told:
                await asyncio.to_thread(end_listening, url)
            async with asyncio.timeout(PATIENCE_S):
                while feed.listener.is_listening is not is_told:
                    await asyncio.sleep(0.01)
            await asyncio.to_thread(colleague)
            assert await asyncio.wait_for(anext(heard), PATIENCE_S) == HINT
            assert feed.listener.is_listening is is_told
        feed.close()

    asyncio.run(run())
    bench.database.close()


def another(bench: Bench) -> Callable[[], object]:
    """A colleague of the bench's officer, who writes a project when called."""
    code = str(admin.invite(bench.data_dir, "乙", "bureau", which=WhichPerson(again=True))["code"])
    laptop = Laptop("http://unused")
    joined = JoinRequest(code=code, device=DeviceName(id=laptop.device, name="x"))
    answer = answer_join(RequestContext(bench.database, None), joined)
    laptop.person = answer.person.id
    context = RequestContext(bench.database, answer.token)
    return lambda: answer_push(context, [orjson.loads(canonical_json(project(laptop)))])


def end_listening(url: str) -> None:
    """End the connections that listen."""
    with psycopg.connect(url, autocommit=True) as connection:
        ended = connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = %s", (f"LISTEN {CHANNEL}",)
        )
        assert ended.fetchall()


@pytest.mark.soak(turns=3)
def test_a_central_over_sqlite_does_without_the_driver_of_postgresql(tmp_path: Path) -> None:
    """A central that serves a file holds nothing of psycopg, which is a tenth of its memory, be it asked to listen."""
    code = (
        "import asyncio, sys; from pathlib import Path; from sync.central.admin.setup import open_database\n"
        "from sync.central.api import app; from sync.central.api.listening import DistrictListener\n"
        "asyncio.run(DistrictListener(open_database(Path(sys.argv[1])), print).run()); print(*sys.modules)"
    )
    create_central(tmp_path / "central")
    done = subprocess.run([sys.executable, "-c", code, tmp_path / "central"], capture_output=True, check=True)
    assert "sync.central.api.app" in (loaded := done.stdout.decode().split()) and "psycopg" not in loaded
