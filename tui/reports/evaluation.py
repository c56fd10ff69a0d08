"""Evaluation sheets (R52–R56): each score line with the ledger's fact beside it, outcome, reason and legal basis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from store.db.connection import Connection
from store.domain.registers import CRITERION_REGISTER, EVALUATION_REGISTER
from store.domain.status_lights import LightThresholds
from store.queries import register_lines
from store.queries.facts import FACT_NAMES, Facts, evaluation_facts
from store.values.amounts import unscale
from tui.reports.report import N_, Report, ReportColumn, ReportTable, RowValues, Translator
from tui.reports.tables import PAGE_FOOTER

_Line = Mapping[str, Any]


def evaluation_sheets(
    connection: Connection,
    translator: Translator,
    thresholds: LightThresholds,
    *,
    period: str | None = None,
    unit: str | None = None,
    person: str | None = None,
) -> Report:
    """All evaluations in one table, then a sheet for each; of one period, unit or person where one is named."""
    chosen = register_lines.listing(EVALUATION_REGISTER, period=period, unit=unit, person=person)
    found = register_lines.rows(connection, EVALUATION_REGISTER, chosen)
    lines = sorted(register_lines.rows(connection, CRITERION_REGISTER), key=lambda one: (one["rank"] or 0, one["code"]))
    tables = [_overview(translator, found)]
    for one in found:
        facts = evaluation_facts(connection, thresholds, one["period"], unit=one["unit_id"], person=one["person_id"])
        tables += _sheet(translator, one, lines, facts)
    title = translator.translate(N_("Evaluation"))
    as_of = translator.translate(N_("As of {day}")).format(day=thresholds.today)
    total = sum(len(list(table.rows)) for table in tables)
    return Report("evaluation", title, tuple(tables), total, translator.translate(PAGE_FOOTER), as_of)


def _overview(translator: Translator, evaluations: list[register_lines.RegisterRecord]) -> ReportTable:
    say = translator.translate
    rows: list[RowValues] = [
        (
            one["period"],
            _evaluated_name(one),
            one["score"],
            _outcome(translator, one),
            _fault(translator, one),
            one["reason"],
            one["basis"],
        )
        for one in evaluations
    ]
    columns = (
        ReportColumn("period", say(N_("Period")), width=9),
        ReportColumn("whom", say(N_("Unit or person")), width=14),
        ReportColumn("score", say(N_("Score")), "number", 6),
        ReportColumn("outcome", say(N_("Outcome")), width=10),
        ReportColumn("fault", say(N_("Fault")), width=11),
        ReportColumn("reason", say(N_("Reason")), width=20),
        ReportColumn("basis", say(N_("Legal basis")), width=20),
    )
    return ReportTable(say(N_("Overview")), columns, rows)


def _sheet(
    translator: Translator, evaluation: _Line, lines: list[register_lines.RegisterRecord], facts: Facts
) -> Iterator[ReportTable]:
    say = translator.translate
    whom = f"{evaluation['period']} {_evaluated_name(evaluation)}"
    yield ReportTable(
        whom, _pair(say(N_("What")), say(N_("Said"))), list(_summary_rows(translator, evaluation)), starts="page"
    )
    columns = (
        ReportColumn("line", say(N_("Score line")), width=30),
        ReportColumn("fact", say(N_("Fact")), width=26),
        ReportColumn("figure", say(N_("In the ledger")), "number", 12),
        ReportColumn("most", say(N_("At most")), "number", 10),
        ReportColumn("points", say(N_("Points")), "number", 10),
    )
    scored = list(_score_rows(translator, evaluation, lines, facts))
    yield ReportTable(say(N_("Score lines")), columns, scored, starts="below")
    rows: list[RowValues] = [(translator.label("fact", fact), facts[fact]) for fact in FACT_NAMES]
    figures = (
        ReportColumn("fact", say(N_("Fact")), width=30),
        ReportColumn("figure", say(N_("In the ledger")), "number", 14),
    )
    yield ReportTable(say(N_("What the ledger says")), figures, rows, starts="below")


def _pair(left: str, right: str) -> tuple[ReportColumn, ...]:
    return (ReportColumn("what", left, width=30), ReportColumn("said", right, width=36))


def _summary_rows(translator: Translator, evaluation: _Line) -> Iterator[RowValues]:
    say = translator.translate
    pairs = (
        (say(N_("Period")), evaluation["period"]),
        (say(N_("Unit or person")), _evaluated_name(evaluation)),
        (say(N_("Score")), evaluation["score"]),
        (say(N_("Outcome")), _outcome(translator, evaluation)),
        (say(N_("Fault")), _fault(translator, evaluation)),
        (say(N_("Reason")), evaluation["reason"]),
        (say(N_("Legal basis")), evaluation["basis"]),
        (say(N_("Text")), evaluation["text"]),
        (say(N_("Recorded by")), evaluation["author"]),
    )
    return ((name, value) for name, value in pairs if value is not None)


def _score_rows(
    translator: Translator, evaluation: _Line, lines: list[register_lines.RegisterRecord], facts: Facts
) -> Iterator[RowValues]:
    """The district's score lines, and then those that were scored by a code that the district has no more."""
    given = {str(score.get("line")): score.get("points") for score in evaluation["scores"]}
    for line in lines:
        fact = line["fact"]
        points = given.pop(line["code"], None)
        named = translator.label("fact", fact) if fact else None
        yield (f"{line['code']} {line['name']}", named, facts.get(fact), line["points"], _tenths(points))
    for code, points in given.items():
        yield (code, None, None, None, _tenths(points))


def _tenths(points: Any) -> int | float | None:
    return unscale(points, 10) if isinstance(points, int) else None


def _evaluated_name(evaluation: _Line) -> str:
    return str(evaluation["unit"] or evaluation["person"] or "")


def _outcome(translator: Translator, evaluation: _Line) -> str:
    return translator.label("evaluation.outcome", evaluation["outcome"])


def _fault(translator: Translator, evaluation: _Line) -> str | None:
    return translator.label("evaluation.fault", evaluation["fault"]) if evaluation["fault"] else None
