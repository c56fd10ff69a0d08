"""Close-out numbers: the central gives them at approval, one after the other, once (R48)."""

from __future__ import annotations

import base64
from collections import defaultdict
from contextlib import closing
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.ledger.hlc import system_clock_ms
from store.ledger.line import Line, canonical_json, derived_id, parse_line
from store.values.times import district_time
from sync.central.admin import admin
from sync.central.admin.healing import decide_claims, healing_report
from sync.central.admin.setup import open_database
from sync.central.db.database import CentralDatabase
from sync.central.receipts import ReceiptKey
from sync.central.request import RequestContext
from sync.central.steps.heal import answer_heal
from sync.central.steps.push import answer_push
from sync.central.writes.close_out_numbers import NumberClaim, check_numbers, number_claims, reserved_numbers
from sync.protocol import HealRequest
from tests.examples import examples
from tests.sync.central.ledger import issue, outcome_codes, project, step
from tests.sync.central_fixture import DISTRICT, Central, Laptop


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


# After the central was set back

YEAR = district_time(system_clock_ms()).year


def shown_number(bureau: Laptop, approved: Line, serial: int) -> Line:
    """The number that the approval got before the central was set back, as a device has it."""
    body = {"issue_id": approved.body["issue_id"], "approval_id": approved.id, "year": YEAR, "serial": serial}
    line_id = derived_id(DISTRICT, "close_out", approved.id)
    return bureau.line("close_out", {**body, "number": f"{YEAR}-{serial:04}"}, approved.project, id=line_id)


def serials(laptop: Laptop) -> dict[str, int]:
    """The serials of all numbers that the laptop has not read yet, by issue."""
    return {str(body["issue_id"]): int(body["serial"]) for body in numbers(laptop)}


@pytest.mark.soak(turns=4)
@pytest.mark.parametrize("accepted", [True, False], ids=["accepted", "declined"])
def test_a_number_that_a_device_shows_is_nobody_elses(
    central: Central, district: tuple[Laptop, Laptop, str], accepted: bool
) -> None:
    """A laptop of an earlier version approved X and has its number; the central was set back and knows neither. X waits
    with its number for the bureau and for all devices, and Y, approved meanwhile, gets another one. Accepted, X has the
    number that it had; declined, the next one, once the last device that nobody has seen since is stopped."""
    bureau, butler, place = district
    x, y = (settled(central, butler, place) for _ in range(2))
    approved = approval(bureau, *x)
    central.begin_restored()
    assert outcome_codes(bureau.push([approved])) == ["applied"]
    claim = shown_number(bureau, approved, 1)
    for _again in range(2):
        assert outcome_codes(bureau.push([claim])) == ["proposed"]
    assert outcome_codes(bureau.push([approval(bureau, *y)])) == ["applied"]
    assert serials(butler) == {y[0].id: 2}
    report = healing_report(central.data_dir)
    assert ([one["id"] for one in report["claims"]], report["doubled_numbers"]) == ([claim.id], {})
    assert decide_claims(central.data_dir, [claim.id] if accepted else [], [] if accepted else [claim.id]) == (1, 0)
    assert serials(butler) == ({x[0].id: 1} if accepted else {})
    if not accepted:
        assert outcome_codes(bureau.push([claim])) == ["forbidden"]
    admin.revoke(central.data_dir, "局长")
    admin.revoke(central.data_dir, "甲")
    fresh = central.enrol("副局长")
    assert serials(fresh) == {x[0].id: 1 if accepted else 3, y[0].id: 2}
    assert healing_report(central.data_dir)["missing"]["numbers"] == ([] if accepted else [f"{YEAR}-0001"])


def test_only_a_close_out_line_claims_a_number(central: Central, district: tuple[Laptop, Laptop, str]) -> None:
    """What a device brings back with a field that is called as such lines are takes no number from anybody."""
    bureau, butler, place = district
    ready = settled(central, butler, place)
    central.begin_restored()
    other = bureau.line("inspection", {"kind": "close_out", "number": f"{YEAR}-0001", "issue_id": ready[0].id}, place)
    context = RequestContext(open_database(central.data_dir), bureau.token, clock_ms=system_clock_ms)
    answer_heal(context, HealRequest(), [other._asdict()])
    report = healing_report(central.data_dir)
    assert ([one["id"] for one in report["claims"]], report["doubled_numbers"]) == ([other.id], {})
    bureau.push([approval(bureau, *ready)])
    assert serials(butler) == {ready[0].id: 1}


def test_a_number_given_before_it_was_shown_is_told(central: Central, district: tuple[Laptop, Laptop, str]) -> None:
    """Y was approved before any device had shown that X has number 1: the bureau is told that both claim it."""
    bureau, butler, place = district
    x, y = (settled(central, butler, place) for _ in range(2))
    approved = approval(bureau, *x)
    central.begin_restored()
    bureau.push([approval(bureau, *y)])
    bureau.push([approved, shown_number(bureau, approved, 1)])
    assert serials(butler) == {y[0].id: 1}
    told = {f"{YEAR}-0001": sorted([x[0].id, y[0].id])}
    assert healing_report(central.data_dir)["doubled_numbers"] == told
    assert admin.check_integrity(central.data_dir)["doubled_numbers"] == told


def test_a_number_that_comes_back_after_another_is_told(central: Central, district: tuple[Laptop, Laptop, str]) -> None:
    """X had number 1, and the laptop that approved it was never told: it sends the approval again once Y has got that
    number, and X gets the next. When another laptop brings the first number back, the bureau is told of it."""
    bureau, butler, place = district
    x, y = (settled(central, butler, place) for _ in range(2))
    approved = approval(bureau, *x)
    lost = shown_number(bureau, approved, 1)
    bureau.ask("/v1/heal", {"lines": [], "receipts": "", "epoch": central.begin_restored(), "done": True})
    bureau.push([approval(bureau, *y)])
    bureau.push([approved])
    with closing(open_database(central.data_dir)) as database:
        key = ReceiptKey(RequestContext(database, bureau.token).caller().secret)
    receipt = base64.b64encode(key.receipt(canonical_json(lost))).decode()
    assert butler.ask("/v1/heal", {"lines": [lost._asdict()], "receipts": receipt})["outcomes"] == ["taken"]
    assert serials(butler) == {y[0].id: 1, x[0].id: 2}
    told = {f"{YEAR}-0001": sorted([x[0].id, y[0].id])}
    assert healing_report(central.data_dir)["doubled_numbers"] == told


def test_nobody_reserves_numbers_without_end() -> None:
    """What one person claims keeps 200 numbers free and no more, however many they claim; another's count apart."""
    claims = [NumberClaim(str(n), str(n), f"2026-{n:04}", "甲") for n in range(1, 1_001)]
    reserved = reserved_numbers([*claims, NumberClaim("z", "z", "2026-5000", "乙")])
    assert reserved == {*(f"2026-{n:04}" for n in range(1, 201)), "2026-5000"}


Play = tuple[int, list[tuple[str, int]]]


@st.composite
def plays(draw: st.DrawFn) -> Play:
    """How many numbers the central has lost; and what happens then, in any order: each issue's approval and number are
    pushed by a device without receipts, or the number is brought back with one or the approval is given again, the
    bureau decides about some, and new issues are approved."""
    lost = draw(st.integers(1, 2))
    brought = [(draw(st.sampled_from(["show", "show", "heal"])), n) for n in range(lost)]
    decided = [(draw(st.sampled_from(["accept", "decline"])), n) for n in range(lost)]
    approved = [(draw(st.sampled_from(["approve", "again"])), n) for n in range(lost)]
    acts = [("new", 0), ("new", 0), *brought, *decided, *approved]
    return lost, draw(st.permutations(acts))


@pytest.mark.parametrize("database_url", [None], ids=["sqlite"])
def test_numbers_are_given_once_whatever_devices_bring_back(
    central: Central, district: tuple[Laptop, Laptop, str]
) -> None:
    """In whatever order devices bring approvals and numbers back, with or without receipts, and the bureau decides: no
    number that was shown goes to another issue, no issue gets a second number unless the bureau has declined its first,
    and two issues with one number are told."""
    with closing(open_database(central.data_dir)) as database:

        @settings(max_examples=examples(6))
        @given(plays())
        def holds(play: Play) -> None:
            lost, acts = play
            restored = RestoredCentral(central, database, district, lost)
            for act, n in acts:
                restored.act(act, n)
                restored.check()
            restored.decline_all()

        holds()


class RestoredCentral:
    """A central that has lost so many approvals and their numbers, of which a device knows; and what it was shown."""

    def __init__(
        self, central: Central, database: CentralDatabase, district: tuple[Laptop, Laptop, str], lost: int
    ) -> None:
        self._central, self._database = central, database
        self._bureau, self._butler, self._place = district
        self._context = RequestContext(database, self._bureau.token)
        first = 1 + max(self._given().values(), default=0)
        self._ready = [settled(central, self._butler, self._place) for _ in range(lost)]
        self._approvals = [approval(self._bureau, *one) for one in self._ready]
        self._numbers = [shown_number(self._bureau, one, first + n) for n, one in enumerate(self._approvals)]
        central.begin_restored()
        self._before = self._given()
        self._shown: dict[object, object] = {}
        self._declined: set[object] = set()

    def act(self, act: str, n: int) -> None:
        """One of `plays`, about the n-th lost number. Nobody approves an issue again before its number was shown: it
        would get another, and nobody could know."""
        number = self._numbers[n]
        if act == "again" and self._shown.get(number.body["serial"]) != number.body["issue_id"]:
            return
        if act == "new":
            answer_push(self._context, [self._approve(settled(self._central, self._butler, self._place))])
        elif act in ("approve", "again", "show"):
            pushed = {"approve": self._approvals[n]._asdict(), "show": number._asdict()}.get(act)
            answer_push(self._context, [pushed or self._approve(self._ready[n])])
        elif act == "heal":
            receipt = ReceiptKey(self._context.caller().secret).receipt(canonical_json(number))
            request = HealRequest(receipts=base64.b64encode(receipt).decode())
            answer_heal(self._context, request, [number._asdict()])
        elif number.id in {claim.line for claim in self._claims()}:
            decide_claims(self._central.data_dir, *(([number.id],) if act == "accept" else ((), [number.id])))
            self._declined |= {number.body["issue_id"]} if act == "decline" else set()
        if act in ("show", "heal") and number.body["issue_id"] not in self._declined:
            self._shown.setdefault(number.body["serial"], number.body["issue_id"])

    def _approve(self, ready: tuple[Line, Line]) -> dict[str, Any]:
        return approval(self._bureau, *ready)._asdict()

    def check(self) -> None:
        """What was given since the last check is nobody else's, by what was shown before; doubles are told."""
        given = self._given()
        for issue_id, serial in given.items() - self._before.items():
            assert issue_id not in self._before
            came_back = (issue_id, serial) in [(one.body["issue_id"], one.body["serial"]) for one in self._numbers]
            assert self._shown.setdefault(serial, issue_id) == issue_id or came_back
        self._before = given
        owners = defaultdict(set)
        claimed = [(claim.issue, int(claim.number[5:])) for claim in self._claims()]
        assert all(given.get(issue_id) in (None, serial) for issue_id, serial in claimed)
        for issue_id, serial in [*given.items(), *claimed]:
            owners[f"{YEAR}-{serial:04}"].add(issue_id)
        with self._database.read() as connection:
            told = check_numbers(connection, DISTRICT).doubled
        assert {number for number, issues in owners.items() if len(issues) > 1} == told.keys()

    def decline_all(self) -> None:
        """Leave nothing undecided."""
        decide_claims(self._central.data_dir, (), [claim.line for claim in self._claims()])

    def _given(self) -> dict[str, int]:
        """The serials of the central's numbers, by issue; an issue with two fails."""
        found: dict[str, int] = {}
        with self._database.read() as connection:
            for (wire,) in connection.exec_driver_sql("SELECT wire FROM line WHERE kind = 'close_out'"):
                body = parse_line(orjson.loads(wire)).body
                assert found.setdefault(str(body["issue_id"]), body["serial"]) == body["serial"]
        return found

    def _claims(self) -> list[NumberClaim]:
        with self._database.read() as connection:
            return number_claims(connection, DISTRICT)
