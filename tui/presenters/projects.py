"""Projects: the list's columns, a project's page, and its timeline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from store.values.amounts import format_wan
from tui.data.role_order import role_rank
from tui.data.rows import EventRow
from tui.i18n.author_text import author_text
from tui.i18n.dates import format_age, format_day, format_moment
from tui.i18n.provisional_text import provisional_text
from tui.i18n.register_text import yuan_text
from tui.i18n.translate import N_, _, value_label
from tui.presenters.common import light_cell, light_with_label, provisional_mark
from tui.widgets.cells import Cell, Spans
from tui.widgets.columns import ListColumn
from tui.widgets.page import FactTable, PageBlock, PageHeading, PageTitle, Passage, StyledLine

if TYPE_CHECKING:
    from store.queries.projects import AssignmentRow, ProjectDetail, ProjectRow, Tenure
    from store.queries.timeline import TimelineEvent


def project_columns(now_ms: Callable[[], int]) -> Sequence[ListColumn[ProjectRow]]:
    """The columns of the responsibility table, with light, completeness, open issues and last contact."""
    return (
        ListColumn("", 2, lambda row: light_cell(row.light), file_title=N_("Light")),
        ListColumn(N_("No."), 6, lambda row: row.number, grow_share=1),
        ListColumn(
            N_("Project"),
            16,
            lambda row: (*provisional_mark(row.provisional), (row.name, "")),
            grow_share=8,
            sort="name",
        ),
        ListColumn(N_("Category"), 8, lambda row: value_label("project.category", row.category), min_list_width=100),
        ListColumn(N_("Leader"), 8, lambda row: row.lead_leader or "", grow_share=1, sort="leader"),
        ListColumn(N_("Butler"), 8, lambda row: row.butler or "", grow_share=1, sort="butler"),
        ListColumn(
            N_("Enterprise"),
            8,
            lambda row: row.enterprise_contact or "",
            grow_share=1,
            min_list_width=76,
            sort="enterprise",
        ),
        ListColumn(N_("Six 1s"), 7, _completeness),
        ListColumn(N_("Open"), 4, lambda row: str(row.open_issues or ""), align_right=True, sort="open"),
        ListColumn(N_("Last"), 7, lambda row: _last_contact(row, now_ms()), align_right=True, sort="contact"),
    )


def _completeness(row: ProjectRow) -> Cell:
    if not row.missing:
        return ((_("full"), "good"),)
    return ((_("lacks {n}").format(n=len(row.missing)), "warn"),)


def _last_contact(row: ProjectRow, now_ms: int) -> Cell:
    shown = format_age(row.last_contact, now_ms) or _("never")
    return ((shown, "warn" if row.silent else ""),)


def project_page(detail: ProjectDetail, now_ms: int) -> list[PageBlock]:
    """A project's page: status, people with phones, facts, adjustments."""
    row = detail.row
    return [
        PageTitle(row.name),
        StyledLine(_status_spans(detail)),
        *people_blocks(detail.people, row.missing),
        PageHeading(_("Facts")),
        FactTable(
            (
                (value_label("field", "number"), row.number),
                (value_label("field", "category"), value_label("project.category", row.category)),
                (value_label("field", "stage"), value_label("project.stage", row.stage) if row.stage else None),
                (value_label("field", "owner"), detail.owner),
                (
                    value_label("field", "investment_yuan"),
                    None if detail.investment_yuan is None else yuan_text(detail.investment_yuan),
                ),
                (value_label("field", "national_code"), detail.national_code),
                (value_label("field", "scope_reason"), detail.scope_reason or _scope(row)),
                (_("Butlers"), _tenure(detail.tenure)),
                (_("Last contact"), format_moment(row.last_contact, now_ms) or _("never")),
                (_("Provisional"), provisional_text(row.provisional)),
                (value_label("field", "note"), detail.note),
            )
        ),
        *_adjustments(detail, now_ms),
    ]


def _scope(row: ProjectRow) -> str | None:
    return value_label("scope", row.scope) if row.scope else None


def _tenure(tenure: Sequence[Tenure]) -> str | None:
    """The butlers in order with their days; None where there was only one."""
    tenures = [
        _("{name} {n} days").format(name=one.butler or "?", n=one.days) for one in tenure if one.days is not None
    ]
    return _(", ").join(tenures) if len(tenure) > 1 else None


def _status_spans(detail: ProjectDetail) -> Spans:
    row = detail.row
    spans: Spans = (*light_with_label(row.light), ("  ", "")) if row.light else ()
    if row.missing:
        lacking = _(", ").join(value_label("six_ones", name) for name in row.missing)
        spans += ((_("lacks: {names}").format(names=lacking), "warn"),)
    else:
        spans += ((_("the six ones are full"), "good"),)
    for text, holds in ((_("silent"), row.silent), (_("swarmed"), row.swarm)):
        spans = (*spans, ("  " + text, "warn")) if holds else spans
    return spans


def people_blocks(people: Sequence[AssignmentRow], missing: Sequence[str] = ()) -> list[PageBlock]:
    """The people by role, with phone and unit, and the vacant roles of the six ones in their places (R06, R07); former
    people last."""
    present = [
        (role_rank(one.role), value_label("assignment.role", one.role), _person(one)) for one in people if one.current
    ]
    absent = [(role_rank(one), value_label("six_ones", one), ((_("nobody yet"), "warn"),)) for one in missing]
    roles = sorted([*present, *absent], key=lambda entry: entry[0])
    past = [one for one in people if not one.current]
    blocks: list[PageBlock] = [FactTable([(role, who) for _rank, role, who in roles])]
    if past:
        blocks.append(Passage(_("Formerly: {names}").format(names=_(", ").join(map(_former, past))), "muted"))
    return blocks


def _person(person: AssignmentRow) -> Spans:
    rest = "  ".join(part for part in (person.title, person.unit) if part)
    spans: Spans = ((person.name or "?", "strong"),)
    if person.phone:
        spans += (("  " + person.phone, "accent"),)
    return (*spans, ("  " + rest, "muted")) if rest else spans


def _former(person: AssignmentRow) -> str:
    until = f" ({person.to_date})" if person.to_date else ""
    return f"{value_label('assignment.role', person.role)} {person.name or '?'}{until}"


def _adjustments(detail: ProjectDetail, now_ms: int) -> list[PageBlock]:
    if not detail.adjustments:
        return []
    facts = [
        (
            format_day(str(one.get("date") or ""), now_ms),
            f"{_act(str(one.get('act') or ''))}  {one.get('reason') or ''}",
        )
        for one in detail.adjustments
    ]
    return [PageHeading(_("Changes to the list")), FactTable(facts)]


def _act(act: str) -> str:
    return value_label("adjustment", act)


def project_summary(detail: ProjectDetail, events: Sequence[TimelineEvent], now_ms: int) -> list[PageBlock]:
    """A project's preview: its page with its latest events."""
    page = project_page(detail, now_ms)
    facts = [(format_moment(event.at, now_ms), event_text(event)) for event in events]
    return [*page, PageHeading(_("Latest")), FactTable(facts) if facts else Passage(_("Nothing yet."), "muted")]


def event_columns(now_ms: Callable[[], int]) -> Sequence[ListColumn[EventRow]]:
    """The columns of a project's timeline."""
    return (
        ListColumn(N_("When"), 11, lambda row: ((format_moment(row.event.at, now_ms()), "muted"),)),
        ListColumn(N_("What"), 11, lambda row: event_kind_label(row.event)),
        ListColumn("", 16, lambda row: event_detail_text(row.event), grow_share=3),
        ListColumn(N_("Who"), 8, lambda row: author_text(row.event.author), grow_share=1, min_list_width=60),
    )


def event_kind_label(event: TimelineEvent) -> str:
    """The label of an event's kind."""
    if event.what == "adjustment":
        return value_label("adjustment", event.detail or "changed")
    return value_label("kind", event.what) if event.what in _LINE_EVENTS else value_label("issue_step.act", event.what)


def event_text(event: TimelineEvent) -> str:
    """An event in one line."""
    return f"{event_kind_label(event)}  {event_detail_text(event)}"


def event_detail_text(event: TimelineEvent) -> str:
    """The text of an event without its kind."""
    detail = event.detail
    if detail and event.what in _DETAIL_FAMILIES:
        text = value_label(_DETAIL_FAMILIES[event.what], detail)
    elif detail and event.what == "progress_report":
        text = _("{amount} wan yuan done this year").format(amount=format_wan(int(detail)))
    else:
        text = detail if detail and event.what not in ("visit", "adjustment", "meeting") else ""
    return "  ".join(part for part in (event.title, text) if part)


_LINE_EVENTS = (
    "visit", "follow_up", "meeting", "procedure", "policy_delivery", "progress_report", "statistics_entry",
    "data_return",
)  # fmt: skip
"""The kinds of line that are events; every other event is a step of an issue."""
_DETAIL_FAMILIES = {
    "procedure": "procedure.status", "policy_delivery": "policy_delivery.act", "follow_up": "follow_up.satisfaction",
}  # fmt: skip
"""The events whose detail is a stored value, with the family of its labels."""
