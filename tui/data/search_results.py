"""The lookup's results for what is typed: hits with what matched, completions of a qualifier, what is wrong.

Called in a thread, once for each keystroke. The search itself is ``store/search/session.py``; this module translates.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from store.exceptions import DeviceStateError, UnknownQualifier
from store.search.history import SearchHistory, search_history
from store.search.qualifiers import QUALIFIER_PREFIXES, Qualifier, matching_values, parse_query
from store.search.query import QueryWord, build_query
from store.search.ranking import SearchHit, hits_by_id, with_light
from store.search.session import find_by_name
from tui.exceptions import to_guanjia_error
from tui.i18n.translate import _, error_text, value_label

if TYPE_CHECKING:
    from tui.data.reader import Reader

MAX_HITS = 60
"""At most so many hits are listed."""
MAX_COMPLETIONS = 9
"""At most so many completions are offered."""
RECENT_QUERIES_FIRST, RECENT_LINES_FIRST = 8, 12
"""So many recent queries and lines are listed before the earlier queries: a small screen shows both."""


@dataclass(frozen=True, slots=True)
class SearchResultRow:
    """A row of the lookup: a line, with the words, ``people`` and ``numbers`` that matched, or a recent ``query``."""

    id: str
    hit: SearchHit | None
    words: tuple[QueryWord, ...] = ()
    people: tuple[QueryWord, ...] = ()
    numbers: tuple[QueryWord, ...] = ()
    query: str = ""


@dataclass(frozen=True, slots=True)
class QualifierCompletion:
    """A completion: its ``label``, and the whole ``text`` that the input holds when it is taken."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class SearchResults:
    """What is shown for one state of the input; ``problem`` says what is wrong with it."""

    rows: list[SearchResultRow]
    completions: list[QualifierCompletion]
    problem: str = ""


def search_as_typed(reader: Reader, text: str, cursor: int) -> SearchResults | None:
    """The results for ``text`` with the cursor at ``cursor``; None when a later search cancelled this one. With nothing
    typed: recent queries and lines."""
    if not text.strip():
        reader.lookup.cancel()
        return SearchResults(
            _recent_rows(reader), [_qualifier_completion(name, sign) for name, sign in QUALIFIER_PREFIXES.items()]
        )
    try:
        hits, problem = reader.lookup.find(text, value_label, limit=MAX_HITS), ""
    except UnknownQualifier as error:
        sentences = error_text(error)
        hits, problem = [], f"{sentences.what} {sentences.remedy}"
    if hits is None:
        return None
    typed = parse_query(text)
    query = build_query(typed.words, typed.values("person"), typed.values("number"))
    matched = (query.words, query.people, _number_words(query.numbers)) if query else ()
    thresholds = reader.thresholds()
    rows = [SearchResultRow(hit.id, with_light(hit, thresholds), *matched) for hit in hits]
    return SearchResults(rows, _completions(reader, text, typed.qualifier_at(cursor)), problem)


def _qualifier_completion(name: str, sign: str) -> QualifierCompletion:
    """A qualifier to begin with, by its name in the reader's language where the parser knows that."""
    label = value_label("scope_name", name)
    if len(sign) == 1:
        return QualifierCompletion(sign + label, sign)
    own = f"{label}:"
    return QualifierCompletion(own, own) if parse_query(own).qualifiers else QualifierCompletion(sign, sign)


def _number_words(numbers: tuple[str, ...]) -> tuple[QueryWord, ...]:
    return tuple(QueryWord(number, False, "", "", "", "") for number in numbers)


def _recent_rows(reader: Reader) -> list[SearchResultRow]:
    try:
        history = search_history(reader.device_state)
    except DeviceStateError as error:
        to_guanjia_error(error, reader.home)  # the log keeps it; a search works without its history
        history = SearchHistory()
    with reader.database.read() as connection:
        lines = hits_by_id(connection, history.lines[:RECENT_LINES_FIRST])
    queries = [SearchResultRow(f"?{query}", None, query=query) for query in history.queries]
    opened = [SearchResultRow(hit.id, with_light(hit, reader.thresholds())) for hit in lines]
    return [*queries[:RECENT_QUERIES_FIRST], *opened, *queries[RECENT_QUERIES_FIRST:]]


def _completions(reader: Reader, text: str, qualifier: Qualifier | None) -> list[QualifierCompletion]:
    """The completions of the qualifier that is being typed."""
    if qualifier is None or (not qualifier.value and qualifier.name not in ("state", "kind")):
        return []
    names = [*dict.fromkeys("".join(name.split()) for name in _matching_names(reader, qualifier))]
    if names == [qualifier.value]:
        return []
    before, after = text[: qualifier.start], text[qualifier.end :].lstrip()
    return [QualifierCompletion(name, f"{before}{name} {after}") for name in names[:MAX_COMPLETIONS]]


def _matching_names(reader: Reader, qualifier: Qualifier) -> list[str]:
    if qualifier.name in ("state", "kind"):
        matches = matching_values(qualifier.name, qualifier.value, value_label)
        return [_completion_text(qualifier.value, value, label) for value, label in matches]
    kind = {"person": "person", "department": "unit"}.get(qualifier.name)
    if kind is None:
        return []
    return [name for _id, name in reader.run(find_by_name, kind, qualifier.value, MAX_COMPLETIONS)]


def _completion_text(typed: str, value: str, label: str) -> str:
    """The stored value where its letters are being typed, else its label."""
    return value if typed and value.startswith(typed.casefold()) else label


def empty_results_text(text: str) -> str:
    """The text of an empty list of results."""
    return _("Nothing found.") if text.strip() else _("Type to look up.")
