"""``guanjia doctor``: checks everything that can be wrong with a home and says what to do about it."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass

import click
import sqlcipher3.dbapi2 as sqlite

from store.db.connection import require_sqlite
from store.db.database import Database
from store.db.device_facts import read_device_facts
from store.exceptions import GuanjiaError
from store.home.blobs.blob_store import BlobStore
from store.home.blobs.transfers import read_marks
from store.home.credentials import Credentials, open_credentials
from store.home.device_state import DeviceState
from store.home.error_log import read_log
from store.home.paths import Home, RoundLock, is_private, require_home, resolve_home
from store.home.settings import Settings, load_settings
from store.ledger.hlc import MAX_CLOCK_AHEAD_MS, system_clock_ms
from store.queries.blob_queue import blob_queue, has_attachments
from store.queries.intake import LogState
from store.queries.status import (
    QuarantineEntry,
    StoreStatus,
    count_lines,
    count_quarantined,
    quarantined_lines,
    store_status,
)
from store.values.faults import Fault
from store.values.file_causes import file_cause
from store.values.times import district_time
from store.values.workdays import is_announced
from store.writer.checksums import has_damaged_line
from store.writer.issue_repair import repair_issue_states
from store.writer.project_figures import repair_project_figures
from store.writer.safety_copy import lacks_safety_copy
from store.writer.scrubbing import is_scrub_due, scrub_if_due
from store.writer.stray_blobs import orphans, remove_strays
from store.writer.sync_writes import SyncLedger
from store.writer.upgrade import open_store
from sync.device.device import Device
from sync.protocol import HelloAnswer, HelloRequest
from sync.round import central_address, connect_central
from tui.cli.errors import NEEDS_ATTENTION, OK
from tui.cli.groups import Command, CommandContext
from tui.cli.output import emit, fields_json, show_table
from tui.cli.pin_prompt import unlock_home
from tui.cli.progress import progress_bar
from tui.exceptions import UnexpectedError
from tui.i18n.fault_text import fault_text
from tui.i18n.sync_text import duration_text, log_text, signed_duration_text
from tui.i18n.translate import _, ngettext, value_label
from tui.keys.keymap import read_keymap

MIN_FREE_BYTES = 200 << 20
"""With less than this free on the disk somebody should make room."""
_QUARANTINED_NAMED = 5
LOG_WINDOW_MS = 7 * 86_400_000
"""How far back the log is read."""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found. ``check`` is stable, and so is ``code``, the error that kept the check from finding anything.
    ``detail`` and ``remedy`` are for people, in their language."""

    check: str
    ok: bool
    detail: str
    remedy: str | None = None
    code: str | None = None


@click.command(
    cls=Command,
    help=_("Check the store, key, clock, disk, central and daemon, and say what to do; 3 if a person should look."),
)
@click.option("--recompute", is_flag=True, help=_("Also work out every issue’s state anew from its steps."))
@click.pass_obj
def doctor(run: CommandContext, recompute: bool) -> int:
    """Print what every check found."""
    home = resolve_home(run.home)
    results = list(run_checks(home))
    if recompute:
        results.append(_run_check("states", lambda: _states(home)))
    emit(run.output_format, results, _show, fields_json)
    return OK if all(result.ok for result in results) else NEEDS_ATTENTION


def run_checks(home: Home) -> Iterator[CheckResult]:
    """Every check, in an order in which each needs those before it; what cannot be looked at is left out."""
    yield _run_check("sqlite", _sqlite)
    settings: list[Settings] = []
    yield _run_check("settings", lambda: _settings(home, settings))
    yield _run_check("home", lambda: _home(home))
    yield _run_check("permissions", lambda: _permissions(home))
    yield _keys(home)
    yield _log(home)
    if not settings or not home.exists:
        return
    databases: list[Database] = []
    credentials = open_credentials(home, settings[0].credentials)
    was_in_clear = _is_in_clear(credentials)
    yield _run_check("key", lambda: _key(home, settings[0], databases))
    if was_in_clear:
        yield _pin(credentials)
    if databases:
        yield from _store_checks(home, settings[0], databases[0])
        databases[0].close()
    yield _run_check("disk", lambda: _disk(home))


def _store_checks(home: Home, settings: Settings, database: Database) -> Iterator[CheckResult]:
    statuses: list[StoreStatus] = []
    with ThreadPoolExecutor(1, "lines") as beside:  # SQLite checks the file outside of Python's lock
        compared: list[Future[bool]] = []
        yield _run_check("store", lambda: _store(database, statuses, beside, compared))
        yield _run_check("device", lambda: _device_state(DeviceState(database)))
        if not statuses:
            return
        status = statuses[0]
        yield _run_check("digests", lambda: _checksums(database, compared[0]))
    yield _calendar(status)
    yield _clock(status)
    yield _rejected(status)
    if status.log is not None:
        yield _log_of_central(status.log)
    yield _run_check("fields", lambda: _quarantined(database))
    yield from _attachments(database, status)
    if is_scrub_due(database):
        yield _run_check("erased", lambda: _erased(database))
    yield _run_check("central", lambda: _central(home, settings, status))
    yield _daemon(home, status)


def _run_check(check: str, run: Callable[[], CheckResult]) -> CheckResult:
    """What a check found, or the error that kept it from finding anything."""
    try:
        return run()
    except GuanjiaError as error:
        what, data, remedy = error.localized(_, value_label)
        return CheckResult(check, False, f"{what} {data}", remedy, error.code)
    except sqlite.Error as error:
        return CheckResult(check, False, str(error), _("Restore a backup with “guanjia restore-backup”."))
    except OSError as error:
        return CheckResult(
            check,
            False,
            f"{error.filename}: {value_label('file_cause', file_cause(error.errno))}",
            _("Check the folder and its permissions."),
        )


def _sqlite() -> CheckResult:
    require_sqlite(sqlite.sqlite_version)
    return CheckResult("sqlite", True, f"SQLite {sqlite.sqlite_version}")


def _settings(home: Home, loaded: list[Settings]) -> CheckResult:
    settings = load_settings(home)
    loaded.append(settings)
    details = [problem.localized(_) for problem in settings.problems]
    if settings.misspelt:
        names = ", ".join(misspelt.name for misspelt in settings.misspelt)
        details.append(_("No settings of this name: {names}.").format(names=names))
    if details:
        return CheckResult("settings", False, " ".join(details), _("See “guanjia settings”."))
    return CheckResult("settings", True, str(home.settings) if home.settings.exists() else _("all defaults"))


def _keys(home: Home) -> CheckResult:
    """Whether all that the keymap file asks for is obeyed."""
    problems = read_keymap(home.keymap).problems
    if problems:
        detail = " ".join(problem.message() for problem in problems)
        return CheckResult("keys", False, detail, _("See “guanjia settings keys”."))
    return CheckResult("keys", True, str(home.keymap) if home.keymap.exists() else _("all defaults"))


def _log(home: Home) -> CheckResult:
    """The errors that screens, commands and the daemon logged lately; an unexpected one is for who maintains them."""
    since = district_time(system_clock_ms() - LOG_WINDOW_MS).isoformat()
    lately = [what for at, what in read_log(home.path) if at > since]
    mistakes = [what for what in lately if what.startswith(UnexpectedError.code)]
    detail = ngettext("{n} error logged in the last 7 days", "{n} errors logged in the last 7 days", len(lately))
    text = detail.format(n=len(lately)) + (f": {lately[-1]}" if lately else "")
    remedy = _("Send the file {log} to whoever looks after guanjia.").format(log=home.log)
    return CheckResult("log", not mistakes, text, remedy if mistakes else "")


def _home(home: Home) -> CheckResult:
    require_home(home)
    return CheckResult("home", True, str(home.path))


def _permissions(home: Home) -> CheckResult:
    home.check()
    secrets = [home.path, *home.credentials.glob("*"), *home.path.glob("ledger.*")]
    exposed = [str(path) for path in secrets if path.name != "ledger.db" and not is_private(path.stat())]
    if exposed:
        return CheckResult(
            "permissions", False, _("Others may read: {names}.").format(names=", ".join(exposed)), "chmod go= …"
        )
    return CheckResult("permissions", True, _("only you can read this home"))


def _key(home: Home, settings: Settings, databases: list[Database]) -> CheckResult:
    unlock_home(home)
    databases.append(open_store(home.database, open_credentials(home, settings.credentials).key()))
    with databases[-1].read() as connection:
        has_copy = read_device_facts(connection).key_copied_at is not None
    if has_copy:
        return CheckResult("key", True, _("the key opens the ledger; a copy of it was made"))
    detail = _("The key opens the ledger. No copy of it was ever made: if it is lost, nobody can open this ledger.")
    remedy = _("Make a copy with “guanjia backup FILE --key-file KEYFILE” and keep it somewhere else.")
    return CheckResult("key", True, detail, remedy)


def _is_in_clear(credentials: Credentials) -> bool:
    with contextlib.suppress(GuanjiaError, OSError):  # the key's check says what is wrong with the place
        return credentials.is_key_in_clear
    return False


def _pin(credentials: Credentials) -> CheckResult:
    """A PIN is set and the key was in clear beside it: unlocking has finished that, or could not."""
    if not _is_in_clear(credentials):
        return CheckResult("pin", True, _("setting the PIN had been interrupted; the key is out of the clear now"))
    detail = _(
        "A PIN is set, and the key can still be read without it: setting the PIN was interrupted, or the keyring "
        "does not forget."
    )
    remedy = _("Unlock the program once with the PIN. If this stays, delete the key “guanjia” in the keyring by hand.")
    return CheckResult("pin", False, detail, remedy)


def _store(
    database: Database, statuses: list[StoreStatus], beside: Executor, compared: list[Future[bool]]
) -> CheckResult:
    """Check the file, and let ``beside`` compare the lines with their checksums meanwhile."""
    with database.read() as connection:
        total = count_lines(connection)
    with progress_bar(_("Checking the file and the lines"), total) as advance:
        compared.append(beside.submit(has_damaged_line, database, advance))
        damage = database.integrity_errors()
    if damage:
        remedy = _("Restore a backup with “guanjia restore-backup”, or join again into a new home.")
        return CheckResult("store", False, "; ".join(damage[:3]), remedy)
    with database.read() as connection:
        statuses.append(store_status(connection))
        without_copy = lacks_safety_copy(connection)
    lines = statuses[0].lines
    sound = ngettext("sound, {n} line", "sound, {n} lines", lines).format(n=lines)
    if without_copy:
        sound += " · " + _("upgraded without a copy of the ledger as it was: there was no room for one")
    return CheckResult("store", True, sound, _("Make a backup with “guanjia backup”.") if without_copy else None)


def _device_state(state: DeviceState) -> CheckResult:
    """The device's own file. It is set aside where it is damaged: the ledger is another file."""
    state.check()
    if aside := state.files_set_aside():
        names = _(", ").join(path.name for path in aside)
        detail = _("sound; damaged files of earlier drafts and histories: {names}").format(names=names)
        return CheckResult("device", True, detail, _("Delete them when nobody misses a draft."))
    return CheckResult("device", True, _("sound: drafts and histories can be kept"))


def _attachments(database: Database, status: StoreStatus) -> Iterator[CheckResult]:
    """Attached files: whether those that only this device can have are here, and what no line names; such files, of
    processes that were killed, are deleted. Nothing where nothing is attached."""
    with database.read() as connection:
        is_any = has_attachments(connection)
    if is_any:
        yield _run_check("attachments", lambda: _attached_files(database, status.central is not None))


def _attached_files(database: Database, has_joined: bool) -> CheckResult:
    remove_strays(database)
    for path in orphans(database):
        path.unlink(missing_ok=True)
    blobs = BlobStore(database)
    with database.read() as connection:
        queue = blob_queue(connection, blobs, read_marks(database), system_clock_ms())
    lost = [one for one in queue if one.direction == "down" and (one.hold == "missing" or not has_joined)]
    if lost:
        detail = ngettext("{n} attached file is missing: {names}", "{n} attached files are missing: {names}", len(lost))
        named = _(", ").join(sorted({one.name for one in lost})[:_QUARANTINED_NAMED])
        remedy = _("Attach them again from where they came; nobody else has them.")
        return CheckResult("attachments", False, detail.format(n=len(lost), names=named), remedy)
    waiting = len([one for one in queue if one.hold is None])
    count = len(blobs.names())
    detail = ngettext("{n} file here", "{n} files here", count).format(n=count)
    waits = ngettext("{n} waits for the line", "{n} wait for the line", waiting).format(n=waiting)
    return CheckResult("attachments", True, f"{detail} · {waits}" if waiting else detail)


def _checksums(database: Database, compared: Future[bool]) -> CheckResult:
    """Whether the rows are what the running checksums say. Checksums that differ are computed again, so that the next
    round fetches those buckets."""
    damaged = compared.result()
    with database.read() as connection:
        joined = read_device_facts(connection).get("central")
    if not damaged:
        return CheckResult("digests", True, _("every line is as it was stored"))
    wrong = len(SyncLedger(database).recompute_checksums())
    detail = ngettext("{n} bucket differs from what was stored.", "{n} buckets differ from what was stored.", wrong)
    remedy = _("Run “guanjia sync”: they are fetched again.") if joined else _("Restore a backup.")
    return CheckResult("digests", False, detail.format(n=wrong), remedy)


def _states(home: Home) -> CheckResult:
    """Every issue's stored state against its own line and its steps. What differs is written anew."""
    settings = load_settings(home)
    database = open_store(home.database, open_credentials(home, settings.credentials).key())
    try:
        count, differing = repair_issue_states(database, system_clock_ms())
        projects = repair_project_figures(database)
    finally:
        database.close()
    if differing:
        detail = ngettext("{n} issue had another state.", "{n} issues had another state.", len(differing))
        return CheckResult("states", False, detail.format(n=len(differing)), _("It has been put right."))
    if projects:
        detail = ngettext("{n} project had other figures.", "{n} projects had other figures.", len(projects))
        return CheckResult("states", False, detail.format(n=len(projects)), _("It has been put right."))
    sound = ngettext("{n} issue worked out anew, no difference", "{n} issues worked out anew, no difference", count)
    return CheckResult("states", True, sound.format(n=count))


def _calendar(status: StoreStatus) -> CheckResult:
    """Whether the holidays of this year are known: the day of the last round tells the year, else this machine does."""
    year = district_time(system_clock_ms() + status.clock_offset_ms).year
    if is_announced(year):
        return CheckResult("calendar", True, _("the holidays of {year} are known").format(year=year))
    detail = _("The holidays of {year} are not announced yet: Monday to Friday is assumed.").format(year=year)
    return CheckResult(
        "calendar",
        True,
        detail,
        _("Once they are announced, update the program, or let the bureau enter them: “guanjia holiday import FILE”."),
    )


def _clock(status: StoreStatus) -> CheckResult:
    seconds = signed_duration_text(status.clock_offset_ms)
    if abs(status.clock_offset_ms) > MAX_CLOCK_AHEAD_MS:
        detail = _("This machine’s clock is off by {seconds}; what you write is stamped right all the same.")
        return CheckResult(
            "clock", False, detail.format(seconds=seconds), _("Set the clock, or let it be set by the network.")
        )
    measured = _("off by {seconds} when last measured") if status.verified_at else _("not measured yet")
    return CheckResult("clock", True, measured.format(seconds=seconds))


def _rejected(status: StoreStatus) -> CheckResult:
    count = status.rejected
    if count:
        detail = ngettext("The central refused {n} line.", "The central refused {n} lines.", count).format(n=count)
        return CheckResult("rejected", False, detail, _("See “guanjia rejected”."))
    return CheckResult("rejected", True, _("no line was refused"))


def _log_of_central(log: LogState) -> CheckResult:
    """Whether the central's log of what it took in is still what it was."""
    remedy = _("Keep this device as it is until somebody who supervises the central has looked.")
    return CheckResult("intake", log.fault is None, log_text(log), None if log.fault is None else remedy)


def _quarantined(database: Database) -> CheckResult:
    """Whether lines have fields that are not valid, as a colleague's older version or a central may send them."""
    with database.read() as connection:
        count, entries = count_quarantined(connection), quarantined_lines(connection, _QUARANTINED_NAMED)
    if not count:
        return CheckResult("fields", True, _("all lines are valid"))
    named = "; ".join(map(_quarantine_text, entries))
    detail = ngettext("{n} line has fields that cannot be right", "{n} lines have fields that cannot be right", count)
    remedy = _("They are kept whole, and those fields are not shown. Correct the lines here, or ask who wrote them to.")
    return CheckResult("fields", False, f"{detail.format(n=count)}: {named}", remedy)


def _erased(database: Database) -> CheckResult:
    """Try once more to write the files anew."""
    if scrub_if_due(database):
        return CheckResult("erased", True, _("what was erased is out of the files now"))
    detail = _(
        "parts of what was erased are still in the files, which somebody is reading or for which there is no room"
    )
    return CheckResult("erased", False, detail, _("Close the program’s other windows, make room, and try again."))


def _quarantine_text(entry: QuarantineEntry) -> str:
    faults = "; ".join(fault_text(Fault(field, problem)) for field, problem in entry.problems.items())
    return f"{value_label('kind', entry.kind)} {entry.id} ({faults})"


def _central(home: Home, settings: Settings, status: StoreStatus) -> CheckResult:
    address = central_address(settings, status.central)
    if address is None:
        return CheckResult("central", True, _("none: this home works alone"))
    with Device.open(home, settings) as device:
        try:
            answer = asyncio.run(_hello(device, status))
        except GuanjiaError as error:
            raise type(error)(**{"pending": status.pending, **error.values}) from None
    if answer.clock_doubtful:
        size = duration_text(abs(answer.clock_off_ms or 0))
        detail = _("The central’s clock is wrong (by about {size}), not this machine’s: it takes nothing in.")
        remedy = _("Tell the bureau: the clock of the central’s machine must be set. Your records stay here.")
        return CheckResult("central", False, detail.format(size=size), remedy)
    return CheckResult("central", True, _("{central} answers, protocol {n}").format(central=address, n=answer.protocol))


async def _hello(device: Device, status: StoreStatus) -> HelloAnswer:
    """Only the greeting of a round: it shows whether address, certificate, token and version are good."""
    greeting = HelloRequest(
        device=status.device,
        cursor=status.cursor,
        agreed=device.ledger.total_checksum(),
        time=device.now_ms(),
        offset_ms=status.clock_offset_ms,
    )
    async with connect_central(device, status.central) as central:
        return await central.hello(greeting)


def _daemon(home: Home, status: StoreStatus) -> CheckResult:
    holder = RoundLock(home.round_lock).holder()
    if holder is not None:
        return CheckResult("daemon", True, f"{holder.purpose} ({holder.pid})")
    if status.central and status.pending:
        detail = ngettext("not running, {n} line unsent", "not running, {n} lines unsent", status.pending)
        remedy = _("Run “guanjia sync” now and then, or “guanjia daemon install” once.")
        return CheckResult("daemon", True, detail.format(n=status.pending), remedy)
    return CheckResult("daemon", True, _("not running"))


def _disk(home: Home) -> CheckResult:
    free = shutil.disk_usage(home.path).free
    detail = _("{n} MB free").format(n=free >> 20)
    if free < MIN_FREE_BYTES:
        return CheckResult("disk", False, detail, _("Make room: a ledger that cannot grow cannot be written."))
    return CheckResult("disk", True, detail)


def _show(results: list[CheckResult]) -> None:
    show_table((_("Check"), "", _("What was found"), _("What to do")), map(_cells, results))


def _cells(result: CheckResult) -> tuple[object, ...]:
    return result.check, _("well") if result.ok else _("look!"), result.detail, result.remedy
