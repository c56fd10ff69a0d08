"""Reads the texts of lines: to verify what the index finds only probably, and for the snippets of hits.

The index could verify, too, but going to one line in the posting lists of several common characters takes longer than
reading the line. One statement for each kind.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from store.db.connection import Connection
from store.ledger.kind_facts import kind_facts
from store.search.highlight import snippet
from store.search.tokenizer import fold

LineKey = tuple[str, str]
"""Kind and id of a line."""
_ENVELOPE_COLUMNS = frozenset(
    ("id", "district", "project_id", "stamp", "device_id", "author_id", "deleted", "base", "extra", "digest")
)


def lines_with_word(connection: Connection, lines: Iterable[LineKey], word: str) -> dict[str, bool | None]:
    """Whether these lines have the folded ``word`` in their title or text, by id; None where only the index can tell:
    where the word would begin in one field and end in another, or the line has no text."""
    found: dict[str, bool | None] = {}
    for kind, ids in _by_kind(lines).items():
        facts = kind_facts().get(kind)
        if facts is not None and facts.text_fields:
            query = (
                f'SELECT id, {", ".join(facts.text_fields)} FROM "{kind}" WHERE id IN (SELECT value FROM json_each(?))'
            )
            for line_id, *texts in connection.execute(query, (json.dumps(ids),)):
                found[line_id] = _contains([fold(str(text)) for text in texts if text is not None], word)
    return found


def snippets(connection: Connection, hits: Iterable[LineKey], words: Sequence[str]) -> dict[str, str]:
    """The snippet of each of these lines around the first of the folded ``words`` that it has, by id; empty where it
    has none."""
    found: dict[str, str] = {}
    for kind, ids in _by_kind(hits).items():
        cursor = connection.execute(
            f'SELECT * FROM "{kind}" WHERE id IN (SELECT value FROM json_each(?))', (json.dumps(ids),)
        )
        names = [column[0] for column in cursor.description]
        shown = [at for at, name in enumerate(names) if name not in _ENVELOPE_COLUMNS and not name.endswith("_id")]
        id_at = names.index("id")
        for row in cursor:
            found[row[id_at]] = snippet([row[at] for at in shown if isinstance(row[at], str)], words)
    return found


def _by_kind(lines: Iterable[LineKey]) -> Mapping[str, list[str]]:
    by_kind: dict[str, list[str]] = defaultdict(list)
    for kind, line_id in lines:
        by_kind[kind].append(line_id)
    return by_kind


def _contains(texts: Sequence[str], word: str) -> bool | None:
    if any(word in text for text in texts):
        return True
    joined = "".join(texts)
    return None if not joined or word in joined else False
