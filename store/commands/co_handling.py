"""Several departments on one issue, in write commands: who co-handles, which department speaks, what is still owed
(domain.md, Life of an issue; R25, R49). The rule is ``store/domain/issue_lifecycle.py``."""

from __future__ import annotations

from collections.abc import Sequence

from store.commands.exceptions import FieldMissing, LeadingDepartmentActs, OpinionsOwed, UnitNotOfIssue
from store.commands.people import Newcomers
from store.commands.resolve import resolve
from store.db.connection import Connection
from store.domain.limits import read_limits
from store.queries.issues import IssueRow
from store.queries.own_work import acts_for_departments_alone, own_departments
from store.values.name_lists import split_name_list

SPEAKING_VERBS = ("opinion", "dispute")
"""The acts by which a department speaks for itself, be it leading or co-handling."""


def co_handling_ids(newcomers: Newcomers, typed: str, leading: str | None) -> list[str]:
    """The ids of the departments in ``A;B`` (any usual separator); the leading one is left out."""
    named = [newcomers.unit(name) for name in split_name_list(typed).names]
    return [unit for unit in dict.fromkeys(named) if unit != leading]


def speaking_department(connection: Connection, row: IssueRow, named: str | None) -> str:
    """The department that an opinion is of: the one named; else this device's own, one that is owed first; else the
    only one that is owed. Raises `UnitNotOfIssue`, `FieldMissing` where it may be several, and what `resolve`
    raises."""
    owed = [each.department_id for each in row.co_handlers if each.owed]
    of_issue = _departments_of(row)
    if named is not None:
        return _one_of(row, resolve(connection, "unit", named).id, named, of_issue)
    own = [unit for unit in own_departments(connection) if unit in of_issue]
    choices = [unit for unit in own if unit in owed] or own or owed
    if len(choices) != 1:
        raise FieldMissing(verb="opinion", fields="department")
    return choices[0]


def disputing_department(connection: Connection, row: IssueRow, named: str | None) -> str | None:
    """The co-handling department whose part is disputed: the one named, or this device's own; None where the leading
    one disputes the issue. Raises what `speaking_department` raises."""
    of_issue = _departments_of(row)
    if named is not None:
        unit = _one_of(row, resolve(connection, "unit", named).id, named, of_issue)
        return None if unit == row.department_id else unit
    own = [unit for unit in own_departments(connection) if unit in of_issue]
    if not own or row.department_id in own:
        return None
    if len(own) > 1:
        raise FieldMissing(verb="dispute", fields="department")
    return own[0]


def check_leading(connection: Connection, row: IssueRow, verb: str) -> None:
    """A person who acts for departments alone, none of which leads the issue, does none of its other acts where one of
    them co-handles it. Raises `LeadingDepartmentActs`; a hint, since the central decides."""
    if verb in SPEAKING_VERBS or not acts_for_departments_alone(connection):
        return
    own = own_departments(connection)
    if row.department_id not in own and any(each.department_id in own for each in row.co_handlers):
        raise LeadingDepartmentActs(number=row.number, department=row.department, verb=verb)


def check_opinions(connection: Connection, row: IssueRow, reason: object) -> None:
    """Settling while departments are owed needs a reason, where the district asks for one. Raises `OpinionsOwed`."""
    owed = [each.department or each.department_id for each in row.co_handlers if each.owed]
    if owed and not reason and read_limits(connection).opinions_required:
        raise OpinionsOwed(number=row.number, departments="、".join(owed))


def _departments_of(row: IssueRow) -> Sequence[str]:
    leading = [row.department_id] if row.department_id else []
    return [*leading, *(each.department_id for each in row.co_handlers)]


def _one_of(row: IssueRow, unit: str, named: str, of_issue: Sequence[str]) -> str:
    if unit not in of_issue:
        raise UnitNotOfIssue(number=row.number, unit=named)
    return unit
