"""Erasures: which lines are about a person who was erased, and what such a line still says. Pure; loads no model.

An `erasure` line names a person. From then on that person's own line and the phones of theirs have one form
(`erased_line`) that says nothing of them, and versions that say more lose their text (`ERASED_BODY`) wherever they
are kept: on devices in ``store/writer/erasures.py``, at the central in ``sync/central/writes/erasures.py``. Identity,
stamp, device and digest of a version stay, so that checksums, receipts and the audit agree as before.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from store.ledger.line import Body, Line
from store.values.text import phone_key

ERASURE, PERSON, CONTACT = "erasure", "person", "contact"
ERASED = "已删除"
"""What stands in the place of a name or phone. It is stored, and so the same in every language."""
ERASED_BODY: Body = {"erased": True}
ERASED_JSON = '{"erased":true}'
"""What is kept of the text of a version: the body, and that body as JSON."""
OWNER_FIELDS = ("person_id", "further_of")
"""The fields of a `contact` line that say whose phone it is, where that is a person."""
_KEPT: Mapping[str, tuple[str, ...]] = {PERSON: ("retired_on",), CONTACT: (*OWNER_FIELDS, "unit_id")}
_SAID: Mapping[str, str] = {PERSON: "name", CONTACT: "phone"}
_MIN_PHONE = 5
"""A number of fewer digits may be a part of anything."""


def owners_of(line: Line) -> frozenset[str]:
    """The people whom a line is about: the person, or whose phone it is."""
    if line.kind == PERSON:
        return frozenset({line.id})
    if line.kind == CONTACT:
        return frozenset(str(line.body[field]) for field in OWNER_FIELDS if line.body.get(field))
    return frozenset()


def erased_line(line: Line) -> Line:
    """A line of an erased person as it may be kept: whose it is, and until when they were offered."""
    kept = {name: line.body[name] for name in _KEPT[line.kind] if name in line.body}
    return line._replace(body={**kept, _SAID[line.kind]: ERASED})


def says_nothing(line: Line) -> bool:
    """Whether it has the form of `erased_line` already."""
    return dict(line.body) == dict(erased_line(line).body)


def telling_words(bodies: Iterable[Body]) -> frozenset[str]:
    """The names and phones in these bodies of lines about a person, by which other texts tell who is meant."""
    words = {str(body[field]).strip() for body in bodies for field in ("name", "phone") if body.get(field)}
    digits = {phone_key(word) for word in words if sum(map(str.isdigit, word)) >= _MIN_PHONE}
    return frozenset((words | digits) - {ERASED, ""})


def without_words(text: str, words: Iterable[str]) -> str:
    """A text with `ERASED` in the place of each of these words, in their order."""
    for word in words:
        text = text.replace(word, ERASED)
    return text


def json_without_words(text: str, words: Sequence[str]) -> str:
    """JSON with `ERASED` in the place of each of these words within its texts, as `without_words`. The names of fields
    and the form stay, whatever the words are; text that is no JSON is as it was, but for the words."""
    if not mentions(text, words) and "\\" not in text:
        return text
    try:
        before = json.loads(text)
    except ValueError:
        return without_words(text, words)
    after = _values_without(before, words)
    return text if after == before else json.dumps(after, ensure_ascii=False)


def _values_without(value: object, words: Sequence[str]) -> object:
    if isinstance(value, str):
        return without_words(value, words)
    if isinstance(value, list):
        return [_values_without(each, words) for each in value]
    if isinstance(value, dict):
        return {name: _values_without(each, words) for name, each in value.items()}
    return value


def mentions(text: str, words: Iterable[str]) -> bool:
    """Whether a text has one of these words in it."""
    return any(word in text for word in words)
