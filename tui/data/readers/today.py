"""What the screen of the day reads, and what a meeting is set up from: both look at drafts first."""

from __future__ import annotations

from collections.abc import Mapping

from store.db.connection import Connection
from store.domain.status_lights import LightThresholds
from store.home.device_state import DeviceState
from store.home.drafts import load_draft, unsaved_drafts
from store.queries.meetings import departments_with_issues
from store.queries.today import Today, today
from tui.data.meeting_draft import MEETING_DRAFT_KEY

MeetingSetupFacts = tuple[Mapping[str, object] | None, list[tuple[str | None, str | None]]]


def read_today(connection: Connection, device_state: DeviceState, thresholds: LightThresholds) -> Today:
    """What needs the person today, drafts included."""
    return today(connection, thresholds, unsaved_drafts(connection, device_state))


def meeting_setup_facts(connection: Connection, device_state: DeviceState) -> MeetingSetupFacts:
    """The draft of a meeting that was interrupted, if any, and the departments that have issues. Read without the
    writer, which takes time to load, and without counting."""
    return load_draft(connection, device_state, MEETING_DRAFT_KEY), departments_with_issues(connection)
