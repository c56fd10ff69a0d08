"""What the search tests share: an index in memory, entries, and the expected score by a naive computation."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import sqlcipher3.dbapi2 as sqlite

from store.db.connection import Connection
from store.db.migrations.run import upgrade
from store.search.index import IndexEntry
from store.search.tokenizer import fold, split_names


@cache
def empty() -> Connection:
    """A store's tables in memory, made once; what a test writes it takes away again."""
    connection = sqlite.connect(":memory:", isolation_level=None, check_same_thread=False)
    upgrade(connection)
    return connection


def entry(title: str = "", **fields: Any) -> IndexEntry:
    """The index entry of a visit, with the fields that matter to a test."""
    item: dict[str, Any] = {"id": title, "kind": "visit", "project_id": None, "number": None, "people": "", "text": ""}
    return IndexEntry(**{**item, "title": title, "when": None, **fields})


def score(item: IndexEntry, words: Sequence[str]) -> int:
    """The score that ``item`` should get for folded words without pinyin; 0 when it should not be found."""
    titles = [fold(text) for text in (item.number, item.title) if text]
    names = [fold(name) for name in split_names(item.people)]
    in_title = [any(word in title for title in titles) for word in words]
    in_people = [any(word in name for name in names) for word in words]
    in_text = [word in fold(item.text) for word in words]
    if len(words) == 1 and item.number and fold(item.number) == words[0]:
        return 5
    if all(in_title):
        return 4 if any(title.startswith(word) for title in titles for word in words) else 3
    if all(a or b for a, b in zip(in_title, in_people, strict=True)):
        return 2
    return int(all(a or b or c for a, b, c in zip(in_title, in_people, in_text, strict=True)))
