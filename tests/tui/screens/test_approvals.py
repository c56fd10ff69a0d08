"""Approvals: exactly what was read is approved, in three keys; what changed since the return stands out."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.pilot import Pilot

from store.commands import issues as register
from store.commands.attachments import attach
from store.commands.exceptions import StaleApproval
from store.domain.limits import Limits
from store.domain.status_lights import light_thresholds
from store.queries.approvals import VersionRef, approval, approvals
from store.queries.issues import IssueDetail, issue
from store.queries.lines import current_line
from store.values.text import FORBIDDEN
from store.values.times import district_time
from store.writer.sync_writes import SyncLedger
from tests.pictures import jpeg
from tests.tui.app.test_hostile import HOSTILE, TEXTS
from tests.tui.driving import drive, make_app, press, screen_lines, screen_text, type_text, until
from tests.tui.driving import settled as settled_app
from tests.tui.role_samples import IS, OTHER, REASON, WAS, hold, store_of, submit
from tests.tui.sample import NOON_MS, issue_id, line_id
from tui.presenters.differences import diff_spans
from tui.screens.approvals import ApprovalsScreen
from tui.screens.issues import IssuesScreen
from tui.widgets.page import PageView

TODAY = light_thresholds(district_time(NOON_MS).date())


@pytest.fixture
def bureau(home: Path) -> Path:
    """The sample at the bureau, where two issues of others wait: 3, which was returned once, then 1."""
    submit(home)
    hold(home, "bureau")
    return home


def stands(home: Path, number: int) -> IssueDetail:
    """An issue of the sample as it stands."""
    database = store_of(home)
    found = issue(database.connection(), issue_id(number), TODAY)
    database.close()
    assert found is not None
    return found


def change_settlement(home: Path, number: int, measure: str) -> None:
    """A round brings another version of a settlement, by who settled it."""
    settled = [step for step in stands(home, number).steps if step.act == "settled"][-1]
    database = store_of(home)
    with database.write() as connection:
        values = (measure, settled.stamp + 1, settled.id)
        connection.execute("UPDATE issue_step SET measure = ?, stamp = ? WHERE id = ?", values)
    database.close()


def screen_of(pilot: Pilot[None]) -> ApprovalsScreen:
    """The approvals on the screen."""
    assert isinstance(pilot.app.screen, ApprovalsScreen)
    return pilot.app.screen


def test_approving_takes_two_keys_and_goes_on_to_the_next(bureau: Path) -> None:
    """From the ledger p y: the one that waits longest is closed, its approval names what was read, the cursor is on
    the next."""
    keys = ["p", "y"]

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "3")
        await press(pilot, *keys[:1])
        assert screen_of(pilot).rows.row.id == issue_id(3)  # type: ignore[union-attr]
        await press(pilot, *keys[1:])
        await until(pilot, lambda: screen_of(pilot).rows.total == 1)
        assert screen_of(pilot).rows.row.id == issue_id(1)  # type: ignore[union-attr]
        assert "W2026-003" in screen_text(pilot)  # said: approved

    drive(make_app(bureau), script)
    assert len(keys) <= 3
    found = stands(bureau, 3)
    assert found.row.state == "closed"
    settled = [step for step in found.steps if step.act == "settled"][-1]
    named = current_line(store_of(bureau).connection(), found.steps[-1].id)
    assert named is not None
    assert {one["id"]: one["stamp"] for one in named.body["versions"]} == {
        found.row.id: found.stamp,
        settled.id: settled.stamp,
    }


@pytest.mark.soak(turns=2)
@pytest.mark.parametrize("size", [(80, 24), (160, 45)], ids=["80x24", "160x45"])
def test_what_changed_since_the_return_stands_out(size: tuple[int, int], bureau: Path) -> None:
    """The new settlement with what came into it, the old one as it was returned, and the reason of the return."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "3", "p")
        if size[0] < 110:
            assert REASON in screen_text(pilot)
            await press(pilot, "tab", "end", "up", "up")
        shown = screen_text(pilot)
        assert "逐户走访{+三百户+}，分段施工" in shown or size[0] < 110
        assert WAS in shown

    drive(make_app(bureau), script, size=size)


def test_what_changes_while_it_is_read_is_not_approved_unseen(bureau: Path) -> None:
    """The settlement is edited elsewhere while it is read: it is shown again, the next y approves nothing, and the one
    after that names the new version."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "3", "p")
        change_settlement(bureau, 3, "只走访了十户")
        await until(pilot, lambda: "只走访了十户" in screen_text(pilot))
        await press(pilot, "y")
        assert stands(bureau, 3).row.state == "settled"
        await press(pilot, "y")
        await until(pilot, lambda: screen_of(pilot).rows.total == 1)

    drive(make_app(bureau), script, size=(160, 45))
    assert stands(bureau, 3).row.state == "closed"


def test_an_approval_of_an_older_version_is_refused(bureau: Path) -> None:
    """Between reading and writing the settlement changed: nothing is written."""
    database = store_of(bureau)
    read = approval(database.connection(), issue_id(3), TODAY)
    assert read is not None
    change_settlement(bureau, 3, "只走访了十户")
    with pytest.raises(StaleApproval):
        register.act(SyncLedger(database, wall_clock=lambda: NOON_MS), issue_id(3), "approve", read=read.read)
    assert stands(bureau, 3).steps[-1].act == "settled"


def test_ones_own_line_does_not_wait_for_oneself(bureau: Path) -> None:
    """What the reader recorded, or settled, is for a colleague to approve."""
    connection = store_of(bureau).connection()
    me = line_id("person", "乙卫东")
    assert [row.id for row in approvals(connection, TODAY, [me])] == [issue_id(3), issue_id(1)]
    settled = stands(bureau, 3).steps[-1].id
    with store_of(bureau).write() as writing:
        writing.execute("UPDATE issue SET author_id = ? WHERE id = ?", (me, issue_id(1)))
        writing.execute("UPDATE issue_step SET author_id = ? WHERE id = ?", (me, settled))
    assert approvals(connection, TODAY, [me]) == []
    assert len(approvals(connection, TODAY, [OTHER])) == 0


def test_a_district_that_asks_the_enterprise_waits_for_its_word(bureau: Path) -> None:
    """Where the enterprise confirms settlements, only what it has confirmed waits for the bureau."""
    database = store_of(bureau)
    asked = light_thresholds(district_time(NOON_MS).date(), Limits(confirmation=1))
    assert approvals(database.connection(), asked, []) == []
    register.act(SyncLedger(database, wall_clock=lambda: NOON_MS), issue_id(1), "confirm")
    assert [row.id for row in approvals(database.connection(), asked, [])] == [issue_id(1)]


def test_returning_asks_for_the_reason_and_goes_on(bureau: Path) -> None:
    """b, the reason, ctrl+s: the issue is in progress again, and the list is one shorter."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "3", "p", "b")
        await type_text(pilot, "佐证不足")
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, ApprovalsScreen))
        await until(pilot, lambda: screen_of(pilot).rows.total == 1)

    drive(make_app(bureau), script)
    found = stands(bureau, 3)
    assert (found.row.state, found.steps[-1].reason) == ("in_progress", "佐证不足")


def test_several_are_approved_after_a_look_at_each(bureau: Path) -> None:
    """Space selects, y lists what the settlements say, enter agrees to all of them."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "3", "p", "space", "space", "y")
        assert "架设临时线路" in screen_text(pilot)
        assert IS in screen_text(pilot)
        await press(pilot, "enter")
        await until(pilot, lambda: screen_of(pilot).rows.total == 0)

    drive(make_app(bureau), script)
    assert [stands(bureau, number).row.state for number in (1, 3)] == ["closed", "closed"]


def test_only_a_bureau_is_offered_approvals(bureau: Path) -> None:
    """A butler's p does nothing, and the key line does not name it."""
    hold(bureau, "butler")

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "3", "p", "ctrl+p")
        assert isinstance(pilot.app.screen, IssuesScreen)

    drive(make_app(bureau), script)


@pytest.mark.soak(turns=2)
@pytest.mark.parametrize("size", [(80, 24), (160, 45)], ids=["80x24", "160x45"])
def test_hostile_settlements_are_inert(size: tuple[int, int], bureau: Path) -> None:
    """Escape sequences and markup in a settlement, in its return and in the names around it reach no line."""
    with store_of(bureau).write() as connection:
        for table, columns in TEXTS.items():
            for column in columns:
                connection.execute(f"UPDATE {table} SET {column} = ?", (HOSTILE,))
        connection.execute("UPDATE history SET body = json_set(body, '$.measure', ?)", (HOSTILE + "又",))

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "3", "p", "tab", "pagedown")
        assert not any(FORBIDDEN.search(shown) or "\n" in shown for shown in screen_lines(pilot))
        await press(pilot, "shift+tab", "space", "y")
        assert not any(FORBIDDEN.search(shown) or "\n" in shown for shown in screen_lines(pilot))

    drive(make_app(bureau), script, size=size)


@pytest.mark.parametrize(
    ("old", "new", "before", "after"),
    [
        (WAS, IS, WAS, "逐户走访{+三百户+}，分段施工"),
        ("回访记录3份", "回访记录12份", "回访记录[-3-]份", "回访记录{+12+}份"),
        ("甲", "", "[-甲-]", ""),
        ("一样", "一样", "一样", "一样"),
        ("先甲后乙", "丙后丁", "[-先甲后乙-]", "{+丙后丁+}"),
    ],
)
def test_differences_are_marked_word_by_word(old: str, new: str, before: str, after: str) -> None:
    """What went is marked in the old text, what came in the new one; a single word that stayed is no island."""
    told = tuple("".join(text for text, _style in side) for side in diff_spans(old, new))
    assert told == (before, after)


def test_a_read_version_is_a_line_a_stamp_and_a_device(bureau: Path) -> None:
    """The versions of an approval's row are those that the command compares: the issue's and the settlement's."""
    found = approvals(store_of(bureau).connection(), TODAY, [])[0]
    detail = stands(bureau, 3)
    assert found.read[0] == VersionRef(detail.row.id, detail.stamp, detail.device)
    assert found.returned == 1


def test_pictures_stand_beside_what_was_sent_back_before(bureau: Path, tmp_path: Path) -> None:
    """The settlement now shows its photo, and beside it the returned one the photo that was not enough; of each the
    name first, the picture as soon as it is decoded."""
    (bureau / "settings.toml").write_text('picture_preview = "signs"\n')
    database = store_of(bureau)
    settled = [step for step in stands(bureau, 3).steps if step.act == "settled"]
    for step, name in zip(settled, ("那时.jpg", "现在.jpg"), strict=True):
        (tmp_path / name).write_bytes(jpeg(120, 90, turned=3 if name == "现在.jpg" else 1))
        attach(SyncLedger(database, wall_clock=lambda: NOON_MS), step.id, [tmp_path / name])
    database.close()

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "3", "p")
        await settled_app(pilot)
        now, before = (pilot.app.screen.query_one(f"#{name}", PageView).texts() for name in ("now", "before"))
        assert any("现在.jpg" in line for line in now) and any("那时.jpg" in line for line in before)
        assert all(sum("====" in line for line in page) > 5 for page in (now, before))

    drive(make_app(bureau), script, (160, 45))
