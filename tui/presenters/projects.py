"""Projects on the screen: the responsibility table's columns, and a project's page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from store.values.amounts import wan
from tui.i18n.dates import ago, day_shown, moment_shown
from tui.i18n.translate import N_, _, word
from tui.presenters.common import light_cell, light_words
from tui.widgets.cells import Cell, Spans
from tui.widgets.columns import Column
from tui.widgets.page import Block, Facts, Heading, Passage, Title, Words

if TYPE_CHECKING:
    from store.queries.projects import ProjectDetail, ProjectRow, Served, Tenure
    from store.queries.timeline import Event

ROLES = (
    "lead_leader",
    "lead_unit",
    "service_team",
    "butler",
    "project_secretary",
    "department_contact",
    "enterprise_contact",
)
"""The order in which people are listed: as the responsibility table has them."""


def project_columns(now_ms: Callable[[], int]) -> Sequence[Column[ProjectRow]]:
    """The responsibility table's columns, with light, completeness, open issues and the last contact."""
    return (
        Column("", 2, lambda row: light_cell(row.light)),
        Column(N_("No."), 6, lambda row: row.number, grow=1),
        Column(N_("Project"), 16, lambda row: row.name, grow=8),
        Column(N_("Category"), 8, lambda row: word("project.category", row.category), from_width=100),
        Column(N_("Leader"), 8, lambda row: row.lead_leader or "", grow=1),
        Column(N_("Butler"), 8, lambda row: row.butler or "", grow=1),
        Column(N_("Enterprise"), 8, lambda row: row.enterprise_contact or "", grow=1, from_width=76),
        Column(N_("Six 1s"), 7, _completeness),
        Column(N_("Open"), 4, lambda row: str(row.open_issues or ""), right=True),
        Column(N_("Last"), 7, lambda row: _contact(row, now_ms()), right=False),
    )


def _completeness(row: ProjectRow) -> Cell:
    if not row.missing:
        return ((_("full"), "good"),)
    return ((_("lacks {n}").format(n=len(row.missing)), "warn"),)


def _contact(row: ProjectRow, now_ms: int) -> Cell:
    shown = ago(row.last_contact, now_ms) or _("never")
    return ((shown, "warn" if row.silent else ""),)


def project_page(detail: ProjectDetail, now_ms: int) -> list[Block]:
    """A project's own facts and everybody who serves it, with phones."""
    row = detail.row
    return [
        Title(row.name),
        Words(_standing(detail)),
        *people_blocks(detail.people, row.missing),
        Heading(_("Facts")),
        Facts(
            (
                (word("field", "number"), row.number),
                (word("field", "category"), word("project.category", row.category)),
                (word("field", "stage"), word("project.stage", row.stage) if row.stage else None),
                (word("field", "owner"), detail.owner),
                (word("field", "investment_yuan"), _money(detail.investment_yuan)),
                (word("field", "national_code"), detail.national_code),
                (word("field", "scope_reason"), detail.scope_reason or _scope(row)),
                (_("Butlers"), _tenure(detail.tenure)),
                (_("Last contact"), moment_shown(row.last_contact, now_ms) or _("never")),
                (word("field", "note"), detail.note),
            )
        ),
        *_adjustments(detail, now_ms),
    ]


def _scope(row: ProjectRow) -> str | None:
    return word("scope", row.scope) if row.scope else None


def _tenure(tenure: Sequence[Tenure]) -> str | None:
    """The butlers in turn, where there has been a hand-over."""
    told = [_("{name} {n} days").format(name=one.butler or "?", n=one.days) for one in tenure if one.days is not None]
    return _(", ").join(told) if len(tenure) > 1 else None


def _standing(detail: ProjectDetail) -> Spans:
    row = detail.row
    spans: Spans = (*light_words(row.light), ("  ", "")) if row.light else ()
    if row.missing:
        lacking = _(", ").join(word("six_ones", name) for name in row.missing)
        spans += ((_("lacks: {names}").format(names=lacking), "warn"),)
    else:
        spans += ((_("the six ones are full"), "good"),)
    for text, holds in ((_("silent"), row.silent), (_("swarmed"), row.swarm)):
        spans = (*spans, ("  " + text, "warn")) if holds else spans
    return spans


def people_blocks(people: Sequence[Served], lacking: Sequence[str] = ()) -> list[Block]:
    """Who serves, by role, with phone and unit, and at their place which of the six ones nobody is (R06, R07); those
    who no longer do come last."""
    present = [(rank(one.role), word("assignment.role", one.role), _person(one)) for one in people if one.current]
    absent = [(rank(one), word("six_ones", one), ((_("nobody yet"), "warn"),)) for one in lacking]
    told = sorted([*present, *absent], key=lambda one: one[0])
    past = [one for one in people if not one.current]
    blocks: list[Block] = [Facts([(role, who) for _place, role, who in told])]
    if past:
        blocks.append(Passage(_("Formerly: {names}").format(names=_(", ").join(map(_former, past))), "muted"))
    return blocks


def rank(role: str) -> int:
    """A role's place in the responsibility table."""
    return ROLES.index(role) if role in ROLES else len(ROLES)


def _person(one: Served) -> Spans:
    rest = "  ".join(part for part in (one.title, one.unit) if part)
    spans: Spans = ((one.name or "?", "strong"),)
    if one.phone:
        spans += (("  " + one.phone, "accent"),)
    return (*spans, ("  " + rest, "muted")) if rest else spans


def _former(one: Served) -> str:
    until = f" ({one.to_date})" if one.to_date else ""
    return f"{word('assignment.role', one.role)} {one.name or '?'}{until}"


def _money(yuan: int | None) -> str | None:
    if yuan is None:
        return None
    wan = yuan / 10_000
    return _("{amount} ten thousand yuan").format(amount=f"{wan:,.0f}" if wan == int(wan) else f"{wan:,.2f}")


def _adjustments(detail: ProjectDetail, now_ms: int) -> list[Block]:
    if not detail.adjustments:
        return []
    facts = [
        (day_shown(str(one.get("date") or ""), now_ms), f"{_act(str(one.get('act') or ''))}  {one.get('reason') or ''}")
        for one in detail.adjustments
    ]
    return [Heading(_("Changes to the list")), Facts(facts)]


def _act(act: str) -> str:
    return word("adjustment", act)


def project_summary(detail: ProjectDetail, events: Sequence[Event], now_ms: int) -> list[Block]:
    """A project beside the list: its page with the latest of its timeline."""
    page = project_page(detail, now_ms)
    told = [(moment_shown(event.at, now_ms), event_text(event)) for event in events]
    return [*page, Heading(_("Latest")), Facts(told) if told else Passage(_("Nothing yet."), "muted")]


def event_columns(now_ms: Callable[[], int]) -> Sequence[Column[EventRow]]:
    """A project's timeline as a list."""
    return (
        Column(N_("When"), 11, lambda row: ((moment_shown(row.event.at, now_ms()), "muted"),)),
        Column(N_("What"), 11, lambda row: event_word(row.event)),
        Column("", 16, lambda row: event_said(row.event), grow=1),
        Column(N_("Who"), 8, lambda row: row.event.author or "", from_width=60),
    )


class EventRow:
    """An event as a row of a list: known by the line that tells of it."""

    def __init__(self, event: Event) -> None:
        self.event = event
        self.id = event.line


def event_word(event: Event) -> str:
    """What sort of event it is."""
    if event.what == "adjustment":
        return word("adjustment", event.detail or "changed")
    return word("kind", event.what) if event.what in _BOOKED else word("issue_step.act", event.what)


def event_text(event: Event) -> str:
    """An event in one line."""
    return f"{event_word(event)}  {event_said(event)}"


def event_said(event: Event) -> str:
    """What an event says, beside its sort."""
    detail = event.detail
    if detail and event.what in _DETAILS:
        told = word(_DETAILS[event.what], detail)
    elif detail and event.what == "progress_report":
        told = _("{amount} wan yuan done this year").format(amount=wan(int(detail)))
    else:
        told = detail if detail and event.what not in ("visit", "adjustment", "meeting") else ""
    return "  ".join(part for part in (event.title, told) if part)


_BOOKED = (
    "visit", "follow_up", "meeting", "procedure", "policy_delivery", "progress_report", "statistics_entry",
    "data_return",
)  # fmt: skip
"""The kinds of line that are events of their own; every other event is a step of an issue."""
_DETAILS = {
    "procedure": "procedure.status", "policy_delivery": "policy_delivery.act", "follow_up": "follow_up.satisfaction",
}  # fmt: skip
"""The events whose detail is a stored value, and the family of its words."""
