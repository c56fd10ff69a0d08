"""Saved views: how a person filters and sorts a list, kept under a name and synced to all of the person's devices."""

from __future__ import annotations

from collections.abc import Mapping

from store.commands.exceptions import EntryFieldMissing, ViewUnknown
from store.db.device_facts import read_device_facts
from store.ledger.line import derived_id
from store.queries.saved_views import SavedViewRow, saved_views
from store.writer.local_writes import Draft, Ledger

VIEW = "saved_view"
_ORDER = ("order", "reverse")


def save(ledger: Ledger, place: str, name: str, choices: Mapping[str, str]) -> str:
    """Keep these ``choices`` of the list ``place`` under a name; one of that name is replaced. Returns the line's id.
    Raises `EntryFieldMissing` for a blank name, and `BadLine`."""
    name = " ".join(name.split())
    if not name:
        raise EntryFieldMissing(fields="name")
    facts = read_device_facts(ledger.database.connection())
    stored = [f"{key}={value}" for key, value in sorted(choices.items()) if value and key not in _ORDER]
    body: dict[str, object] = {"person_id": facts.person, "place": place, "name": name, "choices": stored}
    if order := choices.get("order"):
        body["sort"] = f"-{order}" if choices.get("reverse") else order
    line_id = derived_id(facts.district, VIEW, facts.person, place, name)
    ledger.put_many([Draft(VIEW, body, None, line_id)])
    return line_id


def find(rows: list[SavedViewRow], name: str, place: str | None = None) -> SavedViewRow:
    """The view with this name or id, of one list or of any. Raises `ViewUnknown`, where none or several are meant."""
    named = [row for row in rows if name.strip() in (row.name, row.id) and place in (None, row.place)]
    if len(named) != 1:
        raise ViewUnknown(name=name, count=len(named))
    return named[0]


def remove(ledger: Ledger, name: str, place: str | None = None) -> str:
    """Delete the view with this name or id; the bin has it. Returns its name. Raises `ViewUnknown`."""
    view = find(saved_views(ledger.database.connection()), name, place)
    ledger.delete(VIEW, view.id)
    return view.name
