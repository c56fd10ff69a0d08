"""A person or unit of the address book: name, phones, unit or contact. Correcting begins in the phone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from store import commands, queries
from store.values.text import is_blank
from tui.data.form_values import FormValues
from tui.i18n.contact_text import UNIT_KINDS, labelled_phone
from tui.i18n.translate import N_, _, value_label
from tui.screens.form import Form
from tui.screens.form_state import FormState, missing_line_state
from tui.widgets.autocomplete import NameField
from tui.widgets.fields import ChoiceField, FormField, PhoneField, TextField

if TYPE_CHECKING:
    from store.commands.address_book import PhoneChanges
    from store.commands.new_names import NewName
    from store.db.connection import Connection
    from store.queries.people import ContactEntry, ContactKind
    from tui.data.reader import Reader

_PHONES = ("phone", "phone_label", "more_phones")


class ContactForm(Form):
    """A new entry, or the corrections of one."""

    def __init__(self, kind: ContactKind, line_id: str | None = None) -> None:
        super().__init__(line_id)
        self.kind: ContactKind = kind
        self._questioned: tuple[str, str] | None = None

    @property
    def heading(self) -> str:
        """New or corrected; a person or a unit."""
        if self.kind == "person":
            return _("Correct a person") if self.line_id else _("Enter a person")
        return _("Correct a unit") if self.line_id else _("Enter a unit")

    @property
    def draft_key(self) -> str:
        """One draft for new ones, one for each line."""
        return f"{self.kind}:{self.line_id or 'new'}"

    @property
    def first_field(self) -> str:
        """The name of a new one; of a known one the phone, which changes most."""
        return "phone" if self.line_id else "name"

    @property
    def required_fields(self) -> Sequence[str]:
        """The name."""
        return ("name",)

    def make_fields(self) -> Sequence[FormField]:
        """Name, phones, and where they belong."""
        several = N_("office 0418-2812345；home …: what it is for, then the number")
        phones = (
            PhoneField("phone", N_("Phone"), hint=N_("corrected in every list, on every device")),
            TextField("phone_label", N_("Phone is for")),
            TextField("more_phones", N_("More phones"), hint=several),
        )
        if self.kind == "person":
            place: tuple[FormField, ...] = (NameField("unit", N_("Unit"), "unit"), TextField("title", N_("Job title")))
        else:
            kinds = ChoiceField("kind", N_("Kind"), UNIT_KINDS, lambda each: value_label("unit.kind", each))
            place = (kinds, NameField("contact", N_("Contact person"), "person"))
        return (TextField("name", N_("Name")), *phones, *place, TextField("note", N_("Note")))

    def load_state(self, reader: Reader) -> FormState:
        """The entry as it is."""
        if self.line_id is None:
            return FormState({"kind": "department"})
        line = reader.run(queries.lines.current_line, self.line_id)
        entry = reader.run(queries.people.contact, self.kind, self.line_id, reader.thresholds().today)
        if line is None or entry is None:
            return missing_line_state()
        names = {entry.unit: entry.unit_id, entry.contact: entry.contact_id}
        ids = {name: line_id for name, line_id in names.items() if name and line_id}
        return FormState(_values(entry), ids, (line.stamp, line.device))

    def save(self, reader: Reader, values: FormValues) -> str:
        """Enter or correct it, in one step that can be undone."""
        fields = {name: str(value) for name, value in values.items() if name not in _PHONES}
        if self.line_id is None:
            name = fields.pop("name")
            self._ask_about_likeness(reader, name, str(values.get("phone") or ""))
            new = {key: value for key, value in fields.items() if not is_blank(value)}
            phones = _phone_changes(values, None)
            return reader.writer.run(
                lambda ledger: commands.address_book.add(ledger, self.kind, name, phones=phones, **new)
            ).id
        line_id = self.line_id
        begun = self._initial_state
        changes = _phone_changes(values, begun.values.get("more_phones") if begun else None)
        return reader.writer.run(
            lambda ledger: commands.address_book.edit(ledger, self.kind, line_id, phones=changes, **fields)
        ).id

    def _ask_about_likeness(self, reader: Reader, name: str, phone: str) -> None:
        """Raises `RecordLikeKnown` for a name like a known one, once: who saves it again means another one."""
        from store.commands.exceptions import RecordLikeKnown  # noqa: PLC0415 - only who enters somebody waits for it

        if self._questioned == (name, phone):
            return
        self._questioned = name, phone
        for new in reader.run(_likenesses, self.kind, f"{name} {phone}".strip()):
            if new.candidates:
                candidates = "；".join(map(new.candidate_text, new.candidates))
                raise RecordLikeKnown(text=name, candidates=candidates)


def _likenesses(connection: Connection, kind: ContactKind, text: str) -> list[NewName]:
    from store.commands.new_names import find_new_names  # noqa: PLC0415 - the table of pinyin is for who types

    return find_new_names(connection, [(kind, text)], known=True)


def _values(entry: ContactEntry) -> dict[str, object]:
    first, *more = entry.phones or (None,)
    return {
        "name": entry.name, "phone": first.phone if first else "", "phone_label": (first and first.label) or "",
        "more_phones": "；".join(map(labelled_phone, filter(None, more))), "unit": entry.unit or "",
        "title": entry.title or "", "kind": entry.unit_kind or "", "contact": entry.contact or "",
        "note": entry.note or "",
    }  # fmt: skip


def _phone_changes(values: FormValues, shown: object) -> PhoneChanges:
    """What changes of the phones: of the further ones that the form has ``shown`` those that are no longer named go;
    one that has arrived since stays."""
    from store.commands.address_book import PhoneChanges  # noqa: PLC0415 - loads the models

    typed = values.get("more_phones")
    more = _labelled_numbers(typed)
    kept = {number for _label, number in more}
    before = _labelled_numbers(shown) if typed is not None else ()
    main, label = values.get("phone"), values.get("phone_label")
    return PhoneChanges(
        None if main is None else str(main), None if label is None else str(label), more,
        tuple(number for _label, number in before if number not in kept),
    )  # fmt: skip


def _labelled_numbers(text: object) -> tuple[tuple[str, str], ...]:
    """The phones in the field of further ones, as label and number."""
    from store.commands.address_book import split_label  # noqa: PLC0415 - loads the models

    parts = str(text or "").replace(";", "；").replace("\n", "；").split("；")
    return tuple(split_label(part) for part in parts if part.strip())
