"""The simulated network: one request at a time reaches the central, in an order that the seed decides; some are lost,
interrupted, duplicated, delayed or answered by somebody else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from enum import Enum
from random import Random
from typing import NamedTuple

import httpx

from store.ledger.line import parse_line
from sync.protocol import PUSH, RENEW, FetchAnswer, FetchRequest, PullAnswer, PullRequest
from sync.protocol.carried import BUNDLE
from sync.protocol.documents import EXCHANGE, ExchangeAnswer, ExchangeMessage
from sync.transport.client import HttpCentral, Timeouts
from tests.simulation.central import SimulatedCentral
from tests.simulation.old_protocol import decoded, old_answer, old_request
from tests.simulation.record import CLAIMED, Record

ADDRESS = "http://127.0.0.1:8765"
PATIENCE = Timeouts(call=300, page=300, max_retries=0)
"""Long deadlines, since the machine may be busy; a lost request is sent again by the next round."""


class Fault(Enum):
    """The faults of one request and its answer."""

    LOST = "lost on the way"
    UNANSWERED = "applied, its answer lost"
    TWICE = "delivered twice"
    LATE = "delivered, and once more much later"
    BUSY = "answered 503"
    PORTAL = "answered by a portal"
    CUT_BEFORE = "round cut before it went"
    CUT_AFTER = "round cut after it was applied"


class NetworkRequest(NamedTuple):
    """One request of one laptop, as it is on the wire."""

    laptop: str
    method: str
    path: str
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


class RequestGate:
    """Lets waiting requests pass one by one, and only when every round waits, so that the order in which threads finish
    their work has no influence."""

    def __init__(self) -> None:
        self._waiting: dict[asyncio.Future[None], str] = {}
        self._stirred = asyncio.Event()

    def stir(self) -> None:
        """Wake `conduct`: a round waits or has ended."""
        self._stirred.set()

    async def enter(self, laptop: str) -> None:
        """Wait for this laptop's turn."""
        place = asyncio.get_running_loop().create_future()
        self._waiting[place] = laptop
        self.stir()
        try:
            await place
        finally:
            self._waiting.pop(place, None)

    async def conduct(
        self,
        rounds: dict[str, asyncio.Task[None]],
        idle: Callable[[str], bool],
        choose: Callable[[list[str]], str],
    ) -> None:
        """Run these rounds, a request at a time, until all have ended."""
        for task in rounds.values():
            task.add_done_callback(lambda _: self.stir())
        while running := [name for name, task in rounds.items() if not task.done()]:
            await self._stirred.wait()
            self._stirred.clear()
            places = {name: place for place, name in self._waiting.items() if not place.done()}
            if all(rounds[name].done() or (name in places and idle(name)) for name in running) and places:
                chosen = choose(sorted(places))
                if not places[chosen].done():
                    places[chosen].set_result(None)
        await asyncio.gather(*rounds.values(), return_exceptions=True)


class Network:
    """Carries requests to the central and records which versions it accepted."""

    def __init__(
        self, central: SimulatedCentral, record: Record, dice: Random, cuts: Random, log: Callable[[str], None]
    ) -> None:
        self.central = central
        self.gate = RequestGate()
        self.fault_rate = 0.0
        self._record = record
        self._dice = dice
        self._cuts = cuts  # apart: how often a round uses its store changes with the program, and would change all else
        self._log = log
        self._late: list[NetworkRequest] = []
        self.on_handed_in: Callable[[str, object], None] | None = None
        """Is told of a message that a laptop has handed in for another, and of its answer (None: there is none)."""

    def fault(self) -> Fault | None:
        """The fault of the next request, if any."""
        return self._dice.choice(list(Fault)) if self._dice.random() < self.fault_rate else None

    def may_cut(self, where: str) -> None:
        """Interrupt the calling round, if the seed says so. A round uses its store about ten times as often as the
        central."""
        if self._cuts.random() < self.fault_rate / 20:
            self._log(f"  cut {where}")
            raise asyncio.CancelledError(where)

    async def carry(self, sent: NetworkRequest) -> httpx.Response:
        """One request to the central; gives the answer that the laptop gets."""
        await self.gate.enter(sent.laptop)
        fault = self.fault()
        self._log(f"{sent.laptop} {sent.path} {fault.value if fault else 'ok'}")
        if fault in (Fault.LOST, Fault.CUT_BEFORE):
            _break(fault)
        if fault is Fault.BUSY:
            return _answer(503, {"retry-after": "3"}, b"")
        if fault is Fault.PORTAL:
            return _answer(200, {"content-type": "text/html"}, b"<html>")
        answer = await self._deliver(sent)
        if fault is Fault.TWICE and sent.path != RENEW:
            answer = await self._deliver(sent)
        if fault is Fault.LATE and sent.path != RENEW:
            self._late.append(sent)
        if fault in (Fault.UNANSWERED, Fault.CUT_AFTER):
            _break(fault)
        return answer

    async def deliver_late(self) -> None:
        """Deliver a request again that was answered long ago; its answer is dropped."""
        if self._late:
            sent = self._late.pop(self._dice.randrange(len(self._late)))
            self._log(f"{sent.laptop} {sent.path} once more")
            await self._deliver(sent)

    async def _deliver(self, sent: NetworkRequest) -> httpx.Response:
        request = httpx.Request(sent.method, ADDRESS + sent.path, headers=list(sent.headers), content=sent.body)
        with self.central.request():
            answer = await self.central.transport.handle_async_request(request)
            raw = await _raw(answer)
        for repair in self.central.new_repairs():
            self._record.repair(repair)
        if sent.path in (PUSH, EXCHANGE, BUNDLE):
            asked = decoded(sent.body, dict(sent.headers).get(b"content-encoding", b"").decode())
            has_worked = answer.status_code == 200
            self._note(
                sent.path, asked, decoded(raw, answer.headers.get("content-encoding", "")) if has_worked else None
            )
        return _answer(answer.status_code, answer.headers, raw)

    def _note(self, path: str, request: Mapping[str, object], answer: Mapping[str, object] | None) -> None:
        """Record what became of the lines of a request; ``answer``: None where it failed."""
        if path == BUNDLE:
            if self.on_handed_in is not None:
                self.on_handed_in(str(request["bundle"]), answer and answer.get("bundle"))
        elif answer is None:
            self.note_failed(_list_in(request, "lines") if "lines" in request else [])
        else:
            pushed = answer if path == PUSH else answer.get("push")
            if isinstance(pushed, dict):  # not so for the lines of a device that does not know the clock yet
                self.note_outcomes(_list_in(request, "lines"), _list_in(pushed, "outcomes"))

    def note_outcomes(self, lines: list[dict[str, str]], outcomes: list[dict[str, str]]) -> None:
        """Record what became of lines at the central, whichever way they came."""
        for value, outcome in zip(lines, outcomes, strict=True):
            if outcome["outcome"] != "rejected":
                self._record.accept(parse_line(value), self.central.latest())
            else:
                self._record.refuse(line := parse_line(value))
                if line.kind == "close_out" and outcome["code"] == "proposed":
                    self._record.show_number(CLAIMED, line)
                self._log(f"  refused: {outcome['code']} {value['kind']} {outcome['reason']}")

    def note_failed(self, lines: list[dict[str, str]]) -> None:
        """Record which lines of a request the central has taken in although its answer failed."""
        if lines:
            self._record.accept_stored(map(parse_line, lines), self.central.versions(), self.central.latest())


async def _raw(answer: httpx.Response) -> bytes:
    return b"".join([part async for part in answer.aiter_raw()])


def _answer(status: int, headers: Mapping[str, str], body: bytes) -> httpx.Response:
    return httpx.Response(status, headers=headers, stream=httpx.ByteStream(body))


def _break(fault: Fault) -> None:
    if fault in (Fault.CUT_BEFORE, Fault.CUT_AFTER):
        raise asyncio.CancelledError(fault.value)
    raise httpx.ConnectError(fault.value) if fault is Fault.LOST else httpx.ReadError(fault.value)


def _list_in(values: Mapping[str, object], name: str) -> list[dict[str, str]]:
    listed = values[name]
    assert isinstance(listed, list)
    return listed


class Wire(httpx.AsyncBaseTransport):
    """The transport of one laptop's HTTP client; ``is_old``: of an earlier version."""

    def __init__(self, network: Network, laptop: str, *, is_old: bool) -> None:
        self._network = network
        self._laptop = laptop
        self._is_old = is_old

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry one request."""
        body, headers = await request.aread(), tuple(request.headers.raw)
        if self._is_old:
            body, headers = old_request(body, headers)
        sent = NetworkRequest(self._laptop, request.method, request.url.path, headers, body)
        answer = await self._network.carry(sent)
        return old_answer(answer, await _raw(answer)) if self._is_old else answer


class PagedCentral(HttpCentral):
    """The central over the simulated network, asked for pages of ``page`` lines; ``exchanges``: by protocol 2."""

    def __init__(
        self,
        network: Network,
        laptop: str,
        token: str | None,
        page: int,
        *,
        is_old: bool = False,
        exchanges: bool = False,
    ) -> None:
        super().__init__(ADDRESS, token, timeouts=PATIENCE, transport=Wire(network, laptop, is_old=is_old))
        self._page = page
        self._exchanges = exchanges

    async def exchange(self, message: ExchangeMessage, lines: list[bytes]) -> ExchangeAnswer | None:
        """A short page; None where this laptop speaks protocol 1."""
        if not self._exchanges:
            return None
        return await super().exchange(message.model_copy(update={"limit": self._page}), lines)

    async def pull(self, request: PullRequest) -> PullAnswer:
        """A short page."""
        return await super().pull(request.model_copy(update={"limit": self._page}))

    async def fetch(self, request: FetchRequest) -> FetchAnswer:
        """A short page."""
        return await super().fetch(request.model_copy(update={"limit": self._page}))
