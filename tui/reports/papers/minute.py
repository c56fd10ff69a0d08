"""The minute of a meeting (会议纪要; R13, R34, R36): who met, what was decided on which issue, who does it by when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from store.db.connection import Connection
from store.domain.registers import MEETING_REGISTER
from store.domain.status_lights import LightThresholds
from store.queries.issues import Step
from store.queries.meetings import MeetingDecision, discussed_issues, meeting_decisions
from store.queries.papers import latest_meeting, people_with_units
from store.queries.register_lines import RegisterRecord, row
from tui.i18n.translate import _, value_label
from tui.reports.frame import BLANK, Frame, written_day
from tui.reports.meeting_sheet import NOTHING_DECIDED, step_text
from tui.reports.papers.wording import holder_text
from tui.reports.report import PAGE_FOOTER, Report, ReportColumn, ReportSection, ReportTable, RowValues, prose

Paragraphs = Iterator[RowValues | ReportSection]


def minute(
    connection: Connection,
    thresholds: LightThresholds,
    *,
    meeting: str | None = None,
) -> Report:
    """The minute of the meeting of that id, or of the latest one."""
    line_id = meeting or latest_meeting(connection)
    line = (row(connection, MEETING_REGISTER, line_id) if line_id else None) or {}
    decided = meeting_decisions(connection, thresholds, discussed_issues(connection, line_id)) if line_id else []
    title = str(line.get("title") or _("Minute of a meeting"))
    paragraphs = [*_text(connection, line, decided)] if line else [(_("No meeting was recorded."),)]
    tables = [replace(prose(title, paragraphs), record=_record(line))]
    annex = _("What was decided, as issues")
    if decided:
        tables.append(_items(decided, annex))
    frame = Frame(
        layout="minute",
        mark=_("MINUTE OF A SPECIAL MEETING"),
        number=_("No. {number}").format(number=line["number"]) if line.get("number") else "",
        annexes=(annex,) if decided else (),
    )
    return Report("minute", title, tuple(tables), len(paragraphs) + len(decided), _(PAGE_FOOTER), frame=frame)


def _record(line: RegisterRecord) -> dict[str, str | None]:
    """What the minute is of, for a form."""
    at = str(line.get("at") or "")
    texts = {name: line.get(name) and str(line[name]) for name in ("number", "place", "chair", "text")}
    people = {name: "、".join(line.get(name) or ()) for name in ("participants", "departments")}
    level = value_label("level", str(line.get("level") or ""))
    return {**texts, **people, "meeting_number": texts["number"], "at": at[:16].replace("T", " "), "level": level}


def _text(connection: Connection, line: RegisterRecord, decided: Sequence[MeetingDecision]) -> Paragraphs:
    at = str(line.get("at") or "")
    yield (
        _("On {day} at {time}, {chair} held a special meeting at {place} ({level}).").format(
            day=written_day(at[:10]),
            time=at[11:16] or BLANK,
            chair=line.get("chair") or BLANK,
            place=line.get("place") or BLANK,
            level=value_label("level", str(line.get("level") or "")),
        ),
    )
    if line.get("text"):
        yield from ((part,) for part in str(line["text"]).split("\n") if part.strip())
    for place, one in enumerate(decided, 1):
        yield ReportSection(_("Item {n}: {title}").format(n=place, title=one.row.title))
        yield (_("Project {project}, issue {number}.").format(project=one.row.project or "-", number=one.row.number),)
        for step in one.steps:
            yield (_decision_text(step),)
        if not one.steps:
            yield (_("Discussed, nothing decided."),)
        yield (
            _("Responsible: {holder}; due {due}.").format(
                holder=holder_text(one.row.department, one.row.owner),
                due=written_day(one.row.due) if one.row.due else _("not set"),
            ),
        )
    yield from _present(connection, line)


def _decision_text(step: Step) -> str:
    """A decision as a sentence."""
    text = step.text or step.reason or step.measure
    said = " ".join(text.split()).rstrip("。.") if text else step_text(step)
    return _("Decided ({act}): {text}.").format(act=value_label("issue_step.act", step.act), text=said)


def _present(connection: Connection, line: RegisterRecord) -> Paragraphs:
    """Who was there: people with their units, then units that are named alone."""
    people = people_with_units(connection, tuple(line.get("participants") or ()))
    named = [f"{unit} {name}" if unit else name for name, unit in people]
    units = [unit for unit in line.get("departments") or () if unit not in {unit for _name, unit in people}]
    if named or units:
        yield (_("Present: {people}.").format(people=_(", ").join([*named, *units])),)


def _items(decided: Sequence[MeetingDecision], title: str) -> ReportTable:
    columns = (
        ReportColumn("serial", _("No."), "number", 5),
        ReportColumn("number", _("Issue No."), width=14),
        ReportColumn("title", _("Issue"), width=16),
        ReportColumn("decided", _("Decided"), width=21),
        ReportColumn("holder", _("Responsible"), width=12),
        ReportColumn("due", _("Due"), "day", 13),
        ReportColumn("state", _("State"), width=9),
    )
    rows: list[RowValues] = [
        (
            serial,
            one.row.number,
            one.row.title,
            "\n".join(step_text(step) for step in one.steps) or _(NOTHING_DECIDED),
            holder_text(one.row.department, one.row.owner),
            one.row.due,
            value_label("state", one.row.state),
        )
        for serial, one in enumerate(decided, 1)
    ]
    return ReportTable(title, columns, rows, "", "page")
