"""``guanjia meet``: what colleagues in the same room have written, where no network leads to the central."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

import click

from store.home.paths import Home, require_home, resolve_home
from store.home.settings import load_settings
from store.queries.provisional import ProvisionalEntry, provisional_entries
from sync.round.meeting import MeetingResult, MetColleague, meet_in_folder
from sync.round.meeting_net import PORT, hosting, meet_host
from tui.cli.errors import NEEDS_ATTENTION, OK, BadUsage
from tui.cli.groups import CLEAN_TEXT, PATH_PARAM, Command, CommandContext
from tui.cli.output import emit, rows_json, say, show, show_table
from tui.cli.param_types import WholeNumber
from tui.cli.pin_prompt import unlock_home
from tui.cli.session import home_session
from tui.i18n.translate import _, error_text, ngettext, value_label

_SAYING = ("title", "name", "text", "number", "act")
"""The fields of which the first one says what a line is about."""
_LOOK_S = 1.0


@click.command(
    cls=Command,
    help=_(
        "Share unsent work with colleagues in the same room, without the central.\n\n"
        "One runs “meet” and shows a code and an address; the others run “meet CODE ADDRESS”. By a stick: each runs "
        "“meet --folder DIR” twice. Each gets what its roles may see. What is taken in is provisional until the "
        "central has judged it; “meet --list” lists it."
    ),
)
@click.argument("code", type=CLEAN_TEXT, required=False)
@click.argument("address", type=CLEAN_TEXT, required=False)
@click.option("--folder", metavar="DIR", type=PATH_PARAM, help=_("Meet by files in this folder, as on a stick."))
@click.option("--list", "listed", is_flag=True, help=_("List what was taken in and is not judged yet."))
@click.option("--guests", type=WholeNumber(1, 500), help=_("End once so many have come; else with ^C."))
@click.option("--port", type=WholeNumber(0, 65535), default=PORT, show_default=True, help=_("The port to listen on."))
@click.pass_obj
def meet(
    run: CommandContext,
    code: str | None,
    address: str | None,
    folder: Path | None,
    listed: bool,
    guests: int | None,
    port: int,
) -> int:
    """Hold a meeting, come to one, or meet by files; exits 3 where a file was refused."""
    if sum((code is not None, folder is not None, listed)) > 1 or (code is None) != (address is None):
        wanted = _("Give a code and an address, or --folder, or --list, or nothing to hold a meeting.")
        raise BadUsage(detail=wanted, command="guanjia meet")
    if listed:
        with home_session(run.home) as session, session.database.read() as connection:
            entries = provisional_entries(connection)
        emit(run.output_format, entries, _show_list, rows_json)
        return OK
    home = require_home(resolve_home(run.home))
    unlock_home(home, unattended=True)
    if code is not None and address is not None:
        met = [meet_host(home, load_settings(home), code, address)]
        result = MeetingResult(met, [])
    elif folder is not None:
        result = meet_in_folder(home, load_settings(home), folder)
    else:
        emit(run.output_format, _hold(home, guests, port), _show_held, MeetingResult.to_json)
        return OK
    emit(run.output_format, result, show_met, MeetingResult.to_json)
    return NEEDS_ATTENTION if result.refused else OK


def _hold(home: Home, guests: int | None, port: int) -> MeetingResult:
    """Hold a meeting until so many have come, or ^C."""
    met: list[MetColleague] = []
    is_over = threading.Event()

    def note(colleague: MetColleague) -> None:
        met.append(colleague)
        say(_met_text(colleague))
        if len(met) == guests:
            is_over.set()

    with hosting(home, load_settings(home), note, port=port) as at:
        say(_("Others type: guanjia meet {code} {address}").format(code=at.code, address=at))
        say(_("^C ends the meeting."))
        try:
            while not is_over.wait(_LOOK_S):
                pass  # a wait without an end cannot be broken off everywhere
        except KeyboardInterrupt:
            say(_("The meeting is over."))
    return MeetingResult(met, [])


def _show_held(result: MeetingResult) -> None:
    """Each was told as they came."""
    if not result.met:
        show(_("Nobody came; nothing was given or taken in."))


def show_met(result: MeetingResult) -> None:
    """Whom this device met and what was exchanged, for people."""
    for colleague in result.met:
        show(_met_text(colleague))
    for path, error in result.refused:
        show(f"{path.name}: {error_text(error)[0]}")
        say("\n".join(error_text(error)[1:]))
    if not result.met and not result.refused:
        show(_("Nobody else has been here yet. This device’s card is there: run it again once others have."))


def _met_text(colleague: MetColleague) -> str:
    taken = ngettext("{n} new version taken in", "{n} new versions taken in", colleague.taken).format(n=colleague.taken)
    given = ngettext("{n} line given", "{n} lines given", colleague.given).format(n=colleague.given)
    return _("{name}: {taken}, {given}.").format(name=colleague.name, taken=taken, given=given)


def _show_list(entries: Sequence[ProvisionalEntry]) -> None:
    columns = (_("Given by"), _("Written"), _("What"), _("Project"), _("Says"))
    show_table(columns, map(_cells, entries))
    say(_("The central has not judged these yet; they are in no list, report or figure until it has."))


def _cells(entry: ProvisionalEntry) -> tuple[object, ...]:
    says = _("deleted") if entry.deleted else next((str(entry.body[f]) for f in _SAYING if entry.body.get(f)), "")
    return entry.author, entry.at, value_label("kind", entry.kind), entry.project, says
