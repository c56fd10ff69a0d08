"""First use comes first: a fresh device takes what its screens need, then the newest before the oldest."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.db.device_facts import FIRST_READ
from store.ledger.line import Line, new_id
from store.queries.status import sync_state
from sync.exceptions import SlowConnection
from sync.protocol.calls import Central as Calls
from sync.protocol.documents import ExchangeAnswer, ExchangeMessage
from tests.examples import examples
from tests.sync.central_fixture import Central
from tests.sync.laptops import ForwardingCentral, Laptop, agree, bureau, project, project_of, visit

PAGE = 3
Hook = Callable[[int], None]


class Watching(ForwardingCentral):
    """Passes messages on, keeps their answers, and calls ``between`` before each message but the first."""

    def __init__(self, inner: Calls, between: Hook) -> None:
        super().__init__(inner)
        self.answers: list[ExchangeAnswer] = []
        self._between = between

    async def exchange(self, message: ExchangeMessage, lines: list[bytes]) -> ExchangeAnswer | None:
        """Passed on."""
        if self.answers:
            await asyncio.to_thread(self._between, len(self.answers))
        answer = await self.inner.exchange(message, lines)
        if answer is not None:
            self.answers.append(answer)
        return answer

    @property
    def lines(self) -> Iterator[dict[str, object]]:
        """All lines that came, in their order."""
        for answer in self.answers:
            yield from answer.pull.lines if answer.pull else []


def fresh(tmp_path: Path, at: Central, page_lines: int = PAGE) -> Laptop:
    """A laptop of somebody new, which has joined and read nothing: a person may have few devices."""
    laptop = bureau(tmp_path / "fresh", at, f"王新{new_id()}")
    laptop.page_lines = page_lines
    return laptop


def first_round(laptop: Laptop, between: Hook = lambda _n: None) -> Watching:
    """The laptop's round, watched."""
    made: list[Watching] = []

    def wrap(inner: Calls) -> Calls:
        made.append(Watching(inner, between))
        return made[0]

    assert laptop.sync_through(wrap).verified
    return made[0]


def issue(laptop: Laptop, of: Line, title: str) -> Line:
    """An issue with one step."""
    raised = laptop.put("issue", title=title, number=title, kind="problem", project=of.id)
    laptop.put("issue_step", issue_id=raised.id, act="progress", text=title, project=of.id)
    return raised


def test_what_screens_need_comes_first_and_the_newest_before_the_oldest(
    pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path
) -> None:
    """People, projects and open issues with their steps come before visits, of these the newest first; each line comes
    once. The lookup has them in the order of their change all the same, and what was written here meanwhile above."""
    of = project_of(pair[0])
    visits = [visit(pair[0], of, f"走访第{n}次").id for n in range(7)]
    issues = [issue(pair[0], of, f"难题{n}").id for n in range(2)]
    later = project(pair[0], "后建项目")
    agree(*pair)
    laptop = fresh(tmp_path, at)

    def write(answers: int) -> None:
        if answers == 2:
            visit(laptop, of, "此间所写")

    seen = first_round(laptop, write)
    came = [line["id"] for line in seen.lines]
    assert len(came) == len(set(came))
    kinds = [line["kind"] for line in seen.lines]
    first_of_issues, first_visit = kinds.index("issue_step"), kinds.index("visit")
    assert {"visit", "issue", "issue_step"}.isdisjoint(kinds[:first_of_issues]) and later.id in came[:first_of_issues]
    assert [i for i in came if i in issues] == issues[::-1] and set(issues) <= set(came[:first_visit])
    assert [i for i in came if i in visits] == visits[::-1]
    looked_up = laptop.rows("SELECT id, title FROM search_line WHERE kind = 'visit' ORDER BY n")
    assert [row[0] for row in looked_up[:-1]] == visits and looked_up[-1][1] == "此间所写"
    agree(*pair, laptop)


def test_a_store_that_fits_a_page_comes_in_one(pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path) -> None:
    """Where one page holds everything the order does not matter: a trip to read, in commit order, and one to send."""
    agree(*pair)
    seen = first_round(fresh(tmp_path, at, 2_000))
    assert [answer.pull and answer.pull.first for answer in seen.answers] == [None, None]


def test_what_is_still_coming_is_said(pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path) -> None:
    """A first read that was cut goes on from where it was, and until it is done the device says how far it is."""
    of = project_of(pair[0])
    for n in range(8):
        visit(pair[0], of, str(n))
    agree(*pair)
    laptop = fresh(tmp_path, at)

    def cut(answers: int) -> None:
        if answers == 2:
            raise SlowConnection(central="", detail="cut", arrived=0.0)

    with pytest.raises(SlowConnection):
        first_round(laptop, cut)
    with laptop.open() as device:
        coming = sync_state(device.ledger.database.connection()).coming
    assert coming is not None and PAGE <= coming.come < coming.total
    rest = first_round(laptop)
    assert len(list(rest.lines)) <= coming.total - coming.come + 1
    assert not laptop.meta()[FIRST_READ]
    agree(*pair, laptop)


ACTS = st.lists(st.tuples(st.sampled_from(["write", "edit", "cut", "send"]), st.integers(0, 4)), max_size=12)


@settings(max_examples=examples(4), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_whatever_happens_between_two_pages_the_store_is_the_same_at_the_end(
    pair: tuple[Laptop, Laptop], at: Central, tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[str, int]]
) -> None:
    """Others write, edit what has come and what has not, and send, the fresh device writes too, and rounds are cut: at
    the end all three hold the same lines, and nothing is fetched again."""
    of = project_of(pair[0])
    visits = [visit(pair[0], of, str(n)) for n in range(6)]
    raised = issue(pair[0], of, "难题")
    agree(*pair)
    laptop = fresh(tmp_path_factory.mktemp("first"), at)
    left = iter(acts)

    def act(_answers: int) -> None:
        what, n = next(left, ("", 0))
        if what == "write":
            visit((laptop, pair[0])[n % 2], of, f"又写{n}")
        elif what == "edit":
            with pair[0].open() as device:
                device.ledger.edit("visit", visits[n].id, text=f"改{n}")
                device.ledger.put(
                    "issue_step", {"issue_id": raised.id, "act": "progress", "text": "又办"}, project=of.id
                )
        elif what == "send":
            pair[0].sync()
        elif what == "cut":
            raise SlowConnection(central="", detail="cut", arrived=0.0)

    for _ in range(len(acts) + 1):
        try:
            first_round(laptop, act)
            break
        except SlowConnection:
            continue
    agree(*pair, laptop)
    assert not laptop.meta().get(FIRST_READ)
