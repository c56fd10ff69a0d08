"""A round that is refused, answered by something else or interrupted anywhere loses nothing, and the next one goes
on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from store.home.paths import RoundLock
from sync import protocol
from sync.central.admin import admin
from sync.exceptions import BadProxy, CentralUnreachable, DeviceRefused, NotTheCentral, RoundRunning
from sync.round import run_round
from tests.sync.central_fixture import Central
from tests.sync.laptops import Answer, ForwardingCentral, Laptop, agree, project_of, through, visit
from tests.sync.servers import answer, answering_with, serving

# Refusals and failures


def test_a_revoked_laptop_keeps_its_lines_and_joins_again(pair: tuple[Laptop, Laptop], at: Central) -> None:
    """Revoked, a laptop is told so and loses nothing; with a new code it sends what it wrote meanwhile."""
    first, second = pair
    admin.revoke(at.data_dir, first.meta()["device"])
    line = visit(first, project_of(first))
    with pytest.raises(DeviceRefused):
        first.sync()
    assert first.waits().lines == 1
    assert '"outcome":"revoked"' in first.meta()["last_round"]
    first.join(at, at.invite("张甲", "bureau"))
    agree(first, second)
    assert line.id in second.lines()


def test_a_captive_portal_changes_nothing(pair: tuple[Laptop, Laptop]) -> None:
    """Behind a hotel's login page the round fails with what waits and what to do; the next one goes on."""
    first, second = pair
    visit(first, project_of(first))
    before = first.dump()

    async def behind_portal() -> None:
        portal = answer(200, b"<html>Log in to the network</html>", "text/html")
        async with serving(answering_with(portal)) as address:
            first.settings = first.settings._replace(central=address)
            await asyncio.to_thread(first.sync)

    with pytest.raises(NotTheCentral) as caught:
        asyncio.run(behind_portal())
    assert caught.value.values["pending"] == 1
    first.settings = first.settings._replace(central=None)
    assert first.dump() == before
    agree(first, second)


def test_another_central_at_the_address_is_noticed(pair: tuple[Laptop, Laptop], tmp_path: Path) -> None:
    """A laptop does not accept another central, even one that accepts its token."""
    first, _ = pair

    class Other(ForwardingCentral):
        async def hello(self, request: protocol.HelloRequest) -> protocol.HelloAnswer:
            return (await super().hello(request)).model_copy(update={"central": "another"})

    with pytest.raises(NotTheCentral, match="another central"):
        through(first, Other)


def test_offline_is_noted_and_tells_how_much_waits(pair: tuple[Laptop, Laptop]) -> None:
    """With nobody at the address, the error counts what waits, and the outcome is kept for the status."""
    first, _ = pair
    visit(first, project_of(first))
    first.settings = first.settings._replace(central="http://127.0.0.1:9")
    with pytest.raises(CentralUnreachable, match="1 unsent lines"):
        first.sync()
    assert '"outcome":"unreachable"' in first.meta()["last_round"]
    assert first.meta()["verified_at"]


def test_a_proxy_that_cannot_be_used_is_a_failed_round(
    pair: tuple[Laptop, Laptop], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A proxy variable of a kind that is not spoken fails the round with what waits, and is kept for the status."""
    first, _ = pair
    visit(first, project_of(first))
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:7890")
    first.settings = first.settings._replace(central="https://127.0.0.1:9")
    with pytest.raises(BadProxy, match="1 unsent lines"):
        first.sync()
    assert '"outcome":"bad_proxy"' in first.meta()["last_round"]


def test_a_home_that_is_served_already_is_not_synced_twice(pair: tuple[Laptop, Laptop]) -> None:
    """While the daemon holds the home's lock, a second round is refused."""
    first, _ = pair
    lock = RoundLock(first.home.round_lock)
    assert lock.acquire("daemon")
    with pytest.raises(RoundRunning):
        first.sync()
    lock.release()
    assert first.sync().verified


def test_answers_to_other_lines_are_not_believed(pair: tuple[Laptop, Laptop]) -> None:
    """An answer about other lines than were pushed changes nothing."""
    first, _ = pair
    visit(first, project_of(first))

    class Mixing(ForwardingCentral):
        async def push(self, lines: list[bytes], chain: protocol.PushChain | None = None) -> protocol.PushAnswer:
            await super().push(lines, chain)
            return protocol.PushAnswer(outcomes=[], time=0)

    with pytest.raises(NotTheCentral):
        through(first, Mixing)
    assert first.waits().lines == 1


@pytest.mark.soak(turns=4)
@pytest.mark.parametrize("step", ["hello", "push", "pull", "fetch", "verify"])
@pytest.mark.parametrize("heard", [False, True])
def test_a_round_cut_at_any_call_loses_nothing(pair: tuple[Laptop, Laptop], step: str, heard: bool) -> None:
    """Whichever call fails, before or after it reached the central, the next rounds make all equal."""
    first, second = pair
    for laptop in pair:
        visit(laptop, project_of(first), "两边都写了")
    second.sync()
    with first.open() as device:
        device.ledger.merge([], granted=["d"] if step == "fetch" else [])
        with device.ledger.database.write() as connection:
            connection.execute("UPDATE agreement SET lo = lo + 1")

    class Cutting(ForwardingCentral):
        async def pass_on(self, name: str, call: Callable[[], Awaitable[Answer]]) -> Answer:
            cut = name.split(maxsplit=1)[0] == step
            if cut and not heard:
                raise CentralUnreachable(central="x", detail="cut")
            done = await super().pass_on(name, call)
            if cut:
                raise CentralUnreachable(central="x", detail="cut")
            return done

    with pytest.raises(CentralUnreachable):
        through(first, Cutting)
    agree(first, second)
    assert len(first.lines()) == 3


def test_a_cancelled_round_is_whole_and_goes_on(pair: tuple[Laptop, Laptop]) -> None:
    """A round cancelled while a page is being stored leaves the page and its cursor, or neither."""
    first, second = pair
    for n in range(30):
        visit(second, project_of(second), f"第{n}次")
    second.sync()

    class Slow(ForwardingCentral):
        async def pull(self, request: protocol.PullRequest) -> protocol.PullAnswer:
            return await self.inner.pull(request.model_copy(update={"limit": 5}))

    async def cancel_midway() -> None:
        from sync.round import connect_central  # noqa: PLC0415

        with first.open() as device:
            async with connect_central(device, (await device.facts())["central"]) as central:
                work = asyncio.create_task(run_round(device, Slow(central)))
                while (await device.run_in_store(device.ledger.total_checksum)).lines < 11:
                    await asyncio.sleep(0)
                work.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await work

    asyncio.run(cancel_midway())
    assert 11 <= len(first.all_lines()) <= 33
    agree(first, second)
