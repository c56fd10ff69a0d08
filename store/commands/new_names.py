"""Names that a write command would make new lines of, before it does: which are unknown, and what they may have meant.

A name is known where `store.commands.people.Newcomers` finds its line. Any other is new, or unfinished (发 for 发改局,
fgj), or a spelling of somebody who is here: with 同志 or a title, with the district's name before the office, with one
slip (发该局). The name of a project that is added is new, and compared with those that are here. Whoever types is
asked; screens ask about every new name, the command line about those that are like one that is here. Reads only. Next:
``store/commands/people.py``, which makes the lines.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from store.commands.exceptions import NameLikeKnown, PhoneDiffers, ProjectLikeKnown
from store.commands.people import former_person_id, split_phone
from store.db.connection import Connection
from store.db.device_facts import read_device_facts
from store.ledger.line import is_id
from store.queries.name_lookup import KnownNames, NamedLine, is_same_phone, list_named
from store.search.likeness import is_slip
from store.search.query import name_matches
from store.values.name_cores import NameKind, name_core
from store.values.text import normalize_name, sanitize

TypedName = tuple[NameKind, str]
"""A name as typed, and whose it is."""
MAX_CANDIDATES = 7


@dataclass(frozen=True, slots=True)
class NewName:
    """A typed name that no line has, and the lines that it may mean; none: it is like nothing that is here."""

    kind: NameKind
    text: str
    candidates: tuple[NamedLine, ...]

    def details(self, line: NamedLine) -> str:
        """What tells a person from namesakes: phone and unit; a project's number; nothing of a unit, whose name is its
        own."""
        return "，".join(part for part in (line.number, line.hint) if part) if self.kind != "unit" else ""

    def candidate_text(self, line: NamedLine) -> str:
        """A candidate as people tell it from its namesakes; never by its id."""
        details = self.details(line)
        return f"{line.name}（{details}）" if details else line.name


def find_new_names(connection: Connection, typed: Iterable[TypedName], *, known: bool = False) -> list[NewName]:
    """Which of these names would become new lines? Each once, in order; blanks and ids are none. With ``known`` also
    those that a line has: where every name becomes a new line."""
    wanted = list(dict.fromkeys((kind, sanitize(text).strip()) for kind, text in typed if text.strip()))
    facts = read_device_facts(connection)
    district = normalize_name(facts.district_name)
    names = {kind: KnownNames(connection, kind) for kind in {kind for kind, _text in wanted} if not known}
    new = [
        (kind, text)
        for kind, text in wanted
        if not is_id(text) and (known or not _is_known(kind, text, names[kind], facts.district))
    ]
    lines = {kind: list_named(connection, kind) for kind in {kind for kind, _text in new}}
    return [NewName(kind, text, _candidates(kind, text, lines[kind], district)) for kind, text in new]


def refuse_likenesses(connection: Connection, typed: Iterable[TypedName], *, known: bool = False) -> None:
    """Raises `NameLikeKnown` where a new name is like one that is here; with ``known`` also where it is one."""
    for new in find_new_names(connection, typed, known=known):
        if new.candidates:
            raise _likeness(new)


def _likeness(new: NewName) -> NameLikeKnown:
    candidates = "；".join(map(new.candidate_text, new.candidates))
    if new.kind == "project":
        return ProjectLikeKnown(text=new.text, candidates=candidates)
    same, phone = namesakes_with_other_phone(new)
    if len(same) == 1:
        return PhoneDiffers(text=new.text, candidates=new.candidate_text(same[0]), name=same[0].name, phone=phone)
    return NameLikeKnown(text=new.text, candidates=candidates)


def namesakes_with_other_phone(new: NewName) -> tuple[list[NamedLine], str]:
    """The people of exactly the typed name who have another phone than the typed one, and that: it may correct theirs.
    Nobody where no phone was typed."""
    name, phone = split_phone(new.text)
    if new.kind != "person" or not phone:
        return [], ""
    return [line for line in new.candidates if normalize_name(name) in map(normalize_name, line.names)], phone


def _is_known(kind: NameKind, text: str, names: KnownNames, district: str) -> bool:
    name, phone = (text, None) if kind == "unit" else split_phone(text)
    lines = names.lines_like(name)
    if kind == "unit":
        wanted = normalize_name(text)
        return any(line.goes_by(wanted) for line in lines)
    wanted = normalize_name(name)
    same = [line for line in lines if line.goes_by(wanted)]
    if phone is None:
        return bool(same) or any(is_same_phone(number, name) for line in lines for number in line.phones)
    hidden = former_person_id(district, name, phone)
    return any(
        (line.number is None and line.id == hidden) or any(is_same_phone(number, phone) for number in line.phones)
        for line in same
    )


def _candidates(kind: NameKind, text: str, lines: list[NamedLine], district: str) -> tuple[NamedLine, ...]:
    """The lines that a new name may mean: the likest first, a few at most."""
    name, phone = split_phone(text) if kind == "person" else (text, None)
    wanted, core = normalize_name(name), name_core(kind, name, district)
    same = [
        line
        for line in lines
        if any(name_core(kind, known, district) == core for known in line.names)
        or (phone is not None and any(is_same_phone(number, phone) for number in line.phones))
    ]
    parts = [line for line in lines if line not in same and _is_part(kind, wanted, line)]
    slips = [line for line in lines if line not in same + parts and _is_slip(kind, core, line, district)]
    return tuple((same + slips + parts)[:MAX_CANDIDATES])


def _is_slip(kind: NameKind, core: str, line: NamedLine, district: str) -> bool:
    """Whether the typed name is the known one with one slip (发该局 for 发改局)."""
    known = normalize_name(line.name)
    return is_slip(core, known) or is_slip(core, name_core(kind, known, district))


def _is_part(kind: NameKind, wanted: str, line: NamedLine) -> bool:
    """Whether one name is a part of the other, or the typed one the initials or the pinyin of the known one."""
    known = normalize_name(line.name)
    if wanted in known or name_matches(line.name, wanted):
        return True
    return len(known) > 1 and (known in wanted if kind == "person" else wanted.endswith(known))
