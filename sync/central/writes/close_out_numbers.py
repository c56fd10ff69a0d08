"""Close-out numbers, assigned by the central at approval: consecutive within a year of a district, without gaps (R48).

A number is a ledger line of the issue, written in the transaction that stores the approval, while the district's row is
locked: so no two issues get one number, and a transaction that fails assigns none. An issue that is approved again,
after it was reopened or changed, keeps its number. The line is synced like any other; nobody else may write its kind
(``sync/central/accounts/permissions.py``).

After the central was set back a device may show a number without this central's receipt. It waits for the bureau as a
claim (``claims.py``), and until that is decided nobody else gets it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from itertools import count
from typing import NamedTuple

from sqlalchemy import Connection, insert, select, update

from store.domain.issue_lifecycle import IssueState
from store.ledger.hlc import tick
from store.ledger.line import Line, canonical_json, derived_id, digest_of, stored_line
from store.ledger.row_mapping import to_signed
from store.values.times import district_time
from sync.central.accounts.authentication import Caller
from sync.central.db.commit_order import DistrictCounter
from sync.central.db.tables import CLAIM, CLOSE_SERIAL, LINE, REGAINED, VERSION, LineRow

MAX_SERIAL = 1_000_000
"""No district closes so many issues in a year."""
MAX_RESERVED = 200
"""So many numbers that one person claims are given to nobody else; claims beyond it keep no number free."""
_IS_NUMBER = '"kind":"close_out"'
"""What the canonical text of every close-out line has; a field of another line may be called so, too."""


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
    reserved: Container[str] = (),
) -> dict[str, LineRow]:
    """The lines with the numbers of these issues, in the order of the approvals, by bucket; saves the last serial. A
    line under one of ``taken_ids`` keeps no issue from its number, which then has a random id. ``reserved`` numbers are
    left out."""
    year = district_time(counter.now_ms).year
    rows: dict[str, LineRow] = {}
    for issue in sorted(issues, key=lambda issue: (issue.approval.stamp, issue.approval.id)):
        earlier = issue.earlier_number and issue.earlier_number.body
        number = earlier or _number(year, _next_serial(connection, counter.district, year, reserved))
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


class NumberClaim(NamedTuple):
    """A number that a device has shown without a receipt and that the bureau has not decided about: its line, the issue
    and the number that it names, and whose claim it is."""

    line: str
    issue: str
    number: str
    account: str


def number_claims(connection: Connection, district: str) -> list[NumberClaim]:
    """The numbers that are claimed, in the order in which they came."""
    chosen = select(CLAIM.c.account, CLAIM.c.wire).where(
        CLAIM.c.district == district, CLAIM.c.decision.is_(None), CLAIM.c.wire.contains(_IS_NUMBER)
    )
    rows = connection.execute(chosen.order_by(CLAIM.c.seq))
    lines = [(account, line) for account, wire in rows if (line := _number_line(wire)) is not None]
    return [
        NumberClaim(line.id, str(line.body.get("issue_id")), str(line.body.get("number")), account)
        for account, line in lines
    ]


def reserved_numbers(claims: Iterable[NumberClaim]) -> frozenset[str]:
    """The numbers that are kept free for these claims: of each person the first `MAX_RESERVED`."""
    reserved, claimed = set[str](), Counter[str]()
    for claim in claims:
        claimed[claim.account] += 1
        if claimed[claim.account] <= MAX_RESERVED:
            reserved.add(claim.number)
    return frozenset(reserved)


class NumberReport(NamedTuple):
    """Close-out numbers that several issues claim, with the ids of the issues; and numbers up to the last one of their
    year that no line has, nor a claim."""

    doubled: dict[str, list[str]]
    missing: list[str]


def check_numbers(connection: Connection, district: str) -> NumberReport:
    """Read every close-out number of the district, and those that came back after the issue had got another."""
    current = select(LINE.c.wire).where(LINE.c.district == district, LINE.c.kind == "close_out", ~LINE.c.damaged)
    marked = (REGAINED.c.district == VERSION.c.district) & (REGAINED.c.seq == VERSION.c.seq)
    past = select(VERSION.c.wire).join(REGAINED, marked)
    past = past.where(VERSION.c.district == district, VERSION.c.wire.contains(_IS_NUMBER))
    issues: dict[str, set[str]] = defaultdict(set)
    for wire in (*connection.execute(current).scalars(), *connection.execute(past).scalars()):
        if (line := _number_line(wire)) is not None:
            issues[str(line.body.get("number"))].add(str(line.body.get("issue_id")))
    for claim in number_claims(connection, district):
        issues[claim.number].add(claim.issue)
    last = select(CLOSE_SERIAL.c.year, CLOSE_SERIAL.c.serial).where(CLOSE_SERIAL.c.district == district)
    given_out = (_number_text(year, n) for year, top in connection.execute(last) for n in range(1, top + 1))
    doubled = {number: sorted(ids) for number, ids in sorted(issues.items()) if len(ids) > 1}
    return NumberReport(doubled, [number for number in given_out if number not in issues])


def _number_line(wire: str) -> Line | None:
    """The close-out line in a stored text; None where that is of another kind, or damaged."""
    line = stored_line(wire)
    return line if line is not None and line.kind == "close_out" else None


def _number_text(year: int, serial: int) -> str:
    return f"{year}-{serial:04}"


def _next_serial(connection: Connection, district: str, year: int, reserved: Container[str]) -> int:
    here = (CLOSE_SERIAL.c.district == district) & (CLOSE_SERIAL.c.year == year)
    last = connection.execute(select(CLOSE_SERIAL.c.serial).where(here)).scalar()
    serial = next(n for n in count((last or 0) + 1) if _number_text(year, n) not in reserved)
    if last is None:
        connection.execute(insert(CLOSE_SERIAL).values(district=district, year=year, serial=serial))
    else:
        connection.execute(update(CLOSE_SERIAL).where(here).values(serial=serial))
    return serial
