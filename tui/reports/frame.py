"""The frame of a report: which unit hands it in, of which period and scope, who filled it in and when, who checks it.

One place for all reports: a builder says what only it knows (to whom a letter goes, its annexes), `completed` adds the
rest from the home. A ``form`` has a line of facts under its title and one to sign at its end; a ``letter`` is laid out
by GB/T 9704: the issuing unit in red, number, title, recipient, annexes, unit and date, copies; a ``minute`` likewise,
with the time and the people in front.

> What a device does not hold no report counts: the scope says so in words, whoever reads it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from store.db.connection import Connection
from store.db.device_facts import DeviceFacts, read_device_facts
from store.domain.scope import SUPERVISING_ROLES, WHOLE_DISTRICT_ROLES
from store.queries.papers import name_of_line, unit_of_person
from tui.i18n.dates import format_period
from tui.i18n.translate import N_, _, value_label

BLANK = "________"
"""A place to fill in by hand."""
Layout = Literal["form", "letter", "minute"]
_SCOPES = {
    "project": N_("only the project {name}"),
    "department": N_("only {name}"),
    "unit": N_("only {name}"),
    "person": N_("only {name}"),
    "served_by": N_("only the projects that {name} serves"),
    "led_by": N_("only the issues that {name} leads, and their projects"),
    "meeting": N_("only the meeting {name}"),
    "issue": N_("only the issue {name}"),
    "state": N_("only issues in the state {name}"),
}
"""In words, what an option leaves in."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around a report. ``period`` and ``scope`` are words; ``day`` an ISO day; ``number`` is "" where it is
    to be filled in by hand. Of letters: ``to`` whom, the titles of ``annexes``, ``copies`` to whom, and the ``mark`` in
    red where that is not the unit. ``each_page``: each table that starts a page is a paper of its own, to be signed;
    ``counted``: a form says how many rows it has."""

    layout: Layout = "form"
    unit: str = ""
    filled_by: str = ""
    day: str = ""
    period: str = ""
    scope: str = ""
    number: str = ""
    to: str = ""
    annexes: tuple[str, ...] = ()
    copies: str = ""
    mark: str = ""
    each_page: bool = False
    counted: bool = True

    @property
    def is_letter(self) -> bool:
        """Whether it is laid out by GB/T 9704."""
        return self.layout != "form"

    def opening(self) -> str:
        """The line under the title of a form."""
        facts = (
            _("Unit: {unit}").format(unit=self.unit) if self.unit else "",
            _("Period: {period}").format(period=self.period) if self.period else "",
            _("Scope: {scope}").format(scope=self.scope) if self.scope else "",
        )
        return "    ".join(fact for fact in facts if fact)

    def closing(self, rows: int) -> tuple[str, str]:
        """The lines at the end of a form: its total, who filled it in when; and places for who checks and answers, in a
        line of their own, or on an upright page the date breaks."""
        facts = (
            _("Rows in all: {rows}").format(rows=rows) if self.counted else "",
            _("Filled in by: {name}").format(name=self.filled_by),
            _("Date: {day}").format(day=written_day(self.day)),
        )
        places = (
            _("Checked by: {blank}").format(blank=BLANK),
            _("In charge (signature and seal): {blank}").format(blank=BLANK),
        )
        return "    ".join(fact for fact in facts if fact), "        ".join(places)

    def opening_lines(self) -> list[str]:
        """What stands above the contents in formats without a layout of their own for letters."""
        if not self.is_letter:
            return [self.opening()] if self.opening() else []
        to = _("{recipient}:").format(recipient=self.to) if self.to else ""
        return [line for line in (self.mark or self.unit, self.number_text(), to) if line]

    def closing_lines(self, rows: int) -> list[str]:
        """What stands below the contents in such formats."""
        if not self.is_letter:
            return [*self.closing(rows)]
        annexes = [_("Annex: {title}").format(title=annex) for annex in self.annexes]
        copies = [_("Copies: {copies}").format(copies=self.copies)] if self.copies else []
        return [*annexes, self.unit, written_day(self.day), *copies]

    def number_text(self) -> str:
        """The number of a letter, or a place for it."""
        return self.number or _("[{year}] No. ____").format(year=self.day[:4])

    def with_texts(self, clean: Callable[[str], str]) -> Frame:
        """The frame with each of its texts cleaned."""
        return replace(
            self,
            unit=clean(self.unit),
            filled_by=clean(self.filled_by),
            day=clean(self.day),
            period=clean(self.period),
            scope=clean(self.scope),
            number=clean(self.number),
            to=clean(self.to),
            annexes=tuple(map(clean, self.annexes)),
            copies=clean(self.copies),
            mark=clean(self.mark),
        )

    def to_json(self) -> dict[str, object]:
        """The frame as .json has it: what is known of it."""
        names = ("unit", "period", "scope", "filled_by", "day", "number", "to", "annexes", "copies")
        return {name: getattr(self, name) for name in names if getattr(self, name)}


def completed(frame: Frame, connection: Connection, day: str, options: Mapping[str, str | None]) -> Frame:
    """The frame with what the home knows: unit, officer, day, scope, and the period that an option names."""
    facts = read_device_facts(connection)
    return replace(
        frame,
        unit=frame.unit or unit_of_person(connection, facts.person) or facts.district_name,
        filled_by=facts.person_name,
        day=day,
        period=frame.period or _period(options),
        scope=frame.scope or _scope(connection, facts, options),
        number=options.get("number") or frame.number,
        copies=options.get("copies") or frame.copies,
    )


def _period(options: Mapping[str, str | None]) -> str:
    """The period that these options name; "" for all days."""
    since, until = options.get("since"), options.get("until")
    if options.get("period"):
        return format_period(str(options["period"]))
    if since and until:
        return _("{since} to {until}").format(since=since, until=until)
    if since:
        return _("since {day}").format(day=since)
    return _("until {day}").format(day=until) if until else ""


def _scope(connection: Connection, facts: DeviceFacts, options: Mapping[str, str | None]) -> str:
    """What the report is about, in words: what its options leave in, of what this device holds."""
    parts = []
    for option, text in _SCOPES.items():
        value = options.get(option)
        if value:
            name = value_label("state", value) if option == "state" else name_of_line(connection, option, value)
            parts.append(_(text).format(name=name or value))
    return _(", ").join([*parts, *_held(facts)]) or _("the whole district")


def _held(facts: DeviceFacts) -> Sequence[str]:
    """What the device holds, where that is not the whole district: roles at a central grant no more."""
    if not facts.central:
        return [_("as far as recorded on this device, which works alone")]
    roles = [str(grant["role"]) for grant in json.loads(facts.get("roles") or "[]")]
    if not roles or {*roles} & (WHOLE_DISTRICT_ROLES | SUPERVISING_ROLES):
        return []
    named = _(", ").join(dict.fromkeys(value_label("assignment.role", role) for role in roles))
    return [_("what {name} serves as {roles}").format(name=facts.person_name, roles=named)]


def written_day(day: str) -> str:
    """An ISO day as letters write it in Chinese, without zeros: 2026年3月5日; other text as it is."""
    try:
        read = date.fromisoformat(day)
    except ValueError:
        return day
    month = value_label("month_name", str(read.month))
    return _("{day} {month} {year}").format(year=read.year, month=month, day=read.day)
