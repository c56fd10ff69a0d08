"""The responsibility table (R07, R09, R17): in the published layout, which ``store/importing`` reads back unchanged.

> Its headings are Chinese in every language: they are the official layout, and the import recognises it by them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from store.db.connection import Connection
from store.domain.status_lights import LightThresholds
from store.importing.cell_parsing import parse_people
from store.importing.facts import NUMBER_PREFIXES
from store.queries.report_rows import RoleHolder, project_numbering, role_holders
from store.values.text import normalize_name, phone_key
from tui.i18n.translate import _
from tui.reports.report import PAGE_FOOTER, Report, ReportColumn, ReportSection, ReportTable, RowValues

_COLUMNS = (
    ReportColumn("number", "序号", "number", 6),
    ReportColumn("project", "项目名称", width=34),
    ReportColumn("lead_leader", "项目包保领导\n（联系方式）", width=16),
    ReportColumn("butler", "项目管家\n（联系方式）", width=16),
    ReportColumn("enterprise_contact", "企业联系人\n（联系方式）", width=16),
)
_ROLES = ("lead_leader", "butler", "enterprise_contact")
_SECTIONS = {
    "continuing": "一、计划续建项目（{count}项）",
    "new": "二、计划新建项目（{count}项）",
    "advancing": "三、正在推进项目（{count}项）",
}
"""In the table's order; the import recognises the category by these headings."""
_TITLE = "{district}{year}年项目管家责任分劈表"


def responsibility_table(connection: Connection, thresholds: LightThresholds, *, district: str) -> Report:
    """The listed projects in their sections, each with its declared count, and the people who serve them today."""
    known = {category: project_numbering(connection, category, NUMBER_PREFIXES[category]) for category in _SECTIONS}
    title = _TITLE.format(district=district, year=thresholds.today[:4])
    table = ReportTable("责任分劈表", _COLUMNS, _rows(connection, thresholds, known), sections=True)
    total = sum(count for count, _own in known.values())
    return Report("responsibility-table", title, (table,), total, _(PAGE_FOOTER))


def _rows(
    connection: Connection, thresholds: LightThresholds, numbering: Mapping[str, tuple[int, bool]]
) -> Iterator[RowValues | ReportSection]:
    for category, heading in _SECTIONS.items():
        count, own = numbering[category]
        if count:
            yield ReportSection(heading.format(count=count))
            prefix = NUMBER_PREFIXES[category] if own else None
            yield from _numbered_rows(role_holders(connection, thresholds, category), prefix)


def _numbered_rows(holders: Iterator[RoleHolder], prefix: str | None) -> Iterator[RowValues]:
    """A section's rows. Where all projects are numbered with ``prefix`` they keep these numbers, so that another office
    that imports the table gets the same ones; otherwise they are numbered from 1."""
    for place, (_id, group) in enumerate(groupby(holders, key=lambda holder: holder.project_id), 1):
        served = list(group)
        number = place if prefix is None else int(served[0].number.removeprefix(prefix))
        yield (
            number,
            served[0].project,
            *(_people_cell([one for one in served if one.role == role]) for role in _ROLES),
        )


def _people_cell(holders: Sequence[RoleHolder]) -> str:
    """A role's cell: each name with the phone below it."""
    known = [(one.name, one.phone or "") for one in holders if one.name]
    return "、\n".join(_person_text(name, phone) for name, phone in known)


def _person_text(name: str, phone: str) -> str:
    """Name and phone; the name alone where the import would not read the phone back as one, but as part of the name."""
    whole = f"{name}\n{phone}"
    read = parse_people(whole).people
    same = [(normalize_name(one.name), phone_key(one.phone)) for one in read] == [
        (normalize_name(name), phone_key(phone))
    ]
    return whole if phone and same else name
