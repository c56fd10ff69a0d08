"""How this device stands with its central, in a few words that are always on the screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.i18n.dates import clock_time
from tui.i18n.translate import _, ngettext, word
from tui.widgets.cells import Span

if TYPE_CHECKING:
    from store.domain.permissions import Verb

CLOCK_OFF_MS = 60_000
"""A clock is mentioned when it is wrong by more than this."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Whose home this is, what waits to be sent, and when both sides were last found equal. Times are ms since 1970;
    ``offline_since`` is the last time the central answered, when the latest round did not reach it; ``trouble`` the
    code of any other reason why the latest round failed; ``roles`` those that this person holds, as far as is known."""

    person: str
    district: str
    central: str | None = None
    unsent: int = 0
    rejected: int = 0
    verified_at: int | None = None
    offline_since: int | None = None
    trouble: str | None = None
    offset_ms: int = 0
    roles: tuple[str, ...] = ()

    def may(self, kind: str, verb: Verb) -> bool:
        """Whether this person may write such a line somewhere; a device that knows of no role offers everything. A
        hint: the central decides."""
        from store.domain.permissions import may  # noqa: PLC0415 - loaded already: a standing is read from the open store

        return not self.roles or may(self.roles, kind, verb=verb)


def standing_spans(standing: Standing | None, now_ms: int, *, syncing: bool = False) -> list[Span]:
    """What the top line says, most important last, each part with its style."""
    if standing is None:
        return [(_("opening the ledger"), "$muted")]
    if standing.central is None and not syncing:
        return [(_("works alone"), "$muted")]  # nothing is unsent where there is nobody to send it to
    parts: list[Span] = []
    if abs(standing.offset_ms) >= CLOCK_OFF_MS:
        parts.append((_clock_off(standing.offset_ms), "$warning"))
    if standing.rejected:
        parts.append(
            (ngettext("{n} refused", "{n} refused", standing.rejected).format(n=standing.rejected), "b $error")
        )
    if standing.unsent:
        parts.append((ngettext("{n} unsent", "{n} unsent", standing.unsent).format(n=standing.unsent), "$warning"))
    parts.append(_connection(standing, now_ms, syncing))
    return parts


def _connection(standing: Standing, now_ms: int, syncing: bool) -> Span:
    if syncing:
        return _("syncing"), "b $primary"
    if standing.offline_since is not None:
        return _("offline since {time}").format(time=clock_time(standing.offline_since, now_ms)), "$warning"
    if standing.trouble is not None:
        return word("trouble", standing.trouble), "b $error"
    if standing.verified_at is None:
        return _("never in sync"), "$warning"
    checked = _("in sync, checked {time}") if not standing.unsent else _("checked {time}")
    return checked.format(time=clock_time(standing.verified_at, now_ms)), "$success"


def _clock_off(offset_ms: int) -> str:
    """This device's clock against the central's: an offset is what must be added, so a positive one means slow."""
    minutes = abs(offset_ms) // 60_000
    size = ngettext("{n} min", "{n} min", minutes).format(n=minutes)
    if minutes >= 48 * 60:
        days = minutes // (24 * 60)
        size = ngettext("{n} day", "{n} days", days).format(n=days)
    elif minutes >= 120:
        hours = minutes // 60
        size = ngettext("{n} hour", "{n} hours", hours).format(n=hours)
    slow = offset_ms > 0
    return (_("clock slow by {size}") if slow else _("clock fast by {size}")).format(size=size)
