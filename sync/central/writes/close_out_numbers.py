"""Close-out numbers, assigned by the central at approval: consecutive within a year of a district, without gaps (R48).

A number is a ledger line of the issue, written in the transaction that stores the approval, while the district's row is
locked: so no two issues get one number, and a transaction that fails assigns none. An issue that is approved again,
after it was reopened or changed, keeps its number. The line is synced like any other; nobody else may write its kind
(``sync/central/accounts/permissions.py``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, insert, select, update

from store.domain.issue_lifecycle import IssueState
from store.ledger.hlc import tick
from store.ledger.line import Line, canonical_json, derived_id, digest_of, stored_line
from store.ledger.row_mapping import to_signed
from store.values.times import district_time
from sync.central.accounts.authentication import Caller
from sync.central.db.commit_order import DistrictCounter
from sync.central.db.tables import CLOSE_SERIAL, LINE, LineRow

MAX_SERIAL = 1_000_000
"""No district closes so many issues in a year."""


class UnnumberedIssue(NamedTuple):
    """An issue that an approval has closed and that waits for its number: its own line, the approval, its bucket, and
    the `close_out` line of an earlier approval, if there is one."""

    issue: Line
    approval: Line
    bucket: str
    earlier_number: Line | None = None


def unnumbered_issue(bucket: str, issue: Line, state: IssueState, lines: Sequence[Line]) -> UnnumberedIssue | None:
    """The issue, if it is closed and waits for its number."""
    if state.approval is None or state.close_number is not None:
        return None
    approval = next(line for line in lines if line.id == state.approval)
    numbers = sorted((line for line in lines if line.kind == "close_out"), key=lambda line: line.stamp)
    return UnnumberedIssue(issue, approval, bucket, numbers[0] if numbers else None)


def number_line_id(district: str, issue: UnnumberedIssue) -> str:
    """The id of the line with the issue's number, unless another line has it: it follows from the approval."""
    return derived_id(district, "close_out", issue.approval.id)


def assign_numbers(
    connection: Connection,
    counter: DistrictCounter,
    caller: Caller,
    issues: Iterable[UnnumberedIssue],
    taken_ids: Container[str],
) -> dict[str, LineRow]:
    """The lines with the numbers of these issues, in the order of the approvals, by bucket; saves the last serial. A
    line under one of ``taken_ids`` keeps no issue from its number, which then has a random id."""
    year = district_time(counter.now_ms).year
    rows: dict[str, LineRow] = {}
    for issue in sorted(issues, key=lambda issue: (issue.approval.stamp, issue.approval.id)):
        earlier = issue.earlier_number and issue.earlier_number.body
        number = earlier or _number(year, _next_serial(connection, counter.district, year))
        line = _line(issue, caller, counter.now_ms, number)
        if line.id in taken_ids:
            line = line._replace(id=counter.new_id())
        wire = canonical_json(line)
        rows[issue.bucket] = LineRow(
            counter.district, line.id, counter.next_seq(), line.kind, issue.bucket, line.stamp, line.device,
            to_signed(digest_of(wire)), wire.decode(), caller.account, counter.now_ms, caller.device, None, False,
        )  # fmt: skip
    return rows


def _number(year: int, serial: int) -> Mapping[str, object]:
    return {"number": _number_text(year, serial), "year": year, "serial": serial}


def _line(issue: UnnumberedIssue, caller: Caller, now_ms: int, number: Mapping[str, object]) -> Line:
    body: Mapping[str, object] = {
        "issue_id": issue.issue.id,
        "approval_id": issue.approval.id,
        **{name: number[name] for name in ("number", "year", "serial")},
    }
    stamp = tick(issue.approval.stamp, now_ms)
    author = issue.approval.author
    line_id = number_line_id(caller.district, issue)
    return Line(line_id, "close_out", issue.issue.project, stamp, derived_id(caller.central), author, False, body)


def raise_serials(connection: Connection, district: str, numbers: Iterable[Line]) -> None:
    """Go on above these close-out numbers, which were given before the central was set back."""
    highest: dict[int, int] = {}
    for line in numbers:
        year, serial = line.body.get("year"), line.body.get("serial")
        if isinstance(year, int) and isinstance(serial, int) and 0 < serial <= MAX_SERIAL:
            highest[year] = max(serial, highest.get(year, 0))
    for year, serial in highest.items():
        here = (CLOSE_SERIAL.c.district == district) & (CLOSE_SERIAL.c.year == year)
        last = connection.execute(select(CLOSE_SERIAL.c.serial).where(here)).scalar()
        if last is None:
            connection.execute(insert(CLOSE_SERIAL).values(district=district, year=year, serial=serial))
        elif last < serial:
            connection.execute(update(CLOSE_SERIAL).where(here).values(serial=serial))


class NumberReport(NamedTuple):
    """Close-out numbers that several issues claim, with the ids of the issues; and numbers up to the last one of their
    year that no line has."""

    doubled: dict[str, list[str]]
    missing: list[str]


def check_numbers(connection: Connection, district: str) -> NumberReport:
    """Read every close-out number of the district."""
    wires = select(LINE.c.wire).where(LINE.c.district == district, LINE.c.kind == "close_out", ~LINE.c.damaged)
    issues: dict[str, set[str]] = defaultdict(set)
    for wire in connection.execute(wires).scalars():
        if (line := stored_line(wire)) is not None:
            issues[str(line.body.get("number"))].add(str(line.body.get("issue_id")))
    last = select(CLOSE_SERIAL.c.year, CLOSE_SERIAL.c.serial).where(CLOSE_SERIAL.c.district == district)
    given_out = (_number_text(year, n) for year, top in connection.execute(last) for n in range(1, top + 1))
    doubled = {number: sorted(ids) for number, ids in sorted(issues.items()) if len(ids) > 1}
    return NumberReport(doubled, [number for number in given_out if number not in issues])


def _number_text(year: int, serial: int) -> str:
    return f"{year}-{serial:04}"


def _next_serial(connection: Connection, district: str, year: int) -> int:
    here = (CLOSE_SERIAL.c.district == district) & (CLOSE_SERIAL.c.year == year)
    last = connection.execute(select(CLOSE_SERIAL.c.serial).where(here)).scalar()
    if last is None:
        connection.execute(insert(CLOSE_SERIAL).values(district=district, year=year, serial=1))
        return 1
    connection.execute(update(CLOSE_SERIAL).where(here).values(serial=last + 1))
    return int(last) + 1
