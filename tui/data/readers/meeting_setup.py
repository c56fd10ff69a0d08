"""What a meeting may begin with: a draft of one that was interrupted, and the departments that have issues.

Apart from the day's own reads, which the first screen waits for.
"""

from __future__ import annotations

from collections.abc import Mapping

from store.db.connection import Connection
from store.exceptions import DeviceStateError
from store.home.device_state import DeviceState
from store.home.drafts import load_draft
from store.queries.meetings import departments_with_issues
from tui.data.meeting_draft import MEETING_DRAFT_KEY

MeetingSetupFacts = tuple[Mapping[str, object] | None, list[tuple[str | None, str | None]]]


def meeting_setup_facts(connection: Connection, device_state: DeviceState) -> MeetingSetupFacts:
    """The draft of a meeting that was interrupted, if any, and the departments that have issues. Read without the
    writer, which takes time to load, and without counting. A draft that cannot be read counts as none."""
    try:
        draft = load_draft(connection, device_state, MEETING_DRAFT_KEY)
    except DeviceStateError:
        draft = None
    return draft.body if draft else None, departments_with_issues(connection)
