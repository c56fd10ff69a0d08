"""A central that was ahead is set right: what was stamped then is repaired on all sides, and nobody's work is lost."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from store.ledger.hlc import MAX_CLOCK_AHEAD_MS, ms_from_hlc, system_clock_ms
from store.ledger.line import Line
from store.values.times import district_time
from sync import protocol
from sync.central.admin import admin, clock_status
from tests.examples import examples
from tests.sync.central_fixture import Central, running_central
from tests.sync.laptops import ForwardingCentral, Laptop, agree, bureau, project, through, visit

AHEAD_MS = 20 * 3_600_000
"""Within the bounds of the central's clock."""


class Office:
    """A central whose clock can be set ahead, and two laptops."""

    def __init__(self, folder: Path, at: Central, late: list[int]) -> None:
        self.at = at
        self._late = late
        self.laptops = bureau(folder / "a", at), bureau(folder / "b", at, "李局")

    def set_ahead(self, ms: int) -> None:
        """Set the central's clock off."""
        self._late[0] = ms


@contextmanager
def office(folder: Path) -> Iterator[Office]:
    """An office whose central's system vouches for its time, also for a wrong one: as a wrong time server makes it."""
    late = [0]
    with running_central(folder, wall=lambda: system_clock_ms() + late[0], is_synchronised=True) as at:
        yield Office(folder, at, late)


def act(laptop: Laptop, issue: Line, name: str, **body: object) -> Line:
    """One act on an issue."""
    return laptop.put("issue_step", issue_id=issue.id, act=name, project=issue.project, **body)


def approve(laptop: Laptop, issue: Line) -> None:
    """Approve an issue as it is on this laptop."""
    read = [line for line in laptop.lines().values() if issue.id in (line.id, line.body.get("issue_id"))]
    act(laptop, issue, "approved", versions=[{"id": r.id, "stamp": r.stamp, "device": r.device} for r in read])


def state(laptop: Laptop, issue: Line) -> tuple[object, ...]:
    """State, number, and steps out of turn of an issue on a laptop."""
    return laptop.rows("SELECT state, close_number, out_of_turn FROM issue_state WHERE id = ?", issue.id)[0]


def is_ahead(line: Line) -> bool:
    """Whether a line is stamped in the future."""
    return ms_from_hlc(line.stamp) > system_clock_ms() + MAX_CLOCK_AHEAD_MS


def test_acts_are_in_turn_and_edits_count_once_the_clock_is_right(tmp_path: Path) -> None:
    """While the central was ahead an issue was assigned, a visit recorded and edited. Once it is right, an acceptance
    written meanwhile follows the assignment, the visit's unsent edit counts, the visit's day is the true one, the
    number that was given stays, and nothing is stamped in the future. The versions as they were are in history."""
    with office(tmp_path) as here:
        chief, clerk = here.laptops
        own = project(chief)
        issue, other = (chief.put("issue", number=n, title=n, kind="problem", project=own.id) for n in "XY")
        agree(chief, clerk)
        here.set_ahead(AHEAD_MS)
        for laptop in here.laptops:
            laptop.sync()
        act(chief, issue, "assigned")
        now = district_time(system_clock_ms() + AHEAD_MS)
        seen = chief.put("visit", at=now.isoformat(timespec="minutes"), how="visit", text="看了", project=own.id)
        act(chief, other, "assigned")
        act(chief, other, "accepted")
        settled = act(chief, other, "settled", measure="接电", evidence="照片")
        agree(chief, clerk)
        approve(clerk, other)
        agree(chief, clerk)
        number = state(chief, other)[1]
        here.set_ahead(0)
        with clerk.open() as device:
            device.ledger.edit("visit", seen.id, text="看了，改后")
        act(clerk, issue, "accepted")
        agree(*here.laptops)
        assert [state(laptop, issue) for laptop in here.laptops] == [("in_progress", None, None)] * 2
        assert [state(laptop, other) for laptop in here.laptops] == [("closed", number, None)] * 2
        lines = chief.lines()
        assert not any(map(is_ahead, lines.values()))
        day = district_time(system_clock_ms()).isoformat()[:10]
        assert (lines[seen.id].body["text"], lines[seen.id].body["at"][:10]) == ("看了，改后", day)
        assert ("restamped",) in clerk.rows("SELECT reason FROM history WHERE id = ?", settled.id)
        assert [row[0] for row in clerk.rows("SELECT code FROM notice")].count("clock_repaired") == 1
    assert clock_status.read_clock(here.at.data_dir)["stamped_ahead"] == 0
    actions = [entry["action"] for entry in admin.audit_page(here.at.data_dir)]
    assert actions.count("clock_repaired") == 1 and "restamped" in actions


def test_a_laptop_that_was_away_is_repaired_when_it_comes_back(tmp_path: Path) -> None:
    """It holds lines from the future and an edit of one, and the repair was made without it. Its first round applies
    the same repair: its edit beats what it was edited from, and the lines are the central's byte for byte."""
    with office(tmp_path) as here:
        chief, clerk = here.laptops
        own = project(chief)
        agree(chief, clerk)
        here.set_ahead(AHEAD_MS)
        chief.sync()
        seen, alone = visit(chief, own), visit(chief, own, "只读")
        chief.sync()
        clerk.sync()
        with clerk.open() as device:
            edited = device.ledger.edit("visit", seen.id, text="离线改的")
        assert is_ahead(edited)
        here.set_ahead(0)
        chief.sync()
        assert not any(map(is_ahead, chief.lines().values()))
        agree(clerk, chief)
        assert chief.lines()[seen.id].body["text"] == "离线改的"
        assert not any(map(is_ahead, clerk.lines().values()))
        assert (alone.stamp, "restamped") in clerk.rows("SELECT stamp, reason FROM history WHERE id = ?", alone.id)


class TellsNoRepairs(ForwardingCentral):
    """What a device of an older version reads of a hello."""

    async def hello(self, request: protocol.HelloRequest) -> protocol.HelloAnswer:
        """As `Central` has it."""
        return (await super().hello(request)).model_copy(update={"repairs": []})


def test_a_device_that_knows_no_repairs_works_on_and_loses_nothing(tmp_path: Path) -> None:
    """It keeps the later stamps and is not in agreement, but its edits are taken in, repaired; once it is upgraded it
    agrees byte for byte."""
    with office(tmp_path) as here:
        new, old = here.laptops
        own = project(new)
        agree(new, old)
        here.set_ahead(AHEAD_MS)
        new.sync()
        seen = visit(new, own)
        new.sync()
        through(old, TellsNoRepairs)
        here.set_ahead(0)
        new.sync()
        with old.open() as device:
            device.ledger.edit("visit", seen.id, text="旧版本改的")
        result, _asked = through(old, TellsNoRepairs)
        assert (result.verified, result.pending, result.rejected) == (False, 0, 0)
        new.sync()
        assert new.lines()[seen.id].body["text"] == "旧版本改的" and not is_ahead(new.lines()[seen.id])
        agree(old, new)


ACTS = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from(("write", "edit", "edit", "sync"))), min_size=2, max_size=5
)


@settings(
    max_examples=examples(1), phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(before=ACTS, ahead=ACTS, after=ACTS)
def test_in_any_order_all_agree_and_nobodys_edit_is_lost(
    tmp_path: Path, before: list[tuple[int, str]], ahead: list[tuple[int, str]], after: list[tuple[int, str]]
) -> None:
    """Two laptops write, edit and sync in any order before, while and after the central is ahead. In the end all have
    the same lines, none is stamped in the future, and every text that was written is current or in a history."""
    with office(Path(tempfile.mkdtemp(dir=tmp_path))) as here:
        own = project(here.laptops[0])
        agree(*here.laptops)
        written = list[tuple[str, str]]()
        for offset_ms, acts in ((0, before), (AHEAD_MS, ahead), (0, after)):
            here.set_ahead(offset_ms)
            for n, name in acts:
                play(here.laptops[n], own, name, written)
        for laptop in here.laptops:
            laptop.sync()
        agree(*here.laptops)
        assert not any(is_ahead(line) for line in here.laptops[0].lines().values())
        known = set[tuple[str, str]]()
        for laptop in here.laptops:
            known |= {(line.id, str(line.body.get("text"))) for line in laptop.lines().values()}
            known |= set(laptop.rows("SELECT id, body ->> 'text' FROM history"))
        assert set(written) <= known


def play(laptop: Laptop, own: Line, name: str, written: list[tuple[str, str]]) -> None:
    """One act of an officer; notes what was written."""
    text = f"第{len(written)}次"
    visits = sorted(line.id for line in laptop.lines().values() if line.kind == "visit")
    if name == "sync":
        laptop.sync()
    elif name == "edit" and visits:
        with laptop.open() as device:
            device.ledger.edit("visit", visits[0], text=text)
        written.append((visits[0], text))
    else:
        written.append((visit(laptop, own, text).id, text))
