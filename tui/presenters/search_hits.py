"""What was found, as rows: what matched is marked, in the title, in a name, or in the text around it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from store.search.highlight import places
from store.search.query import Word
from store.search.ranking import Hit
from store.search.tokenizer import names_in
from tui.data.search_results import FoundRow
from tui.i18n.dates import moment_shown
from tui.i18n.translate import N_, _, word
from tui.presenters.common import light_cell, widest
from tui.widgets.cells import Cell, Spans
from tui.widgets.columns import Column


def found_columns(now_ms: Callable[[], int]) -> Sequence[Column[FoundRow]]:
    """Light, kind, what was found, project, state and day."""
    return (
        Column("", 2, lambda row: light_cell(row.hit.light if row.hit else None)),
        Column(N_("Kind"), 8, _kind),
        Column(N_("Found"), 20, _title, grow=4),
        Column(N_("Project"), 12, lambda row: (row.hit and row.hit.project_name) or "", grow=2, from_width=84),
        Column(N_("State"), widest("state"), _state, from_width=60),
        Column(
            N_("When"), 11, lambda row: ((moment_shown(row.hit and row.hit.when, now_ms()), "muted"),), from_width=60
        ),
    )


def _kind(row: FoundRow) -> Cell:
    return ((word("kind", row.hit.kind) if row.hit else _("asked"), "muted"),)


def _state(row: FoundRow) -> Cell:
    return word("state", row.hit.state) if row.hit and row.hit.state else ""


def _title(row: FoundRow) -> Cell:
    hit = row.hit
    if hit is None:
        return ((row.query, "accent"),)
    number = (*marked(hit.number, row.words + row.numbers, "muted"), ("  ", "")) if hit.number else ()
    in_title = row.words + row.people if hit.kind == "person" else row.words
    return (*number, *marked(hit.title, in_title), *_rest(hit, row))


def _rest(hit: Hit, row: FoundRow) -> Spans:
    """Beside the title: the people who matched, or what the text says."""
    asked = row.words + row.people
    named = [name for name in names_in(hit.people) if places(name, asked)]
    if named:
        return (("  ", ""), *marked("、".join(named), asked, "muted"))
    if hit.snippet and hit.snippet != hit.title:
        return (("  ", ""), *marked(hit.snippet, row.words, "muted", spelled=False))
    return ()


def marked(text: str, words: Sequence[Word], style: str = "", *, spelled: bool = True) -> Spans:
    """``text`` with what matched the words marked."""
    spans, done = [], 0
    for start, end in places(text, words, spelled=spelled) if words else ():
        spans += [(text[done:start], style), (text[start:end], "match")]
        done = end
    return tuple(span for span in (*spans, (text[done:], style)) if span[0])
