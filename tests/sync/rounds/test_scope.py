"""What enters and leaves a laptop with its owner's roles: backfill, withdrawal, and unsent lines that stay."""

from __future__ import annotations

import asyncio
from pathlib import Path

import orjson
import pytest

from store.ledger.line import Line, canonical_json, new_id
from sync import protocol
from sync.central.admin import admin
from sync.exceptions import CentralUnreachable, NotTheCentral
from tests.sync.central_fixture import Central, running_central
from tests.sync.laptops import ForwardingCentral, Laptop, bureau, moved, project, through, visit

Ground = tuple[Laptop, Laptop, Line, Line]
MINE, OTHER = "我的项目", "别人的项目"


@pytest.fixture(scope="module")
def ground_begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `ground` is copied from."""
    folder = tmp_path_factory.mktemp("ground")
    with running_central(folder) as at:
        office = bureau(folder / "office", at)
        mine, other = project(office, MINE), project(office, OTHER)
        for of in (mine, other):
            for n in range(3):
                visit(office, of, f"第{n}次")
        office.sync()
        butler = Laptop(folder / "butler").join(at, at.invite("刘丁", "butler", projects=[mine.id]))
        assert butler.sync().verified
    return folder


@pytest.fixture
def ground(tmp_path: Path, at: Central, ground_begun: Path) -> Ground:
    """A bureau's laptop with two projects of three visits each, and the laptop of the first project's butler."""
    office, butler = (moved(ground_begun / name, tmp_path / name, at) for name in ("office", "butler"))
    named = {line.body.get("name"): line for line in office.lines().values() if line.kind == "project"}
    return office, butler, named[MINE], named[OTHER]


def projects_on(laptop: Laptop) -> set[str | None]:
    """The projects that the laptop has lines of."""
    return {line.project for line in laptop.lines().values() if line.project}


def test_a_butler_has_the_own_project_and_no_other(ground: Ground) -> None:
    """What is out of scope never reaches the laptop, and both sides agree on what is in it."""
    _, butler, mine, _ = ground
    assert projects_on(butler) == {mine.id}
    assert len(butler.lines()) == 4


def test_a_granted_project_is_back_filled(ground: Ground, at: Central) -> None:
    """With a new role the next round fetches that project's buckets, and nothing else."""
    _, butler, mine, other = ground
    admin.grant(at.data_dir, "刘丁", "butler", projects=[other.id])
    result, asked = through(butler)
    assert (result.pulled, result.verified) == (5, True)
    assert [step for step in asked if step.startswith("fetch")] == [f"fetch h:{other.id},p:{other.id}"]
    assert projects_on(butler) == {mine.id, other.id}


def test_a_back_fill_that_was_cut_goes_on(ground: Ground, at: Central) -> None:
    """When the fetch fails, what was granted is remembered and fetched by the next round."""
    _, butler, mine, other = ground
    admin.grant(at.data_dir, "刘丁", "butler", projects=[other.id])

    class Cutting(ForwardingCentral):
        async def fetch(self, request: protocol.FetchRequest) -> protocol.FetchAnswer:
            raise CentralUnreachable(central="x", detail="cut")

    with pytest.raises(CentralUnreachable):
        through(butler, Cutting)
    assert projects_on(butler) == {mine.id}
    assert butler.sync().verified
    assert projects_on(butler) == {mine.id, other.id}


def test_buckets_come_whole_over_many_pages(ground: Ground, at: Central) -> None:
    """A backfill in pages of two lines puts each bucket right when it is whole, and ends equal."""
    _, butler, mine, other = ground
    admin.grant(at.data_dir, "刘丁", "butler", projects=[other.id])

    class Small(ForwardingCentral):
        async def fetch(self, request: protocol.FetchRequest) -> protocol.FetchAnswer:
            return await super().fetch(request.model_copy(update={"limit": 2}))

    result, asked = through(butler, Small)
    assert (result.pulled, result.verified) == (5, True)
    assert len([step for step in asked if step.startswith("fetch")]) == 3
    assert projects_on(butler) == {mine.id, other.id}


def test_lines_that_were_not_asked_for_are_refused(ground: Ground, at: Central) -> None:
    """A bucket that was not requested is not stored."""
    _, butler, mine, other = ground
    admin.grant(at.data_dir, "刘丁", "butler", projects=[other.id])

    class Generous(ForwardingCentral):
        async def fetch(self, request: protocol.FetchRequest) -> protocol.FetchAnswer:
            return await self.inner.fetch(request.model_copy(update={"buckets": [*request.buckets, f"p:{mine.id}"]}))

    with pytest.raises(NotTheCentral, match="not asked for"):
        through(butler, Generous)


def test_a_withdrawn_project_leaves_the_laptop_but_for_unsent_lines(ground: Ground, at: Central) -> None:
    """The next round removes the project's lines and their history; a line that was written after the withdrawal is
    refused, and stays."""
    _, butler, mine, _ = ground
    admin.withdraw(at.data_dir, "刘丁", "butler", projects=[mine.id])
    unsent = visit(butler, mine, "还没发出去的")
    result = butler.sync()
    assert (result.verified, result.rejected) == (True, 1)
    assert set(butler.lines()) == {unsent.id}
    assert butler.rows("SELECT code FROM outbox") == [("forbidden",)]
    assert ("scope_withdrawn",) in butler.rows("SELECT code FROM notice")


def test_a_project_that_comes_back_is_whole_again(ground: Ground, at: Central) -> None:
    """Withdrawn and granted anew, the project is on the laptop as the bureau has it, the refused line still waiting."""
    office, butler, mine, _ = ground
    admin.withdraw(at.data_dir, "刘丁", "butler", projects=[mine.id])
    unsent = visit(butler, mine, "还没发出去的")
    butler.sync()
    admin.grant(at.data_dir, "刘丁", "butler", projects=[mine.id])
    assert butler.sync().verified
    with butler.open() as device:
        assert device.ledger.retry_rejected([unsent.id]) == 1
    assert butler.sync().rejected == 0
    office.sync()
    of_mine = {i: line for i, line in office.lines().items() if line.project == mine.id}
    assert butler.lines() == of_mine
    assert unsent.id in of_mine


def test_a_rejected_line_holds_up_nothing_and_can_be_dropped(ground: Ground) -> None:
    """A butler may not add projects: that line is refused with a reason, others go through, and dropping it ends it."""
    _, butler, mine, _ = ground
    refused = project(butler, "不该有的")
    line = visit(butler, mine)
    result = butler.sync()
    assert (result.pushed, result.rejected, result.pending, result.verified) == (1, 1, 0, True)
    assert not result.needs_no_attention
    code, reason = butler.rows("SELECT code, reason FROM outbox")[0]
    assert code == "forbidden"
    assert reason
    assert line.id in butler.lines()
    with butler.open() as device:
        assert device.ledger.discard_rejected(refused.id)
    assert butler.sync().needs_no_attention
    assert refused.id not in butler.lines()


def test_an_edit_that_was_refused_gives_way_to_the_centrals_version(ground: Ground) -> None:
    """When a refused edit is dropped, the next round brings the central's version of the line back."""
    office, butler, mine, _ = ground
    with butler.open() as device:
        device.ledger.delete("project", mine.id)
    assert butler.sync().rejected == 1
    with butler.open() as device:
        assert device.ledger.discard_rejected(mine.id)
    assert butler.sync().needs_no_attention
    assert butler.lines()[mine.id] == office.lines()[mine.id]


def test_a_refused_edit_outlives_a_withdrawal(ground: Ground, at: Central) -> None:
    """While the project is away its refused edit stays, and a further one follows the same version. When the project
    comes back, that version does not take their place."""
    office, butler, mine, _ = ground
    with butler.open() as device:
        device.ledger.delete("project", mine.id)
    assert butler.sync().rejected == 1
    admin.withdraw(at.data_dir, "刘丁", "butler", projects=[mine.id])
    assert butler.sync().rejected == 1
    with butler.open() as device:
        refused = device.ledger.edit("project", mine.id, note="再改")
    assert refused.base == office.lines()[mine.id].stamp
    butler.sync()
    admin.grant(at.data_dir, "刘丁", "butler", projects=[mine.id])
    result = butler.sync()
    assert (result.verified, result.rejected) == (True, 1)
    assert butler.lines()[mine.id] == refused


def test_a_project_withdrawn_while_it_is_being_mended_is_not_sent_back(ground: Ground, at: Central) -> None:
    """A bucket that leaves the scope between comparing and fetching looks empty; its lines go, and are not pushed."""
    _, butler, mine, _ = ground
    with butler.open() as device, device.ledger.database.write() as connection:
        connection.execute("UPDATE visit SET text = '被改坏了'")
    with butler.open() as device:
        assert device.ledger.recompute_checksums()

    class Withdrawing(ForwardingCentral):
        async def fetch(self, request: protocol.FetchRequest) -> protocol.FetchAnswer:
            await asyncio.to_thread(admin.withdraw, at.data_dir, "刘丁", "butler", projects=[mine.id])
            return await super().fetch(request)

    result, asked = through(butler, Withdrawing)
    assert "push" not in asked
    assert (result.verified, result.rejected, result.pending) == (True, 0, 0)
    assert butler.lines() == {}


def test_lines_of_kinds_to_come_are_kept_wherever_the_central_files_them(ground: Ground, at: Central) -> None:
    """A newer central may keep a kind that this version does not know in a bucket that only it can tell."""
    _, butler, mine, other = ground
    admin.grant(at.data_dir, "刘丁", "butler", projects=[other.id])
    forecast = mine._replace(id=new_id(), kind="forecast", project=new_id(), body={"text": "有雨"})

    class Newer(ForwardingCentral):
        async def fetch(self, request: protocol.FetchRequest) -> protocol.FetchAnswer:
            page = await super().fetch(request)
            return page.model_copy(update={"lines": [*page.lines, orjson.loads(canonical_json(forecast))]})

    through(butler, Newer)
    assert butler.lines()[forecast.id] == forecast
    assert projects_on(butler) == {mine.id, other.id, forecast.project}
