"""Close-out numbers: the central gives them at approval, one after the other, once (R48)."""

from __future__ import annotations

from typing import Any

import pytest

from store.ledger.line import Line, parse_line
from tests.sync.central.ledger import issue, outcome_codes, project, step
from tests.sync.central_fixture import Central, Laptop


def settled(central: Central, butler: Laptop, at_project: str) -> tuple[Line, Line]:
    """An issue that a butler recorded and settled."""
    raised = issue(butler, at_project)
    steps = [step(butler, raised, act) for act in ("assigned", "accepted")]
    settlement = step(butler, raised, "settled", measure="接电", evidence="照片")
    assert set(outcome_codes(butler.push([raised, *steps, settlement]))) == {"applied"}
    return raised, settlement


def approval(bureau: Laptop, raised: Line, settlement: Line) -> Line:
    """The bureau's approval of what it read."""
    read = [{"id": one.id, "stamp": one.stamp, "device": one.device} for one in (raised, settlement)]
    return step(bureau, raised, "approved", versions=read)


def numbers(laptop: Laptop) -> list[dict[str, Any]]:
    """The close-out lines that a laptop can read, in the order of their serials."""
    lines = [parse_line(line) for page in laptop.pull_all() for line in page["lines"]]
    return sorted((dict(line.body) for line in lines if line.kind == "close_out"), key=lambda body: body["serial"])


@pytest.fixture
def district(central: Central) -> tuple[Laptop, Laptop, str]:
    """A bureau, a butler and the butler's project."""
    bureau = central.enrol("局长")
    own = project(bureau)
    assert outcome_codes(bureau.push([own])) == ["applied"]
    return bureau, central.enrol("甲", "butler", projects=[own.id]), own.id


@pytest.mark.proves("R48")
def test_numbers_run_on_without_a_gap(central: Central, district: tuple[Laptop, Laptop, str]) -> None:
    """Three approvals in two pushes get 1, 2 and 3 of the year; sending them again gives no other number."""
    bureau, butler, place = district
    ready = [settled(central, butler, place) for _ in range(3)]
    approvals = [approval(bureau, *one) for one in ready]
    assert outcome_codes(bureau.push(approvals[:2])) == ["applied"] * 2
    assert outcome_codes(bureau.push(approvals)) == ["applied"] * 3
    given = numbers(butler)
    assert [body["serial"] for body in given] == [1, 2, 3]
    assert {body["approval_id"] for body in given} == {one.id for one in approvals}
    assert all(body["number"] == f"{body['year']}-{body['serial']:04}" for body in given)


def test_what_does_not_close_gets_no_number(central: Central, district: tuple[Laptop, Laptop, str]) -> None:
    """An approval of an older version of the issue leaves it pending, without a number and without a gap."""
    bureau, butler, place = district
    raised, settlement = settled(central, butler, place)
    changed = raised._replace(stamp=settlement.stamp + 1, base=raised.stamp, body={**raised.body, "text": "还有一处"})
    assert outcome_codes(butler.push([changed])) == ["applied"]
    assert outcome_codes(bureau.push([approval(bureau, raised, settlement)])) == ["applied"]
    assert numbers(butler) == []
    assert outcome_codes(bureau.push([approval(bureau, changed, settlement)])) == ["applied"]
    assert [body["serial"] for body in numbers(butler)] == [1]


def test_an_issue_approved_again_keeps_its_number(central: Central, district: tuple[Laptop, Laptop, str]) -> None:
    """A reopened issue that is settled and approved anew has the number it had; the next issue gets the next."""
    bureau, butler, place = district
    raised, settlement = settled(central, butler, place)
    assert outcome_codes(bureau.push([approval(bureau, raised, settlement)])) == ["applied"]
    reopened = step(butler, raised, "reopened", cause="dissatisfied", reason="又停电")
    again = step(butler, raised, "settled", measure="换表", evidence="照片")
    assert outcome_codes(butler.push([reopened, again])) == ["applied"] * 2
    other = settled(central, butler, place)
    assert outcome_codes(bureau.push([approval(bureau, raised, again), approval(bureau, *other)])) == ["applied"] * 2
    assert [(body["issue_id"], body["serial"]) for body in numbers(butler)] == [
        (raised.id, 1), (raised.id, 1), (other[0].id, 2),
    ]  # fmt: skip


def test_nobody_writes_a_number(district: tuple[Laptop, Laptop, str]) -> None:
    """A close-out line from a laptop is refused, whatever its role."""
    bureau, _butler, place = district
    raised = issue(bureau, place)
    body = {"issue_id": raised.id, "approval_id": raised.id, "number": "2026-0009", "year": 2026, "serial": 9}
    assert outcome_codes(bureau.push([raised, bureau.line("close_out", body, place)])) == ["applied", "forbidden"]
