"""``guanjia meet``: what colleagues in the same room have written, where no network leads to the central."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path

import click

from store.exceptions import LineNotFound
from store.home.paths import Home, require_home, resolve_home
from store.home.settings import load_settings
from store.queries.paging import stream_rows
from store.queries.provisional import ProvisionalEntry, provisional_entries, provisional_key
from store.values.text import normalize_name
from sync.round.meeting import MeetingResult, MetColleague, meet_in_folder
from sync.round.meeting_code import PORTS, MeetingAddress, place_in
from sync.round.meeting_net import hosting, meet_host
from tui.cli.errors import NEEDS_ATTENTION, OK, BadUsage
from tui.cli.groups import CLEAN_TEXT, PATH_PARAM, Command, CommandContext
from tui.cli.output import OutputFormat, emit, emit_raw, emit_rows, encode_json, say, show, show_table
from tui.cli.param_types import ALL, WholeNumber
from tui.cli.pin_prompt import unlock_home
from tui.cli.session import home_session, write_session
from tui.i18n.meeting_text import met_text
from tui.i18n.translate import _, error_text, ngettext, value_label

_SAYING = ("title", "name", "text", "number", "act")
"""The fields of which the first one says what a line is about."""
_LOOK_S = 1.0


@click.command(
    cls=Command,
    help=_(
        "Share unsent work with colleagues in the same room, without the central.\n\n"
        "One runs “meet” and shows a code; the others run “meet CODE”. By a stick: each runs “meet --folder DIR” "
        "twice. Each gets what its roles may see. What is taken in is provisional until the central has judged it; "
        "“meet --list” lists it."
    ),
)
@click.argument("code", type=CLEAN_TEXT, required=False)
@click.argument("address", type=CLEAN_TEXT, required=False)
@click.option("--folder", metavar="DIR", type=PATH_PARAM, help=_("Meet by files in this folder, as on a stick."))
@click.option("--list", "listed", is_flag=True, help=_("List what was taken in and is not judged yet."))
@click.option(
    "--drop",
    "dropped",
    metavar="ID",
    multiple=True,
    type=CLEAN_TEXT,
    help=_("Put what was taken in of this line aside, or “all”: it is in the bin then. Repeatable."),
)
@click.option("--guests", type=WholeNumber(1, 500), help=_("End once so many have come; else with ^C."))
@click.option(
    "--port", type=WholeNumber(0, 65535), default=PORTS[0], show_default=True, help=_("The port to listen on.")
)
@click.pass_obj
def meet(
    run: CommandContext,
    code: str | None,
    address: str | None,
    folder: Path | None,
    listed: bool,
    dropped: tuple[str, ...],
    guests: int | None,
    port: int,
) -> int:
    """Hold a meeting, come to one, or meet by files; exits 3 where a file was refused."""
    if sum((code is not None, folder is not None, listed, bool(dropped))) > 1:
        wanted = _("Give a code, or --folder, or --list, or --drop, or nothing to hold a meeting.")
        raise BadUsage(detail=wanted, command="guanjia meet")
    if listed:
        return _list(run)
    if dropped:
        return _drop(run, dropped)
    if code is not None and address is None and place_in(code) is None:
        raise BadUsage(detail=_("This code says no address: give it after the code."), command="guanjia meet")
    home = require_home(resolve_home(run.home))
    unlock_home(home, unattended=True)
    if code is not None:
        result = MeetingResult([meet_host(home, load_settings(home), code, address)], [])
    elif folder is not None:
        result = meet_in_folder(home, load_settings(home), folder)
    else:
        _hold(run.output_format, home, guests, port)
        return OK
    emit(run.output_format, result, show_met, MeetingResult.to_json)
    return NEEDS_ATTENTION if result.refused else OK


def _list(run: CommandContext) -> int:
    with home_session(run.home) as session, session.database.read() as connection:
        rows = stream_rows(partial(provisional_entries, connection), provisional_key)
        emit_rows(run.output_format, rows, _show_list, ProvisionalEntry.to_json)
    return OK


def _drop(run: CommandContext, ids: tuple[str, ...]) -> int:
    """Put versions aside: those of these lines, or all."""
    from store.writer.provisional import MeetingLedger

    with write_session(run.home) as writing:
        session = writing.session
        with session.database.read() as connection:
            entries = provisional_entries(connection)
        wanted = set(ids)
        is_all = any(normalize_name(each) in ALL for each in ids)
        if unknown := wanted - {entry.line for entry in entries} if not is_all else ():
            raise LineNotFound(id=min(unknown))
        chosen = [(entry.line, entry.device) for entry in entries if is_all or entry.line in wanted]
        count = MeetingLedger(session.database, wall_clock=session.wall_clock_ms).drop_provisional(chosen)
    emit(run.output_format, {"dropped": count}, _show_dropped)
    return OK


def _show_dropped(result: Mapping[str, int]) -> None:
    n = result["dropped"]
    text = ngettext("{n} version put aside; it is in the bin.", "{n} versions put aside; they are in the bin.", n)
    show(text.format(n=n))


def _hold(output_format: OutputFormat, home: Home, guests: int | None, port: int) -> None:
    """Hold a meeting until so many have come, or ^C. With ``--ndjson`` each thing that happens is a line at once."""
    met: list[MetColleague] = []
    is_over = threading.Event()
    tells_at_once = output_format is OutputFormat.NDJSON

    def note(colleague: MetColleague) -> None:
        met.append(colleague)
        if tells_at_once:
            emit_raw([encode_json({"event": "met", **colleague._asdict()})])
        say(met_text(colleague._asdict()))
        if len(met) == guests:
            is_over.set()

    try:
        with hosting(home, load_settings(home), note, port=port) as at:
            if tells_at_once:
                emit_raw([encode_json({"event": "open", "code": at.code, "address": str(at)})])
            _say_where(at)
            while not is_over.wait(_LOOK_S):
                pass  # a wait without an end cannot be broken off everywhere
    except KeyboardInterrupt:
        say(_("The meeting is over."))
    if not tells_at_once:
        emit(output_format, MeetingResult(met, []), _show_held, MeetingResult.to_json)


def _say_where(at: MeetingAddress) -> None:
    if at.is_in_code:
        say(_("Others type: guanjia meet {code}").format(code=at.code))
        say(_("Where that leads nowhere: guanjia meet {code} ADDRESS, with this machine’s address in their network.")
            .format(code=at.code))  # fmt: skip
    else:
        say(_("Others type: guanjia meet {code} {address}").format(code=at.code, address=at))
    say(_("^C ends the meeting."))


def _show_held(result: MeetingResult) -> None:
    """Each was told as they came."""
    if not result.met:
        show(_("Nobody came; nothing was given or taken in."))


def show_met(result: MeetingResult) -> None:
    """Whom this device met and what was exchanged, for people."""
    for colleague in result.met:
        show(met_text(colleague._asdict()))
    for path, error in result.refused:
        show(f"{path.name}: {error_text(error)[0]}")
        say("\n".join(error_text(error)[1:]))
    if not result.met and not result.refused:
        show(_("Nobody else has been here yet. This device’s card is there: run it again once others have."))


def _show_list(entries: Iterable[ProvisionalEntry]) -> None:
    columns = (_("Given by"), _("Written"), _("What"), _("Project"), _("Says"), "ID")
    show_table(columns, map(_cells, entries))
    say(_("The central has not judged these yet; they are in no list, report or figure until it has."))


def _cells(entry: ProvisionalEntry) -> tuple[object, ...]:
    says = _("deleted") if entry.deleted else next((str(entry.body[f]) for f in _SAYING if entry.body.get(f)), "")
    return entry.author, entry.at, value_label("kind", entry.kind), entry.project, says, entry.line
