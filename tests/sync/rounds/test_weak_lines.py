"""Slow lines, limits of gateways and firewalls: pages shrink until they pass, and every attempt keeps what it got."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from sync import protocol
from sync.exceptions import ConnectionCut, FirewallRefusal, RequestTooLarge, SlowConnection
from sync.protocol.calls import Central as CentralCalls
from tests.sync.central_fixture import Central
from tests.sync.laptops import ForwardingCentral, Laptop, agree, bureau, project_of, visit

LIMIT = 20_000


def push_through(laptop: Laptop, kind: type[ForwardingCentral]) -> ForwardingCentral:
    """A round with this between laptop and central, whatever comes of it."""
    made: list[ForwardingCentral] = []

    def wrap(inner: CentralCalls) -> CentralCalls:
        made.append(kind(inner))
        return made[0]

    laptop.sync_through(wrap)
    return made[0]


class Gateway(ForwardingCentral):
    """Takes no push of more than so many bytes."""

    async def push(self, lines: list[bytes], chain: protocol.PushChain | None = None) -> protocol.PushAnswer:
        size = sum(map(len, lines))
        if size > LIMIT:
            self.asked.append("refused")
            raise RequestTooLarge(central="x", size=size, detail="HTTP 413")
        return await super().push(lines, chain)


def test_a_gateways_limit_makes_batches_smaller(pair: tuple[Laptop, Laptop]) -> None:
    """Behind a gateway that takes 20 kB, 60 kB of visits arrive in one round, and the next one has learned it."""
    first, second = pair
    for _ in range(30):
        visit(first, project_of(first), "走访记录" * 160)
    assert push_through(first, Gateway).asked.count("refused") < 5
    for _ in range(20):
        visit(first, project_of(first), "走访记录" * 160)
    assert "refused" not in push_through(first, Gateway).asked
    agree(first, second)
    assert len(second.lines()) == 51


def test_a_line_that_something_on_the_way_refuses_holds_up_no_other(pair: tuple[Laptop, Laptop]) -> None:
    """A line longer than the gateway's limit stays unsent and is told; all others are exchanged and compared."""
    first, second = pair
    visit(first, project_of(first), "第一次")
    visit(first, project_of(first), "长" * LIMIT)
    visit(first, project_of(first), "第三次")
    visit(second, project_of(second), "别人的")
    second.sync()
    with pytest.raises(RequestTooLarge, match="1 unsent lines"):
        push_through(first, Gateway)
    assert (first.waits().lines, len(first.lines())) == (1, 5)
    second.sync()
    assert len(second.lines()) == 4
    assert first.sync().verified
    agree(first, second)


def test_a_firewall_that_refuses_everything_is_not_stormed(pair: tuple[Laptop, Laptop]) -> None:
    """Where nothing passes the round fails after a few tries, however much waits."""
    first, _ = pair
    for n in range(60):
        visit(first, project_of(first), f"第{n}次")
    asked = []

    class Wall(ForwardingCentral):
        async def push(self, lines: list[bytes], chain: protocol.PushChain | None = None) -> protocol.PushAnswer:
            asked.append(len(lines))
            raise FirewallRefusal(central="x", detail="HTTP 403")

    with pytest.raises(FirewallRefusal):
        push_through(first, Wall)
    assert len(asked) < 50
    assert first.waits().lines == 60


def test_answers_that_are_cut_become_shorter(pair: tuple[Laptop, Laptop], tmp_path: Path, at: Central) -> None:
    """On a line that breaks off after so many bytes a first sync comes in shorter pages, in one round."""
    first, _ = pair
    for _ in range(40):
        visit(first, project_of(first), "走访记录" * 100)
    first.sync()

    class Cutting(ForwardingCentral):
        async def pull(self, request: protocol.PullRequest) -> protocol.PullAnswer:
            page = await super().pull(request)
            if len(orjson.dumps(page.lines)) > LIMIT:
                raise ConnectionCut(central="x")
            return page

    fresh = bureau(tmp_path / "fresh", at, "王丙")
    push_through(fresh, Cutting)
    assert len(fresh.lines()) == 41


def test_every_attempt_on_a_slow_line_keeps_what_it_got(
    pair: tuple[Laptop, Laptop], tmp_path: Path, at: Central
) -> None:
    """A line that carries no long page in time: each round fails but asks for less, and what has arrived stays, until
    all is there."""
    first, _ = pair
    for _ in range(40):
        visit(first, project_of(first), "走访记录" * 100)
    first.sync()

    class Slow(ForwardingCentral):
        async def pull(self, request: protocol.PullRequest) -> protocol.PullAnswer:
            page = await super().pull(request)
            if len(orjson.dumps(page.lines)) > LIMIT or len(self.asked) > 4:
                raise SlowConnection(central="x", detail="nothing came for too long")
            return page

    fresh = bureau(tmp_path / "fresh", at, "王丙")
    arrived = []
    for _ in range(12):
        try:
            push_through(fresh, Slow)
        except SlowConnection:
            arrived.append(len(fresh.lines()))
        else:
            break
    assert arrived == sorted(arrived)
    assert any(0 < lines < 41 for lines in arrived)
    assert len(fresh.lines()) == 41


class DiffersToo(Gateway):
    """Has another checksum of a project, so that the round pushes a second time."""

    async def hello(self, request: protocol.HelloRequest) -> protocol.HelloAnswer:
        """As `Central` has it, but for the checksums."""
        return (await super().hello(request)).model_copy(update={"equal": False})

    async def verify(self, request: protocol.VerifyRequest) -> protocol.VerifyAnswer:
        """The first that it is asked for."""
        asked = sorted(request.groups or request.buckets or ())
        return protocol.VerifyAnswer(news=False, differ=asked[:1])


def test_a_push_of_which_nothing_arrived_makes_no_twin(pair: tuple[Laptop, Laptop]) -> None:
    """A round pushes twice, and of the second push nothing gets through the gateway: the device stays what it is."""
    laptop = pair[0]
    device = laptop.meta()["device"]
    for text in ("第一次", "长" * LIMIT):
        visit(laptop, project_of(laptop), text)
    with pytest.raises(RequestTooLarge):
        push_through(laptop, DiffersToo)
    laptop.sync()
    assert laptop.meta()["device"] == device
