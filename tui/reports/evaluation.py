"""Evaluation sheets (R52–R56): score lines beside the ledger's facts; outcome, reason and legal basis."""

from __future__ import annotations

import re
from collections.abc import Iterator

from store.db.connection import Connection
from store.domain.registers import CRITERION_REGISTER, EVALUATION_REGISTER
from store.domain.status_lights import LightThresholds
from store.queries import register_lines
from store.queries.evaluation_facts import FACT_NAMES, Facts, evaluation_facts
from store.values.amounts import unscale
from tui.i18n.dates import format_period
from tui.i18n.translate import _, value_label
from tui.reports.report import PAGE_FOOTER, Report, ReportColumn, ReportTable, RowValues

_Line = register_lines.RegisterRecord
_CODE_FOR_SCRIPTS = re.compile("[a-z_]{2}")


def evaluation_sheets(
    connection: Connection,
    thresholds: LightThresholds,
    *,
    period: str | None = None,
    unit: str | None = None,
    person: str | None = None,
) -> Report:
    """All evaluations in one table, then a sheet for each. ``period``, ``unit`` and ``person`` select."""
    chosen = register_lines.listing(EVALUATION_REGISTER, period=period, unit=unit, person=person)
    evaluations = register_lines.rows(connection, EVALUATION_REGISTER, chosen)
    lines = sorted(
        register_lines.rows(connection, CRITERION_REGISTER), key=lambda line: (line["rank"] or 0, line["code"])
    )
    tables = [_overview(evaluations)]
    for one in evaluations:
        facts = evaluation_facts(connection, thresholds, one["period"], unit=one["unit_id"], person=one["person_id"])
        tables += _sheet(one, lines, facts)
    title = _("Evaluation")
    as_of = _("As of {day}").format(day=thresholds.today)
    total = sum(len(list(table.rows)) for table in tables)
    return Report("evaluation", title, tuple(tables), total, _(PAGE_FOOTER), as_of)


def _overview(evaluations: list[register_lines.RegisterRecord]) -> ReportTable:
    rows: list[RowValues] = [
        (
            format_period(one["period"]),
            _evaluated_name(one),
            one["score"],
            _outcome(one),
            _fault(one),
            one["reason"],
            one["basis"],
        )
        for one in evaluations
    ]
    columns = (
        ReportColumn("period", _("Period"), width=9),
        ReportColumn("whom", _("Unit or person"), width=14),
        ReportColumn("score", _("Score"), "number", 6),
        ReportColumn("outcome", _("Outcome"), width=10),
        ReportColumn("fault", _("Fault"), width=11),
        ReportColumn("reason", _("Reason"), width=20),
        ReportColumn("basis", _("Legal basis"), width=20),
    )
    return ReportTable(_("Overview"), columns, rows)


def _sheet(evaluation: _Line, lines: list[register_lines.RegisterRecord], facts: Facts) -> Iterator[ReportTable]:
    name = f"{format_period(evaluation['period'])} {_evaluated_name(evaluation)}"
    yield ReportTable(name, _pair(_("What"), _("Said")), list(_summary_rows(evaluation)), starts="page")
    columns = (
        ReportColumn("line", _("Score line"), width=30),
        ReportColumn("fact", _("Fact"), width=26),
        ReportColumn("figure", _("In the ledger"), "number", 12),
        ReportColumn("most", _("At most"), "number", 10),
        ReportColumn("points", _("Points"), "number", 10),
    )
    scored = list(_score_rows(evaluation, lines, facts))
    yield ReportTable(_("Score lines"), columns, scored, starts="below")
    rows: list[RowValues] = [(value_label("fact", fact), facts[fact]) for fact in FACT_NAMES]
    figures = (
        ReportColumn("fact", _("Fact"), width=30),
        ReportColumn("figure", _("In the ledger"), "number", 14),
    )
    yield ReportTable(_("What the ledger says"), figures, rows, starts="below")


def _pair(left: str, right: str) -> tuple[ReportColumn, ...]:
    return (ReportColumn("what", left, width=30), ReportColumn("said", right, width=36))


def _summary_rows(evaluation: _Line) -> Iterator[RowValues]:
    pairs = (
        (_("Period"), format_period(evaluation["period"])),
        (_("Unit or person"), _evaluated_name(evaluation)),
        (_("Score"), evaluation["score"]),
        (_("Outcome"), _outcome(evaluation)),
        (_("Fault"), _fault(evaluation)),
        (_("Reason"), evaluation["reason"]),
        (_("Legal basis"), evaluation["basis"]),
        (_("Text"), evaluation["text"]),
        (_("Recorded by"), evaluation["author"]),
    )
    return ((name, value) for name, value in pairs if value is not None)


def _score_rows(evaluation: _Line, lines: list[register_lines.RegisterRecord], facts: Facts) -> Iterator[RowValues]:
    """A row for each of the district's score lines, then for each score whose code the district no longer has."""
    points_by_code = {str(score.get("line")): score.get("points") for score in evaluation["scores"]}
    for line in lines:
        fact = line["fact"]
        points = points_by_code.pop(line["code"], None)
        label = value_label("fact", fact) if fact else None
        yield (_line_name(line["code"], line["name"]), label, facts.get(fact), line["points"], _tenths(points))
    for code, points in points_by_code.items():
        gone = _("a score line that is no longer there ({code})").format(code=code)
        yield (gone, None, None, None, _tenths(points))


def _line_name(code: str, name: str) -> str:
    """A score line's name, after its number where its code is one; a code like in_time is for scripts."""
    return name if _CODE_FOR_SCRIPTS.search(code) else f"{code} {name}"


def _tenths(points: object) -> int | float | None:
    return unscale(points, 10) if isinstance(points, int) else None


def _evaluated_name(evaluation: _Line) -> str:
    return str(evaluation["unit"] or evaluation["person"] or "")


def _outcome(evaluation: _Line) -> str:
    return value_label("evaluation.outcome", evaluation["outcome"])


def _fault(evaluation: _Line) -> str | None:
    return value_label("evaluation.fault", evaluation["fault"]) if evaluation["fault"] else None
