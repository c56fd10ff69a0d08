"""``guanjia bundle export`` and ``import``: rounds by file, for offices without a network."""

from __future__ import annotations

from pathlib import Path

import click

from store.home.blobs.blob_store import BlobStore
from store.home.blobs.transfers import read_marks
from store.home.paths import require_home, resolve_home
from store.home.settings import load_settings
from store.queries.blob_queue import blob_queue, has_attachments
from sync.round.by_file import FolderResult, TakenAnswer, export_bundle, import_bundles
from sync.round.join_by_file import join_by_answer
from sync.steps.carried import WrittenMessage
from tui.cli.errors import NEEDS_ATTENTION, OK, BadUsage
from tui.cli.groups import PATH_PARAM, Command, CommandContext, LazyCommand, LazyGroup
from tui.cli.output import emit, say, show
from tui.cli.pin_prompt import unlock_home
from tui.cli.session import home_session
from tui.i18n.sync_text import signed_duration_text
from tui.i18n.translate import _, error_text, ngettext

ENTRIES = (
    LazyCommand("export", f"{__name__}:export", _("Write what is unsent as a file for the central.")),
    LazyCommand("import", f"{__name__}:import_", _("Take in the central’s answers; take others’ files along.")),
)


@click.group(
    cls=LazyGroup,
    entries=ENTRIES,
    help=_(
        "Sync by files, where no network leads to the central: on a USB stick, or through a colleague.\n\n"
        "“bundle export” writes a file that only the central can read. Its answer comes back as a file, and “bundle "
        "import” takes it in. Files may come late, twice or in any order."
    ),
)
def bundle() -> None:
    """The commands about files for the central."""


@click.command(cls=Command, help=next(entry.help for entry in ENTRIES if entry.name == "export"))
@click.argument("out", metavar="FILE|DIR", type=PATH_PARAM)
@click.option(
    "--all",
    "again",
    is_flag=True,
    help=_("Also what was written on this device and sent before: it changes nothing twice."),
)
@click.pass_obj
def export(run: CommandContext, out: Path, *, again: bool) -> None:
    """Write the file and print its path."""
    home = require_home(resolve_home(run.home))
    unlock_home(home, unattended=True)
    written = export_bundle(home, load_settings(home), out, again=again)
    emit(run.output_format, written, _show_written, _written_json)
    if count := _files_that_wait(run):
        text = ngettext(
            "{n} attached file is not in it: attached files travel over a network only, and wait here until then.",
            "{n} attached files are not in it: attached files travel over a network only, and wait here until then.",
            count,
        )
        say(text.format(n=count))


def _files_that_wait(run: CommandContext) -> int:
    """How many attached files of this device the central has not confirmed to have."""
    with home_session(run.home, unattended=True) as session, session.database.read() as connection:
        if not has_attachments(connection):
            return 0
        marks = read_marks(session.database)
        queue = blob_queue(connection, BlobStore(session.database), marks, session.wall_clock_ms())
        return len({waiting.line for waiting in queue if waiting.direction == "up"})


def _show_written(written: WrittenMessage) -> None:
    show(str(written.file))
    lines = ngettext("{n} line is in it", "{n} lines are in it", written.lines).format(n=written.lines)
    say(lines + _(". What is unsent waits here until the central’s answer has come; bring this file to the central."))
    if written.carried:
        others = ngettext("{n} file of others is there too.", "{n} files of others are there too.", written.carried)
        say(others.format(n=written.carried))


def _written_json(written: WrittenMessage) -> dict[str, object]:
    return {**written._asdict(), "file": str(written.file)}


@click.command(cls=Command, help=next(entry.help for entry in ENTRIES if entry.name == "import"))
@click.argument("files", metavar="FILE|DIR…", type=PATH_PARAM, nargs=-1, required=True)
@click.pass_obj
def import_(run: CommandContext, files: tuple[Path, ...]) -> int:
    """Take the files in and say what each did; exits 3 where a person should look."""
    home = require_home(resolve_home(run.home))
    unlock_home(home, unattended=True)
    if len(files) > 1 and any(path.is_dir() for path in files):
        raise BadUsage(detail=_("Name files, or one folder."), command="guanjia bundle import")
    settings = load_settings(home)
    joined = join_by_answer(home, settings, files)
    if joined is not None:
        files = tuple(path for path in files if path != joined.file)
    result = import_bundles(home, settings, files)
    if joined is not None:
        result = result._replace(joined=joined.result)
    emit(run.output_format, result, show_taken, _taken_json)
    return OK if result.needs_no_attention else NEEDS_ATTENTION


def _taken_json(result: FolderResult) -> dict[str, object]:
    refused = [
        {"file": str(path), "code": error.code, "what": "\n".join(error_text(error))} for path, error in result.refused
    ]
    answers = [{**taken.to_json(), "what": f"{taken.file.name}: {answer_text(taken)}"} for taken in result.answers]
    return {**result.to_json(), "answers": answers, "refused": refused}


def show_taken(result: FolderResult) -> None:
    """What each file did, for people."""
    if result.joined is not None:
        told = _("This home has joined: {name}, {district}. “guanjia bundle export” sends what waits here.")
        show(told.format(name=result.joined.person_name, district=result.joined.district_name))
    for taken in result.answers:
        show(f"{taken.file.name}: {answer_text(taken)}")
    for path, error in result.refused:
        show(f"{path.name}: {error_text(error)[0]}")
        say("\n".join(error_text(error)[1:]))
    if result.carried:
        others = ngettext(
            "{n} file of others is taken along: the next round hands it in.",
            "{n} files of others are taken along: the next round hands them in.",
            result.carried,
        )
        show(others.format(n=result.carried))
    if not (result.answers or result.refused or result.carried or result.joined):
        show(_("No answer for this home is there."))


def answer_text(taken: TakenAnswer) -> str:
    """What one answer did, in a sentence or two."""
    told, result = taken.imported, taken.result
    if not told.is_new:
        return _("it was taken in already, or a later answer has settled its message; nothing was changed.")
    if told.needs_network:
        return _(
            "the central was set back to an earlier state. Sync once over a network, which brings back what it lost."
        )
    if told.was_corrected:
        off = _(
            "this machine’s clock was off by {seconds} and is corrected for. Write a file once more: nothing is lost."
        )
        return off.format(seconds=signed_duration_text(result.clock_offset_ms))
    text = _("sent {pushed}, received {pulled}, refused {rejected}.").format(
        pushed=result.pushed, pulled=result.pulled, rejected=result.rejected
    )
    if told.is_late:
        return text + _(" It came late: what the central has sent since is here already.")
    return (
        text if told.equal else text + _(" Both sides were not found equal; a round over a network compares in full.")
    )
