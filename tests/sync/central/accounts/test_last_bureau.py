"""Whatever officers of the bureau do to each other and to their records, one of them can administer the district."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.ledger.hlc import system_clock_ms
from store.ledger.line import Line, canonical_json, derived_id
from store.values.times import district_time
from sync.admin_protocol import FiguresRequest, InviteRequest, ReadmitRequest, StopRequest
from sync.central.accounts.assignment_book import granting_lines, read_assignments
from sync.central.admin.setup import open_database
from sync.central.exceptions import Refusal
from sync.central.request import RequestContext
from sync.central.steps.admin_accounts import answer_figures, answer_readmit, answer_stop
from sync.central.steps.admin_invites import answer_invite
from sync.central.steps.join import answer_join
from sync.central.steps.push import answer_push
from sync.protocol import DeviceName, JoinRequest
from tests.examples import examples
from tests.sync.central_fixture import DISTRICT, Laptop, create_central

DAY_MS = 86_400_000
OFFICERS = 3
Act = tuple[str, int, int, int]
"""What is done, by whom, to whom, and a choice."""
ACTS = ("stop", "stop_device", "end", "dated", "delete", "stand_in", "merge", "unmerge", "erase", "again", "readmit",
        "night", "absence")  # fmt: skip


class Bureau:
    """A central with officers of the bureau, each with a device, and a clock that is moved."""

    def __init__(self, folder: Path) -> None:
        self.later_ms = 0
        code = create_central(folder / "central")
        self.database = open_database(folder / "central")
        self.devices: list[tuple[int, Laptop]] = []
        self.people: list[str] = []
        self.lines: list[Line] = []
        self.join(0, code)
        for officer in range(1, OFFICERS):
            self.join(officer, self.code(f"局长{officer}"))

    def clock(self) -> int:
        """The time, in milliseconds."""
        return system_clock_ms() + self.later_ms

    def context(self, token: str | None) -> RequestContext:
        """A request at this time."""
        return RequestContext(self.database, token, "", self.clock, lambda: True)

    def join(self, officer: int, code: str) -> None:
        """One more device of an officer."""
        laptop = Laptop("http://unused", self.clock)
        joined = JoinRequest(code=code, device=DeviceName(id=laptop.device, name=laptop.device))
        answer = answer_join(self.context(None), joined)
        laptop.token, laptop.person = answer.token, answer.person.id
        self.devices.append((officer, laptop))
        if officer == len(self.people):
            self.people.append(laptop.person)
            self.push(laptop, laptop.line("person", {"name": f"局长{officer}"}, id=laptop.person))

    def code(self, name: str, *, again: bool = False) -> str:
        """A code that whoever can makes for an officer."""
        order = InviteRequest(name=name, role=None if again else "bureau", again=again)
        return answer_invite(self.context(self.able()[0].token), order).code

    def push(self, laptop: Laptop, *lines: Line) -> None:
        """Push lines, whatever becomes of them."""
        answer_push(self.context(laptop.token), [orjson.loads(canonical_json(line)) for line in lines])
        self.lines += lines

    def able(self) -> list[Laptop]:
        """The devices from which the district can be administered now."""
        return [laptop for _, laptop in self.devices if self.administers(laptop)]

    def administers(self, laptop: Laptop) -> bool:
        """Whether the bureau's seat answers this device."""
        try:
            answer_figures(self.context(laptop.token), FiguresRequest())
        except Refusal:
            return False
        caller = self.context(laptop.token).caller()
        return any(grant.role == "bureau" for grant in caller.grants)

    def day(self, offset: int) -> str:
        """A day, so many from today on."""
        today: date = district_time(self.clock()).date()
        return (today + timedelta(days=offset)).isoformat()

    def rounds(self, days: int, *, without: frozenset[int] = frozenset()) -> None:
        """Let time pass, while all but these officers sync."""
        for _ in range(days):
            self.later_ms += DAY_MS * 30 if without else DAY_MS
            for officer, laptop in self.devices:
                if officer not in without:
                    with contextlib.suppress(Refusal), self.context(laptop.token).read():
                        pass

    def assignments(self, officer: int) -> list[Line]:
        """The lines that say what an officer is."""
        with self.database.read() as connection:
            lines = list(granting_lines(connection, DISTRICT))
        return [line for line in lines if line.body.get("person_id") == self.people[officer]]

    def change(self, by: Laptop, officer: int, *, deleted: bool = False, **body: object) -> None:
        """Another version of each assignment of an officer."""
        for line in self.assignments(officer):
            said = {**line.body, **body}
            self.push(by, by.line(line.kind, said, line.project, id=line.id, base=line.stamp, deleted=deleted))

    def do(self, act: Act) -> None:
        """One act, by an officer who can; another one may refuse it."""
        what, by, whom, choice = act
        hands = self.able()
        hand, name, person = hands[by % len(hands)], f"局长{whom}", self.people[whom]
        other = self.people[(whom + 1 + choice) % OFFICERS]
        ends = {"what": "person", "from_id": person, "into_id": other}
        erasure = {"person_id": person, "reason": "本人申请", "basis": "法"}
        stand_in = {"role": "stand_in", "person_id": person, "for_id": other, "to_date": self.day(choice - 1)}
        acts: dict[str, Callable[[], object]] = {
            "stop": lambda: answer_stop(self.context(hand.token), StopRequest(name=name)),
            "stop_device": lambda: answer_stop(self.context(hand.token), StopRequest(name=self.device(choice))),
            "end": lambda: self.change(hand, whom, to_date=self.day(-1)),
            "dated": lambda: self.change(hand, whom, to_date=self.day(choice - 1)),
            "delete": lambda: self.change(hand, whom, deleted=True),
            "stand_in": lambda: self.push(hand, hand.line("assignment", {**stand_in, "from_date": self.day(0)})),
            "merge": lambda: self.push(hand, hand.line("merge", ends, id=derived_id(DISTRICT, "merge", person))),
            "unmerge": lambda: self.push(
                hand, hand.line("merge", ends, id=derived_id(DISTRICT, "merge", person), deleted=True)
            ),
            "erase": lambda: self.push(hand, hand.line("erasure", erasure, id=derived_id(DISTRICT, "erasure", person))),
            "again": lambda: self.join(whom, self.code(name, again=True)),
            "readmit": lambda: answer_readmit(self.context(hand.token), ReadmitRequest(name=name)),
            "night": lambda: self.rounds(1 + choice),
            "absence": lambda: self.rounds(4, without=self.may_leave(choice)),
        }
        acts[what]()

    def device(self, n: int) -> str:
        """A device, by number."""
        return self.devices[n % len(self.devices)][1].device

    def may_leave(self, choice: int) -> frozenset[int]:
        """Officers of whom the others can do without for months: who stays is of the bureau without an end."""
        with self.database.read() as connection:
            book = read_assignments(connection, DISTRICT)
        lasting = {
            officer
            for officer, laptop in self.devices
            if self.administers(laptop) and book.has_lasting_bureau([laptop.person], self.day(0))
        }
        away = frozenset(each for each in range(OFFICERS) if choice & 1 << each)
        return away if lasting - away else frozenset()


@settings(max_examples=examples(6), deadline=None)
@given(st.lists(st.tuples(st.sampled_from(ACTS), *[st.integers(0, 7)] * 3), min_size=6, max_size=14))
def test_somebody_can_always_administer_the_district(acts: list[Act]) -> None:
    """Three officers stop each other's devices, end, date and delete each other's roles, let each other stand in, merge
    and erase each other, are invited again, and stay away for months: whatever is refused, one can go on at each
    moment, and on each later day."""
    with TemporaryDirectory() as folder:
        bureau = Bureau(Path(folder))
        try:
            for what, by, whom, choice in acts:
                with contextlib.suppress(Refusal):
                    bureau.do((what, by, whom % OFFICERS, choice))
                assert bureau.able(), what
            bureau.rounds(10)
            assert bureau.able()
        finally:
            bureau.database.close()


def test_who_has_no_device_keeps_nobody_in_office(tmp_path: Path) -> None:
    """An officer whose devices are all stopped, or whose token has expired, does nothing for the district: the one who
    can still work does not give up the role, nor is stopped by somebody who is of the bureau for some days only."""
    bureau = Bureau(tmp_path)
    first, second, third = (laptop for _, laptop in bureau.devices)
    bureau.do(("stop", 0, 1, 0))
    bureau.do(("stop", 0, 2, 0))
    assert bureau.able() == [first]
    bureau.do(("end", 0, 0, 0))
    bureau.do(("delete", 0, 0, 0))
    assert bureau.able() == [first]
    bureau.do(("again", 0, 1, 0))
    bureau.do(("dated", 0, 1, 3))
    bureau.later_ms += 1
    assert len(bureau.able()) == 2
    with pytest.raises(Refusal) as refused:
        answer_stop(bureau.context(bureau.devices[-1][1].token), StopRequest(name=first.device))
    assert refused.value.code == "last_bureau"
    bureau.rounds(4)
    assert bureau.able() == [first]
    assert not bureau.administers(second) and not bureau.administers(third)
    bureau.database.close()
