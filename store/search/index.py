"""The write side of the search index: a line's entry is written with the line, in the same transaction.

`search_line` has one row for each line, whose ``n`` rises with every change. `search_word` is a contentless FTS5 index
whose rowid falls as ``n`` rises (`store.search.tokenizer.MAX_ROWID`), so that its own order is newest first. The tokens
are described in ``store/search/tokenizer.py``. Next: ``store/search/ranking.py`` (the read side).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import product
from operator import add
from typing import TYPE_CHECKING, NamedTuple

import orjson

from store.db.connection import Connection
from store.search.pinyin import pinyin_of
from store.search.tokenizer import (
    MAX_ROWID,
    PEOPLE_PREFIXES,
    TEXT_SINGLE_PREFIX,
    TITLE_PREFIXES,
    TokenPrefixes,
    fold,
    kind_token,
    split_names,
    split_runs,
    start_tokens,
    text_tokens,
    title_tokens,
)

if TYPE_CHECKING:
    from store.ledger.kinds import Kind
    from store.ledger.line import Body, Line

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
"""The statements of migrations 0001 and 0007. A page of the index fits a page of the encrypted file, whose last 80
bytes are its authentication tag: with FTS5's default size most of a page would lie on a second one. FTS5's default
merge settings stay: a bigger hash table and lazier merging fill a store 10 % faster, but then one of the first lines
saved afterwards waits most of a second for a big merge."""

TITLE_LENGTH, CLAUSE_LENGTH = 40, 8
"""A longer title is cut at the end of its first clause of at least the second length; the text then has all of it."""
PINYIN_LENGTH = 48
"""Initials and pinyin are indexed for so many characters of a title, number or name."""
BRIEF_LENGTH = 48
"""So many characters of a line's text are stored to be shown with its title."""
_CLAUSE = re.compile("[。；;！!？?，,]")
_ELLIPSIS = "…"
_TRAILING_PUNCTUATION = "。；;！!？?，, \n"
_NAME_SEPARATOR = "、"
_CACHE_SIZE = 50_000


class IndexEntry(NamedTuple):
    """What the index holds of a line. ``people`` are joined by ``、``; ``root`` is the issue that the line belongs to
    (itself, for an issue) or None; ``when`` the date that is shown."""

    id: str
    kind: str
    project_id: str | None
    number: str | None
    title: str
    people: str
    text: str
    when: str | None
    root: str | None = None


def index_entry(kind: Kind, line: Line) -> IndexEntry | None:
    """The index entry of ``line``; None when it is deleted or its kind is not searchable."""
    fields = kind.search_fields
    if fields is None or line.deleted:
        return None
    body = line.body
    number = _field_text(body, fields.number) if fields.number else ""
    people = _NAME_SEPARATOR.join(filter(None, (_field_text(body, name) for name in fields.people)))
    texts = [text for text in (_field_text(body, name) for name in fields.text) if text]
    whole = _field_text(body, fields.title) or (texts.pop(0) if texts else people or number)
    title = _shorten_title(whole)
    if title != whole:
        texts.insert(0, whole)
    root = kind.root_of(line.id, body) if kind.area_of(body) == "i" else None
    when = _field_text(body, fields.when) if fields.when else ""
    return IndexEntry(
        line.id, line.kind, line.project, number or None, title, people, "\n".join(texts), when or None, root
    )


def _field_text(body: Body, name: str) -> str:
    value = body.get(name)
    if isinstance(value, list):
        return _NAME_SEPARATOR.join(map(str, value))
    return "" if value is None else str(value)


def _shorten_title(text: str) -> str:
    """The title of a line whose title is a longer text: all of it if it is short, else its first clause."""
    line = text.split("\n", 1)[0]
    if len(line) > TITLE_LENGTH:
        end = _CLAUSE.search(line, CLAUSE_LENGTH, TITLE_LENGTH)
        line = line[: end.start() if end else TITLE_LENGTH]
    return text if line == text else line.rstrip(_TRAILING_PUNCTUATION) + _ELLIPSIS


class NumberBlock(NamedTuple):
    """Numbers of the index that are kept for lines which arrive the newest first: those from ``floor`` on and below
    ``below``."""

    floor: int
    below: int


def reserve_numbers(connection: Connection, count: int) -> NumberBlock:
    """Keep so many numbers, in the caller's transaction: whatever is written meanwhile is newer."""
    last = _last_number(connection)
    connection.execute("DELETE FROM sqlite_sequence WHERE name = 'search_line'")
    connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('search_line', ?)", (last + count,))
    return NumberBlock(last + 1, last + count + 1)


def _last_number(connection: Connection) -> int:
    last = connection.execute("SELECT max(seq) FROM sqlite_sequence WHERE name = 'search_line'").fetchone()[0]
    return int(last or 0)


def add_entries(
    connection: Connection, entries: Sequence[IndexEntry], block: NumberBlock | None = None
) -> NumberBlock | None:
    """Write ``entries`` in the caller's transaction, replacing those of the same lines; the last becomes the newest, or
    with a ``block`` that has room for them the oldest of it. Gives what is left of the block."""
    latest: dict[str, IndexEntry] = {}
    for entry in entries:
        latest.pop(entry.id, None)
        latest[entry.id] = entry
    if not latest:
        return block
    remove_entries(connection, list(latest))
    if block is not None and block.below - len(latest) >= block.floor:
        block = block._replace(below=block.below - len(latest))
        numbered = list(enumerate(reversed(latest.values()), block.below))
    else:
        numbered = list(enumerate(latest.values(), _last_number(connection) + 1))
    connection.executemany("INSERT INTO search_line VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", map(_row, numbered))
    write_tokens(connection, numbered)
    return block


def write_tokens(connection: Connection, numbered: Sequence[tuple[int, IndexEntry]]) -> None:
    """Write the tokens of ``numbered`` entries in the caller's transaction. In the order of FTS5's rowids, since it
    flushes its buffer whenever a rowid is smaller than the one before."""
    words = ((MAX_ROWID - n, entry_tokens(entry)) for n, entry in reversed(numbered))
    connection.executemany("INSERT INTO search_word (rowid, words) VALUES (?, ?)", words)


def remove_entries(connection: Connection, ids: Sequence[str]) -> None:
    """Remove the entries of these lines in the caller's transaction, the newest first."""
    if not ids:
        return
    chosen = "SELECT n FROM search_line WHERE id IN (SELECT value FROM json_each(?)) ORDER BY n DESC"
    known = connection.execute(chosen, (orjson.dumps(ids).decode(),)).fetchall()
    connection.executemany(f"DELETE FROM search_word WHERE rowid = {MAX_ROWID} - ?", known)
    connection.executemany("DELETE FROM search_line WHERE n = ?", known)


def _row(numbered: tuple[int, IndexEntry]) -> tuple[object, ...]:
    n, entry = numbered
    key = fold(entry.number) or None if entry.number else None
    shown = (entry.number, key, entry.title, entry.people, _brief(entry), entry.when)
    return (n, entry.id, entry.kind, entry.project_id, entry.root, *shown)


def _brief(entry: IndexEntry) -> str:
    """The text shown beside the title: the beginning of the text, or what follows the title where that was cut out of
    it."""
    start = entry.text[: BRIEF_LENGTH + TITLE_LENGTH]
    if entry.title.endswith(_ELLIPSIS):
        start = start.removeprefix(entry.title[: -len(_ELLIPSIS)]).lstrip(_TRAILING_PUNCTUATION)
    return " ".join(start[:BRIEF_LENGTH].split())


# The tokens of an entry


def entry_tokens(entry: IndexEntry) -> str:
    """All tokens of the entry, prefixed by field and separated by spaces, as the index takes them."""
    pieces = split_runs(fold(entry.text))
    singles = {TEXT_SINGLE_PREFIX + single for single in "".join(pieces[1::2])}
    pieces[::2] = map(" ".join, pieces[::2])
    pieces[1::2] = map(_RUN_TOKENS, pieces[1::2])
    fields = [_field_tokens(fold(text), TITLE_PREFIXES) for text in (entry.number, entry.title) if text]
    return " ".join(
        [kind_token(entry.kind), *pieces, *singles, *fields, *map(_person_tokens, split_names(entry.people))]
    )


@lru_cache(_CACHE_SIZE)
def _person_tokens(name: str) -> str:
    return _field_tokens(fold(name), PEOPLE_PREFIXES)


def _field_tokens(folded: str, prefixes: TokenPrefixes) -> str:
    """The tokens of a title or name: its beginnings, its characters, and its pinyin."""
    if not folded:
        return ""
    starts = _prefix_tokens(prefixes.start, start_tokens(folded)) if prefixes.start else ""
    return f"{starts} {_prefix_tokens(prefixes.character, title_tokens(folded))} {_PINYIN_TOKENS[prefixes](folded)}"


class _BoundedCache(dict[str, str]):
    """The results of ``make`` by its argument, each computed once; emptied when it holds too many."""

    def __init__(self, make: Callable[[str], str]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: str) -> str:
        if len(self) >= _CACHE_SIZE:
            self.clear()
        made = self[key] = self._make(key)
        return made


class _PinyinTokenizer:
    """Makes the pinyin tokens of one field: its syllables in order, its characters and initials one by one, and at each
    position the initials of the next two and three characters. Alternative readings are written with their neighbours,
    position by position, so that they never multiply over a whole title."""

    def __init__(self, prefixes: TokenPrefixes) -> None:
        self._prefixes = prefixes
        self._syllable_token = _BoundedCache(
            lambda character: prefixes.syllable + _readings_or_self(character)[0]
        ).__getitem__
        self._other_syllable_tokens = _BoundedCache(self._make_other_syllable_tokens).__getitem__
        self._single_tokens = _BoundedCache(
            lambda head: _prefix_tokens(prefixes.single, _initials_of(head))
        ).__getitem__
        self._start_gram_tokens = _BoundedCache(
            lambda heads: _prefix_tokens(prefixes.start_gram, _initial_grams(heads, 1, 2, 3))
        ).__getitem__
        self._start_syllable_tokens = _BoundedCache(
            lambda first: _prefix_tokens(prefixes.start_syllable, pinyin_of(first))
        ).__getitem__
        self._gram_tokens = _BoundedCache(
            lambda heads: _prefix_tokens(prefixes.gram, _initial_grams(heads, 2, 3))
        ).__getitem__

    def tokens(self, folded: str) -> str:
        """All pinyin tokens of one title or name, and its single characters."""
        read = folded[:PINYIN_LENGTH]
        heads = "".join(map(_INITIALS_CODE, read))
        after = heads[1:] + " "
        rows = map(add, map(add, heads, after), after[1:] + " ")
        single = set(heads)
        found = [*map(self._syllable_token, read), *map(self._gram_tokens, rows), *map(self._single_tokens, single)]
        if others := set(folded) - single:
            found.append(_prefix_tokens(self._prefixes.single, others))
        wide = f" {read} "
        found += [
            self._other_syllable_tokens(wide[at : at + 3])
            for at, more in enumerate(map(_HAS_OTHER_READINGS, read))
            if more
        ]
        if self._prefixes.start_gram:
            found += (self._start_gram_tokens(heads[:3]), self._start_syllable_tokens(read[0]))
        return " ".join(found)

    def _make_other_syllable_tokens(self, trigram: str) -> str:
        """All but the first reading of the middle of three characters, between all readings of its neighbours."""
        before, these, after = map(_readings_or_self, trigram)
        return " ".join(_prefix_tokens(self._prefixes.syllable, row) for row in product(before, these[1:], after))


def _prefix_tokens(prefix: str, tokens: Iterable[str]) -> str:
    joined = f" {prefix}".join(tokens)
    return prefix + joined if joined else ""


def _initial_grams(initial_codes: str, *lengths: int) -> Iterable[str]:
    """The letter sequences of these lengths with which a sequence of initials may begin, up to the first character
    without an initial."""
    known = initial_codes.partition(" ")[0]
    fitting = (known[:length] for length in lengths if length <= len(known))
    return ("".join(row) for some in fitting for row in product(*map(_initials_of, some)))


def _readings_or_self(character: str) -> tuple[str, ...]:
    """The readings of a character; a letter or digit is its own reading."""
    return pinyin_of(character) or (character.strip(),)


def _initials_code(character: str) -> str:
    """One character that stands for the possible initials of a character: the letter itself where there is one, a space
    where there is none. Letters and digits are their own initials."""
    if character.isascii():
        return character
    letters = "".join(sorted({reading[0] for reading in pinyin_of(character)})) or " "
    if len(letters) == 1:
        return letters
    head = _CODE_BY_LETTERS.setdefault(letters, chr(_FIRST_CODE + len(_CODE_BY_LETTERS)))
    _LETTERS_BY_CODE[head] = letters
    return head


def _initials_of(code: str) -> str:
    return _LETTERS_BY_CODE.get(code, code.strip())


_FIRST_CODE = 0xE000
_CODE_BY_LETTERS: dict[str, str] = {}
_LETTERS_BY_CODE: dict[str, str] = {}
_INITIALS_CODE = _BoundedCache(_initials_code).__getitem__
_HAS_OTHER_READINGS = _BoundedCache(lambda character: "+" if len(pinyin_of(character)) > 1 else "").__getitem__
_PINYIN_TOKENS = {prefixes: _PinyinTokenizer(prefixes).tokens for prefixes in (TITLE_PREFIXES, PEOPLE_PREFIXES)}
_RUN_TOKENS = _BoundedCache(lambda run: " ".join(text_tokens(run))).__getitem__
