"""``guanjia bundle export`` and ``import``: rounds by file, for offices without a network."""

from __future__ import annotations

from pathlib import Path

import click

from store.exceptions import StoreError
from store.home.blobs.blob_store import BlobStore
from store.home.blobs.transfers import read_marks
from store.home.paths import require_home, resolve_home
from store.home.settings import load_settings
from store.queries.blob_queue import blob_queue, has_attachments
from sync.round.by_file import (
    FolderResult,
    TakenAnswer,
    WrittenBundles,
    export_bundle,
    export_with_files,
    import_bundles,
)
from sync.round.carried_files import TakenFiles
from sync.round.join_by_file import join_by_answer
from sync.steps.carried import WrittenMessage
from tui.cli.errors import NEEDS_ATTENTION, OK, BadUsage
from tui.cli.groups import PATH_PARAM, Command, CommandContext, LazyCommand, LazyGroup, WholeNumber
from tui.cli.output import emit, say, show
from tui.cli.pin_prompt import unlock_home
from tui.cli.session import home_session
from tui.i18n.sync_text import format_size, signed_duration_text
from tui.i18n.translate import _, error_text, ngettext

_MB = 1_000_000
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
@click.option(
    "--with-files", is_flag=True, help=_("Attached files too, in a file beside it, as far as the stick has room.")
)
@click.option(
    "--files-mb",
    type=WholeNumber(min=1),
    metavar="N",
    help=_("With --with-files: at most N megabytes of them."),
)
@click.pass_obj
def export(run: CommandContext, out: Path, *, again: bool, with_files: bool, files_mb: int | None) -> None:
    """Write the file and print its path."""
    home = require_home(resolve_home(run.home))
    unlock_home(home, unattended=True)
    if not with_files:
        written = WrittenBundles(export_bundle(home, load_settings(home), out, again=again))
    else:
        most = None if files_mb is None else files_mb * _MB
        written = export_with_files(home, load_settings(home), out, again=again, most=most)
    emit(run.output_format, written, _show_bundles, WrittenBundles.to_json)
    if not with_files:
        _say_files_that_wait(run)


def _say_files_that_wait(run: CommandContext) -> None:
    """Say that attached files are not in it; the file for the central is good whatever is wrong with them."""
    try:
        count = _files_that_wait(run)
    except StoreError as error:
        say("\n".join(error_text(error)))
        return
    if count:
        text = ngettext(
            "{n} attached file is not in it, and waits here for a network; --with-files takes it along.",
            "{n} attached files are not in it, and wait here for a network; --with-files takes them along.",
            count,
        )
        say(text.format(n=count))


def _show_bundles(written: WrittenBundles) -> None:
    _show_written(written.message)
    files = written.files
    if files is None:
        return
    if files.file is not None:
        show(str(files.file))
        text = ngettext(
            "{n} attached file is in it, {size}: bring it to the central too.",
            "{n} attached files are in it, {size}: bring it to the central too.",
            files.files,
        )
        say(text.format(n=files.files, size=format_size(files.bytes)))
    if files.left:
        text = ngettext(
            "{n} attached file has no room there, or goes on with the next stick.",
            "{n} attached files have no room there, or go on with the next stick.",
            files.left,
        )
        say(text.format(n=files.left))


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
    files = [{**each.to_json(), "what": f"{each.file.name}: {files_text(each)}"} for each in result.files]
    return {**result.to_json(), "answers": answers, "refused": refused, **({"files": files} if files else {})}


def show_taken(result: FolderResult) -> None:
    """What each file did, for people."""
    if result.joined is not None:
        told = _("This home has joined: {name}, {district}. “guanjia bundle export” sends what waits here.")
        show(told.format(name=result.joined.person_name, district=result.joined.district_name))
    for taken in result.answers:
        show(f"{taken.file.name}: {answer_text(taken)}")
    for each in result.files:
        show(f"{each.file.name}: {files_text(each)}")
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
    if not (result.answers or result.files or result.refused or result.carried or result.joined):
        show(_("No answer for this home is there."))


def files_text(taken: TakenFiles) -> str:
    """What an answer to attached files did, in a sentence or two."""
    text = _("attached files: the central has {confirmed}, {received} came here, {begun} in part.").format(
        confirmed=taken.confirmed, received=taken.received, begun=taken.begun
    )
    if taken.refused:
        text += _(" Refused: {n}; “guanjia attachment queue” says why.").format(n=taken.refused)
    return text + (_(" It came late, and confirms nothing.") if taken.is_late else "")


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
