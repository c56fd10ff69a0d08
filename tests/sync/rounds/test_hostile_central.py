"""No answer of a central can harm a laptop: whatever one answers, it goes on working and syncs with an honest one."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from store.ledger.hlc import MAX_HLC, hlc_from_ms, ms_from_hlc, system_clock_ms
from store.ledger.line import Line, canonical_json, new_id
from store.values.plausible_time import LATEST_MS
from store.values.times import district_time
from sync import protocol
from sync.exceptions import CentralUnreachable, SyncError
from sync.protocol.documents import CIPHER, DIGEST, EXCHANGE, FORMAT, ExchangeAnswer, MarkedAccountState
from sync.round import run_round
from sync.transport.client import HttpCentral
from tests.examples import examples
from tests.sync.central_fixture import Central, running_central
from tests.sync.laptops import ForwardingCentral, Laptop, agree, bureau, project, project_of, through, visit

ANSWERS: dict[str, type[BaseModel]] = {
    EXCHANGE: ExchangeAnswer,
    protocol.HELLO: protocol.HelloAnswer,
    protocol.PUSH: protocol.PushAnswer,
    protocol.PULL: protocol.PullAnswer,
    protocol.FETCH: protocol.FetchAnswer,
    protocol.VERIFY: protocol.VerifyAnswer,
    protocol.RENEW: protocol.RenewAnswer,
    protocol.HEAL: protocol.HealAnswer,
    protocol.ROSTER: protocol.RosterAnswer,
    protocol.RETURN: protocol.ReturnAnswer,
}
EXTREMES = [-(1 << 70), -1, 0, 1, LATEST_MS - 1, LATEST_MS, MAX_HLC, 1 << 63, 1 << 70]
SCALARS = st.none() | st.booleans() | st.sampled_from(EXTREMES) | st.text(max_size=8) | st.floats(allow_nan=False)
HOSTILE = SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(st.text(max_size=4), SCALARS, max_size=2)
ABSENT = object()
FIELDS = st.lists(HOSTILE, min_size=40, max_size=40)


class HostileAnswers:
    """Answers of the right shape in which any field may hold anything. ``values`` are the odd ones; ``choices`` decides
    where: how many calls there will be depends on what was answered, which a strategy must not."""

    def __init__(self, values: list[Any], choices: random.Random, laptop: Laptop) -> None:
        self._values = values
        self._choices = choices
        self._own = [orjson.loads(canonical_json(line)) for line in laptop.all_lines()]
        self._central, self._key = (laptop.meta()[name] for name in ("central_id", "central_key"))
        self._calls = 0

    def answer(self, request: httpx.Request) -> httpx.Response:
        """The answer to one call; an endless sender is cut off after some calls, as a deadline would."""
        self._calls += 1
        if self._calls > 30:
            return httpx.Response(503)
        asked = orjson.loads(request.content) if request.headers.get("content-encoding") is None else {}
        names = list(ANSWERS[request.url.path].model_fields)
        fields = self._fields(request.url.path, ANSWERS[request.url.path], asked)
        for name in self._choices.choices(names, k=self._choices.choice([0, 0, 0, 0, 0, 1, 2])):
            fields[name] = self._choices.choice(self._values)
        if self._draw(30) == 0:
            del fields[self._choices.choice(names)]
        body = json.dumps({name: value for name, value in fields.items() if value is not ABSENT}).encode()
        return httpx.Response(200, headers={"content-type": "application/json"}, content=_streamed(body))

    def _fields(self, path: str, model: type[BaseModel], asked: dict[str, Any]) -> dict[str, Any]:
        """The fields of an answer, or of a part of one."""
        return {name: self._plausible(name, path, asked) for name in model.model_fields}

    def _part(self, path: str, model: type[BaseModel], asked: dict[str, Any], chance: int) -> object:
        """A part of an exchange's answer, which may be absent, and in which one field may hold anything."""
        if self._draw(chance) == 0:
            return ABSENT
        fields = self._fields(path, model, asked)
        if self._draw(5) == 0:
            fields[self._choices.choice(list(fields))] = self._choices.choice(self._values)
        return fields

    def _draw(self, until: int) -> int:
        return self._choices.randint(0, until)

    def _plausible(self, name: str, path: str, asked: dict[str, Any]) -> object:
        lines = [self._line() for _ in range(self._draw(2))]
        plausible: dict[str, Callable[[], object]] = {
            "format": lambda: FORMAT,
            "digest": lambda: DIGEST,
            "cipher": lambda: CIPHER,
            "hello": lambda: self._part(protocol.HELLO, protocol.Moment, asked, 20),
            "account": lambda: self._part(protocol.HELLO, MarkedAccountState, asked, 20),
            "push": lambda: self._part(protocol.PUSH, protocol.PushAnswer, asked, 0 if not asked.get("lines") else 9),
            "pull": lambda: self._part(protocol.PULL, protocol.PullAnswer, asked, 4),
            "checksum": lambda: [self._draw(3)] * 3,
            "protocol": lambda: 1,
            "time": lambda: self._choices.choice([system_clock_ms(), LATEST_MS - 1, LATEST_MS // 2]),
            "central": lambda: self._central,
            "lines": lambda: lines if path in (protocol.PULL, protocol.FETCH) else len(lines),
            "granted": lambda: ["d", f"p:{new_id()}"][: self._draw(2)],
            "dropped": lambda: ["d"] if self._draw(9) == 0 else [],
            "after": lambda: None,
            "epoch": lambda: f"{self._draw(3)}-e",
            "clock_off_ms": lambda: self._choices.choice([None, -1, 1 << 50]),
            "more": lambda: self._draw(3) == 0,
            "clock_doubtful": lambda: self._draw(5) == 0,
            "outcomes": lambda: [self._outcome(line, path) for line in asked.get("lines", [])],
            "since": lambda: self._choices.choice([0, system_clock_ms(), LATEST_MS]),
            "mark": lambda: "m",
            "sealed": lambda: "c2VhbGVk",
            "name": lambda: "张局",
            "cursor": lambda: f"c{self._draw(9)}",
            "token": lambda: "x.y.z",
            "devices": lambda: [],
            "key": lambda: self._key,
            "roster": lambda: None,
            "roles": lambda: self._choices.choice([[], ["bureau"], ["emperor", "butler"]]),
            "repairs": lambda: [self._repair() for _ in range(self._draw(2))],
            "receipts": lambda: "",
            "lost": lambda: [self._lost() for _ in range(self._draw(2))],
            "differ": lambda: ["d", f"p:{new_id()}"][: self._draw(2)],
        }
        return plausible.get(name, lambda: self._draw(1) == 1)()

    def _outcome(self, line: dict[str, Any], path: str) -> object:
        if path == protocol.HEAL:
            return self._choices.choice(["taken", "claimed", "refused", "known"])
        outcome = self._choices.choice(["applied", "superseded", "rejected"])
        winner = self._choices.choice([None, self._line(), {**line, "stamp": line["stamp"] + 1}])
        code = self._choices.choice(["forbidden", "clock_ahead", "proposed", "known", None])
        return {
            "id": line["id"],
            "outcome": outcome,
            "code": code,
            "reason": "\x1b[2J",
            "winner": winner,
            "loser": winner,
        }

    def _repair(self) -> dict[str, int]:
        """A repair of any stamps, sound or not."""
        now = system_clock_ms()
        marks = sorted(self._choices.choices([1, now - 9_000_000_000, now - 600_000, now, LATEST_MS - 1], k=4))
        to_first, to_last, first, last = map(hlc_from_ms, marks)
        return {"first": first, "last": last + 1, "to_first": to_first, "to_last": to_last}

    def _lost(self) -> dict[str, object]:
        line = self._choice_of_own()
        return {name: line[name] for name in ("id", "stamp", "device")}

    def _choice_of_own(self) -> dict[str, Any]:
        return {**self._choices.choice(self._own)}

    def _line(self) -> dict[str, object]:
        """A line of the laptop's own, or a new one, with a stamp of any time."""
        line = self._choice_of_own()
        if self._draw(1):
            line["id"] = new_id()
        line["stamp"] = self._choices.choice([0, hlc_from_ms(LATEST_MS - 1), MAX_HLC, 1 << 64, None])
        return line


async def _streamed(body: bytes) -> AsyncIterator[bytes]:
    yield body


@settings(
    max_examples=examples(8), phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(values=FIELDS, seed=st.integers(0, 1 << 32))
def test_after_any_answers_a_laptop_works_and_syncs_with_an_honest_central(
    tmp_path: Path, at: Central, values: list[Any], seed: int
) -> None:
    """Every call is answered with fields of any type and size, absurd times, stamps, cursors and lines. The round ends
    or fails with a sentence; then a line is written, dated today, and the honest central has it."""
    laptop = bureau(tmp_path / new_id(), at, f"张{new_id()}")
    place = project(laptop, f"项目{new_id()[-6:]}")
    hostile = HostileAnswers(values, random.Random(seed), laptop)

    async def play() -> None:
        with laptop.open() as device:
            async with HttpCentral(at.url, "x.y.z", transport=httpx.MockTransport(hostile.answer)) as central:
                await run_round(device, central)

    try:
        asyncio.run(play())
    except SyncError as error:
        assert error.localized()
    line = visit(laptop, place, "照常走访")
    with laptop.open() as device:
        rows = device.ledger.database.connection().execute("SELECT id FROM outbox WHERE state = 'rejected'")
        device.ledger.retry_rejected([row[0] for row in rows])
    laptop.sync()
    laptop.sync()
    kept = laptop.lines()[line.id]
    assert abs(ms_from_hlc(kept.stamp) - system_clock_ms()) < 600_000
    everybody = {each["id"] for page in at.enrol(f"王{new_id()}").pull_all() for each in page["lines"]}
    assert {place.id, line.id} <= everybody


@pytest.mark.parametrize("to_ms", [1, 1_700_000_000_000])
def test_an_edit_outlives_a_repair_that_the_honest_central_knows_nothing_of(
    pair: tuple[Laptop, Laptop], to_ms: int
) -> None:
    """A hostile central tells of a repair that puts all stamps of a day years back, and is gone then. The unsent edit
    still counts for all once the honest central answers, and what its author had typed is kept as it was."""
    first, second = pair
    day = system_clock_ms() - 86_400_000
    told = {"first": hlc_from_ms(day), "last": MAX_HLC, "to_first": hlc_from_ms(to_ms), "to_last": hlc_from_ms(to_ms)}

    class TellsRepair(ForwardingCentral):
        """A central that tells of a repair, and is gone then."""

        async def hello(self, request: protocol.HelloRequest) -> protocol.HelloAnswer:
            """As `Central` has it."""
            repairs = [protocol.StampRepair(**told)]
            return (await super().hello(request)).model_copy(update={"repairs": repairs})

        async def push(self, lines: list[bytes], chain: protocol.PushChain | None = None) -> protocol.PushAnswer:
            """As `Central` has it."""
            raise CentralUnreachable(central="", detail="gone")

    seen = visit(first, project_of(first), "原文")
    agree(first, second)
    typed = district_time(system_clock_ms()).isoformat(timespec="minutes")
    with first.open() as device:
        device.ledger.edit("visit", seen.id, text="改后", at=typed)
    with pytest.raises(CentralUnreachable):
        through(first, TellsRepair)
    agree(first, second)
    assert {each.lines()[seen.id].body["text"] for each in pair} == {"改后"}
    times = [first.lines()[seen.id].body["at"], *(r[0] for r in first.rows("SELECT body ->> 'at' FROM history"))]
    assert typed in times


HARM = {
    "stamp": str(MAX_HLC),
    "offset_ms": str(1 << 62),
    "spoken": f"{MAX_HLC} {1 << 62}",
}


@pytest.mark.parametrize("fact", HARM)
def test_a_home_that_was_harmed_before_can_write_again(laptop: Laptop, fact: str, at: Central) -> None:
    """A stamp, offset or last contact that an absurd answer left behind counts no more: lines are written, dated today,
    and sent."""
    with laptop.open() as device:
        device.ledger.save_facts(**{fact: HARM[fact]})
    line = project(laptop, "之后")
    assert abs(ms_from_hlc(line.stamp) - system_clock_ms()) < 600_000
    assert laptop.sync().in_agreement
    assert ms_from_hlc(int(laptop.meta()["stamp"])) <= system_clock_ms() + 600_000


def test_a_version_from_the_future_can_be_edited_by_all_who_saw_it(tmp_path: Path) -> None:
    """A central that was months ahead for an hour, and was believed, leaves a version stamped in that time. Once the
    clock is right it is edited as any other: each edit beats what it saw and is taken in, on both laptops in turn, and
    no other line is drawn into the future."""
    late = [0]
    with running_central(tmp_path, wall=lambda: system_clock_ms() + late[0]) as at:
        pair = first, second = bureau(tmp_path / "a", at), bureau(tmp_path / "b", at, "李局")
        own = project(first)
        agree(*pair)
        late[0] = 80 * 86_400_000  # less than a token lives without a round
        agree(*pair)
        rename(first, own, "未来标题")
        agree(*pair)
        assert ms_from_hlc(second.lines()[own.id].stamp) > system_clock_ms() + late[0] - 600_000
        late[0] = 0
        for laptop, name in ((first, "改一"), (second, "改二"), (first, "改三")):
            rename(laptop, own, name)
            other = visit(laptop, own, name)
            assert laptop.sync().in_agreement
            assert abs(ms_from_hlc(laptop.lines()[other.id].stamp) - system_clock_ms()) < 600_000
            agree(*pair)
            assert {each.lines()[own.id].body["name"] for each in pair} == {name}


def rename(laptop: Laptop, own: Line, name: str) -> None:
    """Edit the project's name."""
    with laptop.open() as device:
        device.ledger.edit("project", own.id, name=name)
