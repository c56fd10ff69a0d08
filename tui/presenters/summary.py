"""The summary on the screen: the parts of a period's figures, each with a chart, and what stands out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from store.queries.summary import BANDS
from tui.i18n.translate import N_, _, word
from tui.presenters.common import light_cell
from tui.reports.options import Spoken
from tui.reports.rules import finding_said, rule_said, suggestion_said
from tui.reports.summary import DONE, STANDS, band_said
from tui.widgets.cells import Cell, Spans
from tui.widgets.charts import Bar, Bars, Part, Series
from tui.widgets.columns import Column
from tui.widgets.page import Block, Facts, Gap, Heading, Passage, Title, Words

if TYPE_CHECKING:
    from store.queries.summary import Found
    from tui.reports.overview import Overview
    from tui.reports.rules import Rule

SPOKEN = Spoken()
RED, YELLOW, BLUE, OTHER, DONE_GLYPH = "!", "~", "-", "=", "+"
"""The characters of bars; those of lights are as on the lights themselves in English."""


@dataclass(frozen=True, slots=True)
class Target:
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
    said: Spans
    project: str = ""
    suggestion: str = ""
    target: Target | None = None


def summary_columns() -> Sequence[Column[SummaryRow]]:
    """What it is, what it says, and of which project."""
    return (
        Column(N_("Summary"), 20, _name),
        Column(N_("Says"), 30, lambda row: row.said, grow=4),
        Column(N_("Project"), 16, lambda row: row.project, grow=2, from_width=96),
    )


def _name(row: SummaryRow) -> Cell:
    return ((row.name, "warn" if row.target else "accent"),)


def summary_rows(seen: Overview) -> list[SummaryRow]:
    """The parts of the figures, then everything that stands out."""
    parts = [SummaryRow(name, _(part.title), part.short(seen)) for name, part in PARTS.items()]
    return [*parts, *(_finding(seen, rule, one) for rule, one in seen.found)]


def _finding(seen: Overview, rule: Rule, one: Found) -> SummaryRow:
    target = Target(one.kind, one.id, one.what) if one.kind and one.id else None
    said = ((finding_said(SPOKEN, rule, one), ""),)
    name = rule_said(SPOKEN, seen.limits, rule)
    return SummaryRow(
        f"{rule.name}:{one.id}", name, said, one.project or "", suggestion_said(SPOKEN, rule, one), target
    )


def finding_head(row: SummaryRow) -> list[Block]:
    """What is said over the page of the line that a finding is about."""
    said = "".join(text for text, _style in row.said)
    return [Title(row.name), Passage(said, "warn"), Facts([(_("Suggestion"), row.suggestion)]), Gap()]


def part_page(name: str, seen: Overview) -> list[Block]:
    """One part of the figures: its title, its chart and its numbers."""
    part = PARTS[name]
    return [Title(f"{_(part.title)}  {seen.period.name}"), *part.page(seen)]


def part_series(name: str, seen: Overview) -> list[Series]:
    """The series of a part, month by month."""
    months = seen.months
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


def _figures_short(seen: Overview) -> Spans:
    names = ("visits", "recorded", "closed")
    return _plain("  ".join(f"{_(DONE[name])} {seen.done[name]}" for name in names))


def _figures(seen: Overview) -> list[Block]:
    before = tuple(str(seen.before[name]) for name in seen.done)
    done = [
        Bar(_(DONE[name]), (str(number), was), (Part(number, OTHER, "accent"),))
        for (name, number), was in zip(seen.done.items(), before, strict=True)
    ]
    stands = Facts([(_(STANDS[name]), str(number)) for name, number in seen.stands.items()])
    heads = (_("In the period"), seen.period.name, _("before"))
    return [Gap(), Bars(heads, done), Heading(_("Today")), stands]


def _months_short(seen: Overview) -> Spans:
    recorded = sum(one.recorded for one in seen.months)
    closed = sum(one.closed for one in seen.months)
    return _plain(_("recorded {n}").format(n=recorded) + "  " + _("closed {n}").format(n=closed))


def _months(seen: Overview) -> list[Block]:
    rows = [
        Bar(
            one.month,
            (str(one.recorded), str(one.closed), str(one.visits)),
            (Part(one.recorded, OTHER, "warn"), Part(one.closed, DONE_GLYPH, "good")),
        )
        for one in seen.months
    ]
    heads = (_("Month"), _("recorded"), _("closed"), _("visits"))
    return [Gap(), Bars(heads, rows), Gap(), _legend((OTHER, "warn", _("recorded")), (DONE_GLYPH, "good", _("closed")))]


def _closing_short(seen: Overview) -> Spans:
    return _plain(_("median: {days}").format(days=_days(seen.median)))


def _days(days: int | None) -> str:
    return "-" if days is None else _("{n} days").format(n=days)


def _closing(seen: Overview) -> list[Block]:
    rows = _banded(seen.closing, "good", DONE_GLYPH)
    months = [
        Bar(one.month, (str(one.closed), "-" if one.days is None else str(one.days)), (Part(one.days or 0, OTHER),))
        for one in seen.months
    ]
    return [
        Facts([(_("Median"), _days(seen.median))]),
        Gap(),
        Bars((_("Days to close"), _("closed")), rows),
        Gap(),
        Bars((_("Month"), _("closed"), _("median days")), months),
    ]


def _banded(numbers: Sequence[int], style: str, glyph: str) -> list[Bar]:
    bands = zip(BANDS, numbers, strict=True)
    return [Bar(band_said(SPOKEN, band), (str(number),), (Part(number, glyph, style),)) for band, number in bands]


def _ageing_short(seen: Overview) -> Spans:
    said = _("{band}: {n} of {all}").format(band=band_said(SPOKEN, BANDS[-1]), n=seen.ageing[-1], all=sum(seen.ageing))
    return _plain(said)


def _ageing(seen: Overview) -> list[Block]:
    return [Gap(), Bars((_("Open for"), _("issues")), _banded(seen.ageing, "warn", OTHER))]


def _departments_short(seen: Overview) -> Spans:
    spans: Spans = ()
    for light in ("red", "yellow", "blue"):
        spans = (*spans, *light_cell(light), (f" {seen.stands[light]}  ", ""))
    return spans


def _departments(seen: Overview) -> list[Block]:
    rows = []
    for one in seen.departments:
        plain = max(one.open - one.red - one.yellow - one.blue, 0)
        lights = (Part(one.red, RED, "red"), Part(one.yellow, YELLOW, "yellow"), Part(one.blue, BLUE, "blue"))
        numbers = tuple(map(str, (one.open, one.red, one.yellow, one.blue, one.closed)))
        rows.append(Bar(one.department or _("No department yet"), numbers, (*lights, Part(plain, OTHER, "muted"))))
    names = [word("light_name", light) for light in ("red", "yellow", "blue")]
    glyphs = zip((RED, YELLOW, BLUE), ("red", "yellow", "blue"), names, strict=True)
    if not rows:
        return [Gap(), Passage(_("No issue is open, and none was closed."), "muted")]
    heads = (_("Department"), _("still open"), *names, _("closed"))
    return [Gap(), Bars(heads, rows), Gap(), _legend(*glyphs, (OTHER, "muted", _("no light")))]


def _categories_short(seen: Overview) -> Spans:
    return _plain("  ".join(f"{_category(name)} {recorded}" for name, recorded, _open in seen.categories[:3]) or "-")


def _category(name: str | None) -> str:
    return word("issue.category", name) if name else _("Not said")


def _categories(seen: Overview) -> list[Block]:
    rows = [
        Bar(
            _category(name),
            (str(recorded), str(still)),
            (Part(recorded, OTHER, "warn"), Part(still, RED, "bad")),
        )
        for name, recorded, still in seen.categories
    ]
    if not rows:
        return [Gap(), Passage(_("No issue is open, and none was recorded."), "muted")]
    legend = _legend((OTHER, "warn", _("recorded")), (RED, "bad", _("still open")))
    return [Gap(), Bars((_("Category"), _("recorded"), _("still open")), rows), Gap(), legend]


def _six_short(seen: Overview) -> Spans:
    full = sum(not one.missing for one in seen.projects)
    return _plain(_("full {n} of {all}").format(n=full, all=len(seen.projects)))


def _six(seen: Overview) -> list[Block]:
    listed = len(seen.projects)
    rows = [
        Bar(
            word("six_ones", name),
            (str(listed - lacking), str(lacking)),
            (Part(listed - lacking, DONE_GLYPH, "good"), Part(lacking, RED, "bad")),
        )
        for name, lacking in seen.lacking.items()
    ]
    heads = (_("Of the six ones"), _("have it"), _("lack it"))
    legend = _legend((DONE_GLYPH, "good", _("have it")), (RED, "bad", _("lack it")))
    return [Gap(), Bars(heads, rows), Gap(), legend]


def _suggestions_short(seen: Overview) -> Spans:
    return _plain(_("{n} findings").format(n=len(seen.found)))


def _suggestions(seen: Overview) -> list[Block]:
    about: dict[tuple[str, str], dict[str, None]] = {}
    for rule, one in seen.found:
        asks = suggestion_said(SPOKEN, rule, one), rule_said(SPOKEN, seen.limits, rule)
        about.setdefault(asks, {})[one.project or one.what] = None
    if not about:
        return [Gap(), Passage(_("Nothing stands out."), "good")]
    blocks: list[Block] = [Passage(_("Drawn from the ledger by fixed rules; a person decides."), "muted")]
    for (suggestion, drawn_from), named in about.items():
        more = f"  (+{len(named) - MOST_NAMED})" if len(named) > MOST_NAMED else ""
        shown = "、".join(list(named)[:MOST_NAMED]) + more
        blocks += [Heading(suggestion), Passage(shown, indent=2), Passage(drawn_from, "muted", indent=2)]
    return blocks


MOST_NAMED = 12
"""At most so many projects are named under a suggestion; all of them are among the findings."""


def _legend(*glyphs: tuple[str, str, str]) -> Words:
    return Words(tuple(span for glyph, style, name in glyphs for span in ((glyph * 2, style), (f" {name}   ", ""))))


@dataclass(frozen=True, slots=True)
class PartOf:
    """A part of the figures: what it is called, what its row says, and its page."""

    title: str
    short: Callable[[Overview], Spans]
    page: Callable[[Overview], list[Block]]


PARTS = {
    "figures": PartOf(N_("Figures"), _figures_short, _figures),
    "months": PartOf(N_("Twelve months"), _months_short, _months),
    "closing": PartOf(N_("Closing times"), _closing_short, _closing),
    "ageing": PartOf(N_("Ageing of open issues"), _ageing_short, _ageing),
    "departments": PartOf(N_("By department"), _departments_short, _departments),
    "categories": PartOf(N_("By category"), _categories_short, _categories),
    "six_ones": PartOf(N_("Six ones"), _six_short, _six),
    "suggestions": PartOf(N_("Suggestions"), _suggestions_short, _suggestions),
}
"""In the order of the list."""
