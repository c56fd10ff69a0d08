"""Rounds by protocol 2: their trips, what is left to protocol 1, and that documents may come twice, late or never."""

from __future__ import annotations

import asyncio
import threading
from contextlib import ExitStack
from functools import partial
from typing import NamedTuple

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from store.exceptions import ActSent
from store.home.sync_progress import RoundProgress
from store.ledger.hlc import ms_from_hlc
from store.ledger.line import Line, canonical_json, new_id
from store.queries.outbox import waiting_ids
from store.writer.checksums import all_lines
from sync import protocol
from sync.central.admin import admin
from sync.central.admin.setup import open_database
from sync.central.api.bodies import parse_exchange
from sync.central.db.tables import VERSION
from sync.central.exceptions import Refusal
from sync.central.request import RequestContext
from sync.central.steps.exchange import answer_exchange
from sync.device.device import Device
from sync.exceptions import CentralBusy, RequestTooLarge
from sync.protocol.calls import Central as RemoteCentral
from sync.protocol.documents import EXCHANGE, ExchangeAnswer, ExchangeMessage, encode_message
from sync.round import run_round
from sync.round_stats import RoundStats
from sync.steps.exchange import RoundExchange, Trip
from sync.steps.hello import SentHello, arrival_now, prepare_hello
from sync.transport.client import HttpCentral
from tests.examples import examples
from tests.sync.central_fixture import Central
from tests.sync.laptops import ForwardingCentral, Laptop, agree, counted, project_of, through, visit
from tests.sync.servers import answer, answering_with, serving

HOUR_MS = 3_600_000
COUNTED = ("lines", "versions")


# Trips


class LosingAnswers(ForwardingCentral):
    """A central of which the answer to one message of the next round is lost; ``arrives``: the message was not."""

    def __init__(self, inner: RemoteCentral, message: int, *, arrives: bool) -> None:
        super().__init__(inner)
        self._message, self._arrives = message, arrives

    async def exchange(self, message: ExchangeMessage, lines: list[bytes]) -> ExchangeAnswer | None:
        """As `Central` has it, unless it is lost."""
        self.asked.append(EXCHANGE)
        is_lost = len(self.asked) == self._message
        if not is_lost or self._arrives:
            answer = await self.inner.exchange(message, lines)
        if is_lost:
            raise CentralBusy(retry_after=3, pending=len(lines))
        return answer


@pytest.mark.parametrize(
    "rounds",
    [[(10, 2, True)], [(10, 1, True), (5, 2, False)]],
    ids=["the second message", "the first, then a shorter one is answered"],
)
def test_a_line_that_may_have_arrived_is_never_taken_for_one_that_nobody_has(
    pair: tuple[Laptop, Laptop], rounds: list[tuple[int, int, bool]]
) -> None:
    """A round of several messages fails after the central has taken lines in: they are not withdrawn as if they had
    never been sent, though an answer to other lines came since. Once all are answered, a new line is again. ``rounds``:
    lines a message, the message that is lost, whether it had arrived."""
    first, second = pair
    agree(first, second)
    sent = [visit(first, project_of(first), str(n)) for n in range(15)]
    for first.page_lines, message, arrives in rounds:
        with pytest.raises(CentralBusy):
            first.sync_through(partial(LosingAnswers, message=message, arrives=arrives))
    second.sync()
    known = second.lines().keys() & {line.id for line in sent}
    with first.open() as device:
        arrived = known & waiting_ids(device.ledger.database.connection())
        assert arrived
        for line_id in arrived:
            with pytest.raises(ActSent):
                device.ledger.withdraw("visit", line_id)
    agree(first, second)
    last = visit(first, project_of(first), "未发")
    with first.open() as device:
        device.ledger.withdraw("visit", last.id)


def test_documents_of_a_quiet_round_are_small(pair: tuple[Laptop, Laptop]) -> None:
    """Where nothing happened, message and answer have 600 bytes at most, each."""
    agree(*pair)
    with pair[0].open() as device:

        async def run() -> tuple[int, int]:
            async with HttpCentral(pair[0].meta()["central"], device.credentials.token()) as central:
                stats = RoundStats()
                sent = await prepare_hello(device, stats)
                assert (await RoundExchange(device, stats).run(central, sent)) is not None
                return central.byte_counts.up, central.byte_counts.down

        assert max(asyncio.run(run())) <= 600


def test_a_large_round_has_as_many_trips_as_its_larger_direction_has_pages(pair: tuple[Laptop, Laptop]) -> None:
    """With pages of ten lines, 45 lines out and 25 in take five trips, and both ends agree."""
    first, second = pair
    agree(first, second)
    for laptop, lines in ((first, 45), (second, 25)):
        with laptop.open() as device:
            body = {"at": "2025-03-04T09:00+08:00", "how": "visit"}
            for n in range(lines):
                device.ledger.put("visit", {**body, "text": str(n)}, project=project_of(first).id)
    second.sync()
    first.page_lines = 10
    assert counted(first).requests == [EXCHANGE] * 5
    assert first.sync().in_agreement
    agree(first, second)


@pytest.mark.parametrize(("lines", "commits"), [(0, 1), (3, 3)], ids=["nothing", "some lines"])
def test_a_round_commits_seldom(pair: tuple[Laptop, Laptop], lines: int, commits: int) -> None:
    """A round without lines commits its end alone. One that sends commits its link of the chain before that, and then
    outcomes, cursor and link together."""
    first, second = pair
    agree(first, second)
    for n in range(lines):
        visit(first, project_of(first), str(n))
    with first.open() as device:
        before = device.ledger.database.commits
        asyncio.run(_one_round(first, device))
        assert device.ledger.database.commits - before == commits


async def _one_round(laptop: Laptop, device: Device) -> None:
    async with HttpCentral(laptop.meta()["central"], device.credentials.token()) as central:
        assert (await run_round(device, central)).in_agreement


@pytest.mark.soak(turns=2)
@pytest.mark.parametrize("sends", [True, False], ids=["sending", "receiving"])
def test_the_next_message_is_on_its_way_while_an_answer_is_applied(pair: tuple[Laptop, Laptop], *, sends: bool) -> None:
    """From the second answer on a message leaves before what the answer before it brought is stored: here the store is
    busy until the message has left."""
    first, second = pair
    agree(first, second)
    with (first if sends else second).open() as device:
        for n in range(45):
            body = {"at": "2025-03-04T09:00+08:00", "how": "visit", "text": str(n)}
            device.ledger.put("visit", body, project=project_of(first).id)
    if not sends:
        second.sync()
    first.page_lines = 10
    assert _left_while_busy(first) == [True] * 3
    agree(first, second)


def _left_while_busy(laptop: Laptop) -> list[bool]:
    """Of the messages after the second: whether each left while the store was busy."""
    left = [threading.Event() for _ in range(5)]
    applied = [asyncio.Event() for _ in range(6)]
    found: list[asyncio.Future[bool]] = []

    def note(progress: RoundProgress) -> None:
        for event in applied[: 1 + (progress.sent + progress.received) // 10]:
            event.set()

    class Watched(ForwardingCentral):
        async def exchange(self, message: ExchangeMessage, lines: list[bytes]) -> ExchangeAnswer | None:
            self.asked.append(EXCHANGE)
            n = len(self.asked)
            left[n - 1].set()
            answer = await self.inner.exchange(message, lines)
            await applied[n - 1].wait()  # the answer before, all of it
            if 1 < n < len(left):
                found.append(asyncio.ensure_future(device.run_in_store(left[n].wait, 20)))
                await asyncio.sleep(0)  # now it stands before what this answer needs of the store
            return answer

    async def run() -> None:
        async with HttpCentral(laptop.meta()["central"], device.credentials.token()) as central:
            await run_round(device, Watched(central), RoundStats(on_progress=note))

    with laptop.open() as device:
        asyncio.run(run())
    return [each.result() for each in found]


def test_lines_stamped_by_a_wrong_clock_are_corrected_before_they_are_taken_in(
    pair: tuple[Laptop, Laptop],
) -> None:
    """A laptop whose clock has jumped by an hour sends its lines in a second trip, with corrected stamps."""
    first, second = pair
    agree(first, second)
    first.clock(HOUR_MS)
    written = visit(first, project_of(first))
    assert counted(first).requests == [EXCHANGE, EXCHANGE]
    agree(first, second)
    assert ms_from_hlc(written.stamp) - ms_from_hlc(second.lines()[written.id].stamp) > HOUR_MS // 2


# What is left to protocol 1


def test_an_edit_that_loses_reaches_the_central_also_when_its_clock_is_corrected_first(
    pair: tuple[Laptop, Laptop], at: Central
) -> None:
    """The central puts off the lines of a laptop whose clock has jumped. What others wrote waits as well: else the edit
    would lose on the laptop, and the central, which keeps what lost, would never see it."""
    first, second = pair
    seen = visit(first, project_of(first))
    agree(first, second)
    first.clock(HOUR_MS)
    second.clock(400)  # clearly later than the other's corrected time, and too little to be corrected itself
    for laptop, text in ((first, "早写"), (second, "晚写")):
        with laptop.open() as device:
            device.ledger.edit("visit", seen.id, text=text)
    second.sync()
    assert first.sync().superseded == 1
    assert first.lines()[seen.id].body["text"] == "晚写"
    database = open_database(at.data_dir)
    with database.read() as connection:
        versions = connection.execute(select(VERSION.c.wire).where(VERSION.c.id == seen.id)).scalars().all()
    database.close()
    assert {orjson.loads(wire)["body"]["text"] for wire in versions} >= {"早写"}


class OldCentral(ForwardingCentral):
    """A central that speaks protocol 1."""

    async def hello(self, request: protocol.HelloRequest) -> protocol.HelloAnswer:
        """As `Central` has it, without what an earlier version does not say."""
        return (await super().hello(request)).model_copy(update={"speaks": 1})


def test_an_old_central_is_spoken_to_by_protocol_1_until_it_is_upgraded(pair: tuple[Laptop, Laptop]) -> None:
    """A device that was not understood remembers it: its rounds go on by protocol 1, without another attempt on that
    day. A greeting that says that the central was upgraded ends that."""
    first, second = pair
    agree(first, second)
    written = visit(first, project_of(first))
    assert through(first, OldCentral)[1] == ["hello", "push", "pull", "hello"]
    assert through(first, OldCentral)[1] == ["hello"]
    assert counted(first).requests == [protocol.HELLO]
    assert counted(first).requests == [EXCHANGE]
    agree(first, second)
    assert written.id in second.lines()


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [
        (404, "application/json", b'{"code":"not_found","detail":""}'),
        (422, "application/json", b'{"code":"unknown_format","detail":""}'),
        (404, "text/html", b"<html>"),
        (403, "text/html", b"<html>"),
        (405, "text/html", b"<html>"),
    ],
)
def test_whatever_keeps_a_message_from_a_central_leaves_the_round_to_protocol_1(
    status: int, kind: str, body: bytes
) -> None:
    """An older central, one that knows no such form, and a gateway that lets other addresses pass are not failures."""

    async def ask() -> ExchangeAnswer | None:
        async with serving(answering_with(answer(status, body, kind))) as url, HttpCentral(url, "a.b.c") as central:
            return await central.exchange(ExchangeMessage(), [])

    assert asyncio.run(ask()) is None


@pytest.mark.parametrize(("status", "error"), [(503, CentralBusy), (413, RequestTooLarge)])
def test_other_failures_are_told_as_what_they_are(status: int, error: type[Exception]) -> None:
    """A busy central, and a message that is too long, are no reasons to speak another protocol."""

    async def ask() -> None:
        refused = answer(status, b'{"code":"x","detail":""}')
        async with serving(answering_with(refused)) as url, HttpCentral(url, "a.b.c") as central:
            await central.exchange(ExchangeMessage(), [])

    with pytest.raises(error):
        asyncio.run(ask())


# Documents


class Letter(NamedTuple):
    """A message on its way, with what its device needs to apply the answer."""

    exchange: RoundExchange
    sent: SentHello
    trip: Trip
    body: bytes


class Post:
    """Two devices and their central, between which documents are carried by hand. ``answers`` are those that have not
    been dropped, ``letters`` every message."""

    def __init__(self, devices: list[Device], at: Central) -> None:
        self.devices = devices
        self.at = at
        self.letters: list[tuple[int, Letter]] = []
        self.answers: list[tuple[int, ExchangeAnswer]] = []
        self._database = open_database(at.data_dir)
        self._carried: set[int] = set()
        self._applied: set[int] = set()

    def close(self) -> None:
        """Close the central's file."""
        self._database.close()

    def stored(self, who: int) -> tuple[object, ...]:
        """What a device has: its lines, what waits, its history, and the checksum of what the central has."""
        connection = self.devices[who].ledger.database.connection()
        waiting = connection.execute("SELECT id, digest, base_digest, state FROM outbox ORDER BY id").fetchall()
        past = connection.execute("SELECT id, stamp, reason FROM history ORDER BY id, stamp").fetchall()
        return (
            sorted(map(canonical_json, all_lines(connection))),
            waiting,
            past,
            self.devices[who].ledger.total_checksum(),
        )

    def write(self, who: int, of: Line) -> None:
        """A device's officer writes a visit, and edits the project that both have."""
        ledger = self.devices[who].ledger
        ledger.put("visit", {"at": "2025-03-04T09:00+08:00", "how": "visit"}, project=of.id)
        ledger.edit("project", of.id, name=f"{who} {len(self.letters)} {len(self.answers)} {new_id()[-4:]}")

    async def send(self, who: int) -> None:
        """A device writes a message; nobody carries it yet."""
        stats = RoundStats()
        exchange, sent = RoundExchange(self.devices[who], stats), await prepare_hello(self.devices[who], stats)
        trip = await exchange.first_message(sent)
        body = encode_message(trip.message, [line.canonical for line in trip.batch])
        self.letters.append((who, Letter(exchange, sent, trip, body)))

    def carry(self, n: int) -> None:
        """A message reaches the central, whose answer is kept; the second time it changes nothing there. A message of
        before another one of the same device may be refused as that of a copy."""
        who, letter = self.letters[n]
        before = admin.stats(self.at.data_dir)
        context = RequestContext(self._database, self.devices[who].credentials.token())
        try:
            answered = answer_exchange(context, *parse_exchange(letter.body))
        except Refusal as refusal:
            assert refusal.code == "twin"
        else:
            self.answers.append((n, ExchangeAnswer.model_validate(orjson.loads(answered))))
        after = admin.stats(self.at.data_dir)
        if n in self._carried:
            assert [after[name] for name in COUNTED] == [before[name] for name in COUNTED]
        self._carried.add(n)

    async def apply(self, n: int) -> None:
        """An answer reaches its device; the second time it changes nothing there."""
        letter_of, answered = self.answers[n]
        who, letter = self.letters[letter_of]
        before = self.stored(who)
        await letter.exchange.apply_first(letter.sent, letter.trip, answered, arrival_now(self.devices[who]))
        if n in self._applied:
            assert self.stored(who) == before
        self._applied.add(n)

    async def settle(self, who: int) -> bool:
        """A message and its answer without delay; gives whether both ends are equal then."""
        await self.send(who)
        self.carry(len(self.letters) - 1)
        await self.apply(len(self.answers) - 1)
        last = self.answers[-1][1]
        assert last.hello is not None
        own = tuple(self.devices[who].ledger.total_checksum())
        return last.hello.equal if last.checksum is None else own == last.checksum


ACTS = st.lists(
    st.tuples(st.sampled_from(["write", "send", "carry", "carry", "apply", "apply"]), st.integers(0, 9)), max_size=24
)


@settings(max_examples=examples(6), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_documents_that_come_late_twice_or_never_change_nothing_twice(
    pair: tuple[Laptop, Laptop], at: Central, acts: list[tuple[str, int]]
) -> None:
    """Two devices write and send; their messages and the answers are carried in any order, again, or not at all. What
    comes again changes nothing, on either side; then, without delay, both agree, and every line is there once."""

    async def play(post: Post, of: Line) -> None:
        for act, n in acts:
            if act == "write":
                post.write(n % 2, of)
            elif act == "send":
                await post.send(n % 2)
            elif act == "carry" and post.letters:
                post.carry(-1 - n % len(post.letters) + len(post.letters))
            elif act == "apply" and post.answers:
                await post.apply(-1 - n % len(post.answers) + len(post.answers))
        for _ in range(3):
            equal = [await post.settle(who) for who in (0, 1)]
        assert equal == [True, True]
        assert post.stored(0)[0] == post.stored(1)[0]
        assert not post.stored(0)[1] and not post.stored(1)[1]

    of = project_of(pair[0])
    with ExitStack() as stack:
        post = Post([stack.enter_context(laptop.open()) for laptop in pair], at)
        stack.callback(post.close)
        asyncio.run(play(post, of))
