"""What is left of a form's draft that names a person who was erased. Pure; loads no model.

A draft is work that nobody else has, and a name of two characters is a part of many words. So a name goes where the
draft says that it is somebody's: in the fields that name people, and where a record of the person was chosen. A phone
goes wherever its digits stand by themselves. A name in running text stays; who wrote it is told which draft that is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from store.domain.erasures import ERASED, PERSON, mentions, without_words
from store.domain.registers import PEOPLE_FIELDS, REGISTERS
from store.values.text import phone_key

NAMING_FIELDS = frozenset({
    *PEOPLE_FIELDS,
    *(field.name for register in REGISTERS.values() for field in register.fields if field.type == PERSON),
    "acting_for", "butler", "by", "contact", "enterprise_contact", "lead_leader", "owner", "principal",
    "project_secretary", "taker",
})  # fmt: skip
"""The fields of forms that name people, one or several. One of a form's several fields of a name has its own part
behind a hyphen (``taker-ID``)."""
IDS_FIELD = "_ids"
"""The field of a draft that says which record each chosen name is: ids by name."""
MIN_PHONE = 7
"""A number of fewer digits may be an amount or a house number."""
_SEPARATORS = re.compile(r"([;；、,，/／|｜&＆\n\t]\s*)")
_TOLD_APART = re.compile(r"\s*[(（][^()（）]*[)）]$")
"""What stands behind a name that several have."""
_MOBILE = 11


class ErasedPeople(NamedTuple):
    """Who was erased: the ``ids`` of all such people, and the ``names`` and ``phones`` that no living record has."""

    ids: frozenset[str]
    names: frozenset[str]
    phones: frozenset[str]


class DraftLeft(NamedTuple):
    """A draft's JSON text afterwards, None where it was about the person's own record; and whether its running text
    may still name them."""

    text: str | None
    names_them: bool = False


def draft_without(key: str, text: str, people: ErasedPeople) -> DraftLeft:
    """What is left of the draft of the form ``key``. Text that is no JSON object is shown to nobody, and loses every
    name and phone."""
    kind, _, line_id = key.partition(":")
    if kind == PERSON and line_id in people.ids:
        return DraftLeft(None)
    try:
        before = json.loads(text)
    except ValueError:
        before = None
    if not isinstance(before, dict):
        return DraftLeft(without_words(text, sorted(people.names | people.phones, key=len, reverse=True)))
    names = people.names | {name for name, of in _chosen(before).items() if of in people.ids}
    fields = NAMING_FIELDS | {"name"} if kind == PERSON else NAMING_FIELDS
    after = _Emptying(names, fields, _phones(people.phones)).emptied(before)
    said = [each for each in _texts(after) if mentions(each, [name for name in names if len(name) > 1])]
    return DraftLeft(text if after == before else json.dumps(after, ensure_ascii=False), bool(said))


def _chosen(body: Mapping[str, object]) -> Mapping[str, object]:
    ids = body.get(IDS_FIELD)
    return ids if isinstance(ids, dict) else {}


def _phones(phones: Iterable[str]) -> re.Pattern[str] | None:
    """Finds these numbers, however they are grouped, where no other digit stands beside them."""
    digits = {key for each in phones if len(key := phone_key(each)) >= MIN_PHONE}
    spelled = (("(?:\\+?86[ -]?)?" if len(each) == _MOBILE else "") + "[ -]?".join(each) for each in sorted(digits))
    return re.compile(rf"(?<!\d)(?:{'|'.join(spelled)})(?!\d)") if digits else None


class _Emptying(NamedTuple):
    names: frozenset[str]
    fields: frozenset[str]
    phones: re.Pattern[str] | None

    def emptied(self, body: Mapping[str, object]) -> dict[str, object]:
        return {
            name: {each: of for each, of in value.items() if each not in self.names}
            if name == IDS_FIELD and isinstance(value, dict)
            else self._value(value, names_people=name.partition("-")[0] in self.fields)
            for name, value in body.items()
        }

    def _value(self, value: object, *, names_people: bool) -> object:
        if isinstance(value, str):
            said = self._without_names(value) if names_people else value
            return self.phones.sub(ERASED, said) if self.phones else said
        if isinstance(value, list):
            return [self._value(each, names_people=names_people) for each in value]
        return self.emptied(value) if isinstance(value, dict) else value

    def _without_names(self, text: str) -> str:
        return "".join(ERASED if self._is_theirs(part.strip()) else part for part in _SEPARATORS.split(text))

    def _is_theirs(self, name: str) -> bool:
        return name in self.names or _TOLD_APART.sub("", name) in self.names


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)
