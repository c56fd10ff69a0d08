"""Laptops without a store, many in one process: each speaks protocol 2 through the real transport, and keeps what a
device must (token, cursor, what is unsent, the digests of what it has) in memory.

They are enrolled at once, straight into the central's database: a thousand joins would be a measurement of their own.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Self

import httpx

from store.ledger.buckets import SetChecksum
from store.ledger.hlc import system_clock_ms, tick
from store.ledger.line import Line, canonical_json, digest_of, new_id, parse_line
from sync.central.accounts.authentication import hash_secret
from sync.central.admin.setup import write_central
from sync.central.db.commit_order import lock_district
from sync.central.db.database import insert_rows
from sync.central.db.tables import ACCOUNT, DEVICE, ROLE, AccountRow, DeviceRow, RoleRow
from sync.protocol import HelloRequest, PushChain
from sync.protocol.documents import ExchangeAnswer, ExchangeMessage
from sync.transport.busy import BusyWait, CentralLoaded
from sync.transport.client import HttpCentral, Timeouts

DEVICES_AN_ADDRESS = 200
"""A central takes so many connections of one address, and more; the laptops of a city have many."""
PATIENT = Timeouts(call=300, page=300, connect=120, read=300)
"""On a busy machine the herd itself is slow."""
Sleep = Callable[[float], Awaitable[None]]


class Member(NamedTuple):
    """Who a laptop belongs to."""

    token: str
    device: str
    person: str
    project: str


def enrol(data_dir: Path, district: str, projects: Sequence[str]) -> list[Member]:
    """A butler with a laptop for each of ``projects``, which may name one several times."""
    members = [Member(f"{district}.{new_id()}.{new_id()}", "", new_id(), project) for project in projects]
    members = [member._replace(device=member.token.split(".")[1]) for member in members]
    now = system_clock_ms()
    with write_central(data_dir) as connection:
        counter = lock_district(connection, district, now)
        assert counter is not None
        accounts, devices, roles = [], [], []
        for n, (token, device, person, project) in enumerate(members):
            account = new_id()
            accounts.append(AccountRow(district, account, person, f"管家{n}", now))
            secret = hash_secret(token.rpartition(".")[2])
            devices.append(DeviceRow(district, device, account, "笔记本", secret, now, now, None, used_at=now))
            roles.append(RoleRow(district, counter.next_seq(), account, "butler", project, None, now, None))
        for table, rows in ((ACCOUNT, accounts), (DEVICE, devices), (ROLE, roles)):
            insert_rows(connection, table, rows)
        counter.save(connection)
    return members


class CountingTransport(httpx.AsyncHTTPTransport):
    """Counts requests by the status of their answers."""

    def __init__(self, statuses: Counter[int], address: str) -> None:
        super().__init__(local_address=address, verify=False)
        self._statuses = statuses

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass the request on."""
        response = await super().handle_async_request(request)
        self._statuses[response.status_code] += 1
        return response


class HerdDevice:
    """One laptop. ``statuses`` counts the answers that all of them got, ``sleep`` is how it waits."""

    def __init__(
        self, url: str, member: Member, statuses: Counter[int], address: str = "127.0.0.1", sleep: Sleep = asyncio.sleep
    ) -> None:
        self.member = member
        self.unsent: list[Line] = []
        self.digests: dict[str, int] = {}
        self.pulled = 0
        self._sleep = sleep
        self._central = HttpCentral(url, member.token, timeouts=PATIENT, transport=CountingTransport(statuses, address))
        self._cursor: str | None = None
        self._account: str | None = None
        self._link, self._stamp = "", 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._central.__aexit__(None, None, None)

    def write(self, lines: int) -> None:
        """Write visits to the project, unsent."""
        for n in range(lines):
            self._stamp = tick(self._stamp, system_clock_ms())
            body = {"at": "2025-03-04T09:00:00+08:00", "how": "visit", "text": f"走访企业，了解用电和用工情况，第{n}次"}
            _, device, person, project = self.member
            self.unsent.append(Line(new_id(), "visit", project, self._stamp, device, person, False, body))

    @property
    def total(self) -> SetChecksum:
        """The checksum of what it has from the central."""
        total = SetChecksum()
        for digest in self.digests.values():
            total = total.with_digest(digest)
        return total

    async def round(self) -> bool:
        """One round; gives whether it found both in agreement. Waits where the central has too much to do."""
        patience = BusyWait(3_600, self._sleep)
        while True:
            try:
                return await self._round()
            except CentralLoaded as error:
                await patience.wait(error)

    async def _round(self) -> bool:
        said = HelloRequest(
            agreed=self.total, time=system_clock_ms(), offset_ms=0, program="herd", unsent=len(self.unsent), refused=0
        )
        message = ExchangeMessage(hello=said, account=self._account, cursor=self._cursor)
        answer = await self._send(message)
        assert answer.hello is not None
        if answer.account is not None:
            self._account = answer.account.mark
        if answer.pull is None and not self.unsent:
            return answer.hello.equal
        while self.unsent or (answer.pull is not None and answer.pull.more):  # a late greeting brings no outcomes
            answer = await self._send(ExchangeMessage(cursor=self._cursor))
        return self.total == SetChecksum(*answer.checksum or ())

    async def _send(self, message: ExchangeMessage) -> ExchangeAnswer:
        lines = self.unsent if self._cursor is not None else []
        if lines:
            chain = PushChain(prev=self._link, next=new_id())
            message = message.model_copy(update={"chain": chain})
        answer = await self._central.exchange(message, [canonical_json(line) for line in lines])
        assert answer is not None, "the central does not speak protocol 2"
        if answer.push is not None:
            self._settle(lines, answer.push.model_dump()["outcomes"])
            self._link = message.chain.next if message.chain else self._link
        if answer.pull is not None:
            for each in answer.pull.lines:
                line = parse_line(each)
                self.digests[line.id] = digest_of(canonical_json(line))
            self.pulled += len(answer.pull.lines)
            self._cursor = answer.pull.cursor
        return answer

    def _settle(self, lines: Sequence[Line], outcomes: Sequence[dict[str, Any]]) -> None:
        refused = [outcome for outcome in outcomes if outcome["outcome"] != "applied"]
        if refused:
            raise RuntimeError(f"a line was not taken in: {refused[0]}")
        self.digests |= {line.id: digest_of(canonical_json(line)) for line in lines}
        self.unsent = []


class Herd:
    """Many of them. ``statuses`` counts the answers that they got."""

    def __init__(self, url: str, members: Sequence[Member], sleep: Sleep = asyncio.sleep) -> None:
        self.statuses: Counter[int] = Counter()
        self.devices = [
            HerdDevice(url, member, self.statuses, f"127.0.{n // DEVICES_AN_ADDRESS % 250}.1", sleep)
            for n, member in enumerate(members)
        ]

    @property
    def pulled(self) -> int:
        """How many lines came to all of them."""
        return sum(device.pulled for device in self.devices)

    async def rounds(self) -> list[bool]:
        """A round of each at once; which of them ended in agreement."""
        return await asyncio.gather(*(device.round() for device in self.devices))

    async def until_agreed(self, most: int = 10) -> int:
        """Rounds of each at once until all end in agreement and nothing comes any more; gives how many it took. Raises
        where they do not come to an end."""
        for n in range(1, most + 1):
            before = self.pulled
            agreed = await self.rounds()
            if all(agreed) and before == self.pulled:
                return n
        raise RuntimeError("the herd does not come to agree")

    async def close(self) -> None:
        """Close every connection."""
        for device in self.devices:
            await device.__aexit__()


async def _main(url: str, members: Sequence[Member]) -> dict[str, int]:
    herd = Herd(url, members)
    agreed = await herd.rounds()
    await herd.close()
    return {"agreed": sum(agreed), "requests": herd.statuses.total(), "told to come back": herd.statuses[503]}


if __name__ == "__main__":  # a round of each member in the JSON file, in a process of its own
    asked = json.loads(Path(sys.argv[2]).read_text())
    print(json.dumps(asyncio.run(_main(sys.argv[1], [Member(*each) for each in asked]))))
