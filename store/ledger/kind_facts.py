"""What the program must know of each kind without loading its model: area, indexed texts, who may write it.

The facts are class attributes of the models (``store/ledger/models``). Loading the models costs half a second
(SQLModel, pydantic), which ``guanjia find`` and the permission hints of the screens must not pay, so the facts are
written to ``kind_facts.json`` and read from there, in 0.2 ms. After a change of a model's attributes write the file
anew; a test fails while it is out of date:

    python -m store.ledger.kinds

Imports no model. Next: ``store/ledger/kinds.py`` (the full registry), ``store/domain/permissions.py`` (the roles).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

from store.ledger.buckets import Area

Verb = Literal["create", "change", "delete"]
Verbs = frozenset[Verb]
VERBS: tuple[Verb, ...] = ("create", "change", "delete")
NO_VERBS, CHANGE_ONLY, CREATE_AND_CHANGE = Verbs(), Verbs({"change"}), Verbs({"create", "change"})
ALL_VERBS = Verbs(VERBS)
FACTS_FILE = Path(__file__).with_name("kind_facts.json")


class KindFacts(NamedTuple):
    """One kind. ``text_fields`` are the fields whose texts the search index holds, the title first; None: the kind is
    not searchable. ``writers``: what a role may do to its lines, where that is not what the role may do in the whole
    area (`store.domain.permissions.ROLE_PERMISSIONS`). ``deletable``: whether anybody may delete its lines."""

    name: str
    area: Area
    text_fields: tuple[str, ...] | None
    writers: Mapping[str, Verbs]
    deletable: bool


@cache
def kind_facts() -> dict[str, KindFacts]:
    """The facts of every kind, by name. Kinds that `store.ledger.kinds.register` adds are in it, too."""
    stored = json.loads(FACTS_FILE.read_text("utf-8"))
    return {name: _facts_from(name, **fields) for name, fields in stored.items()}


def _facts_from(
    name: str, area: str, text_fields: list[str] | None, writers: dict[str, list[Verb]], deletable: bool
) -> KindFacts:
    allowed = {role: Verbs(verbs) for role, verbs in writers.items()}
    return KindFacts(name, Area(area), None if text_fields is None else tuple(text_fields), allowed, deletable)


def facts_json(facts: Mapping[str, KindFacts]) -> str:
    """The text of ``kind_facts.json``: one kind a line, sorted by name."""
    rows = [f'  "{name}": {json.dumps(_fields_of(facts[name]))}' for name in sorted(facts)]
    return "{\n" + ",\n".join(rows) + "\n}\n"


def _fields_of(facts: KindFacts) -> dict[str, object]:
    writers = {role: [verb for verb in VERBS if verb in allowed] for role, allowed in facts.writers.items()}
    return {
        "area": facts.area, "text_fields": facts.text_fields, "writers": writers, "deletable": facts.deletable,
    }  # fmt: skip


def searchable_kinds() -> tuple[str, ...]:
    """The kinds that the search index holds, sorted."""
    return tuple(sorted(facts.name for facts in kind_facts().values() if facts.text_fields is not None))


def searchable_issue_kinds() -> tuple[str, ...]:
    """Those of `searchable_kinds` whose lines belong to an issue and so have its state and department."""
    return tuple(name for name in searchable_kinds() if kind_facts()[name].area is Area.ISSUE)


def is_deletable(kind: str) -> bool:
    """Whether lines of this kind may be deleted at all; a kind that this version does not know may be."""
    facts = kind_facts().get(kind)
    return facts is None or facts.deletable
