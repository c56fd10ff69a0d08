"""What a meeting writes: decisions, the draft that it goes on from, and its minutes when it ends."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from store import commands
from store.exceptions import DeviceStateError
from tui.data import readers
from tui.data.form_values import FormValues, act_fields, without_blanks
from tui.data.meeting_draft import MEETING_DRAFT_KEY, MeetingDraft, minutes_texts

if TYPE_CHECKING:
    from store.domain.status_lights import LightThresholds
    from tui.data.readers.meeting import MeetingMinutes
    from tui.data.writer import Writer


def write_decision(writer: Writer, meeting: MeetingDraft, issue: tuple[str, str], verb: str, fields: FormValues) -> str:
    """Write one decision on an issue of a project, with the meeting's line where that does not name the issue yet. The
    draft names the issue before the decision is written, so that a meeting broken off in between finds it again.
    Returns the issue's id."""
    new = meeting.add_discussed(*issue)
    if new:
        save_meeting(writer, meeting)
    head = without_blanks(meeting.register_values()) if new else None
    try:
        return writer.run(
            lambda ledger: commands.meetings.decide(ledger, meeting.session, issue, verb, act_fields(fields), head)
        )
    except Exception:
        if new:
            meeting.discussed.remove(issue)
            save_meeting(writer, meeting)
        raise


def mark_discussed(writer: Writer, meeting: MeetingDraft, issue: tuple[str, str], text: str) -> str:
    """Record that an issue was discussed and nothing decided, and what was said; returns its id."""
    meeting.add_discussed(*issue)
    meeting.notes[issue[0]] = text
    save_meeting(writer, meeting)
    return issue[0]


def save_meeting(writer: Writer, meeting: MeetingDraft) -> None:
    """Save the meeting's draft. A drafts' file that cannot be used keeps no decision from being written; the beginning
    of the meeting has reported it."""
    with contextlib.suppress(DeviceStateError):
        writer.ledger.save_draft(MEETING_DRAFT_KEY, meeting.to_draft())


def close_meeting(writer: Writer, thresholds: LightThresholds, meeting: MeetingDraft) -> MeetingMinutes:
    """End the meeting: write its minutes, and drop its draft."""
    with writer.ledger.database.read() as connection:
        minutes = readers.meeting.meeting_minutes(connection, thresholds, meeting)
    with writer.ledger.saving_draft(MEETING_DRAFT_KEY):
        if meeting.discussed:
            texts = minutes_texts(minutes.issues, minutes.decision_texts, meeting.notes)
            fields = without_blanks(meeting.register_values())
            projects = meeting.issues_by_project()
            writer.run_final(
                lambda ledger: commands.meetings.record_minutes(ledger, meeting.session, projects, texts, **fields)
            )
    return minutes
