"""The central's own part of the repair: its times, what it takes in meanwhile, and when it does nothing by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from store.ledger.hlc import hlc_from_ms, ms_from_hlc, system_clock_ms
from sync.central.admin import admin
from sync.central.admin.setup import read_central, write_central
from sync.central.db.commit_order import lock_district
from sync.central.db.tables import DEVICE, INVITE, LINE, ROLE
from sync.central.writes.clock_repair import repair_clock, repair_of, stamped_ahead
from tests.sync.central.ledger import project
from tests.sync.central_fixture import DISTRICT, Central, running_central

HOUR_MS = 3_600_000
AHEAD_MS = 20 * HOUR_MS


class Ground:
    """A central whose clock can be set off, with a laptop of the bureau."""

    def __init__(self, at: Central, late: list[int]) -> None:
        self.at = at
        self.late = late
        self.laptop = at.enrol("张局")

    def hello(self) -> dict[str, Any]:
        """A hello with the right time."""
        return self.laptop.ask("/v1/hello", self.laptop.greeting() | {"time": system_clock_ms()})

    def push_ahead(self, ms: int) -> str:
        """Push a project that is stamped so far ahead; gives its id."""
        line = project(self.laptop, stamp=hlc_from_ms(system_clock_ms() + ms))
        assert [outcome["outcome"] for outcome in self.laptop.push([line])] == ["applied"]
        return line.id


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[Ground]:
    """A ground whose central's system vouches for nothing."""
    late = [0]
    with running_central(tmp_path, wall=lambda: system_clock_ms() + late[0], is_synchronised=False) as at:
        yield Ground(at, late)


def rows(ground: Ground, *columns: Any) -> list[tuple[Any, ...]]:
    """These columns of all rows, but of the assignments that the central has written itself."""
    chosen = select(*columns)
    if columns[0].table is LINE:
        chosen = chosen.where(LINE.c.kind != "assignment")
    with read_central(ground.at.data_dir) as connection:
        return [tuple(row) for row in connection.execute(chosen)]


def test_the_centrals_own_times_are_right_again(ground: Ground) -> None:
    """Roles that were withdrawn, codes that were made and lines that were received while the clock was ahead: a role
    covers late work no longer than it should, a code ends when it should, and backups and healings count from now."""
    ground.laptop.push([project(ground.laptop)])
    ground.late[0] = AHEAD_MS
    ground.push_ahead(AHEAD_MS)
    with write_central(ground.at.data_dir) as connection:
        late = system_clock_ms() + AHEAD_MS
        connection.execute(INVITE.update().values(created_at=late, expires_at=late + HOUR_MS))
        connection.execute(ROLE.insert().values(
            district=DISTRICT, n=99, account=ground.laptop.person, role="butler", granted_at=late, withdrawn_at=late
        ))  # fmt: skip
    ground.late[0] = 0
    assert ground.hello()["repairs"]
    now = system_clock_ms() + 60_000
    assert all(at is None or at <= now for row in rows(ground, ROLE.c.granted_at, ROLE.c.withdrawn_at) for at in row)
    assert all(
        made <= now and ends <= now + HOUR_MS for made, ends in rows(ground, INVITE.c.created_at, INVITE.c.expires_at)
    )
    assert all(ms_from_hlc(stamp) <= now and at <= now for stamp, at in rows(ground, LINE.c.stamp, LINE.c.received_at))
    checked = admin.check_integrity(ground.at.data_dir)
    assert checked == {"lines": 3, "damaged": [], "buckets": [], "total": False}


def test_an_edit_of_a_version_from_the_future_is_taken_in_by_its_repaired_stamp(ground: Ground) -> None:
    """A device that has not heard of the repair pushes such an edit: it beats the repaired version and is not stamped
    in the future. A stamp from the repaired interval that follows nothing from there is refused as ever."""
    ground.late[0] = AHEAD_MS
    line_id = ground.push_ahead(AHEAD_MS)
    stamp = rows(ground, LINE.c.stamp)[0][0]
    ground.late[0] = 0
    ground.hello()
    repaired = rows(ground, LINE.c.stamp)[0][0]
    edited = project(ground.laptop, "改了", id=line_id, stamp=stamp + 1)._replace(project=line_id, base=stamp)
    assert [outcome["outcome"] for outcome in ground.laptop.push([edited])] == ["applied"]
    assert rows(ground, LINE.c.stamp) == [(repaired + 1,)]
    forged = project(ground.laptop, "伪", stamp=stamp)
    assert [outcome.get("code") for outcome in ground.laptop.push([forged])] == ["clock_ahead"]


def test_what_was_repaired_is_not_the_measure_of_the_next_repair(ground: Ground) -> None:
    """The versions of a wrong day stay in history as they were. When the clock falls back by minutes later, times are
    moved by minutes."""
    long_ago = system_clock_ms() - 2 * HOUR_MS
    ground.laptop.push([project(ground.laptop, stamp=hlc_from_ms(long_ago))])
    with write_central(ground.at.data_dir) as connection:
        connection.execute(LINE.update().values(received_at=long_ago))
    ground.late[0] = AHEAD_MS
    ground.push_ahead(AHEAD_MS)
    ground.late[0] = 0
    assert len(ground.hello()["repairs"]) == 1
    ground.push_ahead(0)
    ground.late[0] = -HOUR_MS // 6
    assert not ground.laptop.ask("/v1/hello", ground.laptop.greeting() | {"time": system_clock_ms() + ground.late[0]})[
        "clock_doubtful"
    ]
    now = system_clock_ms() + ground.late[0]
    assert all(abs(at - now) < HOUR_MS for (at,) in rows(ground, DEVICE.c.created_at))
    stamps = sorted(ms_from_hlc(stamp) for (stamp,) in rows(ground, LINE.c.stamp))
    assert stamps[0] == long_ago and all(abs(at - now) < HOUR_MS for at in stamps[1:])


def test_a_clock_that_fell_behind_everything_repairs_nothing_by_itself(central: Central) -> None:
    """All that was ever received would be in the future: then the present clock is the more doubtful one. The operator
    sees the lines and may repair them. In both databases the checksums are right afterwards."""
    laptop = central.enrol("张局")
    laptop.push([project(laptop)])
    with write_central(central.data_dir) as connection:
        counter = lock_district(connection, DISTRICT, system_clock_ms() - 365 * 24 * HOUR_MS)
        assert counter is not None
        counter.adopt_clock()
        assert counter.repair_due is not None
        assert repair_clock(connection, counter).lines == 0
        assert counter.repair_due is None
        assert stamped_ahead(connection, DISTRICT, counter.now_ms) == 2
        if connection.dialect.name == "sqlite":
            plan = "EXPLAIN QUERY PLAN SELECT count(*) FROM line WHERE district = '1' AND stamp > 1"
            assert "line_stamp" in str(connection.exec_driver_sql(plan).all())
        assert repair_clock(connection, counter, by_operator=True).lines == 2
        assert stamped_ahead(connection, DISTRICT, counter.now_ms) == 0
    checked = admin.check_integrity(central.data_dir)
    assert checked == {"lines": 2, "damaged": [], "buckets": [], "total": False}
    actions = [entry["action"] for entry in admin.audit_page(central.data_dir)]
    assert [action for action in actions if action.startswith("clock_rep")] == ["clock_repair_left", "clock_repaired"]


def test_a_repair_never_moves_lines_before_what_was_committed_earlier() -> None:
    """The right interval may be shorter than the wrong one, as after two jumps: it is pressed together then."""
    first = hlc_from_ms(5_000_000_000)
    repair = repair_of(first, first + hlc_from_ms(HOUR_MS), until_ms=2_000_000_000, floor=hlc_from_ms(1_999_000_000))
    assert repair.is_sound
    assert repair.stamp(first) == hlc_from_ms(1_999_000_000) + 1
    wide = repair_of(first, first + hlc_from_ms(HOUR_MS), until_ms=2_000_000_000, floor=0)
    assert wide.stamp(first + hlc_from_ms(HOUR_MS)) == hlc_from_ms(2_000_000_000)
    assert repair_of(first, first, until_ms=1_000, floor=hlc_from_ms(900_000)).is_sound
