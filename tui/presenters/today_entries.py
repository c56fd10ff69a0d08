"""An entry of a day in words, for the screen and for the command: neither needs the other's parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.i18n.dates import format_age, format_day, format_moment
from tui.i18n.translate import _, ngettext, value_label
from tui.presenters.common import draft_label

if TYPE_CHECKING:
    from store.queries.today import TodayEntry


def entry_title(entry: TodayEntry) -> str:
    """The title of an entry in one line."""
    if entry.why == "draft":
        return "  ".join(part for part in (draft_label(entry.line), _typed(entry) or entry.title or "") if part)
    if entry.why == "waiting":
        text = ngettext("{n} line waits for your decision", "{n} lines wait for your decision", entry.same)
        return text.format(n=entry.same)
    if entry.why in ("refused", "lost"):
        from tui.presenters.lines import line_summary  # noqa: PLC0415 - the registers are not imported before the first paint

        if entry.same > 1:
            lines = ngettext("{n} line", "{n} lines", entry.same).format(n=entry.same)
            return f"{value_label('kind', entry.kind)}  {lines}"
        return f"{value_label('kind', entry.kind)}  {line_summary(entry.kind, entry.body or {})}"
    return entry.title or ""


def _typed(entry: TodayEntry) -> str:
    """The first text of a draft."""
    fields = ("title", "name", "text", "reason", "measure")
    return next((str(entry.body[name]) for name in fields if entry.body and entry.body.get(name)), "")


def entry_detail(entry: TodayEntry) -> str:
    """The detail of an entry: an issue's state and whose opinion is missing, the reason of a rejection, the winner of a
    conflict."""
    if entry.why == "refused":
        return value_label("rejection", entry.detail or "")
    if entry.why == "lost":
        return _("to {name}").format(name=entry.detail or _("somebody"))
    if entry.why in ("silent", "draft", "waiting"):
        return ""
    state = value_label("state", entry.detail or "")
    owed = _("still owed: {departments}").format(departments=entry.owed) if entry.owed else ""
    return "  ".join(part for part in (state, owed) if part)


def entry_when(entry: TodayEntry, now_ms: int) -> str:
    """The time of an entry: due date of an issue, last contact of a project, or else when it happened."""
    if entry.why == "silent":
        return format_age(entry.at, now_ms) or _("never")
    return format_day(entry.at, now_ms) if entry.kind == "issue" and entry.detail else format_moment(entry.at, now_ms)
