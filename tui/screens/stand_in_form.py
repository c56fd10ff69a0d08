"""A stand-in: who acts for the officer of this device, or by the bureau for another, and until when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from store import commands, queries
from tui.data.form_values import FormValues
from tui.i18n.translate import N_, _
from tui.screens.form import Form
from tui.screens.form_state import FormState
from tui.screens.issue_form import DAY_HINT
from tui.widgets.autocomplete import NameField
from tui.widgets.day_field import DayField
from tui.widgets.fields import FormField

if TYPE_CHECKING:
    from tui.data.reader import Reader

PROPOSED_DAYS = 7
"""For so many days a stand-in is proposed, today included."""


class StandInForm(Form):
    """``person`` is who acts: a week is proposed, so that saving is enough. The last day of who acts already
    is moved."""

    first_field = "until"
    required_fields = ("by", "until")

    def __init__(self, person: str) -> None:
        super().__init__()
        self.person = person

    @property
    def heading(self) -> str:
        """The act."""
        return _("Stand-in")

    @property
    def draft_key(self) -> str:
        """One draft for each person."""
        return f"stand_in:{self.person}"

    def make_fields(self) -> Sequence[FormField]:
        """Until when, then who for whom."""
        hint = N_("empty: for yourself")
        return (
            DayField("until", N_("Last day"), hint=DAY_HINT, toward="future"),
            DayField("since", N_("First day"), hint=N_("empty: from today"), toward="future"),
            NameField("by", N_("Who acts"), "person"),
            NameField("principal", N_("For whom"), "person", hint=hint),
        )

    def load_state(self, reader: Reader) -> FormState:
        """A week from today; the present last day of who acts already."""
        today = reader.thresholds().today
        (name,) = reader.run(queries.hand_over.names_of_people, [self.person])
        acting = [
            row for row in reader.run(queries.stand_ins.stand_ins, today)
            if (row.person_id, row.mine, row.state) == (self.person, "for_me", "now")
        ]  # fmt: skip
        proposed = date.fromisoformat(today) + timedelta(days=PROPOSED_DAYS - 1)
        until = acting[0].to_date if acting else proposed.isoformat()
        return FormState({"until": until, "by": name or ""}, {name: self.person} if name else {})

    def save(self, reader: Reader, values: FormValues) -> str:
        """Enter it."""
        who, until = str(values["by"]), str(values["until"])
        named = {name: str(values[name]) for name in ("principal", "since") if values.get(name)}
        return reader.writer.run(lambda ledger: commands.stand_ins.add(ledger, by=who, until=until, **named)).id

    def saved_message(self) -> str:
        """Both see it."""
        return _("Entered: both see it on their day, and z there ends it.")
