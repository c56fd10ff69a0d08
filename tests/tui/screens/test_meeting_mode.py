"""Meeting mode: departments are picked by typing, issues decided in three keys, and the minute writes itself."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from textual.app import App, ComposeResult
from textual.events import Key
from textual.pilot import Pilot

from store.domain.registers import MEETING_REGISTER
from store.domain.status_lights import light_thresholds
from store.queries import register_lines
from store.queries.issues import IssueDetail, issue
from store.queries.meetings import meeting_line_id
from store.values.text import FORBIDDEN
from store.values.times import district_time
from store.writer.sync_writes import SyncLedger
from tests.tui.app.test_hostile import HOSTILE, TEXTS
from tests.tui.driving import drive, make_app, press, screen_lines, screen_text, settled, type_text, until
from tests.tui.role_samples import escalate, hold, store_of
from tests.tui.sample import NOON_MS, issue_id, line_id
from tui.data.meeting_draft import MEETING_DRAFT_KEY
from tui.screens.meeting_mode import MeetingScreen
from tui.screens.meeting_setup import MeetingSetup
from tui.screens.minute import MinuteScreen
from tui.screens.panels import Menu
from tui.screens.projects import ProjectsScreen
from tui.widgets.cards import CardGrid
from tui.widgets.cells import Span
from tui.widgets.themes import THEMES

TODAY = light_thresholds(district_time(NOON_MS).date())
RESOLVED = "由供电公司十日内架通"


def stands(home: Path, number: int) -> IssueDetail:
    """An issue of the sample as it stands."""
    database = store_of(home)
    found = issue(database.connection(), issue_id(number), TODAY)
    database.close()
    assert found is not None
    return found


def meetings_of(home: Path) -> list[register_lines.RegisterRecord]:
    """The register of meetings."""
    database = store_of(home)
    found = register_lines.rows(database.connection(), MEETING_REGISTER)
    database.close()
    return found


def mode(pilot: Pilot[None]) -> MeetingScreen:
    """The meeting on the screen."""
    assert isinstance(pilot.app.screen, MeetingScreen)
    return pilot.app.screen


def cards(pilot: Pilot[None]) -> list[str]:
    """The issues on the cards, in order, by number."""
    return [card.number[-3:] for card in mode(pilot).cards._rows]


async def meet(pilot: Pilot[None], *departments: str, level: int = 1) -> None:
    """Begin a meeting over these departments, as one types them."""
    await press(pilot, "m")
    for typed in departments:
        await type_text(pilot, typed + " ")
    await press(pilot, "tab", *["right"] * (level - 1), "shift+tab", "enter")
    await until(pilot, lambda: isinstance(pilot.app.screen, MeetingScreen) and mode(pilot).cards.total > 0)


def test_departments_are_picked_by_their_initials(home: Path) -> None:
    """Initials, a space; the next initials, a space; enter: the open issues of both, the worst light first."""

    async def script(pilot: Pilot[None]) -> None:
        await meet(pilot, "zrzy", "gdgs")
        assert cards(pilot) == ["001", "002"]
        assert "供电公司" in screen_text(pilot)

    drive(make_app(home), script)


def test_space_picks_in_the_list_as_well(home: Path) -> None:
    """Whoever has clicked into the departments picks by space all the same."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "m")
        setup = pilot.app.screen
        assert isinstance(setup, MeetingSetup)
        setup.set_focus(setup.rows)
        await press(pilot, "space")
        assert "[x]" in screen_text(pilot)

    drive(make_app(home), script)


def test_keys_typed_in_one_go_mean_what_stands_before_them(home: Path) -> None:
    """m, initials, blanks and enter without a pause pick the same departments as typed slowly; a filter that nothing
    fits says so."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "m")
        await type_text(pilot, "zrzy gdgs \n")
        await until(pilot, lambda: isinstance(pilot.app.screen, MeetingScreen) and mode(pilot).cards.total > 0)
        assert cards(pilot) == ["001", "002"]
        await type_text(pilot, "zzz")
        assert "没有符合输入的问题" in screen_text(pilot)  # not that none is open
        await press(pilot, "escape")
        for character in "ydbp":  # the second card's initials, then the key that decides, without a pause
            pilot.app.post_message(Key(character, character))
        pilot.app.post_message(Key("full_stop", "."))
        await settled(pilot)
        assert "W2026-002" in str(pilot.app.screen.query_one(".panel-title").render())

    drive(make_app(home), script)


def test_deciding_takes_three_keys_and_the_text(home: Path) -> None:
    """. m, the text, ctrl+s: the issue is resolved by a step that names the meeting's line in its project."""
    escalate(home, 1)
    keys = ["full_stop", "m", "ctrl+s"]

    async def script(pilot: Pilot[None]) -> None:
        await meet(pilot, "gdgs", level=2)
        await press(pilot, *keys[:2])
        await type_text(pilot, RESOLVED)
        await press(pilot, *keys[2:])
        await until(pilot, lambda: isinstance(pilot.app.screen, MeetingScreen))
        await until(pilot, lambda: RESOLVED in screen_text(pilot))

    drive(make_app(home), script)
    assert len(keys) <= 3
    found = stands(home, 1)
    (met,) = meetings_of(home)
    assert (found.row.state, found.steps[-1].text) == ("in_progress", RESOLVED)
    assert found.steps[-1].meeting_id == met["id"] == meeting_line_id(met["session"], line_id("project", 1))
    assert (met["level"], met["issues_ids"]) == (2, [issue_id(1)])


def test_an_issue_that_only_came_up_makes_room_for_the_next(home: Path) -> None:
    """. l: nothing is decided; the card goes to the end and the cursor to the next, as after a decision."""

    async def script(pilot: Pilot[None]) -> None:
        await meet(pilot, "gdgs", "zrzy")
        assert cards(pilot) == ["001", "002"]
        await press(pilot, "full_stop", "l")
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, MeetingScreen))
        await until(pilot, lambda: cards(pilot) == ["002", "001"])
        row = mode(pilot).cards.row
        assert row is not None and row.number.endswith("002")

    drive(make_app(home), script)


def test_the_minute_is_written_and_read_when_the_meeting_ends(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each project's line says what was decided on its issues and nothing of others; the sheet says where it is."""
    monkeypatch.setenv("HOME", str(tmp_path))

    async def script(pilot: Pilot[None]) -> None:
        await meet(pilot, "gdgs", "sthj")
        await press(pilot, "full_stop", "i")
        await type_text(pilot, "周五前答复")
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: cards(pilot)[-1] == "001")  # decided: it went to the end
        await press(pilot, "full_stop", "l")
        await type_text(pilot, "先摸清底数")
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: (mode(pilot).agenda or ()) and len(mode(pilot).meeting.discussed) == 2)  # type: ignore[union-attr,arg-type,return-value]
        await press(pilot, "escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, MinuteScreen))
        assert "周五前答复" in screen_text(pilot)
        assert "W2026-004" in screen_text(pilot)
        assert "先摸清底数" in screen_text(pilot)
        await press(pilot, "o", "d")
        await until(pilot, lambda: ".docx" in screen_text(pilot))
        await press(pilot, "o", "x")
        await until(pilot, lambda: ".xlsx" in screen_text(pilot))
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, ProjectsScreen)

    drive(make_app(home), script)
    texts = {one["project_id"]: one["text"] for one in meetings_of(home)}
    assert set(texts) == {line_id("project", 1), line_id("project", 6)}
    assert "周五前答复" in texts[line_id("project", 1)]
    assert "W2026-004" in texts[line_id("project", 6)]
    assert "W2026-001" not in texts[line_id("project", 6)]
    assert sorted(path.suffix for path in tmp_path.glob("专题会议议题单-*")) == [".docx", ".xlsx"]


def test_a_meeting_that_was_broken_off_goes_on(home: Path) -> None:
    """The program ends in the middle: the next m leads back into the same meeting, with what it has decided."""

    async def first(pilot: Pilot[None]) -> None:
        await meet(pilot, "gdgs", "zrzy")
        await press(pilot, "full_stop", "i")
        await type_text(pilot, "周五前答复")
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, MeetingScreen))

    async def second(pilot: Pilot[None]) -> None:
        await press(pilot, "m")
        await until(pilot, lambda: isinstance(pilot.app.screen, MeetingScreen))
        assert cards(pilot) == ["002", "001"]
        await press(pilot, "full_stop", "i")
        await type_text(pilot, "材料补齐")
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, MeetingScreen))
        await press(pilot, "escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, MinuteScreen))
        assert "周五前答复" in screen_text(pilot)
        assert "材料补齐" in screen_text(pilot)

    drive(make_app(home), first)
    drive(make_app(home), second)
    (met,) = meetings_of(home)
    assert met["issues_ids"] == [issue_id(1), issue_id(2)]
    assert _draft(home) is None


def test_a_meeting_that_was_ended_too_soon_is_taken_up_from_its_minute(home: Path) -> None:
    """g on the minute leads back to the cards; what is decided then is in the same meeting's minute."""

    async def script(pilot: Pilot[None]) -> None:
        await meet(pilot, "gdgs", "zrzy")
        for text in ("周五前答复", "材料补齐"):
            await press(pilot, "full_stop", "i")
            await type_text(pilot, text)
            await press(pilot, "ctrl+s")
            await until(pilot, lambda: isinstance(pilot.app.screen, MeetingScreen))
            await press(pilot, "escape")
            await until(pilot, lambda: isinstance(pilot.app.screen, MinuteScreen))
            await press(pilot, "g")
            await until(pilot, lambda: isinstance(pilot.app.screen, MeetingScreen))
        assert _draft(home) is not None

    drive(make_app(home), script)
    (met,) = meetings_of(home)
    assert met["issues_ids"] == [issue_id(1), issue_id(2)]
    assert "材料补齐" in met["text"]


def _draft(home: Path) -> object:
    database = store_of(home)
    draft = SyncLedger(database).load_draft(MEETING_DRAFT_KEY)
    database.close()
    return draft


def test_a_meeting_without_a_word_leaves_nothing(home: Path) -> None:
    """Begun and left: no line, no draft."""

    async def script(pilot: Pilot[None]) -> None:
        await meet(pilot, "gdgs")
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, ProjectsScreen)

    drive(make_app(home), script)
    assert (meetings_of(home), _draft(home)) == ([], None)


def test_typing_narrows_the_cards_by_characters_initials_and_owners(home: Path) -> None:
    """Title, project and owner are found as the lookup finds them; escape clears the filter before it ends anything."""

    async def script(pilot: Pilot[None]) -> None:
        await meet(pilot, "gdgs", "zrzy", "sthj")
        for typed, found in (
            ("用地", ["002"]),
            ("hjyx", ["004"]),
            ("002", ["002"]),
            ("hrhg", ["004"]),
            ("巳士杰 供", ["001"]),
        ):
            await type_text(pilot, typed)
            assert cards(pilot) == found, typed
            await press(pilot, "escape")
        assert len(cards(pilot)) == 3

    drive(make_app(home), script)


def test_a_meeting_resolves_only_what_was_raised_to_its_level(home: Path) -> None:
    """At level 1 an issue of level 2 cannot be resolved; the menu says at which level it can."""
    escalate(home, 1)

    async def script(pilot: Pilot[None]) -> None:
        await meet(pilot, "gdgs", level=1)
        await press(pilot, "full_stop", "m")
        assert isinstance(pilot.app.screen, Menu)

    drive(make_app(home), script)
    assert stands(home, 1).row.state == "escalated"


def test_a_decision_that_is_refused_leaves_no_trace_in_the_minute(home: Path) -> None:
    """A day that is none: the form says so, and when it is left, nothing was discussed."""

    async def script(pilot: Pilot[None]) -> None:
        await meet(pilot, "gdgs")
        await press(pilot, "full_stop", "e")
        await type_text(pilot, "后天吧")
        await press(pilot, "tab")
        await type_text(pilot, "线路改道")
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: "后天吧”" in screen_text(pilot))
        await press(pilot, "escape", "escape")
        assert isinstance(pilot.app.screen, ProjectsScreen)

    drive(make_app(home), script)
    assert meetings_of(home) == []


@pytest.mark.soak(turns=2)
@pytest.mark.parametrize(("size", "columns"), [((80, 24), 1), ((160, 45), 2)], ids=["80x24", "160x45"])
def test_cards_stand_side_by_side_where_there_is_room(size: tuple[int, int], columns: int, home: Path) -> None:
    """One column on a small console, two on a wide screen; arrows follow the grid."""

    async def script(pilot: Pilot[None]) -> None:
        await meet(pilot, "gdgs", "zrzy", "sthj", "zfhcx")
        assert mode(pilot).cards.columns == columns
        await press(pilot, "down" if columns == 1 else "right")
        assert mode(pilot).cards.row.id == issue_id(2)  # type: ignore[union-attr]

    drive(make_app(home), script, size=size)


def test_a_department_is_not_offered_meetings(home: Path) -> None:
    """m does nothing for a role that may not write meetings."""
    hold(home, "department")

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "m", "f3")
        assert isinstance(pilot.app.screen, ProjectsScreen)

    drive(make_app(home), script)


def test_escape_before_the_meeting_leads_back(home: Path) -> None:
    """Whoever pressed m by mistake is back with one key."""

    async def script(pilot: Pilot[None]) -> None:
        await press(pilot, "m")
        assert isinstance(pilot.app.screen, MeetingSetup)
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, ProjectsScreen)

    drive(make_app(home), script)


@pytest.mark.soak(turns=2)
@pytest.mark.parametrize("size", [(80, 24), (160, 45)], ids=["80x24", "160x45"])
def test_hostile_issues_are_inert_in_a_meeting(size: tuple[int, int], home: Path) -> None:
    """Escape sequences and markup reach no line: not of the departments, the cards, the acts nor the minute."""
    with store_of(home).write() as connection:
        for table, columns in TEXTS.items():
            for column in columns:
                connection.execute(f"UPDATE {table} SET {column} = ?", (HOSTILE,))

    async def script(pilot: Pilot[None]) -> None:
        def clean() -> bool:
            return not any(FORBIDDEN.search(shown) or "\n" in shown for shown in screen_lines(pilot))

        await press(pilot, "m")
        assert clean()
        await press(pilot, "enter")
        assert clean()
        await press(pilot, "full_stop")
        assert clean()
        await press(pilot, "l")
        await press(pilot, "ctrl+s")
        await until(pilot, lambda: isinstance(pilot.app.screen, MeetingScreen))
        await until(pilot, lambda: bool(mode(pilot).meeting and mode(pilot).meeting.discussed))  # type: ignore[union-attr]
        await press(pilot, "escape")
        await until(pilot, lambda: isinstance(pilot.app.screen, MinuteScreen))
        assert clean()

    drive(make_app(home), script, size=size)


@dataclass(frozen=True)
class One:
    """A card of a test."""

    id: str


class Deck(App[None]):
    """An app that is a deck of cards; counts which are drawn."""

    def __init__(self) -> None:
        super().__init__()
        self.register_theme(THEMES[0])
        self.theme = THEMES[0].name
        self.drawn: list[str] = []

    def compose(self) -> ComposeResult:
        """The cards."""
        yield CardGrid[One](self._draw, lambda card: ("", ""), height=4)

    def _draw(self, card: One, width: int) -> Sequence[Sequence[Span]]:
        self.drawn.append(card.id)
        return [((f"{card.id} " + "甲" * width, ""),)] * 4


def test_only_cards_in_view_are_drawn() -> None:
    """Of a hundred thousand cards as many are laid out as fit on the screen, at both ends of the deck."""

    async def go() -> None:
        app = Deck()
        async with app.run_test(size=(80, 24)) as pilot:
            deck = app.query_one(CardGrid)
            deck.show([One(str(number)) for number in range(100_000)])
            await pilot.pause()
            deck.move(100_000)
            await pilot.pause()
            assert deck.row == One("99999")
            assert {"0", "99999"} <= set(app.drawn)
            assert len(set(app.drawn)) <= 2 * (24 // 5 + 2)

    asyncio.run(go())
