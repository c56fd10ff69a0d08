"""The lookup: what a few typed characters, initials or digits find, best first, newest first among equals.

Imports nothing heavy: `guanjia find` is measured as a whole process, and a screen asks once for every keystroke. What
was typed becomes one expression for each rank (``store/search/query.py``): where a title starts, in titles, among
people, anywhere. Ranks are asked one after the other until there is enough, each from its newest line on, so what is
common is found at once and nothing is ever sorted. What the index holds: ``store/search/tokenizer.py``,
``store/search/index.py``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from store.db.connection import Connection
from store.search.filters import IndexFilter, resolve_filter
from store.search.line_text import lines_with_word
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
    build_query,
    contains_word,
    starts_with_word,
)
from store.search.snippets import snippets
from store.search.tokenizer import MAX_ROWID, fold, split_names, text_expression

if TYPE_CHECKING:
    from store.domain.issue_lifecycle import State
    from store.domain.status_lights import Light


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A line that was found. ``root`` is the issue it belongs to (itself, for an issue); ``state`` and the dates are
    that issue's, ``progress_at`` in milliseconds since 1970. ``snippet`` is what its text says around the words, or how
    it begins. ``score``: 5 an exact number, 4 a title's start, 3 a title, 2 people, 1 text. ``light`` is there when
    `find` was told the day."""

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
    when: str | None
    root: str | None
    score: int
    light: Light | None = None


def find(
    connection: Connection,
    text: str,
    *,
    kind: str | None = None,
    department: str | None = None,
    state: str | None = None,
    limit: int = 20,
    today: date | None = None,
) -> list[SearchHit]:
    """What ``text`` finds: all its words must match. ``department`` (a unit's id) and ``state`` keep only issues and
    their steps. Typed operators and scopes mean nothing; blank text finds nothing. Six statements at most, two more for
    filters by state or department or for a long word, and one or two for each kind among the lines found by text."""
    hits = find_hits(connection, build_query(text), filter_for(kind, department, state), limit, lambda: None)
    return with_lights(connection, hits, today) if today else hits


def filter_for(kind: str | None, department: str | None, state: str | None) -> SearchFilter:
    """What these filters keep."""
    return SearchFilter(*(None if value is None else (value,) for value in (kind, department, state)))


def find_hits(
    connection: Connection,
    query: SearchQuery | None,
    filters: SearchFilter,
    limit: int,
    check_cancelled: Callable[[], None],
) -> list[SearchHit]:
    """The hits of a question, best first. ``go_on`` is called between statements and raises where nobody waits any
    more."""
    if query is None or limit < 1:
        return []
    left = resolve_filter(connection, filters)
    if query is ALL_LINES:
        scores = dict.fromkeys(_newest(connection, left, limit), SCORE_TEXT)
    else:
        few = _all_matches(connection, query, left, limit) if len(query.words) > 1 else None
        scores = _best_tiers(connection, query, left, limit, check_cancelled) if few is None else few
    check_cancelled()
    return _load_hits(connection, query, scores)


def hits_by_id(connection: Connection, ids: Sequence[str]) -> list[SearchHit]:
    """These lines as hits, in this order; without those that are not here any more."""
    numbers = connection.execute(
        "SELECT n FROM search_line WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(ids)),)
    )
    hits = _load_hits(connection, ALL_LINES, {row[0]: SCORE_TITLE for row in numbers})
    return sorted(hits, key=lambda hit: ids.index(hit.id))


def _newest(connection: Connection, index_filter: IndexFilter, limit: int) -> Iterator[int]:
    """The newest lines that are left: where states or departments were asked for, issues without their steps."""
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
    """Everything that several words find, with its score; None when that is more than the limit. Rare together is what
    several words often are, and then one look is enough."""
    scores: dict[int, int] = {}
    for n, told in _tier_matches(connection, query, query.tiers[-1], index_filter):
        if len(scores) == limit:
            return None
        scores[n] = _score(query, told)
    return scores


def _best_tiers(
    connection: Connection,
    query: SearchQuery,
    index_filter: IndexFilter,
    limit: int,
    check_cancelled: Callable[[], None],
) -> dict[int, int]:
    """The newest lines of the best ranks, as many as were asked for, with their scores."""
    scores = dict.fromkeys(_exact_number_matches(connection, query, index_filter, limit), SCORE_NUMBER)
    for rank in query.tiers:
        if len(scores) >= limit:
            break
        check_cancelled()
        for n, _ in _tier_matches(connection, query, rank, index_filter, limit + len(scores)):
            scores.setdefault(n, rank.score)
            if len(scores) >= limit:
                break
    return scores


def _exact_number_matches(
    connection: Connection, search_query: SearchQuery, index_filter: IndexFilter, limit: int
) -> Iterator[int]:
    """Lines whose number is exactly what was asked."""
    if search_query.number is None:
        return
    query = (
        f"SELECT l.n, {_CHECK_COLUMNS} FROM search_line l{index_filter.joins} WHERE l.number_key = "
        f":number{index_filter.line_condition('l.n')}"
        f"{index_filter.kind_condition} ORDER BY l.n DESC LIMIT :limit"
    )
    values = {**index_filter._asdict(), "number": search_query.number, "limit": limit}
    yield from (n for n, *told in connection.execute(query, values) if _passes_qualifiers(search_query, told))


def _tier_matches(
    connection: Connection,
    search_query: SearchQuery,
    tier: RankingTier,
    index_filter: IndexFilter,
    limit: int | None = None,
) -> Iterator[tuple[int, list[str | None]]]:
    """Lines of a rank, newest first, with number, title, people and kind; without these and only ``enough`` where the
    index alone decides."""
    if (
        tier.score == SCORE_TEXT
        and limit is not None
        and (few := _rare_text_matches(connection, search_query, index_filter)) is not None
    ):
        yield from ((n, []) for n in few)
        return
    values = {**index_filter._asdict(), "words": index_filter.match_expression(tier.expression), "enough": limit}
    if limit is not None and not tier.needs_pinyin_check and not index_filter.issue_condition:
        query = (
            f"SELECT {_LINE_NUMBER} FROM search_word w WHERE w.search_word MATCH :words ORDER BY w.rowid LIMIT :enough"
        )
    else:
        query = (
            f"SELECT l.n, {_CHECK_COLUMNS} FROM {_MATCHED_LINES}{index_filter.joins} WHERE w.search_word "
            f"MATCH :words{index_filter.line_condition(_LINE_NUMBER)} "
            "ORDER BY w.rowid"
        )
    with closing(connection.execute(query, values)) as rows:
        for n, *told in rows:
            if not tier.needs_pinyin_check or (
                _passes_qualifiers(search_query, told) and _passes_pinyin_check(connection, search_query, tier, n, told)
            ):
                yield n, told


def _rare_text_matches(
    connection: Connection, search_query: SearchQuery, index_filter: IndexFilter
) -> list[int] | None:
    """The lines whose text has the one long word that was asked for, newest first; None where they are not few, or the
    word is not of ideographs alone. Most of the time is spent opening the long lists of common characters: where the
    word's rarest ones stand near each other tells which lines are worth reading."""
    word = (
        search_query.words[0]
        if len(search_query.words) == 1
        and not (search_query.people or search_query.numbers or index_filter.issue_condition)
        else None
    )
    if word is None or len(word.text) < _LONG_WORD_LENGTH or min(word.text).isascii():
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
    told = lines_with_word(connection, [(kind, line) for _, kind, line in rows], word.text)
    sure = {n: told.get(line) for n, _, line in rows}
    return [
        n for n in sorted(sure, reverse=True) if (_text_has_word(connection, n, word) if sure[n] is None else sure[n])
    ]


def _rarest_characters(connection: Connection, word: str) -> list[str]:
    """The characters of a word that are the rarest in the newest lines."""
    newest = connection.execute("SELECT brief FROM search_line ORDER BY n DESC LIMIT ?", (_SAMPLE_SIZE,))
    told = "".join(row[0] for row in newest)
    return sorted(dict.fromkeys(word), key=told.count)[:_MAX_RAREST]


def _passes_qualifiers(query: SearchQuery, fields: list[str | None]) -> bool:
    """Whether a line has the numbers and names the people that were asked for: the index knows only their letters."""
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
    """Whether a line that the index found by initials and syllables really reads as it was typed."""
    if tier.score > SCORE_TEXT:
        return _score(query, fields) >= tier.score
    texts = _titles(fields) + _names(fields)
    return all(
        any(contains_word(text, word) for text in texts) or _text_has_word(connection, n, word)
        for word in query.words
        if word.maybe_pinyin
    )


def _score(query: SearchQuery, fields: list[str | None]) -> int:
    """The rank of a line that has all the words somewhere, by its number, title and people."""
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
    """The hits as they are shown, best first and newest first among equals."""
    if not scores:
        return []
    rows = connection.execute(_SELECT_HITS, (json.dumps(list(scores)),)).fetchall()
    rows.sort(key=lambda row: (-scores[row[0]], -row[0]))
    deep = [(row[1], row[2]) for row in rows if scores[row[0]] == SCORE_TEXT]
    texts = snippets(connection, deep, [word.text for word in query.words])
    return [_hit_from(row, texts.get(row[2]) or row[8], scores[row[0]]) for row in rows]


def _hit_from(row: tuple[Any, ...], snippet: str, score: int) -> SearchHit:
    values = (*row[1:8], snippet, *row[9:], score)
    return SearchHit(*values)


ALL_LINES = SearchQuery((), None, ())
"""Asks for nothing, so that everything that the filters leave is found."""
_LONG_WORD_LENGTH, _MAX_RAREST = 5, 4
"""Of a word of so many characters, so many are asked for."""
_MAX_LINES_READ = 30
"""So many lines are read rather than asked for with all characters."""
_SAMPLE_SIZE = 300
"""So many of the newest lines tell which characters are rare."""
_LINE_NUMBER = f"{MAX_ROWID} - w.rowid"
_MATCHED_LINES = f"search_word w CROSS JOIN search_line l ON l.n = {_LINE_NUMBER}"
_CHECK_COLUMNS = "l.number, l.title, l.people, l.kind"
_SELECT_HITS = (
    "SELECT l.n, l.kind, l.id, l.project_id, p.name, l.number, l.title, l.people, l.brief, s.state, s.due,"
    " s.waiting_until, s.progress_at, l.at, l.root FROM search_line l LEFT JOIN project p ON p.id = l.project_id"
    " LEFT JOIN issue_state s ON s.id = l.root WHERE l.n IN (SELECT value FROM json_each(?))"
)


def with_lights(connection: Connection, hits: list[SearchHit], today: date) -> list[SearchHit]:
    """The hits with their lights of a day, if any of them can have one."""
    if not any(hit.state for hit in hits):
        return hits
    from store.domain.issue_lifecycle import IssueState  # noqa: PLC0415 - only hits with a state pay for lights
    from store.domain.limits import read_limits  # noqa: PLC0415
    from store.domain.status_lights import compute_light, light_thresholds  # noqa: PLC0415

    on = light_thresholds(today, read_limits(connection))

    def light(hit: SearchHit) -> Light | None:
        if hit.state is None:
            return None
        dates = IssueState(hit.state, due=hit.due, waiting_until=hit.waiting_until, progress_at=hit.progress_at)
        return compute_light(on, dates)

    return [replace(hit, light=light(hit)) for hit in hits]
