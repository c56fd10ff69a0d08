"""Lines that the central rejected: the reason and the remedy; correct, send again, discard."""

from __future__ import annotations

from pathlib import Path

from textual.pilot import Pilot

from store.queries.lines import rejected_lines
from tests.tui.conflicts import body_of, store_of
from tests.tui.driving import drive, make_app, press, screen_text, settled, until
from tests.tui.sample import NOON_MS, line_id
from tui.i18n.labels import FAMILIES
from tui.presenters.rejected import remedy_text
from tui.screens.history import HistoryScreen
from tui.screens.rejected import RejectedScreen
from tui.screens.visit_form import VisitForm

VISITS = [line_id("visit", number) for number in range(3)]


def refuse(home: Path, *codes: str) -> None:
    """Mark the sample's unsent visits as refused, each with a code."""
    database = store_of(home)
    with database.write() as connection:
        for visit, code in zip(VISITS, codes, strict=False):
            connection.execute(
                "UPDATE outbox SET state = 'rejected', code = ?, reason = 'no role', at = ? WHERE id = ?",
                (code, NOON_MS, visit),
            )
    database.close()


def left(home: Path) -> set[str]:
    """The lines that are still refused."""
    database = store_of(home)
    found = {one.id for one in rejected_lines(database.connection())}
    database.close()
    return found


def shown(pilot: Pilot[None]) -> RejectedScreen:
    """The screen."""
    assert isinstance(pilot.app.screen, RejectedScreen)
    return pilot.app.screen


def test_every_refusal_says_how_to_mend_it() -> None:
    """For each code the page has a remedy of its own; for one that this version does not know, and for none, it says
    what can always be done."""
    remedies = {code: remedy_text(code) for code in (*FAMILIES["rejection"], "made_up", None)}
    assert all(remedies.values())
    assert remedies["made_up"] == remedies[None]
    assert len(set(remedies.values())) == len(FAMILIES["rejection"]) + 1


def test_a_refused_line_is_read_with_its_reason(home: Path) -> None:
    """Enter shows why the line was rejected, in the person's words and not the central's, the remedy, and the line."""
    refuse(home, "forbidden")

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "x", "enter")
        told = screen_text(pilot)
        for part in ("无权写入", "主体厂房已封顶"):
            assert part in told
        assert "no role" not in told
        assert remedy_text("forbidden")[:8] in told

    drive(make_app(home, start="today"), script)


def test_several_are_sent_again_at_once(home: Path) -> None:
    """Space selects, t puts those back among the unsent; the others stay refused."""
    refuse(home, "forbidden", "clock_ahead", "moved")

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "x", "space", "space", "t")
        await until(pilot, lambda: shown(pilot).rows.total == 1)

    drive(make_app(home, start="today"), script)
    assert len(left(home)) == 1


def test_several_are_given_up_only_by_the_key_of_destructive_acts(home: Path) -> None:
    """The question names them; enter does not agree, ctrl+d does, and their versions stay in the history."""
    refuse(home, "forbidden", "forbidden", "forbidden")

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "x", "enter", "space", "space", "ctrl+d", "enter")
        assert left(home) == set(VISITS)
        await press(pilot, "ctrl+d")
        await until(pilot, lambda: shown(pilot).rows.total == 1)

    drive(make_app(home, start="today"), script)
    assert len(left(home)) == 1


def test_a_corrected_line_is_sent_again(home: Path) -> None:
    """e opens the form of the line's kind; once saved it is no longer refused, and the list knows."""
    refuse(home, "unclean")

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "x", "e")
        assert isinstance(pilot.app.screen, VisitForm)
        await press(pilot, "改", "ctrl+s")
        await until(pilot, lambda: shown(pilot).rows.total == 0)

    drive(make_app(home, start="today"), script)
    assert left(home) == set()
    assert "改" in body_of(home, VISITS[0])["text"]


def test_a_line_that_no_form_corrects_says_so(home: Path) -> None:
    """An act on an issue is never edited: e says what can be done instead."""
    step = line_id("step", 1, 0)
    database = store_of(home)
    with database.write() as connection:
        connection.execute(
            "INSERT INTO outbox (id, n, kind, bucket, stamp, wire, digest, drift_ms, state, code, at) "
            "SELECT id, 99, 'issue_step', 'i:x', stamp, '{}', digest, 0, 'rejected', 'forbidden', ? "
            "FROM issue_step WHERE id = ?",
            (NOON_MS, step),
        )
    database.close()

    async def script(pilot: Pilot[None]) -> None:
        pilot.app.open_screen("rejected")  # type: ignore[attr-defined]
        await settled(pilot)
        before = screen_text(pilot)
        await press(pilot, "e")
        assert shown(pilot).rows.total == 1
        assert screen_text(pilot) != before

    drive(make_app(home), script)


def test_without_a_refusal_nothing_is_offered(home: Path) -> None:
    """An empty list says so; its keys do nothing; escape leads back."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "x", "e", "t", "ctrl+d", "h", "enter")
        assert shown(pilot).rows.total == 0
        assert len("".join(screen_text(pilot).splitlines()[2].split())) > 8

    drive(make_app(home, start="today"), script)


def test_the_history_of_a_refused_line(home: Path) -> None:
    """h opens the versions of the line under the cursor."""
    refuse(home, "forbidden")

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "x", "f9")
        assert isinstance(pilot.app.screen, HistoryScreen)
        assert pilot.app.screen.line_id == VISITS[0]

    drive(make_app(home, start="today"), script)
