"""Search hits: the list's columns, with the matches of `store.search.highlight` marked."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from store.search.highlight import matched_ranges
from store.search.query import QueryWord
from store.search.ranking import SearchHit
from store.search.tokenizer import split_names
from tui.data.search_results import SearchResultRow
from tui.i18n.dates import format_moment
from tui.i18n.translate import N_, _, value_label
from tui.presenters.common import light_cell, widest_label
from tui.widgets.cells import Cell, Spans
from tui.widgets.columns import ListColumn


def search_result_columns(now_ms: Callable[[], int]) -> Sequence[ListColumn[SearchResultRow]]:
    """The columns of the list of hits; the first row may be the query itself."""
    return (
        ListColumn("", 2, lambda row: light_cell(row.hit.light if row.hit else None), file_title=N_("Light")),
        ListColumn(N_("Kind"), 8, _kind),
        ListColumn(N_("Found"), 20, _title, grow_share=4),
        ListColumn(
            N_("Project"), 12, lambda row: (row.hit and row.hit.project_name) or "", grow_share=2, min_list_width=84
        ),
        ListColumn(N_("State"), widest_label("state"), _state, min_list_width=60),
        ListColumn(
            N_("When"),
            11,
            lambda row: ((format_moment(row.hit and row.hit.when, now_ms()), "muted"),),
            min_list_width=60,
        ),
    )


def _kind(row: SearchResultRow) -> Cell:
    return ((value_label("kind", row.hit.kind) if row.hit else _("asked"), "muted"),)


def _state(row: SearchResultRow) -> Cell:
    return value_label("state", row.hit.state) if row.hit and row.hit.state else ""


def _title(row: SearchResultRow) -> Cell:
    hit = row.hit
    if hit is None:
        return ((row.query, "accent"),)
    number = (*highlight_spans(hit.number, row.words + row.numbers, "muted"), ("  ", "")) if hit.number else ()
    in_title = row.words + row.people if hit.kind == "person" else row.words
    return (*number, *highlight_spans(hit.title, in_title), *_context_spans(hit, row))


def _context_spans(hit: SearchHit, row: SearchResultRow) -> Spans:
    """The text after the title: the people who matched, or else the snippet."""
    words = row.words + row.people
    named = [name for name in split_names(hit.people) if matched_ranges(name, words)]
    if named:
        return (("  ", ""), *highlight_spans("、".join(named), words, "muted"))
    if hit.snippet and hit.snippet != hit.title:
        return (("  ", ""), *highlight_spans(hit.snippet, row.words, "muted", allow_pinyin=False))
    return ()


def highlight_spans(text: str, words: Sequence[QueryWord], style: str = "", *, allow_pinyin: bool = True) -> Spans:
    """``text`` with its matches of the words in the style ``match``."""
    spans, done = [], 0
    for start, end in matched_ranges(text, words, allow_pinyin=allow_pinyin) if words else ():
        spans += [(text[done:start], style), (text[start:end], "match")]
        done = end
    return tuple(span for span in (*spans, (text[done:], style)) if span[0])
