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
from store.search.filters import Narrow, narrow
from store.search.line_text import having
from store.search.qualifiers import Kept
from store.search.query import (
    AMONG_PEOPLE,
    ANYWHERE,
    NUMBER,
    START,
    TITLES,
    Question,
    Rank,
    Word,
    has,
    question,
    starts,
)
from store.search.snippets import snippets
from store.search.tokenizer import NEWEST, fold, in_text, names_in

if TYPE_CHECKING:
    from store.domain.issue_lifecycle import State
    from store.domain.status_lights import Light


@dataclass(frozen=True, slots=True)
class Hit:
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
) -> list[Hit]:
    """What ``text`` finds: all its words must match. ``department`` (a unit's id) and ``state`` keep only issues and
    their steps. Typed operators and scopes mean nothing; blank text finds nothing. Six statements at most, two more for
    filters by state or department or for a long word, and one or two for each kind among the lines found by text."""
    hits = found(connection, question(text), chosen(kind, department, state), limit, lambda: None)
    return lit(connection, hits, today) if today else hits


def chosen(kind: str | None, department: str | None, state: str | None) -> Kept:
    """What these filters keep."""
    return Kept(*(None if value is None else (value,) for value in (kind, department, state)))


def found(
    connection: Connection, asked: Question | None, kept: Kept, limit: int, go_on: Callable[[], None]
) -> list[Hit]:
    """The hits of a question, best first. ``go_on`` is called between statements and raises where nobody waits any
    more."""
    if asked is None or limit < 1:
        return []
    left = narrow(connection, kept)
    if asked is EVERYTHING:
        scores = dict.fromkeys(_newest(connection, left, limit), ANYWHERE)
    else:
        few = _few(connection, asked, left, limit) if len(asked.words) > 1 else None
        scores = _by_rank(connection, asked, left, limit, go_on) if few is None else few
    go_on()
    return _hits(connection, asked, scores)


def lines_told(connection: Connection, ids: Sequence[str]) -> list[Hit]:
    """These lines as hits, in this order; without those that are not here any more."""
    numbers = connection.execute(
        "SELECT n FROM search_line WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(ids)),)
    )
    hits = _hits(connection, EVERYTHING, {row[0]: TITLES for row in numbers})
    return sorted(hits, key=lambda hit: ids.index(hit.id))


def _newest(connection: Connection, kept: Narrow, limit: int) -> Iterator[int]:
    """The newest lines that are left: where states or departments were asked for, issues without their steps."""
    if kept.of_issues and not kept.kinds:
        kept = kept._replace(kinds='["issue"]')
    if kept.few is not None:
        query = f"SELECT l.n FROM search_line l WHERE l.n IN (SELECT value FROM json_each(:few)){kept.of_kinds}"
        order = "l.n DESC"
    else:
        query = f"SELECT l.n FROM {_FOUND}{kept.joins} WHERE w.search_word MATCH :words{kept.of_issues}"
        order = "w.rowid"
    values = {**kept._asdict(), "words": kept.words(""), "limit": limit}
    rows = connection.execute(f"{query} ORDER BY {order} LIMIT :limit", values)
    yield from (row[0] for row in rows)


def _few(connection: Connection, asked: Question, kept: Narrow, limit: int) -> dict[int, int] | None:
    """Everything that several words find, with its score; None when that is more than the limit. Rare together is what
    several words often are, and then one look is enough."""
    scores: dict[int, int] = {}
    for n, told in _matching(connection, asked, asked.ranks[-1], kept):
        if len(scores) == limit:
            return None
        scores[n] = _score(asked, told)
    return scores


def _by_rank(
    connection: Connection, asked: Question, kept: Narrow, limit: int, go_on: Callable[[], None]
) -> dict[int, int]:
    """The newest lines of the best ranks, as many as were asked for, with their scores."""
    scores = dict.fromkeys(_numbered(connection, asked, kept, limit), NUMBER)
    for rank in asked.ranks:
        if len(scores) >= limit:
            break
        go_on()
        for n, _ in _matching(connection, asked, rank, kept, limit + len(scores)):
            scores.setdefault(n, rank.score)
            if len(scores) >= limit:
                break
    return scores


def _numbered(connection: Connection, asked: Question, kept: Narrow, limit: int) -> Iterator[int]:
    """Lines whose number is exactly what was asked."""
    if asked.number is None:
        return
    query = (
        f"SELECT l.n, {_TOLD} FROM search_line l{kept.joins} WHERE l.number_key = :number{kept.where('l.n')}"
        f"{kept.of_kinds} ORDER BY l.n DESC LIMIT :limit"
    )
    values = {**kept._asdict(), "number": asked.number, "limit": limit}
    yield from (n for n, *told in connection.execute(query, values) if _in_scope(asked, told))


def _matching(
    connection: Connection, asked: Question, rank: Rank, kept: Narrow, enough: int | None = None
) -> Iterator[tuple[int, list[str | None]]]:
    """Lines of a rank, newest first, with number, title, people and kind; without these and only ``enough`` where the
    index alone decides."""
    if rank.score == ANYWHERE and enough is not None and (few := _few_in_text(connection, asked, kept)) is not None:
        yield from ((n, []) for n in few)
        return
    values = {**kept._asdict(), "words": kept.words(rank.expression), "enough": enough}
    if enough is not None and not rank.spelled and not kept.of_issues:
        query = f"SELECT {_N} FROM search_word w WHERE w.search_word MATCH :words ORDER BY w.rowid LIMIT :enough"
    else:
        query = (
            f"SELECT l.n, {_TOLD} FROM {_FOUND}{kept.joins} WHERE w.search_word MATCH :words{kept.where(_N)} "
            "ORDER BY w.rowid"
        )
    with closing(connection.execute(query, values)) as rows:
        for n, *told in rows:
            if not rank.spelled or (_in_scope(asked, told) and _spells(connection, asked, rank, n, told)):
                yield n, told


def _few_in_text(connection: Connection, asked: Question, kept: Narrow) -> list[int] | None:
    """The lines whose text has the one long word that was asked for, newest first; None where they are not few, or the
    word is not of ideographs alone. Most of the time is spent opening the long lists of common characters: where the
    word's rarest ones stand near each other tells which lines are worth reading."""
    word = asked.words[0] if len(asked.words) == 1 and not (asked.people or asked.numbers or kept.of_issues) else None
    if word is None or len(word.text) < _LONG or min(word.text).isascii():
        return None
    rarest = _rarest(connection, word.text)
    parts = "".join(character if character in rarest else " " for character in word.text).split()
    apart = len(word.text) - len(parts[0]) - len(parts[-1]) if len(parts) > 1 else 0
    near = f"NEAR({' '.join(map(in_text, parts))}, {apart})"
    query = (
        f"SELECT l.n, l.kind, l.id FROM (SELECT {_N} AS n FROM search_word w WHERE w.search_word MATCH ? "
        "ORDER BY w.rowid LIMIT ?) f CROSS JOIN search_line l ON l.n = f.n"
    )
    rows = connection.execute(query, (kept.words(near), _HANDFUL + 1)).fetchall()
    if len(rows) > _HANDFUL:
        return None
    told = having(connection, [(kind, line) for _, kind, line in rows], word.text)
    sure = {n: told.get(line) for n, _, line in rows}
    return [n for n in sorted(sure, reverse=True) if (_in_text(connection, n, word) if sure[n] is None else sure[n])]


def _rarest(connection: Connection, word: str) -> list[str]:
    """The characters of a word that are the rarest in the newest lines."""
    newest = connection.execute("SELECT brief FROM search_line ORDER BY n DESC LIMIT ?", (_SAMPLE,))
    told = "".join(row[0] for row in newest)
    return sorted(dict.fromkeys(word), key=told.count)[:_RAREST]


def _in_scope(asked: Question, told: list[str | None]) -> bool:
    """Whether a line has the numbers and names the people that were asked for: the index knows only their letters."""
    if not asked.numbers and not asked.people:
        return True
    number, names = fold(told[0] or ""), _names(told)
    if told[3] == "person":
        names.append(fold(told[1] or ""))
    return all(wanted in number for wanted in asked.numbers) and all(
        any(has(name, word) for name in names) for word in asked.people
    )


def _spells(connection: Connection, asked: Question, rank: Rank, n: int, told: list[str | None]) -> bool:
    """Whether a line that the index found by initials and syllables really reads as it was typed."""
    if rank.score > ANYWHERE:
        return _score(asked, told) >= rank.score
    texts = _titles(told) + _names(told)
    return all(
        any(has(text, word) for text in texts) or _in_text(connection, n, word) for word in asked.words if word.spelled
    )


def _score(asked: Question, told: list[str | None]) -> int:
    """The rank of a line that has all the words somewhere, by its number, title and people."""
    titles = _titles(told)
    if all(any(has(text, word) for text in titles) for word in asked.words):
        return START if any(starts(text, word) for text in titles for word in asked.words) else TITLES
    texts = titles + _names(told)
    return AMONG_PEOPLE if all(any(has(text, word) for text in texts) for word in asked.words) else ANYWHERE


def _titles(told: list[str | None]) -> list[str]:
    return [fold(text) for text in told[:2] if text]


def _names(told: list[str | None]) -> list[str]:
    return [fold(name) for name in names_in(told[2] or "")]


def _in_text(connection: Connection, n: int, word: Word) -> bool:
    query = "SELECT 1 FROM search_word WHERE search_word MATCH ? AND rowid = ?"
    return connection.execute(query, (word.body, NEWEST - n)).fetchone() is not None


def _hits(connection: Connection, asked: Question, scores: dict[int, int]) -> list[Hit]:
    """The hits as they are shown, best first and newest first among equals."""
    if not scores:
        return []
    rows = connection.execute(_SHOWN, (json.dumps(list(scores)),)).fetchall()
    rows.sort(key=lambda row: (-scores[row[0]], -row[0]))
    deep = [(row[1], row[2]) for row in rows if scores[row[0]] == ANYWHERE]
    texts = snippets(connection, deep, [word.text for word in asked.words])
    return [_hit(row, texts.get(row[2]) or row[8], scores[row[0]]) for row in rows]


def _hit(row: tuple[Any, ...], snippet: str, score: int) -> Hit:
    values = (*row[1:8], snippet, *row[9:], score)
    return Hit(*values)


EVERYTHING = Question((), None, ())
"""Asks for nothing, so that everything that the filters leave is found."""
_LONG, _RAREST = 5, 4
"""Of a word of so many characters, so many are asked for."""
_HANDFUL = 30
"""So many lines are read rather than asked for with all characters."""
_SAMPLE = 300
"""So many of the newest lines tell which characters are rare."""
_N = f"{NEWEST} - w.rowid"
_FOUND = f"search_word w CROSS JOIN search_line l ON l.n = {_N}"
_TOLD = "l.number, l.title, l.people, l.kind"
_SHOWN = (
    "SELECT l.n, l.kind, l.id, l.project_id, p.name, l.number, l.title, l.people, l.brief, s.state, s.due,"
    " s.waiting_until, s.progress_at, l.at, l.root FROM search_line l LEFT JOIN project p ON p.id = l.project_id"
    " LEFT JOIN issue_state s ON s.id = l.root WHERE l.n IN (SELECT value FROM json_each(?))"
)


def lit(connection: Connection, hits: list[Hit], today: date) -> list[Hit]:
    """The hits with their lights of a day, if any of them can have one."""
    if not any(hit.state for hit in hits):
        return hits
    from store.domain.issue_lifecycle import IssueState  # noqa: PLC0415 - only hits with a state pay for lights
    from store.domain.limits import limits  # noqa: PLC0415
    from store.domain.status_lights import light_by, marks  # noqa: PLC0415

    on = marks(today, limits(connection))

    def light(hit: Hit) -> Light | None:
        if hit.state is None:
            return None
        dates = IssueState(hit.state, due=hit.due, waiting_until=hit.waiting_until, progress_at=hit.progress_at)
        return light_by(on, dates)

    return [replace(hit, light=light(hit)) for hit in hits]
