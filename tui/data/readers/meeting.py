"""What a meeting reads: its agenda, what was last done about its issues, and what it has decided so far."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from store import queries
from store.search.query import build_query, contains_word
from store.search.tokenizer import fold
from tui.i18n.translate import _
from tui.reports.meeting_sheet import pending_decision, step_text

if TYPE_CHECKING:
    from store.db.connection import Connection
    from store.domain.status_lights import LightThresholds
    from store.queries.meetings import MeetingDecision, MeetingIssue
    from tui.data.meeting_draft import MeetingDraft


class MeetingAgenda(NamedTuple):
    """The cards of the meeting's departments; what each asks for and what was decided on it, by issue."""

    cards: list[MeetingIssue]
    questions: dict[str, str]
    decisions: dict[str, list[str]]


class MeetingMinutes(NamedTuple):
    """What a meeting discussed and decided; the decisions as sentences, by issue."""

    issues: list[MeetingDecision]
    decision_texts: dict[str, list[str]]


def meeting_agenda(connection: Connection, thresholds: LightThresholds, meeting: MeetingDraft) -> MeetingAgenda:
    """The open issues of the meeting's departments; those that it has decided come last."""
    cards = queries.meetings.meeting_issues(connection, thresholds, meeting.department_ids)
    decisions = meeting_minutes(connection, thresholds, meeting).decision_texts
    questions = {card.id: _question_text(card, thresholds) for card in cards}
    cards.sort(key=lambda card: card.id in decisions)
    return MeetingAgenda(cards, questions, decisions)


def _question_text(card: MeetingIssue, thresholds: LightThresholds) -> str:
    question = pending_decision(queries.meetings.as_open_issue(card), thresholds)
    return _(question).format(level=card.level, up=card.level + 1)


def meeting_minutes(connection: Connection, thresholds: LightThresholds, meeting: MeetingDraft) -> MeetingMinutes:
    """What the meeting discussed and decided so far."""
    discussed = [(issue, meeting_line_id(meeting, project)) for issue, project in meeting.discussed]
    decisions = queries.meetings.meeting_decisions(connection, thresholds, discussed)
    texts = {each.row.id: [step_text(step) for step in each.steps] for each in decisions}
    return MeetingMinutes(decisions, texts)


def meeting_line_id(meeting: MeetingDraft, project: str | None = None) -> str:
    """The id of the meeting's line in a project; without one, in the first project whose issue was discussed."""
    return queries.meetings.meeting_line_id(meeting.session, project or meeting.discussed[0][1])


def filter_cards(cards: Sequence[MeetingIssue], text: str) -> list[MeetingIssue]:
    """The cards that ``text`` matches as the lookup would: by characters, initials, pinyin or numbers, in number,
    title, project, department and owner; all words must match."""
    query = build_query(text)
    if query is None:
        return list(cards)
    cache: dict[tuple[str, int], bool] = {}

    def matches(value: str | None, at: int) -> bool:
        if not value:
            return False
        if (value, at) not in cache:  # projects and people come again and again
            cache[value, at] = contains_word(fold(value), query.words[at])
        return cache[value, at]

    def is_match(card: MeetingIssue) -> bool:
        texts = (card.number, card.title, card.project, card.department, card.owner)
        return all(any(matches(value, at) for value in texts) for at in range(len(query.words)))

    return [card for card in cards if is_match(card)]
