"""The sync status in a few words, for the top line of every screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tui.i18n.dates import format_time
from tui.i18n.translate import _, ngettext, value_label
from tui.widgets.cells import Span

if TYPE_CHECKING:
    from tui.data.sync_status import SyncStatus

StatusWords = Literal["full", "brief", "least"]
"""In how many words the status is said."""

FRESH_MS = 600_000
"""What was compared longer ago is no picture of now: others have written since, for all that anybody here knows."""
CLOCK_WARNING_MS = 60_000
"""A clock is mentioned when it is wrong by more than this."""


def sync_status_spans(
    status: SyncStatus | None, now_ms: int, *, syncing: bool = False, words: StatusWords = "full"
) -> list[Span]:
    """The parts of the top line with their styles, the most important last; ``now_ms`` is ms since 1970. ``words``:
    where there is little room, the same in "brief" words, or the "least": a round that runs, what asks for
    somebody, or else how the connection is."""
    brief = words != "full"
    if status is None:
        return [(_("opening the ledger"), "$muted")]
    if status.central is None and not syncing:
        return [
            (_("alone") if brief else _("works alone"), "$muted")
        ]  # nothing is unsent where there is nobody to send it to
    parts: list[Span] = []
    if abs(status.offset_ms) >= CLOCK_WARNING_MS:
        parts.append((_clock_warning_text(status.offset_ms), "$warning"))
    if status.rejected:
        parts.append((ngettext("{n} refused", "{n} refused", status.rejected).format(n=status.rejected), "b $error"))
    if status.unsent:
        parts.append((ngettext("{n} unsent", "{n} unsent", status.unsent).format(n=status.unsent), "$warning"))
    if status.coming is not None:
        parts.append((_("records here: {n}%").format(n=status.coming.percent), "$warning"))
    connection = _connection_span(status, now_ms, syncing, brief)
    if words == "least" and parts and not syncing and "error" not in connection[1]:
        return parts[:1]
    return [connection] if words == "least" else [*parts, connection]


def _connection_span(status: SyncStatus, now_ms: int, syncing: bool, brief: bool) -> Span:
    if syncing:
        return _("syncing"), "b $primary"
    if status.offline_since is not None:
        text = _("offline {time}") if brief else _("offline since {time}")
        return text.format(time=format_time(status.offline_since, now_ms)), "$warning"
    if status.failure_code is not None:
        return value_label("trouble", status.failure_code), "b $error"
    if status.verified_at is None:
        return _("never in sync"), "$warning"
    age_ms = now_ms - status.verified_at
    if age_ms >= FRESH_MS:
        text = _("checked {age} ago") if status.daemon else _("checked {age} ago, no daemon")
        text = _("{age} ago") if brief else text
        return text.format(age=_duration_text(age_ms)), "$muted" if status.daemon else "$warning"
    in_sync = _("in sync {time}") if brief else _("in sync, checked {time}")
    checked = in_sync if status.in_agreement else _("checked {time}")
    style = "$success" if status.in_agreement else "$muted"
    return checked.format(time=format_time(status.verified_at, now_ms)), style


def _clock_warning_text(offset_ms: int) -> str:
    """How wrong this device's clock is: an offset is what must be added, so a positive offset means slow."""
    size = _duration_text(abs(offset_ms))
    slow = offset_ms > 0
    return (_("clock slow by {size}") if slow else _("clock fast by {size}")).format(size=size)


def _duration_text(duration_ms: int) -> str:
    minutes = duration_ms // 60_000
    size = ngettext("{n} min", "{n} min", minutes).format(n=minutes)
    if minutes >= 48 * 60:
        days = minutes // (24 * 60)
        size = ngettext("{n} day", "{n} days", days).format(n=days)
    elif minutes >= 120:
        hours = minutes // 60
        size = ngettext("{n} hour", "{n} hours", hours).format(n=hours)
    return size
