"""Dates as a calendar (.ics, RFC 5545): issues due, agreed waiting, promises, meetings, visits due.

> Each entry has a UID of its own for ever, made of the line's id and what the date is, and a SEQUENCE that grows with
> the line: a second import moves what has moved, adds nothing twice, and cancels what is done.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from icalendar import Calendar, Event

from store.ledger.hlc import ms_from_hlc
from store.queries.papers import ComingDate
from tui.i18n.translate import _
from tui.reports import ExportNote, require_free, written_aside
from tui.reports.exceptions import CalendarFormat
from tui.reports.papers.wording import COMING_LABELS
from tui.reports.report import PROGRAM, sanitized

_EPOCH_S = int(datetime(2020, 1, 1, tzinfo=UTC).timestamp())
"""Since when SEQUENCE counts seconds: it must fit into 31 bits."""
_MOMENT_LENGTH = len("2026-03-05T")


def write_calendar(
    coming: Iterable[ComingDate],
    past: Iterable[ComingDate],
    path: Path,
    now: datetime,
    *,
    district: str,
    overwrite: bool = False,
    note: ExportNote,
) -> int:
    """Write what is ``coming``, and as cancelled what is ``past``; returns how many entries there are. Raises a
    `ReportError`; then ``path`` is as it was."""
    if path.suffix.lower() != ".ics":
        raise CalendarFormat(file=path.name)
    require_free(path, overwrite=overwrite)
    calendar = Calendar()
    calendar.add("prodid", f"-//{PROGRAM}//{PROGRAM}//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", _("Project butler dates"))
    for dates, is_past in ((coming, False), (past, True)):
        for each in dates:
            if event := _event(each, now, district, is_past=is_past):
                calendar.add_component(event)
    count = len(calendar.subcomponents)
    with written_aside(path, lambda: note("calendar", "ics", count), overwrite=overwrite) as temporary:
        temporary.write_bytes(calendar.to_ical())
    return count


def _event(coming: ComingDate, now: datetime, district: str, *, is_past: bool) -> Event | None:
    """The entry; None where the stored day is none."""
    try:
        timed = len(coming.at) > _MOMENT_LENGTH
        begins = datetime.fromisoformat(coming.at).astimezone(UTC) if timed else date.fromisoformat(coming.at)
        next_day = begins + timedelta(days=1)
    except (ValueError, OverflowError):  # OverflowError: the last day of time has none after it
        return None
    event, changed_ms = Event(), ms_from_hlc(coming.stamp)
    event.add("uid", f"{coming.id}-{coming.what}@{district}.{PROGRAM}")
    event.add("dtstamp", now.astimezone(UTC))
    event.add("last-modified", datetime.fromtimestamp(changed_ms / 1000, UTC))
    event.add("sequence", max(0, changed_ms // 1000 - _EPOCH_S) + is_past)
    event.add("dtstart", begins)
    if not timed:
        event.add("dtend", next_day)
        event.add("transp", "TRANSPARENT")
    label = _(COMING_LABELS[coming.what])
    title = coming.title if coming.what != "visit" else coming.project or ""
    event.add("summary", sanitized(_("{what}: {title}").format(what=label, title=title)))
    told = (coming.number, coming.project, coming.who)
    event.add("description", sanitized("\n".join(part for part in told if part)))
    event.add("categories", [label])
    if coming.place:
        event.add("location", sanitized(coming.place))
    event.add("status", "CANCELLED" if is_past else "CONFIRMED")
    return event
