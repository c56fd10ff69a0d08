"""The address book: adding, correcting, retiring and merging people and units, and their phones.

A phone is in one line and corrected there, wherever it is shown. A merge writes one `merge` line and changes no other;
its undoing deletes that line (``store/domain/merges.py``). Next: ``store/queries/people.py`` (reading).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from store.commands.exceptions import DifferentKinds, EntryFieldMissing, NotMerged, PersonErased, SelfMergeOfRecord
from store.commands.people import Newcomers, UnitKind, WriteResult, corrected_now, unit_id, write_drafts
from store.commands.resolve import resolve
from store.db.connection import Connection
from store.db.device_facts import read_device_facts
from store.ledger.line import Body, derived_id, is_id, new_id
from store.queries.lines import current_line
from store.queries.name_lookup import find_by_name
from store.queries.people import ContactEntry, ContactKind, PhoneEntry, contact, phone_lines
from store.search.contact_phones import contact_id
from store.values.text import is_blank, phone_key, sanitize
from store.values.times import parse_day
from store.writer.erasures import is_erased
from store.writer.local_writes import Draft, Ledger


@dataclass(frozen=True, slots=True)
class PhoneChanges:
    """What changes of somebody's phones: the main one's number (an empty text: it goes) and label; ``more`` are further
    ones as (label, number); ``gone`` are numbers that go."""

    main: str | None = None
    label: str | None = None
    more: tuple[tuple[str, str], ...] = ()
    gone: tuple[str, ...] = ()


NO_CHANGES = PhoneChanges()


def split_label(text: str) -> tuple[str, str]:
    """A label and a phone as typed: ``办公 0418-2812345`` or ``办公=0418-2812345``; without a label an empty one."""
    words = sanitize(text).replace("=", " ").replace("：", " ").replace(":", " ").split()
    named = [word for word in words if not any(character.isdigit() for character in word)]
    return " ".join(named), " ".join(word for word in words if word not in named)


def add(
    ledger: Ledger, kind: ContactKind, name: str, /, *, phones: PhoneChanges = NO_CHANGES, **fields: str | None
) -> WriteResult:
    """Add a person or unit, also where another has the name. ``fields``: ``unit`` and ``title`` of a person, ``kind``
    and ``contact`` of a unit, ``note``. Raises `FieldMissing` for a blank name, and what `resolve` raises."""
    if is_blank(name):
        raise EntryFieldMissing(fields="name")
    newcomers = Newcomers(ledger.database.connection())
    body = {"name": sanitize(name).strip(), **_body_of(newcomers, kind, fields)}
    line_id = new_id(ledger.wall_clock())
    if kind == "unit":
        derived = unit_id(read_device_facts(newcomers.connection).district, name)
        line_id = line_id if current_line(newcomers.connection, derived) else derived
        body = {"kind": _kind_of_unit(name), **body}
    own = [Draft(kind, {name: value for name, value in body.items() if value}, id=line_id)]
    return write_drafts(ledger, newcomers, own + _PhoneDrafts(newcomers.connection, kind, line_id).of(phones), line_id)


def edit(
    ledger: Ledger, kind: ContactKind, reference: str, /, *, phones: PhoneChanges = NO_CHANGES, **changes: str | None
) -> WriteResult:
    """Change a person or unit: None leaves a field as it is, an empty text removes it. ``changes`` as of `add`, and
    ``name``. All is one transaction; nobody is added but a unit or contact that is named for the first time. Raises
    `PersonErased`."""
    connection = ledger.database.connection()
    line_id, newcomers = resolve(connection, kind, reference).id, Newcomers(connection)
    _require_not_erased(connection, line_id)
    before = _body(connection, line_id)
    given = {name: value for name, value in changes.items() if value is not None}
    if is_blank(given.get("name", "-")):
        raise EntryFieldMissing(fields="name")
    body = {**before, **_body_of(newcomers, kind, given)}
    drafts = _PhoneDrafts(connection, kind, line_id, contact(connection, kind, line_id, "")).of(phones)
    if phones != NO_CHANGES:
        body.pop("phone", None)  # an older version's, which is in the contact line now
    own = Draft(kind, {name: value for name, value in body.items() if value not in (None, "")}, id=line_id)
    return write_drafts(ledger, newcomers, [own, *drafts], line_id)


def retire(ledger: Ledger, kind: ContactKind, reference: str, on: str | None = None, *, back: bool = False) -> str:
    """From a day on (as typed; default today) a person or unit is no longer offered where names are typed; ``back``
    takes that back. What was stays as it was. Gives the id. Raises `PersonErased`."""
    connection = ledger.database.connection()
    line_id, now = resolve(connection, kind, reference).id, corrected_now(ledger)
    _require_not_erased(connection, line_id)
    day = None if back else parse_day(on, now) if on else now.date().isoformat()
    ledger.edit(kind, line_id, retired_on=day)
    return line_id


def merge(ledger: Ledger, kind: ContactKind, keep: str, other: str, *, note: str | None = None) -> str:
    """Make ``other`` one with ``keep``, which stays: both named as typed. Gives the id of the one that stays. Raises
    `SelfMergeOfRecord`, `DifferentKinds` and what `resolve` raises."""
    connection = ledger.database.connection()
    kept, merged = _record(connection, kind, keep), _record(connection, kind, other)
    if kept == merged:
        raise SelfMergeOfRecord(name=find_by_name(connection, kind, kept)[0].name)
    district = read_device_facts(connection).district
    body = {"what": kind, "from_id": merged, "into_id": kept, **({"note": note} if note else {})}
    drafts = [Draft("merge", body, id=merge_id(district, merged))]
    back = current_line(connection, merge_id(district, kept))
    if back is not None and not back.deleted:  # of a circle that two devices made
        drafts.append(Draft("merge", back.body, id=back.id, deleted=True))
    apart = current_line(connection, distinction_id(district, kept, merged))
    if apart is not None and not apart.deleted:
        drafts.append(Draft("distinction", apart.body, id=apart.id, deleted=True))
    ledger.put_many(drafts)
    return kept


def merge_pairs(ledger: Ledger, kind: ContactKind, pairs: Iterable[tuple[str, str]]) -> None:
    """Make each pair of records one, the first staying. Nothing is left to do for a pair that those before it have made
    one already, as of three records of one name. Raises what `merge` raises for one that was typed wrongly."""
    for keep, other in pairs:
        with contextlib.suppress(SelfMergeOfRecord):
            merge(ledger, kind, keep, other)


def unmerge(ledger: Ledger, kind: ContactKind, record: str) -> str:
    """Take a record out of the one into which it was merged; named by its id, or by a name that it alone has had. Gives
    its id. Raises `NotMerged`."""
    connection = ledger.database.connection()
    merges = connection.execute(
        f"SELECT m.from_id, k.name FROM merge m JOIN {kind} k ON k.id = m.from_id "
        "WHERE m.what = ? AND m.deleted = 0 ORDER BY m.from_id",
        (kind,),
    ).fetchall()
    wanted = [str(line_id) for line_id, name in merges if record.strip() in (line_id, name)]
    if len(wanted) != 1:
        raise NotMerged(text=record)
    ledger.delete("merge", merge_id(read_device_facts(connection).district, wanted[0]))
    return wanted[0]


def keep_apart(ledger: Ledger, kind: ContactKind, first: str, second: str) -> tuple[str, str]:
    """Note that two records are two, so that they are not proposed as doubles again. Gives both ids."""
    connection = ledger.database.connection()
    pair = sorted((_record(connection, kind, first), _record(connection, kind, second)))
    if pair[0] == pair[1]:
        raise SelfMergeOfRecord(name=find_by_name(connection, kind, pair[0])[0].name)
    body = {"what": kind, "first_id": pair[0], "second_id": pair[1]}
    ledger.put("distinction", body, id=distinction_id(read_device_facts(connection).district, *pair))
    return pair[0], pair[1]


def merge_id(district: str, record: str) -> str:
    """The id of the line that merges this record: one for each, on every device."""
    return derived_id(district, "merge", record)


def distinction_id(district: str, first: str, second: str) -> str:
    """The id of the line that keeps two records apart, in whichever order they are named."""
    return derived_id(district, "distinction", *sorted((first, second)))


def _record(connection: Connection, kind: ContactKind, text: str) -> str:
    """The id of the record that stands for what was typed. Raises `DifferentKinds` for the id of another kind."""
    if is_id(text.strip()) and not find_by_name(connection, kind, text):
        other: ContactKind = "unit" if kind == "person" else "person"
        if find_by_name(connection, other, text):
            raise DifferentKinds()
    return resolve(connection, kind, text).id


def _require_not_erased(connection: Connection, line_id: str) -> None:
    if is_erased(connection, line_id):
        raise PersonErased(id=line_id)


def _body(connection: Connection, line_id: str) -> dict[str, object]:
    line = current_line(connection, line_id)
    return {} if line is None else dict(line.body)


def _kind_of_unit(name: str) -> UnitKind:
    """What a unit is by its name, where it is named for the first time."""
    return "enterprise" if name.strip().endswith(("公司", "集团", "厂", "企业")) else "department"


def _body_of(newcomers: Newcomers, kind: ContactKind, fields: Mapping[str, str | None]) -> dict[str, object]:
    """The typed fields as the line stores them; an empty text stands for one that goes."""
    plain = ("name", "title", "note") if kind == "person" else ("name", "kind", "note")
    body: dict[str, object] = {name: (fields[name] or "").strip() for name in plain if fields.get(name) is not None}
    if kind == "person" and fields.get("unit") is not None:
        unit = (fields["unit"] or "").strip()
        body["unit_id"] = newcomers.unit(unit, _kind_of_unit(unit)) if unit else None
    if kind == "unit" and fields.get("contact") is not None:
        person = (fields["contact"] or "").strip()
        body["contact_id"] = newcomers.person(person) if person else None
    return body


def _is_among(shown: PhoneEntry, numbers: Iterable[str]) -> bool:
    return phone_key(shown.phone) in map(phone_key, numbers)


@dataclass
class _PhoneDrafts:
    """Drafts of contact lines of one person or unit: of a new one, or of the ``entry`` as it is."""

    connection: Connection
    kind: ContactKind
    owner: str
    entry: ContactEntry | None = None
    drafts: list[Draft] = field(default_factory=list)

    def of(self, changes: PhoneChanges) -> list[Draft]:
        """The drafts of these changes."""
        if changes == NO_CHANGES:
            return []
        for number in changes.gone:
            self._remove(number)
        shown = self._phones[0] if self._phones else None
        if changes.main is not None:
            self._set_main(shown, changes.main.strip(), changes.label)
        elif shown is not None and (changes.label is not None or not shown.line) and not _is_among(shown, changes.gone):
            self._change(shown, shown.phone, changes.label)
        for label, number in changes.more:
            self._add(label, number)
        latest = {draft.id: draft for draft in self.drafts if draft.id}
        return [*latest.values(), *(draft for draft in self.drafts if not draft.id)]

    @property
    def _phones(self) -> Sequence[PhoneEntry]:
        return self.entry.phones if self.entry else ()

    def _known(self, number: str) -> PhoneEntry | None:
        return next((each for each in self._phones if _is_among(each, [number])), None)

    def _lines_with(self, number: str) -> list[str]:
        """The contact lines with this number: several where merged records have it too."""
        lines = phone_lines(self.connection, self.kind, self.owner) if self.entry else []
        return [line for phone, line in lines if phone_key(phone) == phone_key(number)]

    def _remove(self, number: str) -> None:
        for line in self._lines_with(number):
            self.drafts.append(Draft("contact", _body(self.connection, line), id=line, deleted=True))

    def _set_main(self, shown: PhoneEntry | None, number: str, label: str | None) -> None:
        """Correct the ``shown`` number where it stands, be it with a record that was merged; a further one that becomes
        the main one changes places with it."""
        if not number:
            if shown is not None:
                self._remove(shown.phone)
            return
        if shown is None:
            self._write([self._main_line()], number, label)
            return
        known = self._known(number)
        if known is not None and known is not shown:
            self._change(known, shown.phone, shown.label or "")
            label = known.label or "" if label is None else label
        self._change(shown, number, label)

    def _change(self, shown: PhoneEntry, number: str, label: str | None) -> None:
        """Write a number and label wherever the ``shown`` number stands; one of an older version gets a line."""
        self._write(self._lines_with(shown.phone) or [self._main_line()], number, label)

    def _write(self, lines: Sequence[str], number: str, label: str | None) -> None:
        for line in lines:
            body = {**(_body(self.connection, line) or {f"{self.kind}_id": self.owner}), "phone": number}
            if label is not None:
                body["label"] = label.strip() or None
            clean: Body = {name: value for name, value in body.items() if value is not None}
            self.drafts.append(Draft("contact", clean, id=line))

    def _main_line(self) -> str:
        return contact_id(read_device_facts(self.connection).district, self.owner)

    def _add(self, label: str, number: str) -> None:
        known = self._known(number)
        if known is not None:
            self._change(known, number, label)
        elif not is_blank(number):
            body = {"further_of": self.owner, "phone": number.strip(), **({"label": label.strip()} if label else {})}
            self.drafts.append(Draft("contact", body))
