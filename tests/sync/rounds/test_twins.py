"""Two copies of one home that no fingerprint tells apart: the central notices, both live on, and no edit is lost."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from store.queries.conflicts import unresolved_conflicts
from sync import protocol
from sync.central.admin import admin
from sync.device.fingerprint import store_fingerprint
from sync.exceptions import CentralUnreachable, DeviceRefused, RequestDeclined
from sync.protocol import DeviceName, PushChain, RenewRequest
from tests.sync.central_fixture import Central
from tests.sync.laptops import ForwardingCentral, Laptop, agree, project_of, through, visit
from tests.sync.rounds.test_clock_correction import damage_central


def copied(laptop: Laptop, target: Path) -> Laptop:
    """A copy of a laptop's home that looks like the original, as a snapshot of a whole machine does."""
    shutil.copytree(laptop.home.path, target)
    copy = Laptop(target)
    with copy.open() as opened:
        opened.ledger.save_facts(place=str(store_fingerprint(copy.home.database)))
    return copy


@pytest.fixture
def twins(pair: tuple[Laptop, Laptop], tmp_path: Path) -> tuple[Laptop, Laptop]:
    """The first laptop and its twin, who know one visit."""
    visit(pair[0], project_of(pair[0]))
    agree(*pair)
    return pair[0], copied(pair[0], tmp_path / "twin")


def edit(laptop: Laptop, text: str) -> None:
    """Change the text of the visit."""
    line = next(line for line in laptop.lines().values() if line.kind == "visit")
    laptop.put("visit", **{**line.body, "text": text}, id=line.id, project=line.project)


def losers(laptop: Laptop) -> list[str]:
    """The lines of which a version is listed as lost."""
    with laptop.open() as device:
        return [conflict.line for conflict in unresolved_conflicts(device.ledger.database.connection())]


@pytest.mark.soak(turns=2)
@pytest.mark.parametrize("first", [0, 1])
def test_what_a_twin_loses_is_listed_and_both_live_on(
    twins: tuple[Laptop, Laptop], pair: tuple[Laptop, Laptop], first: int
) -> None:
    """Both copies change one line offline, and either syncs first: the earlier edit loses and is listed where it was
    made, the copy that syncs later becomes a device of its own, is told so once, and neither has to join again."""
    edit(twins[0], "原本改的")
    edit(twins[1], "副本改的")
    assert twins[first].sync().verified
    result, asked = through(twins[1 - first])
    assert (result.verified, asked.count("renew"), asked.count("push")) == (True, 1, 2)
    agree(*twins, pair[1])
    assert twins[0].meta()["device"] != twins[1].meta()["device"]
    assert [len(losers(twin)) for twin in twins] == [1, 1 - first]  # the winner gets a loser that was there before
    told = twins[1 - first].rows("SELECT count(*) FROM notice WHERE code = 'twin'")
    assert told == [(1,)]
    for number, twin in enumerate(twins):
        visit(twin, project_of(twin), f"各写各的 {number}")
    agree(*twins, pair[1])
    assert through(twins[0])[1] == through(twins[1])[1] == ["hello"]


def test_two_copies_that_were_both_ended_and_invited_again_do_not_end_each_other(
    twins: tuple[Laptop, Laptop], at: Central
) -> None:
    """The device of both was ended, as by a third copy that took its place. Each is told so and joins again with a code
    of its own: as two devices that go on, not as one whose token goes from one to the other with each code."""
    admin.revoke(at.data_dir, "张甲")
    for twin in twins:
        with pytest.raises(DeviceRefused):
            twin.sync()
    for twin in twins:
        twin.join(at, at.invite("张甲"))
        visit(twin, project_of(twin), "又来了")
    agree(*twins)
    assert twins[0].meta()["device"] != twins[1].meta()["device"]


def test_a_copy_that_repairs_the_central_is_found_out_too(twins: tuple[Laptop, Laptop], at: Central) -> None:
    """It has nothing unsent; a line that the central has lost to damage is pushed at the round's end, where the central
    finds out that the other copy has sent since: the round becomes a device of its own and ends in agreement."""
    line = next(line for line in twins[1].lines().values() if line.kind == "visit")
    visit(twins[0], project_of(twins[0]), "又一次")
    twins[0].sync()
    with twins[1].open() as device, device.ledger.database.write() as connection:
        connection.execute("DELETE FROM receipt")
    damage_central(at, line)
    result, asked = through(twins[1])
    assert (result.verified, asked.count("renew")) == (True, 1)
    agree(*twins)
    assert twins[0].lines()[line.id].body == line.body


def test_what_both_twins_had_unsent_is_no_conflict(pair: tuple[Laptop, Laptop], tmp_path: Path) -> None:
    """Lines that were unsent when the home was copied are sent by both, and neither is told of a loss."""
    agree(*pair)
    visit(pair[0], project_of(pair[0]), "复制之前写的")
    twin = copied(pair[0], tmp_path / "twin")
    agree(pair[0], twin, pair[1])
    assert [losers(laptop) for laptop in (pair[0], twin)] == [[], []]
    assert sum(line.kind == "visit" for line in pair[0].all_lines()) == 1


class LosesAnswers(ForwardingCentral):
    """The central takes the push, and its answer is lost."""

    async def push(self, lines: list[bytes], chain: protocol.PushChain | None = None) -> protocol.PushAnswer:
        """As `Central` has it."""
        await super().push(lines, chain)
        raise CentralUnreachable(central="", detail="lost")


def test_a_lost_answer_is_no_twin(pair: tuple[Laptop, Laptop]) -> None:
    """Whose push arrived and whose answer did not sends the same again, and stays the device it is."""
    laptop = pair[0]
    device = laptop.meta()["device"]
    for text in ("一", "二"):
        visit(laptop, project_of(laptop), text)
        with pytest.raises(CentralUnreachable):
            through(laptop, LosesAnswers)
    result, asked = through(laptop)
    assert (result.verified, "renew" in asked, laptop.meta()["device"]) == (True, False, device)


def test_a_kill_after_the_twins_token_came_loses_nothing(twins: tuple[Laptop, Laptop]) -> None:
    """Killed between the new token and the facts of the home, it goes on as the new device, with its lines."""
    edit(twins[0], "原本改的")
    twins[0].sync()
    edit(twins[1], "副本改的")

    class Killed(ForwardingCentral):
        async def renew(self, request: protocol.RenewRequest) -> protocol.RenewAnswer:
            """The token is saved, then the process dies."""
            answer = await super().renew(request)
            with twins[1].open() as device:
                device.credentials.save_token(answer.token)
            raise CentralUnreachable(central="", detail="killed")

    with pytest.raises(CentralUnreachable):
        through(twins[1], Killed)
    agree(*twins)
    assert len(losers(twins[1])) == 1


def test_nobody_becomes_a_twin_without_a_push_that_shows_it(pair: tuple[Laptop, Laptop], at: Central) -> None:
    """A token gives no second device beside its own for the asking: the central must have seen two copies."""

    class Greedy(ForwardingCentral):
        async def hello(self, request: protocol.HelloRequest) -> protocol.HelloAnswer:
            """Asks for a second device."""
            await self.inner.renew(RenewRequest(device=DeviceName(id=request.device[:-1] + "0", name="x"), twin=True))
            return await super().hello(request)

    with pytest.raises(RequestDeclined, match="no_twin"):
        through(pair[0], Greedy)


def test_a_device_without_a_chain_goes_on_as_before(pair: tuple[Laptop, Laptop]) -> None:
    """A device of an older version sends no chain and keeps none: it pushes as always, also between others."""

    class Older(ForwardingCentral):
        async def push(self, lines: list[bytes], chain: PushChain | None = None) -> protocol.PushAnswer:
            """Without the chain."""
            return await self.inner.push(lines)

    for kind in (ForwardingCentral, Older, ForwardingCentral):
        visit(pair[0], project_of(pair[0]))
        chain = pair[0].meta()["chain"] if kind is Older else None
        assert "renew" not in through(pair[0], kind)[1]
        if chain is not None:
            with pair[0].open() as device:
                device.ledger.save_facts(chain=chain)
    agree(*pair)
