"""Laptops that worked offline converge, and a round costs no more than what changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sync import protocol
from sync.central.admin import admin
from sync.enrolment import join_central
from sync.exceptions import BadInvite, DeviceRefused, DistrictMismatch, InsecureAddress, NotEnrolled
from sync.protocol.documents import EXCHANGE
from tests.sync.central_fixture import Central
from tests.sync.laptops import (
    ForwardingCentral,
    Laptop,
    agree,
    bureau,
    counted,
    project,
    project_of,
    standalone_home,
    through,
    visit,
)


def test_what_two_laptops_wrote_offline_is_on_both(pair: tuple[Laptop, Laptop]) -> None:
    """Lines written offline on two laptops reach both: they print equal bytes, and both are verified."""
    first, second = pair
    written = [visit(laptop, project_of(laptop), text) for laptop in pair for text in ("看了地基", "问了用电")]
    agree(first, second)
    assert {line.id for line in written} <= first.lines().keys()


def test_of_two_edits_of_one_line_the_later_wins_and_the_loser_can_come_back(pair: tuple[Laptop, Laptop]) -> None:
    """Both laptops change one line offline. The later stamp wins everywhere; the loser is in its writer's history, and
    restored it travels to the other laptop as a new version."""
    first, second = pair
    shared = project_of(first)
    with first.open() as device:
        loser = device.ledger.edit("project", shared.id, name="先改的名")
    with second.open() as device:
        winner = device.ledger.edit("project", shared.id, name="后改的名")
    second.sync()
    result = first.sync()
    assert result.superseded == 1
    agree(first, second)
    assert first.lines()[shared.id] == winner
    history = first.rows("SELECT stamp, device_id, reason FROM history WHERE id = ? ORDER BY stamp DESC", shared.id)
    assert history[0] == (loser.stamp, loser.device, "superseded")
    with first.open() as device:
        restored = device.ledger.restore(shared.id, loser.stamp, loser.device)
    agree(first, second)
    assert second.lines()[shared.id] == restored
    assert second.lines()[shared.id].body["name"] == "先改的名"


def test_a_lone_home_keeps_its_lines_when_it_joins(tmp_path: Path, at: Central) -> None:
    """A home that worked alone joins: its lines, written by a person unknown to the central, arrive in the name by
    which the central knows the officer."""
    known = bureau(tmp_path / "known", at, "王丙")
    alone = standalone_home(tmp_path / "alone", "王丙")
    line = project(alone, "独自记下的")
    joined = join_central(alone.home, alone.settings, at.url, at.invite("王丙", "bureau"))
    assert joined.person == known.meta()["person"]
    assert alone.sync().rejected == 0
    agree(alone, known)
    assert known.lines()[line.id].author == joined.person


def test_a_home_of_another_district_is_not_taken_in(tmp_path: Path, at: Central) -> None:
    """Joining the central of another district changes nothing and leaves the home as it was."""
    alone = standalone_home(tmp_path / "alone", "王丙", "999999")
    before = alone.meta()
    with pytest.raises(DistrictMismatch):
        alone.join(at, at.invite("王丙", "bureau"))
    assert alone.meta() == before
    with pytest.raises(NotEnrolled):
        alone.sync()


def test_a_code_works_once(tmp_path: Path, at: Central) -> None:
    """A used code is refused, and the home that tried is not a home of the district."""
    Laptop(tmp_path / "a").join(at, at.admin_code)
    late = Laptop(tmp_path / "b")
    with pytest.raises(BadInvite):
        late.join(at, at.admin_code)
    assert not late.home.exists


def test_joining_over_plain_http_elsewhere_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    """The address is checked first: no folder, no key, no request."""
    laptop = Laptop(tmp_path / "a")
    with pytest.raises(InsecureAddress):
        join_central(laptop.home, laptop.settings, "http://central.example", "CODE")
    assert not laptop.home.path.exists()


# What a round costs


def test_a_round_in_which_nothing_happened_is_one_small_request(pair: tuple[Laptop, Laptop]) -> None:
    """One request of less than 1 kB each way, headers and all, and nothing else."""
    first, second = pair
    agree(first, second)
    traffic = counted(first)
    assert traffic.requests == [EXCHANGE]
    assert 0 < traffic.up <= 1_000
    assert 0 < traffic.down <= 1_000


def test_a_round_costs_one_request_whatever_it_carries(pair: tuple[Laptop, Laptop]) -> None:
    """A round with something to send and something to receive is one message and one answer."""
    first, second = pair
    agree(first, second)
    told = visit(second, project_of(second))
    second.sync()
    visit(first, project_of(first))
    assert counted(first).requests == [EXCHANGE]
    assert told.id in first.lines()
    assert first.sync().in_agreement


def test_a_change_costs_four_requests_by_protocol_1(pair: tuple[Laptop, Laptop]) -> None:
    """Where protocol 2 is not spoken, a round with something to send says hello, pushes, moves its cursor and
    compares."""
    first, second = pair
    agree(first, second)
    visit(first, project_of(first))
    assert through(first)[1] == ["hello", "push", "pull", "hello"]


def test_a_first_round_does_not_get_its_own_lines_back(tmp_path: Path, at: Central) -> None:
    """A home that brings many lines reads before it pushes, so that they travel once."""
    laptop = bureau(tmp_path / "a", at)
    shared = project(laptop)
    for n in range(20):
        visit(laptop, shared, f"第{n}次")
    result = laptop.sync()
    assert (result.pushed, result.pulled, result.verified) == (22, 1, True)  # its role


def test_many_pages_travel_both_ways(tmp_path: Path, at: Central) -> None:
    """With pages of seven lines, a hundred lines go out and come in, in order, none lost and none twice."""
    first, second = bureau(tmp_path / "a", at, "甲"), bureau(tmp_path / "b", at, "乙")
    shared = project(first)
    with first.open() as device:
        for n in range(100):
            body = {"at": "2025-03-04T09:00+08:00", "how": "visit", "text": f"第{n}次"}
            device.ledger.put("visit", body, project=shared.id)
    pages: list[int] = []

    class Small(ForwardingCentral):
        async def push(self, lines: list[bytes], chain: protocol.PushChain | None = None) -> protocol.PushAnswer:
            pages.append(len(lines))
            return await self.inner.push(lines, chain)

        async def pull(self, request: protocol.PullRequest) -> protocol.PullAnswer:
            return await self.inner.pull(request.model_copy(update={"limit": 7}))

    first.page_lines = 7
    assert first.sync_through(Small).pushed == 102
    assert pages == [7] * 14 + [4]
    assert second.sync_through(Small).pulled == 104  # with the roles of both
    assert first.sync().pulled == 1
    assert first.dump() == second.dump()


# Copies


def test_a_restored_store_is_marked_and_renews_once(pair: tuple[Laptop, Laptop]) -> None:
    """A store that a backup was restored into says so, and asks for its own id and token once."""
    first, second = pair
    with first.open() as device:
        device.ledger.save_facts(renew="1")
    before = first.meta()["device"]
    assert first.sync().verified
    assert first.meta()["device"] != before
    assert through(first)[1] == ["hello"]
    agree(first, second)


def test_a_restored_store_of_a_revoked_laptop_joins_as_a_device_of_its_own(
    pair: tuple[Laptop, Laptop], tmp_path: Path, at: Central
) -> None:
    """The laptop was lost and revoked; its backup on a new one is refused, joins with a code, and syncs on."""
    first, second = pair
    shutil.copytree(first.home.path, tmp_path / "copy")
    admin.revoke(at.data_dir, first.meta()["device"])
    copy = Laptop(tmp_path / "copy")
    visit(copy, project_of(copy), "新电脑写的")
    with pytest.raises(DeviceRefused):
        copy.sync()
    copy.join(at, at.invite("张甲"))
    assert copy.meta()["device"] != first.meta()["device"]
    assert through(copy)[1][0] == "hello"
    agree(copy, second)
