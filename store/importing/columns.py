"""Detects what each column of a table holds from its headings, so that other districts' tables work, too.

A heading row names the projects' column and at least one role. Fields are ``number``, ``name``, the roles of an
assignment, and ``phone:<role>`` for a column of phones beside a role's column.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from store.importing.cell_source import Cell

PERSON_ROLES = ("lead_leader", "butler", "project_secretary", "department_contact", "enterprise_contact")
UNIT_ROLES = ("lead_unit", "service_team")
"""Held by units; a service team may name people too."""
EXPECTED_ROLES = ("lead_leader", "butler", "enterprise_contact")
"""The roles in the published table, all of which R07 requires."""
PHONE_PREFIX = "phone:"
_LONGEST_HEADING = 24
_LONGEST_CELL = 100
_FIELDS = tuple(
    (field, re.compile(pattern))
    for field, pattern in (
        ("number", r"序号?|编号|项目序号|no\.?"),
        ("name", r"(重点|重大|包保)?(建设)?(项目|工程)(名称)?"),
        ("department_contact", r".*部门.*联系人"),
        ("enterprise_contact", r".*联系人|.*联络员"),
        ("lead_leader", r".*领导"),
        ("butler", r".*管家"),
        ("project_secretary", r".*秘书"),
        ("service_team", r".*(服务(班子|团队|小组)|专班)"),
        ("lead_unit", r".*(牵头|责任|包保|主管|负责)(单位|部门)"),
    )
)
_PHONE = re.compile(r"(联系|办公|移动)?(电话|方式|手机)(号码?)?")
_PHONE_SUFFIX = re.compile(r"(的?联系)?(电话|方式|手机)(号码?)?$")
_PERSON = re.compile(r"姓名|名单|人员|名称")


class ImportColumn(NamedTuple):
    """One column: its heading as written, and the field that it holds; None when it is not read."""

    heading: str
    field: str | None


ImportColumns = tuple[ImportColumn, ...]


def normalize_heading(text: str) -> str:
    """A heading as it is compared: half-width, without spaces and without text in brackets."""
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text[:_LONGEST_CELL])).casefold()
    return re.sub(r"\([^()]*\)", "", plain)


def detect_columns(cells: Sequence[Cell]) -> ImportColumns | None:
    """The columns, when this row is a heading row."""
    columns: list[ImportColumn] = []
    for cell in cells:
        columns.append(ImportColumn(_compact(cell.text), _field_of(cell, columns)))
    fields = {column.field for column in columns}
    return tuple(columns) if "name" in fields and fields & {*PERSON_ROLES, *UNIT_ROLES} else None


def _field_of(cell: Cell, before: Sequence[ImportColumn]) -> str | None:
    label = normalize_heading(cell.text)
    if not label or cell.formula or len(label) > _LONGEST_HEADING:
        return None
    taken = {column.field for column in before}
    if _PHONE.fullmatch(label):
        return _phone_of(_last_role(before), taken)
    plain = _PHONE_SUFFIX.sub("", label)
    field = next((field for field, pattern in _FIELDS if pattern.fullmatch(plain or label)), None)
    if field in taken:
        return _phone_of(field, taken) if plain != label else None
    return field


def _last_role(before: Sequence[ImportColumn]) -> str | None:
    return next((column.field for column in reversed(before) if column.field in PERSON_ROLES), None)


def _phone_of(role: str | None, taken: set[str | None]) -> str | None:
    return PHONE_PREFIX + role if role in PERSON_ROLES and PHONE_PREFIX + role not in taken else None


def merge_second_heading_row(columns: ImportColumns, cells: Sequence[Cell]) -> ImportColumns | None:
    """The columns, when this row continues a heading row: separate columns for name and phone under each role."""
    labels = [("" if cell.merged else normalize_heading(cell.text)) for cell in cells]
    filled = [label for label in labels if label]
    if not filled or not all(_PHONE.fullmatch(label) or _PERSON.fullmatch(label) for label in filled):
        return None
    merged: list[ImportColumn] = []
    for position, label in enumerate(labels):
        above = columns[position] if position < len(columns) else ImportColumn("", None)
        over = _spanning_heading(columns, position)
        if _PHONE.fullmatch(label) and over.field in PERSON_ROLES:
            above = ImportColumn(over.heading, PHONE_PREFIX + str(over.field))
        merged.append(above)
    return (*merged, *columns[len(merged) :])


def _spanning_heading(columns: ImportColumns, position: int) -> ImportColumn:
    """The heading that spans a position: the nearest at it or to its left."""
    return next((column for column in reversed(columns[: position + 1]) if column.heading), ImportColumn("", None))


def _compact(text: str) -> str:
    return re.sub(r"\s+", "", text)
