"""Rotation: a round replaces the device's token when it is old, and nothing that goes wrong meanwhile shuts it out."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from store.exceptions import NonPersistentKeyring
from store.home.credentials import Credentials, FileVault, open_credentials
from store.writer.healing import HealingLedger
from store.writer.upgrade import open_store
from sync.admin_protocol import FIGURES, FiguresAnswer, FiguresRequest
from sync.central.admin import admin
from sync.central.admin.admin import lock_named_district
from sync.central.admin.setup import open_database, write_central
from sync.central.api.app import create_app
from sync.central.db.tables import DEVICE
from sync.central.epochs import RESTORED, begin_epoch
from sync.device.device import Device, device_clock
from sync.exceptions import CentralUnreachable, DeviceReplaced
from sync.round import administer_from, connect_central, run_round
from tests.sync.central_fixture import Central, create_central, serving_app
from tests.sync.laptops import ForwardingCentral, Laptop, bureau, project, through, visit

Keep = Callable[[str], Awaitable[None]]


def age_tokens(at: Central) -> None:
    """Let every token of the central be so old that it is due."""
    with write_central(at.data_dir) as connection:
        connection.execute(DEVICE.update().values(used_at=1, rotated_at=None))


def token_of(laptop: Laptop) -> str | None:
    """The token that the home keeps."""
    return open_credentials(laptop.home, "file").token()


def actions(at: Central) -> list[str]:
    """What the audit tells of tokens."""
    told = [str(entry["action"]) for entry in admin.audit_page(at.data_dir)]
    return [action for action in told if action in ("rotated", "token_refused")]


def sealed_roster(laptop: Laptop) -> object:
    """What the laptop keeps for its central."""
    return laptop.rows("SELECT sealed FROM kept_roster")[0][0]


def test_a_round_replaces_an_old_token_once(laptop: Laptop, at: Central) -> None:
    """An old token is replaced at the end of a round, which fetches the roster with the new one in it; the rounds after
    it replace nothing, and the old one is refused as a copy's, with its device in the audit."""
    old, kept = token_of(laptop), sealed_roster(laptop)
    age_tokens(at)
    assert through(laptop)[1] == ["hello", "rotate", "roster"]
    assert token_of(laptop) != old
    assert (sealed_roster(laptop) != kept, through(laptop)[1]) == (True, ["hello"])
    assert actions(at) == ["rotated"]
    open_credentials(laptop.home, "file").save_token(str(old))
    with pytest.raises(DeviceReplaced):
        laptop.sync()
    refused = [entry for entry in admin.audit_page(at.data_dir) if entry["action"] == "token_refused"]
    assert [(entry["device"], entry["detail"]) for entry in refused] == [
        (laptop.meta()["device"], {"code": "replaced", "address": "127.0.0.1"})
    ]


class LosesTheAnswer(ForwardingCentral):
    """The central makes a successor, and its answer is lost."""

    async def rotate(self, keep: Keep) -> None:
        """As `Central` has it."""

        async def lose(token: str) -> None:
            raise CentralUnreachable(central="", detail="lost")

        await self.inner.rotate(lose)


class IsKilledBeforeUse(ForwardingCentral):
    """The process is killed after the token was kept and before it was used."""

    async def rotate(self, keep: Keep) -> None:
        """As `Central` has it."""

        async def end(token: str) -> None:
            await keep(token)
            raise KeyboardInterrupt

        await self.inner.rotate(end)


class IsKilledBeforeKeeping(ForwardingCentral):
    """The process is killed before the token was kept."""

    async def rotate(self, keep: Keep) -> None:
        """As `Central` has it."""

        async def end(token: str) -> None:
            raise KeyboardInterrupt

        await self.inner.rotate(end)


@pytest.mark.soak(turns=3)
@pytest.mark.parametrize("fault", [LosesTheAnswer, IsKilledBeforeUse, IsKilledBeforeKeeping])
def test_whatever_happens_meanwhile_the_next_round_goes_on(
    laptop: Laptop, at: Central, fault: type[ForwardingCentral]
) -> None:
    """Where the answer was lost, or the process killed before or after the token was kept, the next round is one as any
    other, also several times one after the other; and after it one token is good."""
    age_tokens(at)
    for _ in range(2):
        visit(laptop, project(laptop, "又一个"))
        try:
            through(laptop, fault)
        except KeyboardInterrupt:
            assert fault is not LosesTheAnswer
    assert laptop.sync().in_agreement
    age_tokens(at)
    assert laptop.sync().in_agreement
    assert laptop.sync().in_agreement
    with open_database(at.data_dir).read() as connection:
        assert connection.execute(DEVICE.select()).one().next_hash is None


class KeepsNothing(FileVault):
    """A keyring that takes nothing in."""

    def set(self, name: str, secret: str) -> None:
        """As `Vault` has it."""
        raise NonPersistentKeyring(detail="null")


class IsReadLate(Credentials):
    """Credentials whose first reader gets what was there before another process changed it."""

    def __init__(self, laptop: Laptop, before: str) -> None:
        super().__init__(laptop.home, FileVault(laptop.home.credentials))
        self._before = [before, before]

    def token(self) -> str | None:
        """As `Credentials` has it."""
        return self._before.pop() if self._before else super().token()


def opened(laptop: Laptop, credentials: Credentials) -> Device:
    """The laptop with these credentials."""
    database = open_store(laptop.home.database, credentials.key())
    ledger = HealingLedger(database, wall_clock=device_clock(laptop.settings))
    return Device(laptop.home, laptop.settings, credentials, ledger)


def test_a_keyring_that_takes_nothing_in_keeps_the_present_token(laptop: Laptop, at: Central) -> None:
    """The round succeeds with the present token, which stays good; the person is told once, not with each round."""

    async def run(device: Device) -> None:
        for _ in range(2):
            async with connect_central(device, (await device.facts()).central) as central:
                assert (await run_round(device, central)).in_agreement

    old = token_of(laptop)
    age_tokens(at)
    with opened(laptop, Credentials(laptop.home, KeepsNothing(laptop.home.credentials))) as device:
        asyncio.run(run(device))
    assert token_of(laptop) == old
    assert laptop.rows("SELECT code FROM notice") == [("token_not_renewed",)]
    assert through(laptop)[1] == ["hello", "rotate", "roster"]


def test_a_call_that_began_with_the_token_before_is_made_again(laptop: Laptop, at: Central) -> None:
    """While the bureau's call was made the daemon replaced the token: the call is made again, and nobody sees it."""
    old = str(token_of(laptop))
    age_tokens(at)
    laptop.sync()
    with opened(laptop, IsReadLate(laptop, old)) as device:
        call = administer_from(device, at.url, FIGURES, FiguresRequest(), FiguresAnswer)
        assert asyncio.run(call).devices == 1
    assert actions(at) == ["rotated", "token_refused"]


def test_the_copy_that_did_not_replace_it_notices(laptop: Laptop, at: Central, tmp_path: Path) -> None:
    """Of two copies of a home the one that replaces the token goes on; the other is told, and keeps its unsent
    lines."""
    shutil.copytree(laptop.home.path, tmp_path / "copy")
    copy = Laptop(tmp_path / "copy")
    visit(copy, project(copy, "副本的"))
    age_tokens(at)
    laptop.sync()
    with pytest.raises(DeviceReplaced):
        copy.sync()
    assert copy.waits().lines == 2
    assert laptop.sync().in_agreement


def test_a_device_that_never_asks_keeps_its_token(at: Central) -> None:
    """A device of an older version is told in a field that it does not know, and goes on as before."""
    old = at.enrol("老版本")
    age_tokens(at)
    assert [old.hello()["rotate"] for _ in range(2)] == [True, True]


@pytest.fixture
def restorable(tmp_path: Path) -> tuple[Central, Callable[[], None], Callable[[], None]]:
    """A central, what copies its folder, and what puts the copy back as `guanjia central restore` does."""
    data, copy = tmp_path / "central", tmp_path / "copied"
    at = Central(data, "", create_central(data))

    def put_back() -> None:
        shutil.rmtree(data)
        shutil.copytree(copy, data)
        with write_central(data) as connection:
            counter = lock_named_district(connection, None)
            begin_epoch(connection, counter, RESTORED)
            counter.save(connection)

    def keep() -> None:
        shutil.copytree(data, copy)

    return at, keep, put_back


def test_a_restored_central_knows_the_token_that_replaced_its_own(
    tmp_path: Path, restorable: tuple[Central, Callable[[], None], Callable[[], None]]
) -> None:
    """A backup of before the replacement is put back: the device shows what it keeps for the central, and its present
    token is good again; the one before is not, whoever has it."""
    at, copy, put_back = restorable
    with serving_app(create_app(open_database(at.data_dir))) as at.url:
        laptop = bureau(tmp_path / "a", at)
        laptop.sync()
    copy()
    shutil.copytree(laptop.home.path, tmp_path / "thief")
    with serving_app(create_app(open_database(at.data_dir))) as at.url:
        laptop.settings = laptop.settings._replace(central=at.url)
        age_tokens(at)
        laptop.sync()
    put_back()
    with serving_app(create_app(open_database(at.data_dir))) as at.url:
        laptop.settings = laptop.settings._replace(central=at.url)
        assert laptop.sync().in_agreement
        thief = Laptop(tmp_path / "thief")
        thief.settings = thief.settings._replace(central=at.url)
        with pytest.raises(DeviceReplaced):
            thief.sync()
        assert laptop.sync().in_agreement
