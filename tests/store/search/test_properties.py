"""Properties of search: what is found, whatever was written and whatever is typed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from store.db.connection import Connection
from store.search.index import IndexEntry, add_entries, remove_entries
from store.search.pinyin import pinyin_of
from store.search.session import find
from store.search.tokenizer import fold
from tests.store.search.lookups import empty, entry, score

HAN = "临江新区重庆行长曾单征地补偿项目刘建国解"
TYPED = st.text(alphabet="临重行新续ab12ＡＢ１２é、，-（） \n“", max_size=12)
PLAIN = st.text(alphabet="临重行新续12-，", max_size=8)
SPOKEN = st.text(alphabet=HAN, min_size=1, max_size=12)
ANY = st.text(max_size=20)
ENTRIES = st.lists(st.tuples(st.sampled_from("pqrs"), st.none() | PLAIN, PLAIN, PLAIN, PLAIN), max_size=8)


@contextmanager
def indexed(*entries: IndexEntry) -> Iterator[Connection]:
    """A store in which these entries can be found; afterwards it is empty again."""
    connection = empty()
    add_entries(connection, entries)
    try:
        yield connection
    finally:
        remove_entries(connection, [told.id for told in entries])


def ids(connection: Connection, text: str) -> list[str]:
    """The lines that ``text`` finds, best first."""
    return [hit.id for hit in find(connection, text)]


@given(st.data(), TYPED | ANY)
def test_any_part_of_a_title_finds_it(data: st.DataObject, title: str) -> None:
    """Whatever part of a title is typed, if there is a letter, digit or ideograph in it, the title is found."""
    start = data.draw(st.integers(0, len(title)))
    part = title[start : data.draw(st.integers(start, len(title)))]
    with indexed(entry(title, id="x")) as connection:
        assert ids(connection, part) == (["x"] if fold(part) else [])


@given(st.data(), SPOKEN)
def test_initials_of_any_part_of_a_title_find_it(data: st.DataObject, title: str) -> None:
    """Each character's initial may be that of any of its readings."""
    part = _part(data, title)
    typed = "".join(data.draw(st.sampled_from(pinyin_of(character)))[0] for character in part)
    with indexed(entry(title, id="x")) as connection:
        assert ids(connection, typed) == ["x"]
    with indexed(entry("无", id="y", people=f"乙、{title}")) as connection:
        assert ids(connection, typed) == ["y"]


@given(st.data(), SPOKEN)
def test_pinyin_of_any_part_of_a_title_finds_it(data: st.DataObject, title: str) -> None:
    """Up to four characters in full, by any of their readings, the last one perhaps only begun."""
    part = _part(data, title)[:4]
    typed = "".join(data.draw(st.sampled_from(pinyin_of(character))) for character in part)
    cut = data.draw(st.integers(0, len(pinyin_of(part[-1])[0]) - 1)) if len(pinyin_of(part[-1])) == 1 else 0
    with indexed(entry(title, id="x")) as connection:
        assert ids(connection, typed[: len(typed) - cut]) == ["x"]


def _part(data: st.DataObject, title: str) -> str:
    start = data.draw(st.integers(0, len(title) - 1))
    return title[start : data.draw(st.integers(start + 1, len(title)))]


@given(ENTRIES, st.lists(PLAIN, min_size=1, max_size=3))
def test_exactly_what_matches_is_found_in_order(
    told: list[tuple[str, str | None, str, str, str]], typed: list[str]
) -> None:
    """Ideographs and digits find the lines that have all the words, as they are now and no others: better ranks first,
    newest first within a rank. A line written again is only found by what it says now."""
    written = [
        IndexEntry(id_, "visit", None, number, title, people, text, None) for id_, number, title, people, text in told
    ]
    current = {one.id: one for one in written}
    order = {one.id: n for n, one in zip(count(), written, strict=False)}
    words = [fold(word) for word in re.split("[，]", " ".join(typed).replace(" ", "，")) if fold(word)]
    expected = [one for one in current.values() if words and score(one, list(dict.fromkeys(words))) > 0]
    expected.sort(key=lambda item: (-score(item, list(dict.fromkeys(words))), -order[item.id]))
    with indexed(*written) as connection:
        assert ids(connection, " ".join(typed)) == [one.id for one in expected]


@given(
    st.lists(st.text(alphabet="临江新", max_size=16), max_size=4), st.text(alphabet="临江新", min_size=5, max_size=9)
)
def test_long_words_are_found_where_they_stand(texts: list[str], typed: str) -> None:
    """A text is found by a long word if and only if it has it, however its characters repeat, newest first."""
    told = [entry("无", id=str(at), text=text) for at, text in enumerate(texts)]
    with indexed(*told) as connection:
        assert ids(connection, typed) == [one.id for one in reversed(told) if typed in one.text]


@given(ENTRIES, st.lists(st.tuples(st.sampled_from("pqrs"), PLAIN), max_size=4))
def test_a_line_is_found_by_its_last_version_only(
    told: list[tuple[str, str | None, str, str, str]], later: list[tuple[str, str]]
) -> None:
    """Whether it was written again in the same transaction or in a later one, nothing of an older version is found."""
    first = [
        IndexEntry(id_, "visit", None, number, title, people, text, None) for id_, number, title, people, text in told
    ]
    current = {one.id: one for one in first}
    with indexed(*first) as connection:
        for id_, title in later:
            current[id_] = entry(title, id=id_)
            add_entries(connection, [current[id_]])
        for character in "临重行新续12":
            found = {one.id for one in current.values() if score(one, [character])}
            assert set(ids(connection, character)) == found
        remove_entries(connection, list(current))


@given(ENTRIES)
def test_dropping_leaves_nothing(told: list[tuple[str, str | None, str, str, str]]) -> None:
    """After every line was dropped there is no row and nothing that any token finds."""
    written = [
        IndexEntry(id_, "visit", None, number, title, people, text, None) for id_, number, title, people, text in told
    ]
    with indexed(*written) as connection:
        remove_entries(connection, [one.id for one in written])
        assert connection.execute("SELECT count(*) FROM search_line").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM search_word_docsize").fetchone() == (0,)
        assert connection.execute("SELECT rowid FROM search_word WHERE search_word MATCH '\"¢visit\"'").fetchall() == []


@given(st.one_of(ANY, TYPED, st.text(alphabet='"*():^-+{}ANDORNEART \x00\ud800', max_size=30), st.text(min_size=200)))
def test_no_question_ever_fails(typed: str) -> None:
    """Whatever is typed, operators and rubbish included, is a question like any other."""
    with indexed(entry("临江新区", id="x", people="刘建新", text="abc 123", number="2019续-03")) as connection:
        assert all(hit.id == "x" for hit in find(connection, typed))
        assert all(hit.id == "x" for hit in find(connection, typed, kind=typed, state=typed, department=typed))


@given(st.text(alphabet=HAN + "liuzghanqc", max_size=10), st.text(alphabet="liuzghanqcx", min_size=1, max_size=6))
def test_what_letters_find_really_reads_so(title: str, typed: str) -> None:
    """Letters never find a title by initials that merely lie about in it."""
    with indexed(entry(title, id="x")) as connection:
        found = bool(ids(connection, typed))
    assert not found or _spells(fold(title), typed)


def _spells(title: str, typed: str) -> bool:
    """The slow way: every way to say every part of the title, each character by itself, a reading or an initial."""
    ways = {title[at:]: {""} for at in range(len(title) + 1)}
    for at in range(len(title) - 1, -1, -1):
        said = {title[at], *pinyin_of(title[at])} | {reading[0] for reading in pinyin_of(title[at])}
        said |= {reading[:2] for reading in pinyin_of(title[at]) if reading[:2] in ("zh", "ch", "sh")}
        ways[title[at:]] = {one + rest for one in said for rest in ways[title[at + 1 :]] if len(one + rest) < 40} | {""}
    return any(way.startswith(typed) for part in ways.values() for way in part)
