"""The texts of reminders, which the daemon, the commands and the screens share. Loads nothing of the screens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from store.domain.reminders import Occasion
from store.values.text import sanitize
from store.values.times import district_time, stored_day
from tui.i18n.dates import format_day, format_moment
from tui.i18n.translate import N_, _, ngettext

TITLE_CHARACTERS = 40
"""So much of a title is told: a notification has little room, and a title may be as long as a page."""
SHOWN = 5
"""So many reminders of a message are named, the others are counted."""
_COMING: Mapping[str, str] = {
    "due": N_("due {day}: {title}"),
    "limit": N_("an act is due {day}: {title}"),
    "waiting": N_("agreed waiting ends {day}: {title}"),
    "promise": N_("promised for {day}: {title}"),
    "visit": N_("to be visited by {day}: {title}"),
    "meeting": N_("meeting {day}: {title}"),
}
_OVER: Mapping[str, str] = {
    "due": N_("was due {day}: {title}"),
    "limit": N_("an act was due {day}: {title}"),
    "waiting": N_("agreed waiting ended {day}: {title}"),
    "promise": N_("was promised for {day}: {title}"),
    "visit": N_("was to be visited by {day}: {title}"),
    "meeting": N_("meeting {day}: {title}"),
}
_ARRIVED: Mapping[str, str] = {
    "assigned": N_("assigned to you: {title}"),
    "returned": N_("came back to you: {title}"),
    "asked": N_("asks for your opinion or decision: {title}"),
    "urged": N_("you are urged: {title}"),
    "mentioned": N_("you are mentioned: {title}"),
}


def reminder_text(occasion: Occasion, now_ms: int) -> str:
    """One reminder as a line: what there is, when, and of what."""
    title = named(occasion)
    if occasion.rule in _ARRIVED:
        return _(_ARRIVED[occasion.rule]).format(title=title)
    day = stored_day(occasion.at)
    texts = _OVER if day is not None and day < district_time(now_ms).date() else _COMING
    is_moment = occasion.rule in ("meeting", "limit")
    shown = format_moment(occasion.at, now_ms) if is_moment else format_day(occasion.at, now_ms)
    return _(texts[occasion.rule]).format(day=shown, title=title)


def named(occasion: Occasion) -> str:
    """What it is about, on one line: number, title, and the project where that is something else."""
    title = " ".join(sanitize(occasion.title or _("no longer here")).split())
    title = title if len(title) <= TITLE_CHARACTERS else title[: TITLE_CHARACTERS - 1] + "…"
    return f"{occasion.number} {title}" if occasion.number else title


def message_title(count: int) -> str:
    """How many reminders there are."""
    return ngettext("{n} reminder", "{n} reminders", count).format(n=count)


def message_lines(occasions: Sequence[Occasion], now_ms: int) -> str:
    """The first of them, a line each, and how many more there are."""
    lines = [reminder_text(each, now_ms) for each in occasions[:SHOWN]]
    if (rest := len(occasions) - SHOWN) > 0:
        lines.append(ngettext("and {n} more", "and {n} more", rest).format(n=rest))
    return "\n".join(lines)


def hidden_lines() -> str:
    """What stands in a message instead, where a PIN is set: a locked screen shows messages too."""
    return _("Open guanjia to read them.")
