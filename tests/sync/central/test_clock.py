"""The central's clock has bounds: outside them nothing is taken in until there is evidence that it is right."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.ledger.hlc import system_clock_ms
from sync.central.accounts.invitees import WhichPerson
from sync.central.admin import admin, clock_status
from sync.central.clock import AGREEMENT_MS, OFFSET_VARIABLE, offset_from_device, system_is_synchronised
from sync.central.db.clock_bounds import MAX_AHEAD_MS, MAX_BEHIND_MS, is_within_bounds
from sync.central.exceptions import CentralClockDoubtful
from tests.sync.central.ledger import project
from tests.sync.central_fixture import Central, Laptop, push_body, running_central

YEAR_MS = 365 * 86_400_000


class Ground:
    """A central whose clock can be set off, and three people's devices."""

    def __init__(self, at: Central, late: list[int]) -> None:
        self.at = at
        self.late = late
        self.laptops = [at.enrol(name) for name in ("张局", "李局", "王局")]

    def hello(self, n: int, off_ms: int = 0, known_offset_ms: int | None = None) -> dict[str, Any]:
        """A hello of the n-th device, whose clock is off by ``off_ms``."""
        laptop = self.laptops[n]
        return laptop.ask(
            "/v1/hello",
            laptop.greeting() | {"time": system_clock_ms() + off_ms, "offset_ms": known_offset_ms},
        )

    def push(self, n: int = 0) -> tuple[int, dict[str, Any]]:
        """A push of the n-th device: status and answer."""
        laptop = self.laptops[n]
        response = laptop.post("/v1/push", push_body([project(laptop)]))
        return response.status_code, response.json()


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    """A ground whose central's system vouches for nothing."""
    late = [0]
    with running_central(tmp_path, wall=lambda: system_clock_ms() + late[0], is_synchronised=False) as at:
        yield Ground(at, late)


@pytest.mark.parametrize("off_ms", [YEAR_MS, -YEAR_MS, MAX_AHEAD_MS + 60_000, -2 * AGREEMENT_MS])
def test_a_jumped_clock_takes_nothing_in_and_goes_on_reading(ground: Ground, off_ms: int) -> None:
    """Ahead or behind: push, renewal and join are refused with 503 ``clock``, while hello and pull are answered and say
    why; once the clock is right the same push is taken, and nothing was dated by the wrong clock."""
    assert ground.push()[0] == 200
    ground.late[0] = off_ms
    greeting = ground.hello(0)
    assert greeting["clock_doubtful"]
    assert abs(greeting["clock_off_ms"] - off_ms) < 60_000
    status, answer = ground.push()
    assert (status, answer["code"]) == (503, "clock")
    assert abs(answer["off_ms"] - off_ms) < 60_000
    renewing = {"device": {"id": ground.laptops[0].device, "name": "x"}}
    assert ground.laptops[0].post("/v1/renew", renewing).status_code == 503
    joining = {"protocol": 1, "code": ground.at.invite("赵局"), "device": {"id": ground.laptops[0].device, "name": "x"}}
    assert Laptop(ground.at.url).post("/v1/join", joining).json()["code"] == "clock"
    assert Laptop(ground.at.url).post("/v1/invitation", {"code": joining["code"]}).json()["code"] == "clock"
    assert len(ground.laptops[1].pull()["lines"]) == 1
    ground.late[0] = 0
    assert not ground.hello(0)["clock_doubtful"]
    assert ground.push()[0] == 200
    assert not clock_status.read_clock(ground.at.data_dir)["clock_doubtful"]
    entries = admin.audit_page(ground.at.data_dir)
    assert {entry["at"][:4] for entry in entries} == {entries[0]["at"][:4]}


def test_after_weeks_without_writes_the_first_honest_laptop_resumes(ground: Ground) -> None:
    """An outage with right clocks ends by itself: the device's own time is the evidence, also where its clock is wrong
    by a constant that it knows."""
    ground.push()
    ground.late[0] = 30 * 86_400_000
    assert ground.push()[0] == 503
    assert not ground.hello(0, off_ms=ground.late[0] + 5 * 3_600_000, known_offset_ms=-5 * 3_600_000)["clock_doubtful"]
    assert ground.push()[0] == 200
    evidence = [e["detail"] for e in admin.audit_page(ground.at.data_dir) if e["action"] == "clock_adopted"]
    assert [detail and detail["evidence"] for detail in evidence] == ["devices"]


@pytest.mark.parametrize("call", ["heal", "roster"])
def test_a_first_call_after_a_weekend_that_changes_nothing_leaves_the_audit_whole(tmp_path: Path, call: str) -> None:
    """Where the system vouches for the time, the event of it is numbered as any other, whatever the call brought."""
    late = [0]
    with running_central(tmp_path, wall=lambda: system_clock_ms() + late[0], is_synchronised=True) as at:
        ground = Ground(at, late)
        ground.push()
        late[0] = 3 * 86_400_000
        brought = {"roster": ground.laptops[0].post("/v1/roster", {}).json()["sealed"]} if call == "roster" else {}
        ground.laptops[0].ask("/v1/heal", orjson.dumps({"lines": [], **brought}))
        assert (
            ground.laptops[1].post("/v1/push", b'{"lines":[{"id":"x"}]}').status_code == 200
        )  # its refusal is an event
        assert admin.check_audit(at.data_dir).breaks == []


def test_most_people_decide_and_each_counts_once(ground: Ground) -> None:
    """One laptop whose own clock is wrong neither stops the district for long nor makes a wrong clock right."""
    ground.push()
    ground.late[0] = 30 * 86_400_000
    assert ground.hello(0)["clock_doubtful"]
    for _ in range(3):
        assert ground.hello(1, off_ms=ground.late[0] - 10 * AGREEMENT_MS)["clock_doubtful"]
    assert ground.hello(0, off_ms=ground.late[0])["clock_doubtful"]  # one of two is not most
    assert not ground.hello(2, off_ms=ground.late[0])["clock_doubtful"]
    assert ground.push()[0] == 200


def test_a_jump_of_hours_is_noticed_where_people_agree_about_it(ground: Ground) -> None:
    """Within its bounds a clock is contradicted by two of three people, and from then on takes nothing in, also when
    who had adopted the wrong time says that it agrees. Once the clock is right it is believed at once."""
    ground.push()
    ground.late[0] = 20 * 3_600_000
    assert not ground.hello(0)["clock_doubtful"]  # one laptop may be wrong itself
    assert not ground.hello(0, known_offset_ms=ground.late[0])["clock_doubtful"]  # it has adopted the wrong time
    told = ground.hello(1)
    assert told["clock_doubtful"] and abs(told["clock_off_ms"] - ground.late[0]) < 60_000
    assert ground.push()[0] == 503
    assert ground.hello(0, known_offset_ms=ground.late[0])["clock_doubtful"]
    ground.late[0] = 0
    assert not clock_status.read_clock(ground.at.data_dir)["clock_doubtful"]
    assert not ground.hello(0)["clock_doubtful"]
    assert ground.push()[0] == 200


def test_laptops_that_are_wrong_each_in_its_own_way_stop_nobody(ground: Ground) -> None:
    """Two of three laptops have wrong clocks, by different hours: the district works on; also where two
    of five say the same wrong time."""
    ground.push()
    assert not ground.hello(0, off_ms=3 * 3_600_000)["clock_doubtful"]
    assert not ground.hello(1, off_ms=-5 * 3_600_000)["clock_doubtful"]
    assert ground.push(2)[0] == 200
    for name in ("赵局", "钱局"):
        ground.laptops.append(ground.at.enrol(name))
    assert not ground.hello(1, off_ms=3 * 3_600_000)["clock_doubtful"]  # two of five
    assert ground.push(2)[0] == 200


def test_two_people_of_one_name_are_two(ground: Ground) -> None:
    """A clock that is far off needs the word of two people, and two who have the same name are two."""
    code = str(admin.invite(ground.at.data_dir, "李局", "bureau", which=WhichPerson(new=True))["code"])
    namesake = Laptop(ground.at.url)
    namesake.join(code)
    ground.push()
    ground.late[0] = YEAR_MS
    assert ground.hello(1, off_ms=YEAR_MS)["clock_doubtful"]
    right = {"time": system_clock_ms() + YEAR_MS, "offset_ms": None}
    assert not namesake.ask("/v1/hello", namesake.greeting() | right)["clock_doubtful"]


def test_one_person_makes_no_clock_right_that_is_a_year_off(ground: Ground) -> None:
    """A laptop on the central's own machine has the same wrong time, however often it says so; a second
    person's word is needed. Where there is only one person, theirs is enough."""
    ground.push()
    ground.late[0] = YEAR_MS
    for _ in range(3):
        greeting = ground.hello(0, off_ms=YEAR_MS)
        assert greeting["clock_doubtful"] and abs(greeting["clock_off_ms"] - YEAR_MS) < 60_000
    assert ground.push()[0] == 503
    assert not ground.hello(1, off_ms=YEAR_MS)["clock_doubtful"]
    ground.late[0] = 0
    for name in ("李局", "王局"):
        admin.revoke(ground.at.data_dir, name)
    assert not ground.hello(0)["clock_doubtful"]
    assert ground.push()[0] == 200


def test_a_mark_in_the_future_is_lowered_by_the_same_evidence(ground: Ground) -> None:
    """What was written while a wrong clock was believed does not stop the right one: an honest laptop is enough."""
    ground.late[0] = 20 * 3_600_000  # within the bounds
    assert ground.push()[0] == 200
    ground.late[0] = 0
    assert ground.push()[0] == 503
    assert not ground.hello(0)["clock_doubtful"]
    assert ground.push()[0] == 200
    latest = clock_status.read_clock(ground.at.data_dir)["latest_write"]
    assert str(latest) <= str(clock_status.read_clock(ground.at.data_dir)["now"])


def test_one_person_moves_no_weeks_of_lines(ground: Ground) -> None:
    """A central's clock that falls back by weeks is not believed because one device agrees with it, which may repeat
    what it was told: to believe it would move the stamps of all these weeks. Two people's word is enough."""
    ground.late[0] = 20 * 86_400_000
    assert ground.push()[0] == 503
    assert not ground.hello(0, off_ms=ground.late[0])["clock_doubtful"]
    assert ground.push()[0] == 200
    ground.late[0] = 0
    told = [ground.hello(0) for _ in range(3)]
    assert all(each["clock_doubtful"] and not each["repairs"] for each in told)
    assert ground.push()[0] == 503
    assert not ground.hello(1)["clock_doubtful"]
    assert ground.push()[0] == 200


def test_a_synchronised_system_needs_no_witness(tmp_path: Path) -> None:
    """Where the system says that its clock follows a time server, weeks without writes stop nothing."""
    late = [0]
    with running_central(tmp_path, wall=lambda: system_clock_ms() + late[0]) as at:
        ground = Ground(at, late)
        late[0] = 30 * 86_400_000
        assert ground.push()[0] == 200
    assert isinstance(system_is_synchronised(), bool)


def test_the_operator_is_told_and_may_confirm(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """What devices say is listed; while the clock is doubtful no role is granted; the operator's word ends it."""
    ground.push()
    ahead = 3 * 86_400_000
    ground.late[0] = ahead
    ground.hello(1)
    monkeypatch.setenv(OFFSET_VARIABLE, str(ahead))
    told = clock_status.read_clock(ground.at.data_dir)
    assert told["clock_doubtful"]
    devices: Any = told["devices"]
    assert [(each["account"], each["agrees"]) for each in devices] == [("李局", False)]
    with pytest.raises(CentralClockDoubtful, match="clock"):
        admin.invite(ground.at.data_dir, "赵局", "bureau")
    assert admin.revoke(ground.at.data_dir, "王局")
    assert not clock_status.confirm_clock(ground.at.data_dir)["clock_doubtful"]
    assert not any(ground.hello(n)["clock_doubtful"] for n in (0, 1))  # for a day the operator's word is more
    assert admin.invite(ground.at.data_dir, "赵局", "bureau")
    assert ground.push()[0] == 200


@given(st.integers(1, 1 << 45), st.integers(-(1 << 45), 1 << 45))
def test_the_bounds_hold_for_every_time(mark: int, off: int) -> None:
    """A clock is believed from a few minutes before the latest write to a day after it, and nowhere else."""
    assert is_within_bounds(mark, mark + off) == (-MAX_BEHIND_MS <= off <= MAX_AHEAD_MS)
    assert is_within_bounds(0, off)


@given(st.integers(0, 1 << 45), st.integers(-(1 << 60), 1 << 60), st.none() | st.integers(-(1 << 60), 1 << 60))
def test_a_device_is_believed_by_its_plain_or_its_corrected_time(now: int, device: int, known: int | None) -> None:
    """Whichever of both is closer counts, and whatever a hostile device says fits the database."""
    off = offset_from_device(now, device, known)
    assert abs(off) <= abs(now - device)
    assert abs(off) < 1 << 48
