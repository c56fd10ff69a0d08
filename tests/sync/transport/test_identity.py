"""The token goes only to the central that was joined."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

import orjson
import pytest

from sync import protocol
from sync.central.admin.setup import open_database
from sync.central.api.app import create_app
from sync.device.device import Device
from sync.exceptions import AnotherCentral
from sync.protocol.documents import EXCHANGE
from sync.round import connect_central, run_round
from tests.sync.central_fixture import Central, running_central, serving_app
from tests.sync.laptops import Laptop, bureau, project
from tests.sync.servers import ReceivedRequest, answer, answering_with, counting, serving


def asked_of(answering: bytes, attempt: Callable[[str], Awaitable[None]]) -> list[ReceivedRequest]:
    """What a server that always answers this was sent during an attempt to sync with it."""

    async def run() -> list[ReceivedRequest]:
        asked: list[ReceivedRequest] = []
        async with serving(answering_with(answering, asked=asked)) as address:
            await attempt(address)
        return asked

    return asyncio.run(run())


@pytest.mark.parametrize(
    "answering",
    [
        answer(404, orjson.dumps({"code": "not_found", "detail": "no such call"})),
        answer(401, orjson.dumps({"code": "unknown_token", "detail": "no token"})),
        answer(200, orjson.dumps({"key": "0" * 64, "signature": "0" * 128})),
    ],
)
def test_an_impostor_is_told_no_token_and_no_line(laptop: Laptop, answering: bytes) -> None:
    """What cannot sign with the joined central's key is asked who it is and nothing else; the person reads what
    happened, and the line stays."""
    project(laptop, "秘密项目")

    async def attempt(address: str) -> None:
        laptop.settings = laptop.settings._replace(central=address)
        with pytest.raises(AnotherCentral) as told:
            await asyncio.to_thread(laptop.sync)
        assert told.value.values["pending"] == 1

    [request] = asked_of(answering, attempt)
    assert request.path == "/v1/identity"
    assert "authorization" not in request.headers
    assert "秘密".encode() not in request.raw
    laptop.settings = laptop.settings._replace(central=None)
    assert laptop.sync().pushed == 1


def test_another_central_of_the_district_is_not_the_one_that_was_joined(tmp_path: Path, at: Central) -> None:
    """A second central set up for the same district cannot take the first one's place; the first one on another
    address, or restored from its files, can."""
    laptop = bureau(tmp_path / "a", at)
    project(laptop)
    with running_central(tmp_path / "second") as second:
        laptop.settings = laptop.settings._replace(central=second.url)
        with pytest.raises(AnotherCentral, match="not the central that this home has joined"):
            laptop.sync()
    with serving_app(create_app(open_database(at.data_dir))) as elsewhere:
        laptop.settings = laptop.settings._replace(central=elsewhere)
        assert laptop.sync().in_agreement


def test_a_home_that_joined_before_centrals_had_keys_learns_it(tmp_path: Path, at: Central) -> None:
    """Its first round goes as before and keeps the key; from then on the central has to prove who it is."""
    laptop = bureau(tmp_path / "a", at)
    key = laptop.meta()["central_key"]
    with laptop.open() as device:
        device.ledger.save_facts(central_key="")
    laptop.sync()
    assert laptop.meta()["central_key"] == key
    with laptop.open() as device:
        device.ledger.save_facts(central_key="f" * 64)
    with pytest.raises(AnotherCentral):
        laptop.sync()


def test_who_answers_is_asked_once_a_connection(laptop: Laptop, at: Central) -> None:
    """A single round asks once; further rounds of the same connection, as a daemon's, are the exchange alone."""
    asked: list[str] = []

    async def rounds(device: Device) -> None:
        address = urlsplit(at.url)
        async with counting(str(address.hostname), int(address.port or 0)) as (through, traffic):
            laptop.settings = laptop.settings._replace(central=through)
            device.settings = laptop.settings
            async with connect_central(device, through) as central:
                await run_round(device, central)
                await run_round(device, central)
            asked.extend(traffic.requests)

    with laptop.open() as device:
        asyncio.run(rounds(device))
    assert asked == [protocol.IDENTITY, EXCHANGE, EXCHANGE]
