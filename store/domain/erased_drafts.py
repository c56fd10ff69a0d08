"""What is left of a form's draft that names a person who was erased. Pure; loads no model.

A draft is work that nobody else has, and a name of two characters is a part of many words. So a name goes where the
draft says that it is somebody's: in the fields that name people, which are parted into names as when they are saved,
and where a record of the person was chosen. A phone goes wherever its digits stand by themselves, in whatever width and
grouping. A name in running text stays; who wrote it is told which draft that is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from store.domain.erasures import ERASED, PERSON, mentions, without_words
from store.domain.registers import PEOPLE_FIELDS, REGISTERS
from store.values.name_cores import name_core
from store.values.name_lists import split_name_list
from store.values.text import normalize_name, phone_key

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
_BETWEEN_DIGITS = r"(?:[\s\u200b-\u200d\u2060()（）.．·/／\-‐-―−－﹣]|转|分机){0,3}"
"""What people write between the digits of a phone."""
_COUNTRY_CODE = f"(?:(?:[+＋]|[0０]{{2}})?{_BETWEEN_DIGITS}[8８]{_BETWEEN_DIGITS}[6６]{_BETWEEN_DIGITS})?"
_WIDE = str.maketrans({str(digit): f"[{digit}{chr(0xFF10 + digit)}]" for digit in range(10)})
"""Each digit as a pattern of both its widths."""


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
        phones = _phones(people.phones)
        rest = without_words(text, sorted(people.names | people.phones, key=len, reverse=True))
        return DraftLeft(phones.sub(ERASED, rest) if phones else rest)
    names = people.names | {name for name, of in _chosen(before).items() if of in people.ids}
    fields = NAMING_FIELDS | {"name"} if kind == PERSON else NAMING_FIELDS
    after = _Emptying(frozenset(map(normalize_name, names)) - {""}, fields, _phones(people.phones)).emptied(before)
    said = [each for each in _texts(after) if mentions(each, [name for name in names if len(name) > 1])]
    return DraftLeft(text if after == before else json.dumps(after, ensure_ascii=False), bool(said))


def _chosen(body: Mapping[str, object]) -> Mapping[str, object]:
    ids = body.get(IDS_FIELD)
    return ids if isinstance(ids, dict) else {}


def _phones(phones: Iterable[str]) -> re.Pattern[str] | None:
    """Finds these numbers, in either width and however they are grouped, where no other digit stands beside them."""
    digits = {key for each in phones if len(key := phone_key(each)) >= MIN_PHONE}
    spelled = (
        (_COUNTRY_CODE if len(each) == _MOBILE else "") + _BETWEEN_DIGITS.join(digit.translate(_WIDE) for digit in each)
        for each in sorted(digits)
    )
    return re.compile(rf"(?<!\d)(?:{'|'.join(spelled)})(?!\d)") if digits else None


class _Emptying(NamedTuple):
    """Empties the bodies of drafts: ``names`` are normalized."""

    names: frozenset[str]
    fields: frozenset[str]
    phones: re.Pattern[str] | None

    def emptied(self, body: Mapping[str, object]) -> dict[str, object]:
        return {
            name: {each: of for each, of in value.items() if normalize_name(each) not in self.names}
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
        return "".join(map(self._without_name, _SEPARATORS.split(text)))

    def _without_name(self, part: str) -> str:
        """A part between marks: one name, or several with blanks or 和 between them."""
        if self._is_theirs(part):
            return ERASED
        names = split_name_list(part).names
        if not any(map(self._is_theirs, names)):
            return part
        spelled = (r"\s*".join(map(re.escape, name)) for name in sorted(names, key=len, reverse=True))
        found = re.compile("|".join(spelled))
        return found.sub(lambda name: ERASED if self._is_theirs(name[0]) else name[0], part)

    def _is_theirs(self, name: str) -> bool:
        said = {normalize_name(name), normalize_name(_TOLD_APART.sub("", name.strip())), name_core("person", name)}
        return bool(said & self.names)


def _texts(value: object) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)
