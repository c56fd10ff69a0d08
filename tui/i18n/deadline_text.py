"""The working days that a limit leaves, in words: on pages, in proofs, in papers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.i18n.translate import _, ngettext

if TYPE_CHECKING:
    from store.domain.issue_deadlines import Deadline


def remaining_text(deadline: Deadline) -> str:
    """The working days left, or those since the deadline; on its last day the time of day at which it ends or ended,
    where it is counted by the hour."""
    if deadline.at and deadline.left == 0:
        text = _("over since {time}") if deadline.over else _("ends today at {time}")
        return text.format(time=deadline.at)
    if deadline.over:
        return overdue_text(-deadline.left)
    if deadline.left == 0:
        return _("ends today")
    return ngettext("{n} working day left", "{n} working days left", deadline.left).format(n=deadline.left)


def overdue_text(days: int) -> str:
    """The working days since a deadline; 0 where only days off have passed."""
    return ngettext("over by {n} working day", "over by {n} working days", days).format(n=days)


def until_text(day: str, at: str | None) -> str:
    """The end of a limit: its day, and the time of day where it is counted by the hour."""
    return f"{day} {at}" if at else day
