"""What a meeting reads and writes at the desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from store.queries import meetings
from store.queries.meetings import Card, Decided, Lately, line_in
from store.queries.reports import Load, loads
from store.search.query import has, question
from store.search.tokenizer import fold
from tui.data.meeting_draft import DRAFT, Meeting, minute_texts
from tui.i18n.translate import _
from tui.reports.meeting_sheet import decision, said_in
from tui.reports.options import Spoken

if TYPE_CHECKING:
    from tui.data.reader import Desk


class Held(NamedTuple):
    """What a meeting sees: the cards of its departments, what each asks for, and what was decided, by issue."""

    cards: list[Card]
    asked: dict[str, str]
    decided: dict[str, list[str]]


class Minute(NamedTuple):
    """What a meeting discussed and decided; the decisions in words, by issue."""

    found: list[Decided]
    said: dict[str, list[str]]


def before(desk: Desk) -> tuple[dict[str, Any] | None, list[tuple[str | None, str | None]]]:
    """What is kept of a meeting that was broken off, if one was; and which departments have issues. Read without the
    pen, which takes time to load, and without counting."""
    with desk.database.read() as connection:
        return meetings.draft(connection, DRAFT), meetings.departments(connection)


def counted(desk: Desk) -> list[Load]:
    """Which departments have open issues, how many, and with which lights?"""
    with desk.database.read() as connection:
        return loads(connection, desk.today())


def held(desk: Desk, meeting: Meeting) -> Held:
    """The open issues of the meeting's departments; what it has decided already goes last."""
    on = desk.today()
    with desk.database.read() as connection:
        cards = meetings.cards(connection, on, meeting.wanted)
        decided = _minute(desk, meeting).said
    asked = {card.id: _asked(card, desk) for card in cards}
    cards.sort(key=lambda card: card.id in decided)
    return Held(cards, asked, decided)


def _asked(card: Card, desk: Desk) -> str:
    return _(decision(meetings.as_open(card), desk.today())).format(level=card.level, up=card.level + 1)


def lately(desk: Desk, issue_ids: Sequence[str]) -> dict[str, Lately]:
    """What was last done about these issues?"""
    with desk.database.read() as connection:
        return meetings.lately(connection, issue_ids)


def minute(desk: Desk, meeting: Meeting) -> Minute:
    """What the meeting discussed and decided so far."""
    with desk.database.read():
        return _minute(desk, meeting)


def _minute(desk: Desk, meeting: Meeting) -> Minute:
    about = [(issue, line_in(meeting.session, project)) for issue, project in meeting.discussed]
    found = meetings.decided(desk.database.connection(), desk.today(), about)
    spoken = Spoken()
    return Minute(found, {one.row.id: [said_in(step, spoken) for step in one.steps] for one in found})


def decide(desk: Desk, meeting: Meeting, issue: tuple[str, str], verb: str, given: Mapping[str, Any]) -> str:
    """One decision, with the meeting's line where that does not name the issue yet. The draft knows of the issue before
    it is written, so that a meeting broken off in between finds it again. Gives the issue's id."""
    new = meeting.note(*issue)
    if new:
        desk.pen.keep(DRAFT, meeting.kept())
    try:
        return desk.pen.decide(meeting.session, issue, verb, given, meeting.head() if new else None)
    except Exception:
        if new:
            meeting.discussed.remove(issue)
            desk.pen.keep(DRAFT, meeting.kept())
        raise


def discuss(desk: Desk, meeting: Meeting, issue: tuple[str, str]) -> str:
    """An issue came up and nothing was decided; gives its id."""
    if meeting.note(*issue):
        desk.pen.keep(DRAFT, meeting.kept())
    return issue[0]


def close(desk: Desk, meeting: Meeting) -> Minute:
    """The meeting is over: its minute is written, and its draft forgotten."""
    found = minute(desk, meeting)
    if meeting.discussed:
        texts = minute_texts(found.found, found.said)
        desk.pen.write_meeting(meeting.session, meeting.about(), texts, meeting.head())
    desk.pen.forget(DRAFT)
    return found


def matching(cards: Sequence[Card], text: str) -> list[Card]:
    """The cards that ``text`` finds as the lookup would: by characters, initials, pinyin or numbers, in number, title,
    project, department and owner; all words must match."""
    asked = question(text)
    if asked is None:
        return list(cards)
    known: dict[tuple[str, int], bool] = {}

    def says(told: str | None, at: int) -> bool:
        if not told:
            return False
        if (told, at) not in known:  # projects and people come again and again
            known[told, at] = has(fold(told), asked.words[at])
        return known[told, at]

    def fits(card: Card) -> bool:
        texts = (card.number, card.title, card.project, card.department, card.owner)
        return all(any(says(told, at) for told in texts) for at in range(len(asked.words)))

    return [card for card in cards if fits(card)]


def any_line(meeting: Meeting) -> str:
    """One of the meeting's lines: it names them all."""
    return line_in(meeting.session, meeting.discussed[0][1])
