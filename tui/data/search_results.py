"""What the lookup answers to what is typed so far: hits with what matched, ways to complete a scope, what is wrong.

Called in a thread, once for each keystroke. What finds is ``store/search/session.py``; this puts it in the reader's
words.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from store.exceptions import ScopeUnknown
from store.search.history import recent
from store.search.qualifiers import SIGNS, Scope, fitting, parse
from store.search.query import Word, question
from store.search.ranking import Hit, lines_told
from store.search.session import called
from tui.i18n.translate import _, sentences, word

if TYPE_CHECKING:
    from tui.data.reader import Desk

MOST = 60
"""At most so many hits are listed."""
OFFERED = 9
"""At most so many ways to complete what is typed."""
FIRST_QUERIES, FIRST_LINES = 8, 12
"""Of what was asked and opened lately, so much is listed before the earlier queries: a small screen shows both."""


@dataclass(frozen=True, slots=True)
class FoundRow:
    """A row of the lookup: a line, with the words, ``people`` and ``numbers`` it was found by, or a ``query`` to ask
    again."""

    id: str
    hit: Hit | None
    words: tuple[Word, ...] = ()
    people: tuple[Word, ...] = ()
    numbers: tuple[Word, ...] = ()
    query: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """A way to go on: ``shown``, and the whole text that it makes of what is typed."""

    shown: str
    text: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What is shown for one state of the typed line. ``trouble`` says what is wrong with it."""

    rows: list[FoundRow]
    offers: list[Offer]
    trouble: str = ""


def reply(desk: Desk, text: str, cursor: int) -> Reply | None:
    """What ``text`` finds, with the cursor where it is; None when a later question made this one stale. With nothing
    typed: what was asked and opened last."""
    if not text.strip():
        desk.lookup.cancel()
        return Reply(_lately(desk), [_sign(name, sign) for name, sign in SIGNS.items()])
    try:
        hits, trouble = desk.find(text, MOST), ""
    except ScopeUnknown as error:
        said = sentences(error)
        hits, trouble = [], f"{said.what} {said.todo}"
    if hits is None:
        return None
    typed = parse(text)
    asked = question(typed.words, typed.values("person"), typed.values("number"))
    found_by = (asked.words, asked.people, _numbers(asked.numbers)) if asked else ()
    rows = [FoundRow(hit.id, hit, *found_by) for hit in hits]
    return Reply(rows, _offers(desk, text, typed.at(cursor)), trouble)


def _sign(name: str, sign: str) -> Offer:
    """A scope to begin with, its name in the reader's language where that is understood."""
    said = word("scope_name", name)
    if len(sign) == 1:
        return Offer(sign + said, sign)
    own = f"{said}:"
    return Offer(own, own) if parse(own).scopes else Offer(sign, sign)


def _numbers(numbers: tuple[str, ...]) -> tuple[Word, ...]:
    return tuple(Word(number, False, "", "", "", "") for number in numbers)


def _lately(desk: Desk) -> list[FoundRow]:
    with desk.database.read() as connection:
        known = recent(connection)
        lines = lines_told(connection, known.lines[:FIRST_LINES])
    asked = [FoundRow(f"?{query}", None, query=query) for query in known.queries]
    opened = [FoundRow(hit.id, desk.lit(hit)) for hit in lines]
    return [*asked[:FIRST_QUERIES], *opened, *asked[FIRST_QUERIES:]]


def _offers(desk: Desk, text: str, scope: Scope | None) -> list[Offer]:
    """How the scope that is being typed may go on."""
    if scope is None or (not scope.value and scope.name not in ("state", "kind")):
        return []
    if scope.name in ("state", "kind"):
        names = [_as_typed(scope.value, *found) for found in fitting(scope.name, scope.value, word)]
    else:
        kind = {"person": "person", "department": "unit"}.get(scope.name)
        with desk.database.read() as connection:
            find = partial(called, connection)
            names = [name for _id, name in find(kind, scope.value, OFFERED)] if kind else []
    names = ["".join(name.split()) for name in dict.fromkeys(names)]
    if names == [scope.value]:
        return []
    before, after = text[: scope.start], text[scope.end :].lstrip()
    return [Offer(name, f"{before}{name} {after}") for name in names[:OFFERED]]


def _as_typed(typed: str, value: str, said: str) -> str:
    """The stored value where its letters are being typed, else the reader's word."""
    return value if typed and value.startswith(typed.casefold()) else said


def nothing(text: str) -> str:
    """What an empty list says."""
    return _("Nothing found.") if text.strip() else _("Type to look up.")
