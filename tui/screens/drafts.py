"""Which form a draft was left in, by the draft's key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.data.meeting_draft import MEETING_DRAFT_KEY
from tui.screens.act_form import BULK_DRAFT_KEY
from tui.screens.visit import CONTACT_KINDS, FORM_BY_KIND

if TYPE_CHECKING:
    from store.queries.today import TodayEntry


def form_for_draft(draft: TodayEntry) -> tuple[str, *tuple[object, ...]]:
    """The form that a draft belongs to, and its arguments. Keys are ``visit:ID``, ``visit:new:PROJECT``,
    ``project:new``, ``person:ID``, ``act:ISSUE:verb``, and as the first two for each register; a register's new line
    may be about a policy instead. Drafts of a meeting (``meeting``, ``meeting:SESSION:ISSUE:verb``) open the meeting,
    those of an act on several issues (``act:several:verb``) the list of issues."""
    kind, *rest = draft.line.split(":")
    if kind == MEETING_DRAFT_KEY and len(rest) in (0, 3):
        return ("meeting_mode",)
    if kind == "act":
        return ("issues",) if rest[0] == BULK_DRAFT_KEY else ("act_form", rest[0], rest[1])
    new = rest[0] == "new"
    about = rest[1] if len(rest) > 1 and rest[1] else None
    if kind in FORM_BY_KIND:
        arguments: tuple[object, ...] = (None, about) if new else (rest[0],)
        return FORM_BY_KIND[kind], *(arguments if kind != "project" else arguments[:1])
    if kind in CONTACT_KINDS or not new:
        return "contact_form" if kind in CONTACT_KINDS else "register_form", kind, None if new else rest[0]
    if draft.detail == "policy":
        return "register_form", kind, None, None, ("policy", about)
    return "register_form", kind, None, about
