"""The field that says in whose place a form writes: the bureau enters for an office, a stand-in for whom they stand in.

A form that has it shows it only to who may use it. What a stand-in writes beyond their own roles carries both names
without it. Next: ``store/commands/stand_ins.py`` (who may), ``store/writer/acting.py`` (what is written).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from store import commands, queries
from store.queries.stand_ins import PRINCIPAL_FIELD
from tui.data import readers
from tui.i18n.translate import N_
from tui.widgets.autocomplete import NameField

if TYPE_CHECKING:
    from tui.data.form_values import FormValues
    from tui.data.reader import Reader


def principal_field() -> NameField:
    """The field; hidden until it is known that it may be used."""
    field = NameField(
        PRINCIPAL_FIELD, N_("Entered for"), PRINCIPAL_FIELD, hint=N_("empty: in your own name; else whom you act for")
    )
    field.display = False
    return field


def may_name_principal(reader: Reader) -> bool:
    """Whether this person may write in another's place: the bureau for anybody, a stand-in for whom they stand in."""
    today = reader.thresholds().today
    is_bureau = "bureau" in reader.run(readers.device.read_roles)
    return is_bureau or bool(reader.run(queries.stand_ins.principals_today, today))


@contextlib.contextmanager
def in_place_of(reader: Reader, values: FormValues) -> Iterator[FormValues]:
    """Write in the place of whom the field names while it lasts; gives the other values. Raises `NoStandIn` and what
    `resolve` raises."""
    own = {name: value for name, value in values.items() if name != PRINCIPAL_FIELD}
    named = str(values.get(PRINCIPAL_FIELD) or "").strip()
    if not named:
        yield own
        return
    ledger = reader.writer.ledger
    with ledger.acting_for(commands.stand_ins.principal_named(ledger, named)):
        yield own
