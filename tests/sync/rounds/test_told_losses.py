"""A device is told by the central what it has lost, whatever the winning line claims to follow."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.ledger.line import Line, parse_line
from store.queries.conflicts import unresolved_conflicts
from tests.sync.central.ledger import outcome_codes
from tests.sync.central_fixture import Central
from tests.sync.central_fixture import Laptop as Client
from tests.sync.laptops import Laptop, bureau, project, visit

FORGED = (1 << 63) - 2
"""A base that is later than every version, as if its sender had seen them all."""


def losses(laptop: Laptop) -> list[str]:
    """The lines of which a version is listed as lost."""
    with laptop.open() as device:
        return [conflict.line for conflict in unresolved_conflicts(device.ledger.database.connection())]


def edited(laptop: Laptop, line: Line, text: str) -> Line:
    """An edit of a visit on a laptop."""
    with laptop.open() as device:
        return device.ledger.edit("visit", line.id, text=text)


@pytest.fixture
def shared(tmp_path: Path, at: Central) -> tuple[Laptop, Client, Line]:
    """A laptop, a client that follows no rule, and a visit that both know."""
    laptop, client = bureau(tmp_path / "a", at), at.enrol("冯局")
    seen = visit(laptop, project(laptop))
    laptop.sync()
    return laptop, client, seen


def test_who_pulls_the_winner_is_told(shared: tuple[Laptop, Client, Line]) -> None:
    """A colleague's version that never saw this laptop's edit replaces it, with a base that hides that: the edit is
    listed as lost, and can be restored."""
    laptop, client, seen = shared
    mine = edited(laptop, seen, "我改的")
    laptop.sync()
    winner = seen._replace(
        author=client.person,
        device=client.device,
        stamp=mine.stamp + 1,
        base=FORGED,
        body={**seen.body, "text": "盖过"},
    )
    answer = client.push([winner])
    assert [parse_line(outcome["loser"]) for outcome in answer] == [mine]
    assert laptop.sync().verified
    assert laptop.lines()[seen.id].body["text"] == "盖过"
    assert losses(laptop) == [seen.id]
    with laptop.open() as device:
        device.ledger.restore(mine.id, mine.stamp, mine.device)
    assert laptop.sync().verified
    assert laptop.lines()[seen.id].body["text"] == "我改的"


def test_who_pushes_against_the_winner_is_told(shared: tuple[Laptop, Client, Line]) -> None:
    """The same for an edit that was unsent when the other version came to the central."""
    laptop, client, seen = shared
    mine = edited(laptop, seen, "我改的")
    winner = seen._replace(
        author=client.person, device=client.device, stamp=mine.stamp + 1, base=FORGED,
        body={**seen.body, "text": "盖过"},
    )  # fmt: skip
    assert outcome_codes(client.push([winner])) == ["applied"]
    result = laptop.sync()
    assert (result.superseded, result.verified) == (1, True)
    assert losses(laptop) == [seen.id]


def test_an_edit_that_was_seen_is_no_loss(shared: tuple[Laptop, Client, Line]) -> None:
    """Who names the very version that it replaces has seen it: nobody is told of a loss, by pull or by push."""
    laptop, client, seen = shared
    winner = seen._replace(
        author=client.person,
        device=client.device,
        stamp=seen.stamp + 1,
        base=seen.stamp,
        body={**seen.body, "text": "续"},
    )
    assert [outcome.get("loser") for outcome in client.push([winner])] == [None]
    assert client.ask("/v1/pull", {"cursor": None})["lost"] == []
    assert laptop.sync().verified
    edited(laptop, seen, "再续")
    assert laptop.sync().verified
    assert losses(laptop) == []


def test_a_round_counts_the_edits_that_it_finds_lost(tmp_path: Path, at: Central) -> None:
    """Also an edit that had been sent before the colleague's won: the round that brings the winner says so, once."""
    one, other = bureau(tmp_path / "a", at), bureau(tmp_path / "b", at, "李局")
    seen = visit(one, project(one))
    for laptop in (one, other):
        laptop.sync()
    for laptop, text in ((one, "甲"), (other, "乙")):
        with laptop.open() as device:
            device.ledger.edit("visit", seen.id, text=text)
    assert [laptop.sync().superseded for laptop in (one, other, one, one)] == [0, 0, 1, 0]


def test_an_edit_that_says_the_same_is_not_counted_as_lost(tmp_path: Path, at: Central) -> None:
    """Two officers enter the same, as where both import one table: nobody is told of a loss that no screen shows."""
    one, other = bureau(tmp_path / "a", at), bureau(tmp_path / "b", at, "李局")
    seen = visit(one, project(one))
    for laptop in (one, other):
        laptop.sync()
    for laptop in (one, other):
        with laptop.open() as device:
            device.ledger.edit("visit", seen.id, text="一样")
    assert [laptop.sync().superseded for laptop in (one, other, one)] == [0, 0, 0]
    assert losses(one) == []
