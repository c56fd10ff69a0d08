"""Tells a person which people and departments a command has added."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tui.cli.groups import CommandContext
from tui.cli.output import OutputFormat, say
from tui.i18n.translate import _

if TYPE_CHECKING:
    from store.commands.people import Newcomer


def report_new_people(run: CommandContext, added: Sequence[Newcomer]) -> None:
    """Say which people and departments were added because no line had their name before, so that a misspelt name is
    noticed."""
    if run.output_format is OutputFormat.TEXT:
        for newcomer in added:
            text = _("New person: {name}") if newcomer.kind == "person" else _("New department: {name}")
            say(text.format(name=newcomer.name))
