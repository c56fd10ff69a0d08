"""What a command asks back before it writes: names that are like known ones, days that are mostly slips.

A command has no screen to ask on, so it refuses (exit code 2) with what it would have asked; ``--new`` and ``--yes``
are the answers. Next: ``store/commands/new_names.py``, ``store/commands/day_doubts.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from datetime import datetime
from typing import TYPE_CHECKING

import click

from store.values.name_lists import split_name_list
from store.values.times import parse_time, part_of_day
from tui.cli.groups import CommandContext
from tui.cli.output import say
from tui.i18n.translate import _, error_text

if TYPE_CHECKING:
    from store.commands.new_names import TypedName
    from store.values.name_cores import NameKind
    from tui.cli.session import WriteSession

NAME_OPTIONS: Mapping[str, NameKind] = {
    "department": "unit", "lead_unit": "unit", "unit": "unit", "organiser": "unit", "departments": "unit",
    "with": "unit",
    "owner": "person", "lead_leader": "person", "butler": "person", "project_secretary": "person", "chair": "person",
    "department_contact": "person", "enterprise_contact": "person", "handler": "person", "person": "person",
    "attended": "person",
}  # fmt: skip
"""The options that name a person or unit whose line a command makes where there is none."""
LIST_OPTIONS = ("departments", "attended", "with")
"""Those of them that name several."""
DUE_OPTIONS = ("due", "until")
"""The options that name a day ahead."""


def _accept_new(context: click.Context, _option: click.Parameter, value: bool) -> None:
    context.ensure_object(CommandContext).accepts_new_names |= value


def _accept_days(context: click.Context, _option: click.Parameter, value: bool) -> None:
    context.ensure_object(CommandContext).accepts_days |= value


_NEW_HELP = _("A name that is like a known one is a new one all the same.")
_YES_HELP = _("The day is meant, although it is over or long ago, or the holidays of its year are not known.")
takes_new = click.option("--new", is_flag=True, callback=_accept_new, expose_value=False, help=_NEW_HELP)
takes_yes = click.option("--yes", is_flag=True, callback=_accept_days, expose_value=False, help=_YES_HELP)
"""The options of confirmation as decorators."""


def confirming_options(names: Set[str]) -> list[click.Option]:
    """The options of confirmation that a command with options of these ``names`` needs, for commands made from
    tables."""
    options = []
    if names & NAME_OPTIONS.keys():
        options.append(click.Option(["--new"], is_flag=True, callback=_accept_new, expose_value=False, help=_NEW_HELP))
    if names & {*DUE_OPTIONS}:
        options.append(click.Option(["--yes"], is_flag=True, callback=_accept_days, expose_value=False, help=_YES_HELP))
    return options


def check_typed(
    run: CommandContext,
    writing: WriteSession,
    options: Mapping[str, object],
    *,
    visited: str | None = None,
    project: str | None = None,
    recorded_later: bool = True,
) -> None:
    """Raises `NameLikeKnown`, `DayFarBack`, `DueInPast` or `HolidaysUnknown` for what was typed and is not confirmed.
    ``visited`` is the time of a visit, ``project`` the name of a new project; ``recorded_later`` as for `is_taken`."""
    from store.commands.new_names import refuse_likenesses

    names = [] if run.accepts_new_names else list(_typed_names(options))
    with writing.session.database.read() as connection:
        if names:
            refuse_likenesses(connection, names)
        if project and not run.accepts_new_names:
            refuse_likenesses(connection, [("project", project)], known=True)
        _check_days(run, writing.session.district_now(connection), options, visited, recorded_later)


def _check_days(
    run: CommandContext, now: datetime, options: Mapping[str, object], visited: str | None, recorded_later: bool
) -> None:
    from store.commands.day_doubts import find_day_doubts, is_taken
    from store.commands.exceptions import DueInPast

    if visited and (part := part_of_day(visited)):
        read = parse_time(visited, now, "past")
        say(_("“{text}”: {part} is entered as {time}.").format(text=visited, part=part, time=read[11:16]))
    if run.accepts_days:
        return
    due, until, at = (str(options[name]) if options.get(name) else None for name in ("due", "until", "at"))
    for doubt in find_day_doubts(now, visited=visited, due=[due or ""], until=until, at=at if due or until else None):
        if not is_taken(doubt, now, recorded_later=recorded_later):
            raise doubt
        if isinstance(doubt, DueInPast):
            say(error_text(doubt).what)


def _typed_names(options: Mapping[str, object]) -> Iterator[TypedName]:
    for option, text in options.items():
        kind = NAME_OPTIONS.get(option)
        if kind and isinstance(text, str):
            names = split_name_list(text).names if option in LIST_OPTIONS else (text,)
            yield from ((kind, name) for name in names)
