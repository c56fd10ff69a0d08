"""The responsibility table (R07, R09, R17): laid out as published, and read again by ``store/importing`` without a
change.

> Its headings are Chinese in every language: they are the layout of an official paper, and what intake reads it by.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from store.db.connection import Connection
from store.domain.status_lights import Marks
from store.importing.names import people_in, phone_key
from store.importing.plan import PREFIXES
from store.queries.reports import Holder, holders, listed
from store.values.text import normal_name
from tui.reports.report import Column, Report, Row, Section, Table, Words
from tui.reports.tables import PAGE_WORDS

_COLUMNS = (
    Column("number", "序号", "number", 6),
    Column("project", "项目名称", width=34),
    Column("lead_leader", "项目包保领导\n（联系方式）", width=16),
    Column("butler", "项目管家\n（联系方式）", width=16),
    Column("enterprise_contact", "企业联系人\n（联系方式）", width=16),
)
_ROLES = ("lead_leader", "butler", "enterprise_contact")
_SECTIONS = {
    "continuing": "一、计划续建项目（{count}项）",
    "new": "二、计划新建项目（{count}项）",
    "advancing": "三、正在推进项目（{count}项）",
}
"""In the table's order; intake tells the category from these words."""
_TITLE = "{district}{year}年项目管家责任分劈表"


def responsibility_table(connection: Connection, words: Words, on: Marks, *, district: str) -> Report:
    """The projects on the list in their sections, each with its declared count, and who serves them today."""
    known = {category: listed(connection, category, PREFIXES[category]) for category in _SECTIONS}
    title = _TITLE.format(district=district, year=on.today[:4])
    table = Table("责任分劈表", _COLUMNS, _rows(connection, on, known), sections=True)
    total = sum(count for count, _own in known.values())
    return Report("responsibility-table", title, (table,), total, words.say(PAGE_WORDS))


def _rows(connection: Connection, on: Marks, known: Mapping[str, tuple[int, bool]]) -> Iterator[Row | Section]:
    for category, heading in _SECTIONS.items():
        count, own = known[category]
        if count:
            yield Section(heading.format(count=count))
            prefix = PREFIXES[category] if own else None
            yield from _numbered(holders(connection, on, category), prefix)


def _numbered(held: Iterator[Holder], prefix: str | None) -> Iterator[Row]:
    """A section's rows. Projects keep the numbers that they have in the ledger where all of them follow the table's
    own way (``prefix``), so that another office that imports the table numbers them alike; else they are counted."""
    for place, (_id, found) in enumerate(groupby(held, key=lambda one: one.project_id), 1):
        served = list(found)
        number = place if prefix is None else int(served[0].number.removeprefix(prefix))
        yield (number, served[0].project, *(_people([one for one in served if one.role == role]) for role in _ROLES))


def _people(held: Sequence[Holder]) -> str:
    """A role's cell: each name with the phone below it. A phone that intake would not read as one is left out, because
    it would be taken for a part of the name."""
    known = [(one.name, one.phone or "") for one in held if one.name]
    return "、\n".join(_person(name, phone) for name, phone in known)


def _person(name: str, phone: str) -> str:
    whole = f"{name}\n{phone}"
    read = people_in(whole).people
    same = [(normal_name(one.name), phone_key(one.phone)) for one in read] == [(normal_name(name), phone_key(phone))]
    return whole if phone and same else name
