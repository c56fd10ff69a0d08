"""What the lookup answers to what is typed so far: hits with what matched, ways to complete a scope, what is wrong.

Called in a thread, once for each keystroke. What finds is ``store/search/session.py``; this puts it in the reader's
words.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from store.exceptions import UnknownQualifier
from store.search.history import search_history
from store.search.qualifiers import QUALIFIER_PREFIXES, Qualifier, matching_values, parse_query
from store.search.query import QueryWord, build_query
from store.search.ranking import SearchHit, hits_by_id
from store.search.session import find_by_name
from tui.i18n.translate import _, error_text, value_label

if TYPE_CHECKING:
    from tui.data.reader import Reader

MAX_HITS = 60
"""At most so many hits are listed."""
MAX_COMPLETIONS = 9
"""At most so many ways to complete what is typed."""
RECENT_QUERIES_FIRST, RECENT_LINES_FIRST = 8, 12
"""Of what was asked and opened lately, so much is listed before the earlier queries: a small screen shows both."""


@dataclass(frozen=True, slots=True)
class SearchResultRow:
    """A row of the lookup: a line, with the words, ``people`` and ``numbers`` it was found by, or a ``query`` to ask
    again."""

    id: str
    hit: SearchHit | None
    words: tuple[QueryWord, ...] = ()
    people: tuple[QueryWord, ...] = ()
    numbers: tuple[QueryWord, ...] = ()
    query: str = ""


@dataclass(frozen=True, slots=True)
class QualifierCompletion:
    """A way to go on: ``shown``, and the whole text that it makes of what is typed."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class SearchResults:
    """What is shown for one state of the typed line. ``trouble`` says what is wrong with it."""

    rows: list[SearchResultRow]
    completions: list[QualifierCompletion]
    problem: str = ""


def search_as_typed(reader: Reader, text: str, cursor: int) -> SearchResults | None:
    """What ``text`` finds, with the cursor where it is; None when a later question made this one stale. With nothing
    typed: what was asked and opened last."""
    if not text.strip():
        reader.lookup.cancel()
        return SearchResults(
            _recent_rows(reader), [_qualifier_completion(name, sign) for name, sign in QUALIFIER_PREFIXES.items()]
        )
    try:
        hits, trouble = reader.find(text, MAX_HITS), ""
    except UnknownQualifier as error:
        said = error_text(error)
        hits, trouble = [], f"{said.what} {said.remedy}"
    if hits is None:
        return None
    typed = parse_query(text)
    asked = build_query(typed.words, typed.values("person"), typed.values("number"))
    found_by = (asked.words, asked.people, _number_words(asked.numbers)) if asked else ()
    rows = [SearchResultRow(hit.id, hit, *found_by) for hit in hits]
    return SearchResults(rows, _completions(reader, text, typed.qualifier_at(cursor)), trouble)


def _qualifier_completion(name: str, sign: str) -> QualifierCompletion:
    """A scope to begin with, its name in the reader's language where that is understood."""
    said = value_label("scope_name", name)
    if len(sign) == 1:
        return QualifierCompletion(sign + said, sign)
    own = f"{said}:"
    return QualifierCompletion(own, own) if parse_query(own).qualifiers else QualifierCompletion(sign, sign)


def _number_words(numbers: tuple[str, ...]) -> tuple[QueryWord, ...]:
    return tuple(QueryWord(number, False, "", "", "", "") for number in numbers)


def _recent_rows(reader: Reader) -> list[SearchResultRow]:
    with reader.database.read() as connection:
        known = search_history(connection)
        lines = hits_by_id(connection, known.lines[:RECENT_LINES_FIRST])
    asked = [SearchResultRow(f"?{query}", None, query=query) for query in known.queries]
    opened = [SearchResultRow(hit.id, reader.with_light(hit)) for hit in lines]
    return [*asked[:RECENT_QUERIES_FIRST], *opened, *asked[RECENT_QUERIES_FIRST:]]


def _completions(reader: Reader, text: str, scope: Qualifier | None) -> list[QualifierCompletion]:
    """How the scope that is being typed may go on."""
    if scope is None or (not scope.value and scope.name not in ("state", "kind")):
        return []
    if scope.name in ("state", "kind"):
        names = [
            _completion_text(scope.value, *found) for found in matching_values(scope.name, scope.value, value_label)
        ]
    else:
        kind = {"person": "person", "department": "unit"}.get(scope.name)
        with reader.database.read() as connection:
            find = partial(find_by_name, connection)
            names = [name for _id, name in find(kind, scope.value, MAX_COMPLETIONS)] if kind else []
    names = ["".join(name.split()) for name in dict.fromkeys(names)]
    if names == [scope.value]:
        return []
    before, after = text[: scope.start], text[scope.end :].lstrip()
    return [QualifierCompletion(name, f"{before}{name} {after}") for name in names[:MAX_COMPLETIONS]]


def _completion_text(typed: str, value: str, label: str) -> str:
    """The stored value where its letters are being typed, else the reader's word."""
    return value if typed and value.startswith(typed.casefold()) else label


def empty_results_text(text: str) -> str:
    """What an empty list says."""
    return _("Nothing found.") if text.strip() else _("Type to look up.")
