"""What is held on one person, as a file for them: the own records and phones with every version, where others' records
name the person, what the person wrote, drafts and searches of this device, and what the central holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import orjson

from store.queries.personal_data import NamingLine, PersonalData
from tui.i18n.translate import _, value_label
from tui.reports.report import PAGE_FOOTER, Report, ReportColumn, ReportTable, RowValues

Names = Mapping[str, str]
"""The names of lines that others mention, by id."""


class CentralPart(NamedTuple):
    """What the central told: rows of what (a sort of record), when, what is recorded."""

    rows: Sequence[tuple[str, str | None, str]]


def personal_data_report(held: PersonalData, name: str, names: Names, day: str, central: CentralPart | None) -> Report:
    """The report; without a ``central`` it says that it is of this device alone."""
    versions = [
        (
            value_label("kind", each.version.kind), each.version.at, each.version.author_name,
            value_label("reason", each.version.reason) if each.version.reason else _("current"),
            body_text(each.version.kind, each.version.body, names), each.line,
        )
        for each in held.versions
    ]  # fmt: skip
    device: list[RowValues] = [(_("Draft of a form"), draft.key, _plain(draft.body)) for draft in held.drafts]
    device += [(_("Search"), None, query) for query in held.searches]
    told = [] if central is None else list(central.rows)
    note = f"{name} · {day}"
    only_here = _("Of this device alone: the central was not asked.") if central is None else ""
    tables = (
        ReportTable(_("Own records and phones, every version"), _version_columns(), versions, note, "page"),
        ReportTable(
            _("Where records name the person"), _naming_columns(), _naming_rows(held.named, names), "", "below"
        ),
        ReportTable(_("What the person wrote"), _naming_columns(), _naming_rows(held.written, names), "", "below"),
        ReportTable(_("On this device only"), _device_columns(), device, "", "below"),
        ReportTable(_("At the central"), _central_columns(), told, only_here, "below"),
    )
    total = len(versions) + len(held.named) + len(held.written) + len(device) + len(told)
    return Report("personal-data", _("Personal data held"), tables, total, _(PAGE_FOOTER))


def body_text(kind: str, body: Mapping[str, object], names: Names = {}) -> str:  # noqa: B006 - never changed
    """What a line says, field by field."""
    return " · ".join(f"{_field_label(kind, field)}: {_value(kind, field, body[field], names)}" for field in body)


def _field_label(kind: str, field: str) -> str:
    return _("Job title") if (kind, field) == ("person", "title") else value_label("field", field)


def _value(kind: str, field: str, value: object, names: Names) -> str:
    if isinstance(value, list):
        return "、".join(_value(kind, field, each, names) for each in value)
    if isinstance(value, str):
        return names.get(value) or value_label(f"{kind}.{field}", value)
    return orjson.dumps(value).decode()


def _plain(body: Mapping[str, object]) -> str:
    return " · ".join(str(value) for value in body.values() if value)


def _naming_rows(lines: Sequence[NamingLine], names: Names) -> list[RowValues]:
    return [
        (
            value_label("kind", line.kind), names.get(line.project_id or ""), line.at,
            _(", ").join(value_label("field", field) for field in line.fields) or None,
            body_text(line.kind, line.body, names), line.id,
        )
        for line in lines
    ]  # fmt: skip


def _version_columns() -> tuple[ReportColumn, ...]:
    return (
        ReportColumn("kind", _("Kind"), width=10),
        ReportColumn("at", _("Written"), "moment", 18),
        ReportColumn("by", _("By"), width=12),
        ReportColumn("fate", _("Fate"), width=12),
        ReportColumn("text", _("Contents"), width=50),
        ReportColumn("id", "ID", width=20),
    )


def _naming_columns() -> tuple[ReportColumn, ...]:
    return (
        ReportColumn("kind", _("Kind"), width=10),
        ReportColumn("project", _("Project"), width=16),
        ReportColumn("at", _("Written"), "moment", 18),
        ReportColumn("fields", _("Named in"), width=14),
        ReportColumn("text", _("Contents"), width=50),
        ReportColumn("id", "ID", width=20),
    )


def _device_columns() -> tuple[ReportColumn, ...]:
    return (
        ReportColumn("what", _("What"), width=14),
        ReportColumn("key", _("Form"), width=20),
        ReportColumn("text", _("Contents"), width=60),
    )


def _central_columns() -> tuple[ReportColumn, ...]:
    return (
        ReportColumn("what", _("What"), width=16),
        ReportColumn("at", _("When"), "moment", 18),
        ReportColumn("text", _("Contents"), width=70),
    )
