"""What lines themselves say: where the index makes a word in a text only likely, the text decides.

The index could decide, but to go to one line in the lists of several common characters takes longer than to read it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence

from store.db.connection import Connection
from store.ledger.kind_facts import kind_facts
from store.search.tokenizer import fold


def lines_with_word(connection: Connection, lines: Iterable[tuple[str, str]], word: str) -> dict[str, bool | None]:
    """Whether these lines, given as kind and id, have folded ``word`` in their title or text; None where only the index
    can tell: where it would begin in one field and end in another, or the line has none. One statement for each
    kind."""
    by_kind: dict[str, list[str]] = defaultdict(list)
    for kind, line in lines:
        by_kind[kind].append(line)
    found: dict[str, bool | None] = {}
    for kind, ids in by_kind.items():
        facts = kind_facts().get(kind)
        if facts is not None and facts.text_fields:
            query = (
                f'SELECT id, {", ".join(facts.text_fields)} FROM "{kind}" WHERE id IN (SELECT value FROM json_each(?))'
            )
            rows = connection.execute(query, (json.dumps(ids),))
            found |= {
                line: _contains([fold(str(text)) for text in texts if text is not None], word) for line, *texts in rows
            }
    return found


def _contains(texts: Sequence[str], word: str) -> bool | None:
    if any(word in text for text in texts):
        return True
    joined = "".join(texts)
    return None if not joined or word in joined else False
