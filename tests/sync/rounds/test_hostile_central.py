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
from sync import protocol
from sync.exceptions import SyncError
from sync.round import run_round
from sync.transport.client import HttpCentral
from tests.examples import examples
from tests.sync.central_fixture import Central, running_central
from tests.sync.laptops import Laptop, agree, bureau, project, visit

ANSWERS: dict[str, type[BaseModel]] = {
    protocol.HELLO: protocol.HelloAnswer,
    protocol.PUSH: protocol.PushAnswer,
    protocol.PULL: protocol.PullAnswer,
    protocol.FETCH: protocol.FetchAnswer,
    protocol.VERIFY: protocol.VerifyAnswer,
    protocol.RENEW: protocol.RenewAnswer,
}
EXTREMES = [-(1 << 70), -1, 0, 1, LATEST_MS - 1, LATEST_MS, MAX_HLC, 1 << 63, 1 << 70]
SCALARS = st.none() | st.booleans() | st.sampled_from(EXTREMES) | st.text(max_size=8) | st.floats(allow_nan=False)
HOSTILE = SCALARS | st.lists(SCALARS, max_size=3) | st.dictionaries(st.text(max_size=4), SCALARS, max_size=2)
FIELDS = st.lists(HOSTILE, min_size=40, max_size=40)


class HostileAnswers:
    """Answers of the right shape in which any field may hold anything. ``values`` are the odd ones; ``choices`` decides
    where: how many calls there will be depends on what was answered, which a strategy must not."""

    def __init__(self, values: list[Any], choices: random.Random, laptop: Laptop) -> None:
        self._values = values
        self._choices = choices
        self._own = [orjson.loads(canonical_json(line)) for line in laptop.all_lines()]
        self._central = laptop.meta()["central_id"]
        self._calls = 0

    def answer(self, request: httpx.Request) -> httpx.Response:
        """The answer to one call; an endless sender is cut off after some calls, as a deadline would."""
        self._calls += 1
        if self._calls > 30:
            return httpx.Response(503)
        asked = orjson.loads(request.content) if request.headers.get("content-encoding") is None else {}
        names = list(ANSWERS[request.url.path].model_fields)
        fields = {name: self._plausible(name, request.url.path, asked) for name in names}
        for name in self._choices.choices(names, k=self._choices.choice([0, 0, 0, 0, 0, 1, 2])):
            fields[name] = self._choices.choice(self._values)
        if self._draw(30) == 0:
            del fields[self._choices.choice(names)]
        body = json.dumps(fields).encode()
        return httpx.Response(200, headers={"content-type": "application/json"}, content=_streamed(body))

    def _draw(self, until: int) -> int:
        return self._choices.randint(0, until)

    def _plausible(self, name: str, path: str, asked: dict[str, Any]) -> object:
        lines = [self._line() for _ in range(self._draw(2))]
        plausible: dict[str, Callable[[], object]] = {
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
            "outcomes": lambda: [self._outcome(line) for line in asked.get("lines", [])],
            "cursor": lambda: f"c{self._draw(9)}",
            "token": lambda: "x.y.z",
            "differ": lambda: ["d", f"p:{new_id()}"][: self._draw(2)],
        }
        return plausible.get(name, lambda: self._draw(1) == 1)()

    def _outcome(self, line: dict[str, Any]) -> dict[str, object]:
        outcome = self._choices.choice(["applied", "superseded", "rejected"])
        winner = self._choices.choice([None, self._line(), {**line, "stamp": line["stamp"] + 1}])
        code = self._choices.choice(["forbidden", "clock_ahead", None])
        return {
            "id": line["id"],
            "outcome": outcome,
            "code": code,
            "reason": "\x1b[2J",
            "winner": winner,
            "loser": winner,
        }

    def _line(self) -> dict[str, object]:
        """A line of the laptop's own, or a new one, with a stamp of any time."""
        line = {**self._choices.choice(self._own)}
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
    laptop: Laptop, at: Central, values: list[Any], seed: int
) -> None:
    """Every call is answered with fields of any type and size, absurd times, stamps, cursors and lines. The round ends
    or fails with a sentence; then a line is written, dated today, and the honest central has it."""
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
    """A central that was a year ahead for an hour, and was believed, leaves a version stamped in that year. Once the
    clock is right it is edited as any other: each edit beats what it saw and is taken in, on both laptops in turn, and
    no other line is drawn into the future."""
    late = [0]
    with running_central(tmp_path, wall=lambda: system_clock_ms() + late[0]) as at:
        pair = first, second = bureau(tmp_path / "a", at), bureau(tmp_path / "b", at, "李局")
        own = project(first)
        agree(*pair)
        late[0] = 365 * 86_400_000
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
