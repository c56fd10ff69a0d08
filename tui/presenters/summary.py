"""The summary on the screen: the parts of a period's figures, each with a chart, and the findings.

The figures and findings themselves come from ``tui/reports/overview.py`` and ``tui/reports/rules.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from store.queries.period_figures import DAY_BANDS
from tui.i18n.dates import format_period
from tui.i18n.translate import N_, _, ngettext, value_label
from tui.presenters.common import light_cell
from tui.reports.rules import finding_text, rule_text, suggestion_text
from tui.reports.summary import CURRENT_LABELS, PERIOD_LABELS, band_text
from tui.widgets.cells import Cell, Spans
from tui.widgets.charts import BarSegment, BarTable, ChartBar, ColumnChart, marked
from tui.widgets.columns import FILE_ONLY, ListColumn
from tui.widgets.page import BlankLine, FactTable, PageBlock, PageHeading, PageTitle, Passage, StyledLine

if TYPE_CHECKING:
    from store.queries.period_figures import RuleFinding
    from tui.reports.overview import PeriodOverview
    from tui.reports.rules import FindingRule

RED, YELLOW, BLUE, OTHER, DONE_GLYPH = "!", "~", "-", "=", "+"
"""The characters of the cells of bars; those of the lights are the English light marks."""


@dataclass(frozen=True, slots=True)
class FindingTarget:
    """The line that a finding is about."""

    kind: str
    id: str
    title: str
    root: str | None = None


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """A row of the summary list: a part of the figures, a finding by the project or record that it is about, or the
    ``heading`` of the findings of one ``rule``. Only a finding has a ``target``."""

    id: str
    name: str
    spans: Spans
    rule: str = ""
    suggestion: str = ""
    target: FindingTarget | None = None
    heading: Spans = ()


def summary_columns() -> Sequence[ListColumn[SummaryRow]]:
    """The columns of the summary list: name and text; in files the rule, too."""
    return (
        ListColumn("", 0, lambda row: row.rule, min_list_width=FILE_ONLY, file_title=N_("Why")),
        ListColumn(N_("Summary"), 16, _name, grow_share=3),
        ListColumn(N_("Says"), 30, lambda row: row.spans, grow_share=4),
    )


def _name(row: SummaryRow) -> Cell:
    return ((row.name, "" if row.rule else "accent"),)


def summary_rows(overview: PeriodOverview) -> list[SummaryRow]:
    """One row for each part of the figures, then one for each finding, below a heading for each rule."""
    parts = [SummaryRow(name, _(part.title), part.headline(overview)) for name, part in SUMMARY_PARTS.items()]
    by_rule: dict[str, list[SummaryRow]] = {}
    for rule, one in overview.findings:
        by_rule.setdefault(rule_text(overview.limits, rule), []).append(_finding_row(overview, rule, one))
    return [*parts, *(row for text, rows in by_rule.items() for row in (_rule_heading(text, len(rows)), *rows))]


def _rule_heading(rule: str, count: int) -> SummaryRow:
    return SummaryRow(f"{rule}:", rule, (), rule, heading=((rule, "warn"), (f" {count}", "")))


def _finding_row(overview: PeriodOverview, rule: FindingRule, finding: RuleFinding) -> SummaryRow:
    target = FindingTarget(finding.kind, finding.id, finding.what) if finding.kind and finding.id else None
    text = ((finding_text(rule, finding), ""),)
    return SummaryRow(
        f"{rule.name}:{finding.id}",
        finding.project or finding.what,
        text,
        rule_text(overview.limits, rule),
        suggestion_text(rule, finding),
        target,
    )


def finding_head(row: SummaryRow) -> list[PageBlock]:
    """The blocks above the page of the line that a finding is about."""
    finding = "".join(text for text, _style in row.spans)
    return [PageTitle(row.rule), Passage(finding, "warn"), FactTable([(_("Suggestion"), row.suggestion)]), BlankLine()]


def part_page(name: str, overview: PeriodOverview) -> list[PageBlock]:
    """One part of the figures: its title, its chart and its numbers."""
    part = SUMMARY_PARTS[name]
    return [PageTitle(f"{_(part.title)}  {format_period(overview.period.name)}"), *part.page(overview)]


def _columns(overview: PeriodOverview, label: str, values: Sequence[int | None], glyph: str, style: str) -> ColumnChart:
    """The months of a figure as columns, each with the number of its month below."""
    return ColumnChart(label, values, [one.month[-2:] for one in overview.months], glyph, style)


# ── the parts ───────────────────────────────────────────────────────────────────────────────────────────────────


def _plain(text: str) -> Spans:
    return ((text, ""),)


def _figures_short(overview: PeriodOverview) -> Spans:
    names = ("visits", "recorded", "closed")
    return _plain("  ".join(f"{_(PERIOD_LABELS[name])} {overview.done[name]}" for name in names))


def _figures(overview: PeriodOverview) -> list[PageBlock]:
    before = tuple(str(overview.before[name]) for name in overview.done)
    done = [
        ChartBar(_(PERIOD_LABELS[name]), (str(number), was), (BarSegment(number, OTHER, "accent"),))
        for (name, number), was in zip(overview.done.items(), before, strict=True)
    ]
    current = FactTable([(_(CURRENT_LABELS[name]), str(number)) for name, number in overview.current.items()])
    headings = (_("In the period"), format_period(overview.period.name), _("before"))
    return [BlankLine(), BarTable(headings, done), PageHeading(_("Today")), current]


def _months_short(overview: PeriodOverview) -> Spans:
    recorded = sum(one.recorded for one in overview.months)
    closed = sum(one.closed for one in overview.months)
    return _plain(_("recorded {n}").format(n=recorded) + "  " + _("closed {n}").format(n=closed))


def _months(overview: PeriodOverview) -> list[PageBlock]:
    rows = [
        ChartBar(
            one.month,
            (str(one.recorded), str(one.closed), str(one.visits)),
            (BarSegment(one.recorded, OTHER, "warn"), BarSegment(one.closed, DONE_GLYPH, "good")),
        )
        for one in overview.months
    ]
    headings = (_("Month"), _("recorded"), _("closed"), _("visits"))
    months = overview.months
    return [
        _columns(overview, _("Issues recorded"), [one.recorded for one in months], OTHER, "warn"),
        _columns(overview, _("Issues closed"), [one.closed for one in months], DONE_GLYPH, "good"),
        _columns(overview, _("Visits and contacts"), [one.visits for one in months], OTHER, "accent"),
        BlankLine(),
        BarTable(headings, rows),
        BlankLine(),
        _legend((OTHER, "warn", _("recorded")), (DONE_GLYPH, "good", _("closed"))),
    ]


def _closing_short(overview: PeriodOverview) -> Spans:
    return _plain(_("median: {days}").format(days=_days(overview.median)))


def _days(days: int | None) -> str:
    return "-" if days is None else _("{n} days").format(n=days)


def _closing(overview: PeriodOverview) -> list[PageBlock]:
    rows = _band_bars(overview.closing, "good", DONE_GLYPH)
    months = [
        ChartBar(
            one.month,
            (str(one.closed), "-" if one.days is None else str(one.days)),
            (BarSegment(one.days or 0, OTHER),),
        )
        for one in overview.months
    ]
    days = [one.days for one in overview.months]
    return [
        FactTable([(_("Median"), _days(overview.median))]),
        _columns(overview, _("Median days to close"), days, OTHER, ""),
        BlankLine(),
        BarTable((_("Days to close"), _("closed")), rows),
        BlankLine(),
        BarTable((_("Month"), _("closed"), _("median days")), months),
    ]


def _band_bars(numbers: Sequence[int], style: str, glyph: str) -> list[ChartBar]:
    bands = zip(DAY_BANDS, numbers, strict=True)
    return [ChartBar(band_text(band), (str(number),), (BarSegment(number, glyph, style),)) for band, number in bands]


def _ageing_short(overview: PeriodOverview) -> Spans:
    text = _("{band}: {n} of {all}").format(
        band=band_text(DAY_BANDS[-1]), n=overview.ageing[-1], all=sum(overview.ageing)
    )
    return _plain(text)


def _ageing(overview: PeriodOverview) -> list[PageBlock]:
    return [BlankLine(), BarTable((_("Open for"), _("issues")), _band_bars(overview.ageing, "warn", OTHER))]


def _departments_short(overview: PeriodOverview) -> Spans:
    spans: Spans = ()
    for light in ("red", "yellow", "blue"):
        spans = (*spans, *light_cell(light), (f" {overview.current[light]}  ", ""))
    owed = overview.current["owed"]
    return (*spans, (_("opinions owed") + f" {owed}", "warn")) if owed else spans


def _departments(overview: PeriodOverview) -> list[PageBlock]:
    rows = []
    for one in overview.departments:
        plain = max(one.open - one.red - one.yellow - one.blue, 0)
        lights = (
            BarSegment(one.red, RED, "red"),
            BarSegment(one.yellow, YELLOW, "yellow"),
            BarSegment(one.blue, BLUE, "blue"),
        )
        numbers = tuple(map(str, (one.open, one.red, one.yellow, one.blue, one.closed, one.owed)))
        rows.append(
            ChartBar(one.department or _("No department yet"), numbers, (*lights, BarSegment(plain, OTHER, "muted")))
        )
    names = [value_label("light_name", light) for light in ("red", "yellow", "blue")]
    glyphs = zip((RED, YELLOW, BLUE), ("red", "yellow", "blue"), names, strict=True)
    if not rows:
        return [BlankLine(), Passage(_("No issue is open, and none was closed."), "muted")]
    headings = (_("Department"), _("still open"), *names, _("closed"), _("opinions owed"))
    return [BlankLine(), BarTable(headings, rows), BlankLine(), _legend(*glyphs, (OTHER, "muted", _("no light")))]


def _categories_short(overview: PeriodOverview) -> Spans:
    return _plain(
        "  ".join(f"{_category(name)} {recorded}" for name, recorded, _open in overview.categories[:3]) or "-"
    )


def _category(name: str | None) -> str:
    return value_label("issue.category", name) if name else _("Not said")


def _categories(overview: PeriodOverview) -> list[PageBlock]:
    rows = [
        ChartBar(
            _category(name),
            (str(recorded), str(still)),
            (BarSegment(recorded, OTHER, "warn"), BarSegment(still, RED, "bad")),
        )
        for name, recorded, still in overview.categories
    ]
    if not rows:
        return [BlankLine(), Passage(_("No issue is open, and none was recorded."), "muted")]
    legend = _legend((OTHER, "warn", _("recorded")), (RED, "bad", _("still open")))
    return [BlankLine(), BarTable((_("Category"), _("recorded"), _("still open")), rows), BlankLine(), legend]


def _six_ones_short(overview: PeriodOverview) -> Spans:
    full = sum(not one.missing for one in overview.projects)
    return _plain(_("full {n} of {all}").format(n=full, all=len(overview.projects)))


def _six_ones(overview: PeriodOverview) -> list[PageBlock]:
    rows = [
        ChartBar(
            value_label("six_ones", name),
            (str(count.filled), str(count.by_butler), str(count.lacking)),
            (
                BarSegment(count.filled, DONE_GLYPH, "good"),
                BarSegment(count.by_butler, OTHER, "warn"),
                BarSegment(count.lacking, RED, "bad"),
            ),
        )
        for name, count in overview.six_ones.items()
    ]
    headings = (_("Of the six ones"), _("have it"), _("butler alone"), _("lack it"))
    legend = _legend((DONE_GLYPH, "good", _("have it")), (OTHER, "warn", _("butler alone")), (RED, "bad", _("lack it")))
    return [BlankLine(), BarTable(headings, rows), BlankLine(), legend]


def _suggestions_short(overview: PeriodOverview) -> Spans:
    n = len(overview.findings)
    return _plain(ngettext("{n} finding", "{n} findings", n).format(n=n))


def _suggestions(overview: PeriodOverview) -> list[PageBlock]:
    about: dict[tuple[str, str], dict[str, None]] = {}
    for rule, one in overview.findings:
        asks = suggestion_text(rule, one), rule_text(overview.limits, rule)
        about.setdefault(asks, {})[one.project or one.what] = None
    if not about:
        return [BlankLine(), Passage(_("Nothing stands out."), "good")]
    blocks: list[PageBlock] = [Passage(_("Drawn from the ledger by fixed rules; a person decides."), "muted")]
    for (suggestion, drawn_from), named in about.items():
        more = f"  (+{len(named) - MAX_NAMED_PROJECTS})" if len(named) > MAX_NAMED_PROJECTS else ""
        shown = "、".join(list(named)[:MAX_NAMED_PROJECTS]) + more
        blocks += [PageHeading(suggestion), Passage(shown, indent=2), Passage(drawn_from, "muted", indent=2)]
    return blocks


MAX_NAMED_PROJECTS = 12
"""The number of projects named under a suggestion; the findings list all of them."""


def _legend(*glyphs: tuple[str, str, str]) -> StyledLine:
    return StyledLine(
        tuple(span for glyph, style, name in glyphs for span in ((glyph * 2, marked(style)), (f" {name}   ", "")))
    )


@dataclass(frozen=True, slots=True)
class SummaryPart:
    """A part of the figures: its title, the text of its row, and its page."""

    title: str
    headline: Callable[[PeriodOverview], Spans]
    page: Callable[[PeriodOverview], list[PageBlock]]


SUMMARY_PARTS = {
    "figures": SummaryPart(N_("Figures"), _figures_short, _figures),
    "months": SummaryPart(N_("Twelve months"), _months_short, _months),
    "closing": SummaryPart(N_("Closing times"), _closing_short, _closing),
    "ageing": SummaryPart(N_("Ageing of open issues"), _ageing_short, _ageing),
    "departments": SummaryPart(N_("By department"), _departments_short, _departments),
    "categories": SummaryPart(N_("By category"), _categories_short, _categories),
    "six_ones": SummaryPart(N_("Six ones"), _six_ones_short, _six_ones),
    "suggestions": SummaryPart(N_("Suggestions"), _suggestions_short, _suggestions),
}
"""In the order of the list."""
