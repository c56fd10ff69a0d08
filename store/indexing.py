"""The lookup's write side: what can be found of a line is written with the line, in the same transaction.

`search_line` holds one row a line, its ``n`` rising with every change: newest first is ``n`` from the end, unsorted.
`search_word` is an FTS5 index without content whose rowid is ``n`` (`store.tokens` tells its words). Next:
``store/search.py``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import product
from operator import add
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from store.connection import Connection
from store.readings import code_of, readings_by
from store.tokens import PEOPLE, TEXT, TITLE, Marks, fold, kind_token, names_in, runs_in, short_grams, stream

if TYPE_CHECKING:
    from store.kinds import Kind
    from store.lines import Line

SCHEMA: tuple[str, ...] = (
    """CREATE TABLE search_line (
    n INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, project_id TEXT,
    root TEXT, number TEXT, number_key TEXT, title TEXT NOT NULL, people TEXT NOT NULL,
    brief TEXT NOT NULL, at TEXT)""",
    "CREATE INDEX search_line_number ON search_line (number_key) WHERE number_key IS NOT NULL",
    "CREATE VIRTUAL TABLE search_word USING fts5(words, content='', contentless_delete=1, tokenize='ascii')",
    "INSERT INTO search_word (search_word, rank) VALUES ('hashsize', 4194304)",
    "INSERT INTO search_word (search_word, rank) VALUES ('automerge', 8)",
)
"""What migration 0001 executes. A big hash table and lazy merging halve the cost of filling a store."""

TITLE_LENGTH = 40
"""A title is cut here, at a clause's end where there is one; all of it is in the text then."""
SPOKEN_LENGTH = 48
"""Initials and pinyin are written for so many characters of a title, number or name."""
BRIEF_LENGTH = 48
"""So much of a line's text is kept to be shown with its title."""
_CLAUSE = re.compile("[。；;！!？?，,]")
_BETWEEN = "、"
_REMEMBERED = 50_000


class Entry(NamedTuple):
    """What the lookup knows of a line. ``people`` are joined by ``、``; ``root`` is the issue that the line belongs to
    (itself, for an issue), None where there is none; ``when`` the date that is shown."""

    id: str
    kind: str
    project_id: str | None
    number: str | None
    title: str
    people: str
    text: str
    when: str | None
    root: str | None = None


def entry_of(kind: Kind, line: Line) -> Entry | None:
    """What the lookup is to know of ``line``; None when it is deleted or its kind is not looked up."""
    words = kind.words
    if words is None or line.deleted:
        return None
    body = line.body
    number = _said(body, words.number) if words.number else ""
    people = _BETWEEN.join(filter(None, (_said(body, name) for name in words.people)))
    texts = [text for text in (_said(body, name) for name in words.text) if text]
    whole = _said(body, words.title) or (texts.pop(0) if texts else people or number)
    title = _cut(whole)
    if title != whole:
        texts.insert(0, whole)
    root = kind.root_of(line.id, body) if kind.area == "i" else None
    when = _said(body, words.when) if words.when else ""
    return Entry(line.id, line.kind, line.project, number or None, title, people, "\n".join(texts), when or None, root)


def _said(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if isinstance(value, list):
        return _BETWEEN.join(map(str, value))
    return "" if value is None else str(value)


def _cut(text: str) -> str:
    line = text.split("\n", 1)[0]
    if len(line) > TITLE_LENGTH:
        ends = [found.start() for found in _CLAUSE.finditer(line, 1, TITLE_LENGTH)]
        line = line[: ends[-1] if ends else TITLE_LENGTH]
    return text if line == text else line.rstrip() + "…"


def index(connection: Connection, entries: Sequence[Entry]) -> None:
    """Write ``entries``, in the caller's transaction, in place of what was known of the same lines; the last is the
    newest."""
    latest: dict[str, Entry] = {}
    for entry in entries:
        latest.pop(entry.id, None)
        latest[entry.id] = entry
    if not latest:
        return
    drop(connection, list(latest))
    last = connection.execute("SELECT max(seq) FROM sqlite_sequence WHERE name = 'search_line'").fetchone()[0]
    numbered = list(enumerate(latest.values(), (last or 0) + 1))
    connection.executemany("INSERT INTO search_line VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", map(_row, numbered))
    words = ((n, words_of(entry)) for n, entry in numbered)
    connection.executemany("INSERT INTO search_word (rowid, words) VALUES (?, ?)", words)


def drop(connection: Connection, ids: Sequence[str]) -> None:
    """Make the lookup forget these lines, in the caller's transaction."""
    if not ids:
        return
    chosen = "SELECT n FROM search_line WHERE id IN (SELECT value FROM json_each(?))"
    known = connection.execute(chosen, (orjson.dumps(ids).decode(),)).fetchall()
    connection.executemany("DELETE FROM search_word WHERE rowid = ?", known)
    connection.executemany("DELETE FROM search_line WHERE n = ?", known)


def _row(numbered: tuple[int, Entry]) -> tuple[object, ...]:
    n, entry = numbered
    key = fold(entry.number) or None if entry.number else None
    shown = (entry.number, key, entry.title, entry.people, entry.text[:BRIEF_LENGTH], entry.when)
    return (n, entry.id, entry.kind, entry.project_id, entry.root, *shown)


# The words of an entry


def words_of(entry: Entry) -> str:
    """Everything that `entry` is to be found by, as the index takes it: marked tokens with spaces between."""
    text = fold(entry.text)
    parts = [kind_token(entry.kind), *stream(text), *(TEXT.gram + gram for gram in short_grams(runs_in(text)))]
    parts += [_field(fold(told), TITLE) for told in (entry.number, entry.title) if told]
    parts += [_person(name) for name in names_in(entry.people)]
    return " ".join(parts)


@lru_cache(_REMEMBERED)
def _person(name: str) -> str:
    return _field(fold(name), PEOPLE)


def _field(folded: str, marks: Marks) -> str:
    """The tokens of a title or name: where it starts, its characters, and how it may be pronounced."""
    if not folded:
        return ""
    tokens = stream(folded)
    characters = marks.character + f" {marks.character}".join(tokens)
    return f"{marks.start}{tokens[0]} {characters} {_SPOKEN[marks].tokens(folded[:SPOKEN_LENGTH])}"


class _Memo(dict[str, str]):
    """What ``make`` gives for a key, made once; forgets everything when it holds too much."""

    def __init__(self, make: Callable[[str], str]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: str) -> str:
        if len(self) >= _REMEMBERED:
            self.clear()
        made = self[key] = self._make(key)
        return made


class _Spoken:
    """Writes one field's readings: each character's syllables, and the initials one, two and three in a row. All
    combinations of several readings are there, window by window, so that they never multiply over a whole title."""

    def __init__(self, marks: Marks) -> None:
        self._marks = marks
        self._one, self._row = _Memo(self._sound), _Memo(self._initials)

    def tokens(self, folded: str) -> str:
        codes = "".join(map(_CODE.__getitem__, folded))
        heads = "".join(map(_HEAD.__getitem__, codes))
        pairs = map(add, heads, heads[1:])
        triples = map(add, map(add, heads, heads[1:]), heads[2:])
        found = [*map(self._one.__getitem__, codes), *map(self._row.__getitem__, pairs)]
        found += map(self._row.__getitem__, triples)
        return " ".join([*found, *(self._marks.start_gram + letter for letter in _letters(heads[0]))])

    def _sound(self, code: str) -> str:
        syllables = (self._marks.syllable + syllable for syllable in _readings(code))
        return " ".join([*(self._marks.gram + letter for letter in _letters(_HEAD[code])), *syllables])

    def _initials(self, heads: str) -> str:
        return " ".join(self._marks.gram + "".join(row) for row in product(*map(_letters, heads)))


def _code(character: str) -> str:
    """What stands for a character's readings; a letter or digit stands for itself, a space for nothing."""
    return character if character.isascii() else code_of(character)


def _readings(code: str) -> tuple[str, ...]:
    return () if code.isascii() else readings_by(code)


def _head(code: str) -> str:
    """One character for the letters that a code may begin with: the letter itself where there is but one."""
    letters = "".join(sorted({reading[0] for reading in _readings(code)})) or code
    if len(letters) == 1:
        return letters
    head = _SETS.setdefault(letters, chr(_FIRST_SET + len(_SETS)))
    _LETTERS[head] = letters
    return head


def _letters(head: str) -> str:
    return _LETTERS.get(head, head.strip())


_FIRST_SET = 0xE000
_SETS: dict[str, str] = {}
_LETTERS: dict[str, str] = {}
_CODE, _HEAD = _Memo(_code), _Memo(_head)
_SPOKEN = {marks: _Spoken(marks) for marks in (TITLE, PEOPLE)}
