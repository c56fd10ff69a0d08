"""What a meeting reads and writes at the desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from store.queries import meetings, report_rows
from store.queries.meetings import LatestStep, MeetingDecision, MeetingIssue, meeting_line_id
from store.queries.report_rows import DepartmentLoad
from store.search.query import build_query, contains_word
from store.search.tokenizer import fold
from tui.data.meeting_draft import MEETING_DRAFT_KEY, MeetingDraft, minutes_texts
from tui.i18n.translate import _
from tui.reports.meeting_sheet import pending_decision, step_text

if TYPE_CHECKING:
    from tui.data.reader import Reader


class MeetingAgenda(NamedTuple):
    """What a meeting sees: the cards of its departments, what each asks for, and what was decided, by issue."""

    cards: list[MeetingIssue]
    questions: dict[str, str]
    decisions: dict[str, list[str]]


class MeetingMinutes(NamedTuple):
    """What a meeting discussed and decided; the decisions in words, by issue."""

    issues: list[MeetingDecision]
    decision_texts: dict[str, list[str]]


def read_draft_and_departments(reader: Reader) -> tuple[dict[str, Any] | None, list[tuple[str | None, str | None]]]:
    """What is kept of a meeting that was broken off, if one was; and which departments have issues. Read without the
    pen, which takes time to load, and without counting."""
    with reader.database.read() as connection:
        return meetings.meeting_draft(connection, MEETING_DRAFT_KEY), meetings.departments_with_issues(connection)


def department_loads(reader: Reader) -> list[DepartmentLoad]:
    """Which departments have open issues, how many, and with which lights?"""
    with reader.database.read() as connection:
        return report_rows.department_loads(connection, reader.thresholds())


def meeting_agenda(reader: Reader, meeting: MeetingDraft) -> MeetingAgenda:
    """The open issues of the meeting's departments; what it has decided already goes last."""
    on = reader.thresholds()
    with reader.database.read() as connection:
        cards = meetings.meeting_issues(connection, on, meeting.department_ids)
        decided = _read_minutes(reader, meeting).decision_texts
    asked = {card.id: _question_text(card, reader) for card in cards}
    cards.sort(key=lambda card: card.id in decided)
    return MeetingAgenda(cards, asked, decided)


def _question_text(card: MeetingIssue, reader: Reader) -> str:
    return _(pending_decision(meetings.as_open_issue(card), reader.thresholds())).format(
        level=card.level, up=card.level + 1
    )


def latest_acts(reader: Reader, issue_ids: Sequence[str]) -> dict[str, LatestStep]:
    """What was last done about these issues?"""
    with reader.database.read() as connection:
        return meetings.latest_steps(connection, issue_ids)


def meeting_minutes(reader: Reader, meeting: MeetingDraft) -> MeetingMinutes:
    """What the meeting discussed and decided so far."""
    with reader.database.read():
        return _read_minutes(reader, meeting)


def _read_minutes(reader: Reader, meeting: MeetingDraft) -> MeetingMinutes:
    about = [(issue, meeting_line_id(meeting.session, project)) for issue, project in meeting.discussed]
    found = meetings.meeting_decisions(reader.database.connection(), reader.thresholds(), about)
    return MeetingMinutes(found, {one.row.id: [step_text(step) for step in one.steps] for one in found})


def write_decision(
    reader: Reader, meeting: MeetingDraft, issue: tuple[str, str], verb: str, values: Mapping[str, Any]
) -> str:
    """One decision, with the meeting's line where that does not name the issue yet. The draft knows of the issue before
    it is written, so that a meeting broken off in between finds it again. Gives the issue's id."""
    new = meeting.add_discussed(*issue)
    if new:
        reader.writer.save_draft(MEETING_DRAFT_KEY, meeting.to_draft())
    try:
        return reader.writer.decide(meeting.session, issue, verb, values, meeting.register_values() if new else None)
    except Exception:
        if new:
            meeting.discussed.remove(issue)
            reader.writer.save_draft(MEETING_DRAFT_KEY, meeting.to_draft())
        raise


def mark_discussed(reader: Reader, meeting: MeetingDraft, issue: tuple[str, str]) -> str:
    """An issue came up and nothing was decided; gives its id."""
    if meeting.add_discussed(*issue):
        reader.writer.save_draft(MEETING_DRAFT_KEY, meeting.to_draft())
    return issue[0]


def close_meeting(reader: Reader, meeting: MeetingDraft) -> MeetingMinutes:
    """The meeting is over: its minute is written, and its draft forgotten."""
    found = meeting_minutes(reader, meeting)
    if meeting.discussed:
        texts = minutes_texts(found.issues, found.decision_texts)
        reader.writer.write_minutes(meeting.session, meeting.issues_by_project(), texts, meeting.register_values())
    reader.writer.drop_draft(MEETING_DRAFT_KEY)
    return found


def filter_cards(cards: Sequence[MeetingIssue], text: str) -> list[MeetingIssue]:
    """The cards that ``text`` finds as the lookup would: by characters, initials, pinyin or numbers, in number, title,
    project, department and owner; all words must match."""
    asked = build_query(text)
    if asked is None:
        return list(cards)
    known: dict[tuple[str, int], bool] = {}

    def says(told: str | None, at: int) -> bool:
        if not told:
            return False
        if (told, at) not in known:  # projects and people come again and again
            known[told, at] = contains_word(fold(told), asked.words[at])
        return known[told, at]

    def fits(card: MeetingIssue) -> bool:
        texts = (card.number, card.title, card.project, card.department, card.owner)
        return all(any(says(told, at) for told in texts) for at in range(len(asked.words)))

    return [card for card in cards if fits(card)]


def any_meeting_line(meeting: MeetingDraft) -> str:
    """One of the meeting's lines: it names them all."""
    return meeting_line_id(meeting.session, meeting.discussed[0][1])
