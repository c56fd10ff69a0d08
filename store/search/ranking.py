"""Runs a query against the index: hits by tier, best first, newest first within a tier.

A query has one expression for each tier (``store/search/query.py``): at the start of a title, in titles, among people,
anywhere. Tiers are queried one after the other until there are enough hits, each from its newest line on, so that
frequent words are found at once and nothing is ever sorted. Imports nothing heavy: ``guanjia find`` is measured as a
whole process, and a screen searches at every keystroke. The index: ``store/search/tokenizer.py``,
``store/search/index.py``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from store.db.connection import Connection
from store.search.filters import IndexFilter, resolve_filter
from store.search.line_text import lines_with_word, snippets
from store.search.qualifiers import SearchFilter
from store.search.query import (
    SCORE_NUMBER,
    SCORE_PEOPLE,
    SCORE_TEXT,
    SCORE_TITLE,
    SCORE_TITLE_START,
    QueryWord,
    RankingTier,
    SearchQuery,
    contains_word,
    starts_with_word,
)
from store.search.tokenizer import MAX_ROWID, fold, split_names, text_expression

if TYPE_CHECKING:
    from store.domain.issue_lifecycle import State
    from store.domain.status_lights import Light, LightThresholds


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A line that was found. ``root`` is the issue it belongs to (itself, for an issue); ``state`` and the dates are
    that issue's, ``progress_at`` in milliseconds since 1970. ``snippet`` is the part of its text around the words, or
    the beginning. ``score``: 5 an exact number, 4 a title's start, 3 a title, 2 people, 1 text. ``light`` is set where
    the search was given the time."""

    kind: str
    id: str
    project: str | None
    project_name: str | None
    number: str | None
    title: str
    people: str
    snippet: str
    state: State | None
    due: str | None
    waiting_until: str | None
    progress_at: int | None
    limit_at: str | None
    progress_until: str | None
    when: str | None
    root: str | None
    score: int
    light: Light | None = None


def find_hits(
    connection: Connection,
    query: SearchQuery | None,
    filters: SearchFilter,
    limit: int,
    check_cancelled: Callable[[], None],
) -> list[SearchHit]:
    """The hits of a query, best first. ``check_cancelled`` is called between statements and raises to stop."""
    if query is None or limit < 1:
        return []
    index_filter = resolve_filter(connection, filters)
    if query is ALL_LINES:
        scores = dict.fromkeys(_newest(connection, index_filter, limit), SCORE_TEXT)
    else:
        few = _all_matches(connection, query, index_filter, limit) if len(query.words) > 1 else None
        scores = _best_tiers(connection, query, index_filter, limit, check_cancelled) if few is None else few
    check_cancelled()
    return _load_hits(connection, query, scores)


def hits_by_id(connection: Connection, ids: Sequence[str]) -> list[SearchHit]:
    """These lines as hits, in this order; without those that are not in the index any more."""
    numbers = connection.execute(
        "SELECT n FROM search_line WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(ids)),)
    )
    hits = _load_hits(connection, ALL_LINES, {row[0]: SCORE_TITLE for row in numbers})
    return sorted(hits, key=lambda hit: ids.index(hit.id))


def _newest(connection: Connection, index_filter: IndexFilter, limit: int) -> Iterator[int]:
    """The newest lines that pass the filter; where it restricts states or departments, issues without their steps."""
    if index_filter.issue_condition and not index_filter.kinds:
        index_filter = index_filter._replace(kinds='["issue"]')
    if index_filter.few is not None:
        query = (
            f"SELECT l.n FROM search_line l WHERE l.n IN (SELECT value FROM "
            f"json_each(:few)){index_filter.kind_condition}"
        )
        order = "l.n DESC"
    else:
        query = (
            f"SELECT l.n FROM {_MATCHED_LINES}{index_filter.joins} WHERE w.search_word MATCH "
            f":words{index_filter.issue_condition}"
        )
        order = "w.rowid"
    values = {**index_filter._asdict(), "words": index_filter.match_expression(""), "limit": limit}
    rows = connection.execute(f"{query} ORDER BY {order} LIMIT :limit", values)
    yield from (row[0] for row in rows)


def _all_matches(
    connection: Connection, query: SearchQuery, index_filter: IndexFilter, limit: int
) -> dict[int, int] | None:
    """All lines that several words find, with their scores; None when there are more than the limit. Several words are
    often rare together, and then one statement is enough."""
    scores: dict[int, int] = {}
    for n, fields in _tier_matches(connection, query, query.tiers[-1], index_filter):
        if len(scores) == limit:
            return None
        scores[n] = _score(query, fields)
    return scores


def _best_tiers(
    connection: Connection,
    query: SearchQuery,
    index_filter: IndexFilter,
    limit: int,
    check_cancelled: Callable[[], None],
) -> dict[int, int]:
    """The newest lines of the best tiers, at most ``limit``, with their scores."""
    scores = dict.fromkeys(_exact_number_matches(connection, query, index_filter, limit), SCORE_NUMBER)
    for tier in query.tiers:
        if len(scores) >= limit:
            break
        check_cancelled()
        for n, _ in _tier_matches(connection, query, tier, index_filter, limit + len(scores)):
            scores.setdefault(n, tier.score)
            if len(scores) >= limit:
                break
    return scores


def _exact_number_matches(
    connection: Connection, search_query: SearchQuery, index_filter: IndexFilter, limit: int
) -> Iterator[int]:
    """Lines whose number is exactly what was typed."""
    if search_query.number is None:
        return
    query = (
        f"SELECT l.n, {_CHECK_COLUMNS} FROM search_line l{index_filter.joins} WHERE l.number_key = "
        f":number{index_filter.line_condition('l.n')}"
        f"{index_filter.kind_condition} ORDER BY l.n DESC LIMIT :limit"
    )
    values = {**index_filter._asdict(), "number": search_query.number, "limit": limit}
    yield from (n for n, *fields in connection.execute(query, values) if _passes_qualifiers(search_query, fields))


def _tier_matches(
    connection: Connection,
    search_query: SearchQuery,
    tier: RankingTier,
    index_filter: IndexFilter,
    limit: int | None = None,
) -> Iterator[tuple[int, list[str | None]]]:
    """The lines of a tier, newest first, with number, title, people and kind; without these, and only ``limit``, where
    the index alone decides."""
    if (
        tier.score == SCORE_TEXT
        and limit is not None
        and (few := _rare_text_matches(connection, search_query, index_filter)) is not None
    ):
        yield from ((n, []) for n in few)
        return
    values = {**index_filter._asdict(), "words": index_filter.match_expression(tier.expression), "limit": limit}
    if limit is not None and not tier.needs_pinyin_check and not index_filter.issue_condition:
        query = (
            f"SELECT {_LINE_NUMBER} FROM search_word w WHERE w.search_word MATCH :words ORDER BY w.rowid LIMIT :limit"
        )
    else:
        query = (
            f"SELECT l.n, {_CHECK_COLUMNS} FROM {_MATCHED_LINES}{index_filter.joins} WHERE w.search_word "
            f"MATCH :words{index_filter.line_condition(_LINE_NUMBER)} "
            "ORDER BY w.rowid"
        )
    with closing(connection.execute(query, values)) as rows:
        for n, *fields in rows:
            if not tier.needs_pinyin_check or (
                _passes_qualifiers(search_query, fields)
                and _passes_pinyin_check(connection, search_query, tier, n, fields)
            ):
                yield n, fields


def _rare_text_matches(
    connection: Connection, search_query: SearchQuery, index_filter: IndexFilter
) -> list[int] | None:
    """The lines whose text has the query's one long word, newest first; None where they are not few, or the word is not
    of ideographs alone. Opening the long posting lists of common characters takes most of a search's time: the
    positions of the word's rarest characters tell which few lines to read instead."""
    restricted = search_query.people or search_query.numbers or index_filter.issue_condition
    if len(search_query.words) != 1 or restricted:
        return None
    word = search_query.words[0]
    if len(word.text) < _LONG_WORD_LENGTH or min(word.text).isascii():
        return None
    rarest = _rarest_characters(connection, word.text)
    parts = "".join(character if character in rarest else " " for character in word.text).split()
    apart = len(word.text) - len(parts[0]) - len(parts[-1]) if len(parts) > 1 else 0
    near = f"NEAR({' '.join(map(text_expression, parts))}, {apart})"
    query = (
        f"SELECT l.n, l.kind, l.id FROM (SELECT {_LINE_NUMBER} AS n FROM search_word w WHERE w.search_word MATCH ? "
        "ORDER BY w.rowid LIMIT ?) f CROSS JOIN search_line l ON l.n = f.n"
    )
    rows = connection.execute(query, (index_filter.match_expression(near), _MAX_LINES_READ + 1)).fetchall()
    if len(rows) > _MAX_LINES_READ:
        return None
    verified = lines_with_word(connection, [(kind, line) for _, kind, line in rows], word.text)
    has_word = {n: verified.get(line) for n, _, line in rows}
    return [
        n
        for n in sorted(has_word, reverse=True)
        if (_text_has_word(connection, n, word) if has_word[n] is None else has_word[n])
    ]


def _rarest_characters(connection: Connection, word: str) -> list[str]:
    """The characters of a word that are rarest in the newest lines."""
    newest = connection.execute("SELECT brief FROM search_line ORDER BY n DESC LIMIT ?", (_SAMPLE_SIZE,))
    sample = "".join(row[0] for row in newest)
    return sorted(dict.fromkeys(word), key=sample.count)[:_MAX_RAREST]


def _passes_qualifiers(query: SearchQuery, fields: list[str | None]) -> bool:
    """Whether a line has the query's numbers and names its people: the index matches only their letters."""
    if not query.numbers and not query.people:
        return True
    number, names = fold(fields[0] or ""), _names(fields)
    if fields[3] == "person":
        names.append(fold(fields[1] or ""))
    return all(wanted in number for wanted in query.numbers) and all(
        any(contains_word(name, word) for name in names) for word in query.people
    )


def _passes_pinyin_check(
    connection: Connection, query: SearchQuery, tier: RankingTier, n: int, fields: list[str | None]
) -> bool:
    """Whether a line that the index found by initials and syllables really has the reading that was typed."""
    if tier.score > SCORE_TEXT:
        return _score(query, fields) >= tier.score
    texts = _titles(fields) + _names(fields)
    return all(
        any(contains_word(text, word) for text in texts) or _text_has_word(connection, n, word)
        for word in query.words
        if word.maybe_pinyin
    )


def _score(query: SearchQuery, fields: list[str | None]) -> int:
    """The score of a line that has all the words somewhere, by its number, title and people."""
    titles = _titles(fields)
    if all(any(contains_word(text, word) for text in titles) for word in query.words):
        return (
            SCORE_TITLE_START
            if any(starts_with_word(text, word) for text in titles for word in query.words)
            else SCORE_TITLE
        )
    texts = titles + _names(fields)
    return SCORE_PEOPLE if all(any(contains_word(text, word) for text in texts) for word in query.words) else SCORE_TEXT


def _titles(fields: list[str | None]) -> list[str]:
    return [fold(text) for text in fields[:2] if text]


def _names(fields: list[str | None]) -> list[str]:
    return [fold(name) for name in split_names(fields[2] or "")]


def _text_has_word(connection: Connection, n: int, word: QueryWord) -> bool:
    query = "SELECT 1 FROM search_word WHERE search_word MATCH ? AND rowid = ?"
    return connection.execute(query, (word.in_text, MAX_ROWID - n)).fetchone() is not None


def _load_hits(connection: Connection, query: SearchQuery, scores: dict[int, int]) -> list[SearchHit]:
    """The hits with what is shown of them, best first, newest first within a score."""
    if not scores:
        return []
    rows = connection.execute(_SELECT_HITS, (json.dumps(list(scores)),)).fetchall()
    rows.sort(key=lambda row: (-scores[row[0]], -row[0]))
    deep = [(row[1], row[2]) for row in rows if scores[row[0]] == SCORE_TEXT]
    texts = snippets(connection, deep, [word.text for word in query.words])
    return [SearchHit(*(*row[1:8], texts.get(row[2]) or row[8], *row[9:], scores[row[0]])) for row in rows]


ALL_LINES = SearchQuery((), None, ())
"""The query without conditions: every line that passes the filters matches."""
_LONG_WORD_LENGTH, _MAX_RAREST = 5, 4
"""Of a word of at least so many characters, so many of the rarest are searched."""
_MAX_LINES_READ = 30
"""Up to so many candidate lines are read instead of searching for all characters."""
_SAMPLE_SIZE = 300
"""Which characters are rare is estimated from so many of the newest lines."""
_LINE_NUMBER = f"{MAX_ROWID} - w.rowid"
_MATCHED_LINES = f"search_word w CROSS JOIN search_line l ON l.n = {_LINE_NUMBER}"
_CHECK_COLUMNS = "l.number, l.title, l.people, l.kind"
_SELECT_HITS = (
    "SELECT l.n, l.kind, l.id, l.project_id, p.name, l.number, l.title, l.people, l.brief, s.state, s.due,"
    " s.waiting_until, s.progress_at, s.limit_at, s.progress_until, l.at, l.root FROM search_line l"
    " LEFT JOIN project p ON p.id = l.project_id LEFT JOIN issue_state s ON s.id = l.root"
    " WHERE l.n IN (SELECT value FROM json_each(?))"
)


def with_lights(connection: Connection, hits: list[SearchHit], now: date) -> list[SearchHit]:
    """The hits with their lights at a moment, where any of them can have one."""
    if not any(hit.state for hit in hits):
        return hits
    from store.domain.limits import read_limits  # noqa: PLC0415 - only hits with a state pay for lights
    from store.domain.status_lights import light_thresholds  # noqa: PLC0415

    thresholds = light_thresholds(now, read_limits(connection))
    return [with_light(hit, thresholds) for hit in hits]


def with_light(hit: SearchHit, thresholds: LightThresholds) -> SearchHit:
    """A hit with its status light; a hit without a state is returned as it is."""
    if hit.state is None:
        return hit
    from store.domain.issue_lifecycle import IssueState  # noqa: PLC0415 - as above
    from store.domain.status_lights import compute_light  # noqa: PLC0415

    state = IssueState(
        hit.state,
        due=hit.due,
        waiting_until=hit.waiting_until,
        progress_at=hit.progress_at,
        limit_at=hit.limit_at,
        progress_until=hit.progress_until,
    )
    return replace(hit, light=compute_light(thresholds, state))
