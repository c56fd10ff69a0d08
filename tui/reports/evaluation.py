"""Evaluation sheets (R52–R56): each score line with the ledger's fact beside it, outcome, reason and legal basis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from store.db.connection import Connection
from store.domain.registers import CRITERIA, EVALUATION
from store.domain.status_lights import Marks
from store.queries import register_lines
from store.queries.facts import FACTS, Facts, facts_of
from store.values.amounts import scaled
from tui.reports.report import N_, Column, Report, Row, Table, Words
from tui.reports.tables import PAGE_WORDS

_Line = Mapping[str, Any]


def evaluation_sheets(
    connection: Connection,
    words: Words,
    on: Marks,
    *,
    period: str | None = None,
    unit: str | None = None,
    person: str | None = None,
) -> Report:
    """All evaluations in one table, then a sheet for each; of one period, unit or person where one is named."""
    chosen = register_lines.listing(EVALUATION, period=period, unit=unit, person=person)
    found = register_lines.rows(connection, EVALUATION, chosen)
    lines = sorted(register_lines.rows(connection, CRITERIA), key=lambda one: (one["rank"] or 0, one["code"]))
    tables = [_overview(words, found)]
    for one in found:
        facts = facts_of(connection, on, one["period"], unit=one["unit_id"], person=one["person_id"])
        tables += _sheet(words, one, lines, facts)
    title = words.say(N_("Evaluation"))
    as_of = words.say(N_("As of {day}")).format(day=on.today)
    total = sum(len(list(table.rows)) for table in tables)
    return Report("evaluation", title, tuple(tables), total, words.say(PAGE_WORDS), as_of)


def _overview(words: Words, found: list[register_lines.Row]) -> Table:
    say = words.say
    rows: list[Row] = [
        (one["period"], _whom(one), one["score"], _outcome(words, one), _fault(words, one), one["reason"], one["basis"])
        for one in found
    ]
    columns = (
        Column("period", say(N_("Period")), width=9),
        Column("whom", say(N_("Unit or person")), width=14),
        Column("score", say(N_("Score")), "number", 6),
        Column("outcome", say(N_("Outcome")), width=10),
        Column("fault", say(N_("Fault")), width=11),
        Column("reason", say(N_("Reason")), width=20),
        Column("basis", say(N_("Legal basis")), width=20),
    )
    return Table(say(N_("Overview")), columns, rows)


def _sheet(words: Words, one: _Line, lines: list[register_lines.Row], facts: Facts) -> Iterator[Table]:
    say = words.say
    whom = f"{one['period']} {_whom(one)}"
    yield Table(whom, _pair(say(N_("What")), say(N_("Said"))), list(_said(words, one)), starts="page")
    columns = (
        Column("line", say(N_("Score line")), width=30),
        Column("fact", say(N_("Fact")), width=26),
        Column("figure", say(N_("In the ledger")), "number", 12),
        Column("most", say(N_("At most")), "number", 10),
        Column("points", say(N_("Points")), "number", 10),
    )
    scored = list(_scored(words, one, lines, facts))
    yield Table(say(N_("Score lines")), columns, scored, starts="below")
    rows: list[Row] = [(words.word("fact", fact), facts[fact]) for fact in FACTS]
    figures = (Column("fact", say(N_("Fact")), width=30), Column("figure", say(N_("In the ledger")), "number", 14))
    yield Table(say(N_("What the ledger says")), figures, rows, starts="below")


def _pair(left: str, right: str) -> tuple[Column, ...]:
    return (Column("what", left, width=30), Column("said", right, width=36))


def _said(words: Words, one: _Line) -> Iterator[Row]:
    say = words.say
    pairs = (
        (say(N_("Period")), one["period"]),
        (say(N_("Unit or person")), _whom(one)),
        (say(N_("Score")), one["score"]),
        (say(N_("Outcome")), _outcome(words, one)),
        (say(N_("Fault")), _fault(words, one)),
        (say(N_("Reason")), one["reason"]),
        (say(N_("Legal basis")), one["basis"]),
        (say(N_("Text")), one["text"]),
        (say(N_("Recorded by")), one["author"]),
    )
    return ((name, value) for name, value in pairs if value is not None)


def _scored(words: Words, one: _Line, lines: list[register_lines.Row], facts: Facts) -> Iterator[Row]:
    """The district's score lines, and then those that were scored by a code that the district has no more."""
    given = {str(score.get("line")): score.get("points") for score in one["scores"]}
    for line in lines:
        fact = line["fact"]
        points = given.pop(line["code"], None)
        named = words.word("fact", fact) if fact else None
        yield (f"{line['code']} {line['name']}", named, facts.get(fact), line["points"], _tenths(points))
    for code, points in given.items():
        yield (code, None, None, None, _tenths(points))


def _tenths(points: Any) -> int | float | None:
    return scaled(points, 10) if isinstance(points, int) else None


def _whom(one: _Line) -> str:
    return str(one["unit"] or one["person"] or "")


def _outcome(words: Words, one: _Line) -> str:
    return words.word("evaluation.outcome", one["outcome"])


def _fault(words: Words, one: _Line) -> str | None:
    return words.word("evaluation.fault", one["fault"]) if one["fault"] else None
