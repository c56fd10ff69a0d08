"""What lines themselves say: where the index makes a word in a text only likely, the text decides.

The index could decide, but to go to one line in the lists of several common characters takes longer than to read it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from store.db.connection import Connection
from store.search.tokenizer import fold

TEXT_FIELDS: Mapping[str, tuple[str, ...]] = {
    "adoption": ("note",),
    "close_out": ("number",),
    "criterion": ("name",),
    "data_return": ("period", "note"),
    "evaluation": ("reason", "basis", "text"),
    "follow_up": ("text",),
    "issue": ("title", "text"),
    "issue_step": ("text", "measure", "evidence", "reason"),
    "meeting": ("title", "place", "text"),
    "person": ("name", "phone", "title", "note"),
    "policy": ("title", "issuer", "text"),
    "policy_delivery": ("text",),
    "procedure": ("name", "reason", "note"),
    "progress_report": ("physical", "text"),
    "project": ("name", "owner", "national_code", "note"),
    "training": ("title", "place", "text"),
    "unit": ("name", "phone", "note"),
    "visit": ("text", "place"),
}
"""The fields that the lookup takes a kind's title and text from, in their order. Named here because the registry would
load every model for them."""


def lines_with_word(connection: Connection, lines: Iterable[tuple[str, str]], word: str) -> dict[str, bool | None]:
    """Whether these lines, given as kind and id, have folded ``word`` in their title or text; None where only the index
    can tell: where it would begin in one field and end in another, or the line has none. One statement for each
    kind."""
    by_kind: dict[str, list[str]] = defaultdict(list)
    for kind, line in lines:
        by_kind[kind].append(line)
    found: dict[str, bool | None] = {}
    for kind, ids in by_kind.items():
        if kind in TEXT_FIELDS:
            query = (
                f'SELECT id, {", ".join(TEXT_FIELDS[kind])} FROM "{kind}" WHERE id IN (SELECT value FROM json_each(?))'
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
