"""The summary on the screen: the parts of a period's figures, each with a chart, and what stands out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from store.queries.summary import DAY_BANDS
from tui.i18n.translate import N_, _, value_label
from tui.presenters.common import light_cell
from tui.reports.options import GettextTranslator
from tui.reports.rules import finding_text, rule_text, suggestion_text
from tui.reports.summary import CURRENT_LABELS, PERIOD_LABELS, band_text
from tui.widgets.cells import Cell, Spans
from tui.widgets.charts import BarSegment, BarTable, ChartBar, Series
from tui.widgets.columns import ListColumn
from tui.widgets.page import BlankLine, FactTable, PageBlock, PageHeading, PageTitle, Passage, StyledLine

if TYPE_CHECKING:
    from store.queries.summary import RuleFinding
    from tui.reports.overview import PeriodOverview
    from tui.reports.rules import FindingRule

TRANSLATOR = GettextTranslator()
RED, YELLOW, BLUE, OTHER, DONE_GLYPH = "!", "~", "-", "=", "+"
"""The characters of bars; those of lights are as on the lights themselves in English."""


@dataclass(frozen=True, slots=True)
class FindingTarget:
    """The line that a finding is about."""

    kind: str
    id: str
    title: str
    root: str | None = None


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """A row of the summary: a part of the figures, or a finding, which has a ``target``."""

    id: str
    name: str
    spans: Spans
    project: str = ""
    suggestion: str = ""
    target: FindingTarget | None = None


def summary_columns() -> Sequence[ListColumn[SummaryRow]]:
    """What it is, what it says, and of which project."""
    return (
        ListColumn(N_("Summary"), 20, _name),
        ListColumn(N_("Says"), 30, lambda row: row.spans, grow_share=4),
        ListColumn(N_("Project"), 16, lambda row: row.project, grow_share=2, min_list_width=96),
    )


def _name(row: SummaryRow) -> Cell:
    return ((row.name, "warn" if row.target else "accent"),)


def summary_rows(overview: PeriodOverview) -> list[SummaryRow]:
    """The parts of the figures, then everything that stands out."""
    parts = [SummaryRow(name, _(part.title), part.headline(overview)) for name, part in SUMMARY_PARTS.items()]
    return [*parts, *(_finding_row(overview, rule, one) for rule, one in overview.findings)]


def _finding_row(overview: PeriodOverview, rule: FindingRule, finding: RuleFinding) -> SummaryRow:
    target = FindingTarget(finding.kind, finding.id, finding.what) if finding.kind and finding.id else None
    said = ((finding_text(TRANSLATOR, rule, finding), ""),)
    name = rule_text(TRANSLATOR, overview.limits, rule)
    return SummaryRow(
        f"{rule.name}:{finding.id}",
        name,
        said,
        finding.project or "",
        suggestion_text(TRANSLATOR, rule, finding),
        target,
    )


def finding_head(row: SummaryRow) -> list[PageBlock]:
    """What is said over the page of the line that a finding is about."""
    said = "".join(text for text, _style in row.spans)
    return [PageTitle(row.name), Passage(said, "warn"), FactTable([(_("Suggestion"), row.suggestion)]), BlankLine()]


def part_page(name: str, overview: PeriodOverview) -> list[PageBlock]:
    """One part of the figures: its title, its chart and its numbers."""
    part = SUMMARY_PARTS[name]
    return [PageTitle(f"{_(part.title)}  {overview.period.name}"), *part.page(overview)]


def part_series(name: str, overview: PeriodOverview) -> list[Series]:
    """The series of a part, month by month."""
    months = overview.months
    if name == "months":
        return [
            Series(_("Issues recorded"), [one.recorded for one in months]),
            Series(_("Issues closed"), [one.closed for one in months]),
            Series(_("Visits and contacts"), [one.visits for one in months]),
        ]
    return [Series(_("Median days to close"), [one.days for one in months])] if name == "closing" else []


# ── the parts ───────────────────────────────────────────────────────────────────────────────────────────────────


def _plain(text: str) -> Spans:
    return ((text, ""),)


def _figures_short(seen: PeriodOverview) -> Spans:
    names = ("visits", "recorded", "closed")
    return _plain("  ".join(f"{_(PERIOD_LABELS[name])} {seen.done[name]}" for name in names))


def _figures(seen: PeriodOverview) -> list[PageBlock]:
    before = tuple(str(seen.before[name]) for name in seen.done)
    done = [
        ChartBar(_(PERIOD_LABELS[name]), (str(number), was), (BarSegment(number, OTHER, "accent"),))
        for (name, number), was in zip(seen.done.items(), before, strict=True)
    ]
    stands = FactTable([(_(CURRENT_LABELS[name]), str(number)) for name, number in seen.current.items()])
    heads = (_("In the period"), seen.period.name, _("before"))
    return [BlankLine(), BarTable(heads, done), PageHeading(_("Today")), stands]


def _months_short(seen: PeriodOverview) -> Spans:
    recorded = sum(one.recorded for one in seen.months)
    closed = sum(one.closed for one in seen.months)
    return _plain(_("recorded {n}").format(n=recorded) + "  " + _("closed {n}").format(n=closed))


def _months(seen: PeriodOverview) -> list[PageBlock]:
    rows = [
        ChartBar(
            one.month,
            (str(one.recorded), str(one.closed), str(one.visits)),
            (BarSegment(one.recorded, OTHER, "warn"), BarSegment(one.closed, DONE_GLYPH, "good")),
        )
        for one in seen.months
    ]
    heads = (_("Month"), _("recorded"), _("closed"), _("visits"))
    return [
        BlankLine(),
        BarTable(heads, rows),
        BlankLine(),
        _legend((OTHER, "warn", _("recorded")), (DONE_GLYPH, "good", _("closed"))),
    ]


def _closing_short(seen: PeriodOverview) -> Spans:
    return _plain(_("median: {days}").format(days=_days(seen.median)))


def _days(days: int | None) -> str:
    return "-" if days is None else _("{n} days").format(n=days)


def _closing(seen: PeriodOverview) -> list[PageBlock]:
    rows = _band_bars(seen.closing, "good", DONE_GLYPH)
    months = [
        ChartBar(
            one.month,
            (str(one.closed), "-" if one.days is None else str(one.days)),
            (BarSegment(one.days or 0, OTHER),),
        )
        for one in seen.months
    ]
    return [
        FactTable([(_("Median"), _days(seen.median))]),
        BlankLine(),
        BarTable((_("Days to close"), _("closed")), rows),
        BlankLine(),
        BarTable((_("Month"), _("closed"), _("median days")), months),
    ]


def _band_bars(numbers: Sequence[int], style: str, glyph: str) -> list[ChartBar]:
    bands = zip(DAY_BANDS, numbers, strict=True)
    return [
        ChartBar(band_text(TRANSLATOR, band), (str(number),), (BarSegment(number, glyph, style),))
        for band, number in bands
    ]


def _ageing_short(seen: PeriodOverview) -> Spans:
    said = _("{band}: {n} of {all}").format(
        band=band_text(TRANSLATOR, DAY_BANDS[-1]), n=seen.ageing[-1], all=sum(seen.ageing)
    )
    return _plain(said)


def _ageing(seen: PeriodOverview) -> list[PageBlock]:
    return [BlankLine(), BarTable((_("Open for"), _("issues")), _band_bars(seen.ageing, "warn", OTHER))]


def _departments_short(seen: PeriodOverview) -> Spans:
    spans: Spans = ()
    for light in ("red", "yellow", "blue"):
        spans = (*spans, *light_cell(light), (f" {seen.current[light]}  ", ""))
    return spans


def _departments(seen: PeriodOverview) -> list[PageBlock]:
    rows = []
    for one in seen.departments:
        plain = max(one.open - one.red - one.yellow - one.blue, 0)
        lights = (
            BarSegment(one.red, RED, "red"),
            BarSegment(one.yellow, YELLOW, "yellow"),
            BarSegment(one.blue, BLUE, "blue"),
        )
        numbers = tuple(map(str, (one.open, one.red, one.yellow, one.blue, one.closed)))
        rows.append(
            ChartBar(one.department or _("No department yet"), numbers, (*lights, BarSegment(plain, OTHER, "muted")))
        )
    names = [value_label("light_name", light) for light in ("red", "yellow", "blue")]
    glyphs = zip((RED, YELLOW, BLUE), ("red", "yellow", "blue"), names, strict=True)
    if not rows:
        return [BlankLine(), Passage(_("No issue is open, and none was closed."), "muted")]
    heads = (_("Department"), _("still open"), *names, _("closed"))
    return [BlankLine(), BarTable(heads, rows), BlankLine(), _legend(*glyphs, (OTHER, "muted", _("no light")))]


def _categories_short(seen: PeriodOverview) -> Spans:
    return _plain("  ".join(f"{_category(name)} {recorded}" for name, recorded, _open in seen.categories[:3]) or "-")


def _category(name: str | None) -> str:
    return value_label("issue.category", name) if name else _("Not said")


def _categories(seen: PeriodOverview) -> list[PageBlock]:
    rows = [
        ChartBar(
            _category(name),
            (str(recorded), str(still)),
            (BarSegment(recorded, OTHER, "warn"), BarSegment(still, RED, "bad")),
        )
        for name, recorded, still in seen.categories
    ]
    if not rows:
        return [BlankLine(), Passage(_("No issue is open, and none was recorded."), "muted")]
    legend = _legend((OTHER, "warn", _("recorded")), (RED, "bad", _("still open")))
    return [BlankLine(), BarTable((_("Category"), _("recorded"), _("still open")), rows), BlankLine(), legend]


def _six_ones_short(seen: PeriodOverview) -> Spans:
    full = sum(not one.missing for one in seen.projects)
    return _plain(_("full {n} of {all}").format(n=full, all=len(seen.projects)))


def _six_ones(seen: PeriodOverview) -> list[PageBlock]:
    listed = len(seen.projects)
    rows = [
        ChartBar(
            value_label("six_ones", name),
            (str(listed - lacking), str(lacking)),
            (BarSegment(listed - lacking, DONE_GLYPH, "good"), BarSegment(lacking, RED, "bad")),
        )
        for name, lacking in seen.lacking.items()
    ]
    heads = (_("Of the six ones"), _("have it"), _("lack it"))
    legend = _legend((DONE_GLYPH, "good", _("have it")), (RED, "bad", _("lack it")))
    return [BlankLine(), BarTable(heads, rows), BlankLine(), legend]


def _suggestions_short(seen: PeriodOverview) -> Spans:
    return _plain(_("{n} findings").format(n=len(seen.findings)))


def _suggestions(seen: PeriodOverview) -> list[PageBlock]:
    about: dict[tuple[str, str], dict[str, None]] = {}
    for rule, one in seen.findings:
        asks = suggestion_text(TRANSLATOR, rule, one), rule_text(TRANSLATOR, seen.limits, rule)
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
"""At most so many projects are named under a suggestion; all of them are among the findings."""


def _legend(*glyphs: tuple[str, str, str]) -> StyledLine:
    return StyledLine(
        tuple(span for glyph, style, name in glyphs for span in ((glyph * 2, style), (f" {name}   ", "")))
    )


@dataclass(frozen=True, slots=True)
class SummaryPart:
    """A part of the figures: what it is called, what its row says, and its page."""

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
