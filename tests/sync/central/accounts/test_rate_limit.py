"""Limits of attempts: whoever guesses waits, and shuts out nobody else; honest laptops behind one proxy get in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI, Request
from sqlalchemy import event, select

from store.ledger.hlc import system_clock_ms
from store.ledger.line import new_id
from sync.central.accounts.rate_limit import MAX_REFUSALS_OF_CODE, MAX_WRONG_CODES, WINDOW_MS, wrong_code_key
from sync.central.admin import admin
from sync.central.admin.setup import open_database
from sync.central.api.serve import ListenAddress, server_config
from sync.central.db.database import CentralDatabase
from sync.central.db.tables import ATTEMPT
from sync.central.exceptions import Refusal
from sync.central.request import RequestContext
from sync.central.steps.join import answer_join
from sync.protocol import DeviceName, JoinAnswer, JoinRequest
from tests.sync.central_fixture import create_central

WRONG = "ZZZZ-ZZZZ-ZZZZ"
CLIENT, PROXY = "203.0.113.9", "192.0.2.7"
NOW = system_clock_ms() // WINDOW_MS * WINDOW_MS + 1_000


class Office:
    """A central without HTTP, whose clock stands still, to be joined from any address."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "central"
        self.code = create_central(self.data)
        self.database: CentralDatabase = open_database(self.data)
        self.later_ms = 0

    def join(self, code: str, address: str = CLIENT, **more: object) -> JoinAnswer:
        """Join as a new device."""
        device = DeviceName(id=new_id(), name="笔记本")
        request = JoinRequest.model_validate({"code": code, "device": device.model_dump(), **more})
        clock: Callable[[], int] = lambda: NOW + self.later_ms  # noqa: E731
        return answer_join(RequestContext(self.database, None, address, clock, lambda: True), request)

    def refusal(self, code: str, address: str = CLIENT, **more: object) -> tuple[int, str]:
        """Status and code of a refused join."""
        with pytest.raises(Refusal) as caught:
            self.join(code, address, **more)
        return caught.value.status, caught.value.code

    def invite(self, name: str) -> str:
        """A code, which is good at this office's time."""
        return str(admin.invite(self.data, name, "bureau")["code"])

    def guess(self, times: int, address: str = CLIENT) -> list[int]:
        """The statuses of so many wrong codes."""
        return [self.refusal(WRONG, address)[0] for _ in range(times)]


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """An office over SQLite."""
    made = Office(tmp_path)
    yield made
    made.database.close()


def test_whoever_guesses_waits_for_the_window_to_end(office: Office) -> None:
    """Ten wrong codes of an address are answered as wrong, further ones are told how long to wait."""
    assert office.guess(MAX_WRONG_CODES + 2) == [403] * MAX_WRONG_CODES + [429] * 2
    with pytest.raises(Refusal) as caught:
        office.join(WRONG)
    assert 1 <= (caught.value.retry_after or 0) <= WINDOW_MS // 1000
    office.later_ms = WINDOW_MS
    assert office.guess(1) == [403]


def test_a_right_code_gets_in_while_a_neighbour_behind_the_proxy_guesses(office: Office) -> None:
    """Laptops that share an address join with right codes, however many wrong ones came from there (S18)."""
    office.guess(MAX_WRONG_CODES + 1)
    for n in range(MAX_WRONG_CODES + 2):
        assert office.join(office.invite(f"officer {n}")).token


def test_guessing_at_one_address_shuts_out_no_other(office: Office) -> None:
    """301 wrong codes from one address, and as many from thirty others, change nothing for the rest."""
    assert office.guess(301)[-1] == 429
    for n in range(30):
        assert office.guess(MAX_WRONG_CODES + 1, f"198.51.100.{n}")[-1] == 429
    assert office.guess(1, PROXY) == [403]
    assert office.join(office.code, PROXY).token


def test_a_flood_of_wrong_codes_writes_nothing(office: Office) -> None:
    """Beyond the limit of its address a wrong code is read about, not written about; no write lock is taken."""
    office.guess(MAX_WRONG_CODES)
    statements: list[str] = []

    def note(_c: object, _k: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(office.database.engine, "before_cursor_execute", note)
    assert office.guess(5) == [429] * 5
    assert {statement.split()[0] for statement in statements} <= {"SELECT", "BEGIN"}
    assert not any("IMMEDIATE" in statement for statement in statements)


def test_a_code_that_is_refused_again_and_again_must_wait(office: Office) -> None:
    """A valid code cannot be used to try out what the central answers: it has a limit of its own."""
    code, other = office.invite("甲"), office.invite("乙")
    refused = [office.refusal(code, f"198.51.100.{n}", district="110101") for n in range(MAX_REFUSALS_OF_CODE + 1)]
    assert refused == [(409, "other_district")] * MAX_REFUSALS_OF_CODE + [(429, "too_many")]
    assert office.join(other).token


def test_one_machine_has_one_ipv6_network(office: Office) -> None:
    """All addresses of an IPv6 network count together, and a mapped IPv4 address as the address it is."""
    statuses = [office.refusal(WRONG, f"2001:db8::{n:x}")[0] for n in range(MAX_WRONG_CODES + 1)]
    assert statuses[-1] == 429
    assert office.guess(1, "2001:db8:0:1::1") == [403]
    assert wrong_code_key(f"::ffff:{CLIENT}") == wrong_code_key(CLIENT)


def test_counts_of_former_windows_are_deleted(office: Office) -> None:
    """What was counted does not pile up."""
    office.guess(1)
    office.guess(1, PROXY)
    office.later_ms = 2 * WINDOW_MS
    office.guess(1)
    with office.database.read() as connection:
        assert len(connection.execute(select(ATTEMPT)).all()) == 1


async def _address_seen(proxies: tuple[str, ...], peer: str) -> str:
    app = FastAPI()

    @app.get("/")
    async def seen(request: Request) -> str:
        return request.client.host if request.client else ""

    config = server_config(app, ListenAddress(trusted_proxies=proxies))
    config.load()
    transport = httpx.ASGITransport(config.loaded_app, client=(peer, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://central") as client:
        return str((await client.get("/", headers={"x-forwarded-for": CLIENT})).json())


@pytest.mark.parametrize(
    ("proxies", "peer", "seen"),
    [
        ((), "127.0.0.1", "127.0.0.1"),
        ((), PROXY, PROXY),
        ((PROXY,), PROXY, CLIENT),
        (("192.0.2.0/24",), PROXY, CLIENT),
        ((PROXY,), "127.0.0.1", "127.0.0.1"),
    ],
)
def test_only_named_proxies_are_believed_about_an_address(proxies: tuple[str, ...], peer: str, seen: str) -> None:
    """A forwarded address counts when the operator named the proxy that says so, and not otherwise: not even this
    machine is believed unasked."""
    assert asyncio.run(_address_seen(proxies, peer)) == seen
