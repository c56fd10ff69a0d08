"""The lookup's write side: what can be found of a line is written with the line, in the same transaction.

`search_line` holds one row a line, its ``n`` rising with every change. `search_word` is an FTS5 index without content
whose rowid falls as ``n`` rises (`store.search.tokenizer.NEWEST`, which tells its words, too): newest first is its
own order. Next: ``store/search/ranking.py``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import product
from operator import add
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from store.db.connection import Connection
from store.search.pinyin import readings_of
from store.search.tokenizer import (
    NEWEST,
    PEOPLE,
    TEXT_SINGLE,
    TITLE,
    Marks,
    fold,
    kind_token,
    names_in,
    pairs,
    split_runs,
    starts,
    stream,
)

if TYPE_CHECKING:
    from store.ledger.kinds import Kind
    from store.ledger.line import Line

SCHEMA: tuple[str, ...] = (
    """CREATE TABLE search_line (
    n INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, project_id TEXT,
    root TEXT, number TEXT, number_key TEXT, title TEXT NOT NULL, people TEXT NOT NULL,
    brief TEXT NOT NULL, at TEXT)""",
    "CREATE INDEX search_line_number ON search_line (number_key) WHERE number_key IS NOT NULL",
    "CREATE INDEX search_line_root ON search_line (root) WHERE root IS NOT NULL",
    "CREATE VIRTUAL TABLE search_word USING fts5(words, content='', contentless_delete=1, tokenize='ascii')",
    "INSERT INTO search_word (search_word, rank) VALUES ('pgsz', 3950)",
)
"""What migrations 0001 and 0007 execute. A page of the index fits a page of the encrypted file, whose last 80 bytes are
its seal: by FTS5's own size most of it would stand on a second one. FTS5's own merge settings stay: a bigger hash table
and lazier merging fill a store a tenth quicker, but then one of the first lines saved afterwards waits most of a second
for a big merge."""

TITLE_LENGTH, CLAUSE_LENGTH = 40, 8
"""A longer title is cut at the end of its first clause of some length; all of it is in the text then."""
SPOKEN_LENGTH = 48
"""Initials and pinyin are written for so many characters of a title, number or name."""
BRIEF_LENGTH = 48
"""So much of a line's text is kept to be shown with its title."""
_CLAUSE = re.compile("[。；;！!？?，,]")
_CUT = "…"
_LEFT_OVER = "。；;！!？?，, \n"
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
    """The title of a line whose title is a text: all of it if it is short, else its first clause."""
    line = text.split("\n", 1)[0]
    if len(line) > TITLE_LENGTH:
        end = _CLAUSE.search(line, CLAUSE_LENGTH, TITLE_LENGTH)
        line = line[: end.start() if end else TITLE_LENGTH]
    return text if line == text else line.rstrip(_LEFT_OVER) + _CUT


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
    write_words(connection, numbered)


def write_words(connection: Connection, numbered: Sequence[tuple[int, Entry]]) -> None:
    """Let ``numbered`` entries be found by their words, in the caller's transaction. FTS5 is told in the order of its
    rowids, since it writes out what it holds in memory whenever one is smaller than the one before."""
    words = ((NEWEST - n, words_of(entry)) for n, entry in reversed(numbered))
    connection.executemany("INSERT INTO search_word (rowid, words) VALUES (?, ?)", words)


def drop(connection: Connection, ids: Sequence[str]) -> None:
    """Make the lookup forget these lines, in the caller's transaction, the newest first."""
    if not ids:
        return
    chosen = "SELECT n FROM search_line WHERE id IN (SELECT value FROM json_each(?)) ORDER BY n DESC"
    known = connection.execute(chosen, (orjson.dumps(ids).decode(),)).fetchall()
    connection.executemany(f"DELETE FROM search_word WHERE rowid = {NEWEST} - ?", known)
    connection.executemany("DELETE FROM search_line WHERE n = ?", known)


def _row(numbered: tuple[int, Entry]) -> tuple[object, ...]:
    n, entry = numbered
    key = fold(entry.number) or None if entry.number else None
    shown = (entry.number, key, entry.title, entry.people, _brief(entry), entry.when)
    return (n, entry.id, entry.kind, entry.project_id, entry.root, *shown)


def _brief(entry: Entry) -> str:
    """What is shown beside the title: how the text begins, or how it goes on where the title was cut out of it."""
    start = entry.text[: BRIEF_LENGTH + TITLE_LENGTH]
    if entry.title.endswith(_CUT):
        start = start.removeprefix(entry.title[: -len(_CUT)]).lstrip(_LEFT_OVER)
    return " ".join(start[:BRIEF_LENGTH].split())


# The words of an entry


def words_of(entry: Entry) -> str:
    """Everything that `entry` is to be found by, as the index takes it: marked tokens with spaces between."""
    pieces = split_runs(fold(entry.text))
    singles = {TEXT_SINGLE + single for single in "".join(pieces[1::2])}
    pieces[::2] = map(" ".join, pieces[::2])
    pieces[1::2] = map(_RUN, pieces[1::2])
    fields = [_field(fold(told), TITLE) for told in (entry.number, entry.title) if told]
    return " ".join([kind_token(entry.kind), *pieces, *singles, *fields, *map(_person, names_in(entry.people))])


@lru_cache(_REMEMBERED)
def _person(name: str) -> str:
    return _field(fold(name), PEOPLE)


def _field(folded: str, marks: Marks) -> str:
    """The tokens of a title or name: how it starts, its characters, and how it may be pronounced."""
    if not folded:
        return ""
    started = _marked(marks.start, starts(folded)) if marks.start else ""
    return f"{started} {_marked(marks.character, pairs(folded))} {_SPOKEN[marks](folded)}"


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
    """Writes one field's readings: its syllables in a row, its characters and initials one by one, and at each place
    the initials of the two and three characters from there on. Other readings are written with their neighbours, place
    by place, so that they never multiply over a whole title."""

    def __init__(self, marks: Marks) -> None:
        self._marks = marks
        self._sounds = _Memo(lambda character: marks.syllable + _said_as(character)[0]).__getitem__
        self._others = _Memo(self._other_sounds).__getitem__
        self._singles = _Memo(lambda head: _marked(marks.single, _letters(head))).__getitem__
        self._starts = _Memo(lambda heads: _marked(marks.start_gram, _rows(heads, 1, 2, 3))).__getitem__
        self._start_syllables = _Memo(lambda first: _marked(marks.start_syllable, readings_of(first))).__getitem__
        self._rows = _Memo(lambda heads: _marked(marks.gram, _rows(heads, 2, 3))).__getitem__

    def tokens(self, folded: str) -> str:
        """All reading tokens of one title or name, and its single characters."""
        spoken = folded[:SPOKEN_LENGTH]
        heads = "".join(map(_HEAD, spoken))
        after = heads[1:] + " "
        rows = map(add, map(add, heads, after), after[1:] + " ")
        single = set(heads)
        found = [*map(self._sounds, spoken), *map(self._rows, rows), *map(self._singles, single)]
        if others := set(folded) - single:
            found.append(_marked(self._marks.single, others))
        wide = f" {spoken} "
        found += [self._others(wide[at : at + 3]) for at, more in enumerate(map(_HAS_OTHERS, spoken)) if more]
        if self._marks.start_gram:
            found += (self._starts(heads[:3]), self._start_syllables(spoken[0]))
        return " ".join(found)

    def _other_sounds(self, three: str) -> str:
        """The readings of the middle one of three characters but its first, between all its neighbours' readings."""
        before, these, after = map(_said_as, three)
        return " ".join(_marked(self._marks.syllable, row) for row in product(before, these[1:], after))


def _marked(mark: str, tokens: Iterable[str]) -> str:
    joined = f" {mark}".join(tokens)
    return mark + joined if joined else ""


def _rows(heads: str, *lengths: int) -> Iterable[str]:
    """The rows of letters of these lengths that some heads may begin with, up to the first that is none."""
    known = heads.partition(" ")[0]
    fitting = (known[:length] for length in lengths if length <= len(known))
    return ("".join(row) for some in fitting for row in product(*map(_letters, some)))


def _said_as(character: str) -> tuple[str, ...]:
    """The readings of a character; a letter or digit is read as itself."""
    return readings_of(character) or (character.strip(),)


def _head(character: str) -> str:
    """One character for the initials that a character may have: the letter itself where there is but one, a space
    where there is none. Letters and digits are their own initials."""
    if character.isascii():
        return character
    letters = "".join(sorted({reading[0] for reading in readings_of(character)})) or " "
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
_HEAD = _Memo(_head).__getitem__
_HAS_OTHERS = _Memo(lambda character: "+" if len(readings_of(character)) > 1 else "").__getitem__
_SPOKEN = {marks: _Spoken(marks).tokens for marks in (TITLE, PEOPLE)}
_RUN = _Memo(lambda run: " ".join(stream(run))).__getitem__
