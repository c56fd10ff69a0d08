"""The ledgers as tables: issues, service log, work (R14, R37, R47, R48). Nothing is read until it is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from store.db.connection import Connection
from store.domain.status_lights import Marks
from store.queries import reports as reading
from store.queries import visits
from store.queries.issues import EVERY_ISSUE, IssueFilter
from store.queries.reports import IssueLine, LogLine, NamedIssue, Work
from tui.reports.report import N_, Column, Report, Row, Table, Words

PAGE_WORDS = N_("Page {page} of {pages}")
_CALLED = {"special_meeting": N_("Special meeting"), "settlement": N_("Settlement")}


def issue_ledger(
    connection: Connection,
    words: Words,
    on: Marks,
    chosen: IssueFilter = EVERY_ISSUE,
    *,
    since: str | None = None,
    until: str | None = None,
) -> Report:
    """Every issue, or those of a project, a department or a state: who must settle it, what became of it."""
    listing = reading.issue_listing(on, chosen, since=since, until=until)
    say = words.say
    columns = (
        Column("number", say(N_("Issue No.")), width=13),
        Column("project", say(N_("Project")), width=18),
        Column("title", say(N_("Issue")), width=24),
        Column("kind", say(N_("Kind")), width=6),
        Column("category", say(N_("Category")), width=8),
        Column("department", say(N_("Department")), width=11),
        Column("owner", say(N_("Owner")), width=8),
        Column("raised", say(N_("Recorded")), "day", 12),
        Column("due", say(N_("Due")), "day", 12),
        Column("state", say(N_("State")), width=8),
        Column("level", say(N_("Level")), "number", 5),
        Column("light", say(N_("Light")), width=6),
        Column("latest", say(N_("Latest")), width=22),
        Column("measure", say(N_("Measure taken")), width=22),
        Column("closed", say(N_("Closed")), "day", 12),
        Column("close_number", say(N_("Close-out number")), width=11),
    )
    rows = (_issue_row(words, one) for one in reading.issue_lines(connection, on, listing))
    title = say(N_("Issue ledger"))
    return _single("issue-ledger", title, words, Table(title, columns, rows), reading.count(connection, listing), on)


def _issue_row(words: Words, one: IssueLine) -> Row:
    return one._replace(
        kind=words.word("issue.kind", one.kind),
        category=one.category and words.word("issue.category", one.category),
        state=words.word("state", one.state),
        light=one.light and words.word("light_name", one.light),  # type: ignore[arg-type]
    )


def service_log(
    connection: Connection,
    words: Words,
    on: Marks,
    *,
    project: str | None = None,
    since: str | None = None,
    until: str | None = None,
) -> Report:
    """The service log: who was where, when and how, what was seen, which issues came of it."""
    listing = visits.listing(project=project, since=since, until=until)
    say = words.say
    columns = (
        Column("at", say(N_("When")), "moment", 17),
        Column("project", say(N_("Project")), width=20),
        Column("how", say(N_("How")), width=8),
        Column("place", say(N_("Place")), width=16),
        Column("participants", say(N_("Participants")), width=18),
        Column("text", say(N_("What was seen")), width=34),
        Column("raised", say(N_("Issues raised")), width=20),
        Column("moved", say(N_("Issues moved on")), width=20),
        Column("author", say(N_("Recorded by")), width=10),
    )
    rows = (_log_row(words, one) for one in reading.log_lines(connection, listing))
    title = say(N_("Service log"))
    return _single("service-log", title, words, Table(title, columns, rows), reading.count(connection, listing), on)


def _log_row(words: Words, one: LogLine) -> Row:
    how = words.word("visit.how", one.how)
    who = "、".join(one.participants)
    return (one.at, one.project, how, one.place, who, one.text, "\n".join(one.raised), "\n".join(one.moved), one.author)


def work_ledger(
    connection: Connection,
    words: Words,
    on: Marks,
    *,
    project: str | None = None,
    since: str | None = None,
    until: str | None = None,
) -> Report:
    """The work ledger that the notice asks for (R47, R48): time, place, participants, issues solved, result,
    approval. Visits, special meetings and settlements, in the order in which they happened."""
    chosen = {"project": project, "since": since, "until": until}
    say = words.say
    columns = (
        Column("at", say(N_("Time")), "moment", 17),
        Column("what", say(N_("What")), width=8),
        Column("project", say(N_("Project")), width=20),
        Column("place", say(N_("Place")), width=16),
        Column("participants", say(N_("Participants")), width=18),
        Column("text", say(N_("Work done")), width=34),
        Column("issues", say(N_("Issues solved")), width=24),
        Column("result", say(N_("Result")), width=24),
        Column("approval", say(N_("Approval")), width=18),
    )
    rows = _work_rows(words, reading.work(connection, **chosen))
    title = say(N_("Work ledger"))
    return _single(
        "work-ledger", title, words, Table(title, columns, rows), reading.work_count(connection, **chosen), on
    )


def _work_rows(words: Words, found: Iterator[Work]) -> Iterator[Row]:
    for one in found:
        what = words.say(_CALLED[one.what]) if one.what in _CALLED else words.word("visit.how", one.what)
        named = "\n".join(f"{issue.number} {issue.title}" for issue in one.issues)
        result = _each(one.issues, [_result(words, issue) for issue in one.issues])
        approval = _each(one.issues, [_approval(words, issue) for issue in one.issues])
        yield (one.at, what, one.project, one.place, "、".join(one.participants), one.text, named, result, approval)


def _each(issues: Sequence[NamedIssue], told: Sequence[str]) -> str:
    """What is told of each issue, a line each; with its number where there are several."""
    numbered = len(issues) > 1
    lines = [f"{issue.number} {text}" if numbered else text for issue, text in zip(issues, told, strict=True) if text]
    return "\n".join(lines)


def _result(words: Words, issue: NamedIssue) -> str:
    state = words.word("state", issue.state) if issue.state else ""
    return f"{state}: {issue.measure}" if issue.measure else state


def _approval(words: Words, issue: NamedIssue) -> str:
    if issue.state == "closed":
        given = words.say(N_("approved {day}, {number}"))
        return given.format(day=issue.closed or "", number=issue.close_number or words.say(N_("number to come")))
    return words.say(N_("awaiting approval")) if issue.state in ("settled", "pending_approval") else ""


def _single(name: str, title: str, words: Words, table: Table, total: int, on: Marks) -> Report:
    """A report of one long table."""
    as_of = words.say(N_("As of {day}")).format(day=on.today)
    return Report(name, title, (table,), total, words.say(PAGE_WORDS), as_of)
