"""``guanjia doctor``: checks everything that can be wrong with a home and says what to do about it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import click
import sqlcipher3.dbapi2 as sqlite

from store.db.connection import require_sqlite
from store.db.database import Database
from store.db.meta import read_meta
from store.exceptions import GuanjiaError
from store.home.paths import Home, RoundLock, find_home, is_private, open_home
from store.home.settings import Settings, load_settings
from store.ledger.hlc import AHEAD_LIMIT_MS, wall_ms
from store.queries.status import Status
from store.queries.status import status as read_status
from store.queries.waiting import is_damaged
from store.values.times import now_in
from store.values.workdays import is_announced
from store.writer.issue_repair import recompute
from store.writer.sync_writes import Exchange
from store.writer.upgrade import open_store
from sync.device.credentials import open_credentials
from sync.device.device import Device
from sync.protocol import HelloAnswer, HelloRequest
from sync.round import address_of, connect
from tui.cli.errors import LOOK, OK
from tui.cli.groups import Command, Run
from tui.cli.output import emit, show_table
from tui.exceptions import Unforeseen, logged
from tui.i18n.translate import _, ngettext, word
from tui.keys.keymap import read_keymap

ROOM_BYTES = 200 << 20
"""With less than this free on the disk somebody should make room."""
LATELY_MS = 7 * 86_400_000
"""How far back the log is read."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found. ``check`` is stable; ``detail`` and ``remedy`` are for people, in their language."""

    check: str
    ok: bool
    detail: str
    remedy: str | None = None


@click.command(
    cls=Command,
    help=_("Check the store, key, clock, disk, central and daemon, and say what to do; 3 if a person should look."),
)
@click.option("--recompute", is_flag=True, help=_("Also work out every issue’s state anew from its steps."))
@click.pass_obj
def doctor(run: Run, recompute: bool) -> int:
    """Print what every check found."""
    home = find_home(run.home)
    found = list(examine(home))
    if recompute:
        found.append(_attempt("states", lambda: _states(home)))
    emit(run.form, [asdict(one) for one in found], _show)
    return OK if all(one.ok for one in found) else LOOK


def examine(home: Home) -> Iterator[Finding]:
    """Every check, in an order in which each needs those before it; what cannot be looked at is left out."""
    yield _attempt("sqlite", _sqlite)
    settings: list[Settings] = []
    yield _attempt("settings", lambda: _settings(home, settings))
    yield _attempt("home", lambda: _home(home))
    yield _attempt("permissions", lambda: _permissions(home))
    yield _keys(home)
    yield _log(home)
    if not settings or not home.exists:
        return
    databases: list[Database] = []
    yield _attempt("key", lambda: _key(home, settings[0], databases))
    if databases:
        yield from _of_the_store(home, settings[0], databases[0])
        databases[0].close()
    yield _attempt("disk", lambda: _disk(home))


def _of_the_store(home: Home, settings: Settings, database: Database) -> Iterator[Finding]:
    found: list[Status] = []
    yield _attempt("store", lambda: _store(database, found))
    if not found:
        return
    standing = found[0]
    yield _attempt("digests", lambda: _digests(database))
    yield _calendar(standing)
    yield _clock(standing)
    yield _rejected(standing)
    yield _attempt("central", lambda: _central(home, settings, standing))
    yield _daemon(home, standing)


def _attempt(check: str, look: Callable[[], Finding]) -> Finding:
    """What a check found, or the error that kept it from finding anything."""
    try:
        return look()
    except GuanjiaError as error:
        what, data, todo = error.told(_, word)
        return Finding(check, False, f"{what} {data}", todo)
    except sqlite.Error as error:
        return Finding(check, False, str(error), _("Restore a backup with “guanjia restore-backup”."))
    except OSError as error:
        return Finding(check, False, f"{error.filename}: {error.strerror}", _("Check the folder and its permissions."))


def _sqlite() -> Finding:
    require_sqlite(sqlite.sqlite_version)
    return Finding("sqlite", True, f"SQLite {sqlite.sqlite_version}")


def _settings(home: Home, found: list[Settings]) -> Finding:
    settings = load_settings(home)
    found.append(settings)
    if settings.misspelt:
        names = ", ".join(slip.name for slip in settings.misspelt)
        detail = _("No settings of this name: {names}.").format(names=names)
        return Finding("settings", False, detail, _("See “guanjia settings”."))
    return Finding("settings", True, str(home.settings) if home.settings.exists() else _("all defaults"))


def _keys(home: Home) -> Finding:
    """Whether all that the keymap file asks for is obeyed."""
    problems = read_keymap(home.keys).problems
    if problems:
        told = " ".join(problem.told() for problem in problems)
        return Finding("keys", False, told, _("See “guanjia settings keys”."))
    return Finding("keys", True, str(home.keys) if home.keys.exists() else _("all defaults"))


def _log(home: Home) -> Finding:
    """What the screens had to tell lately; a mistake of the program itself is for whoever looks after it."""
    since = now_in(wall_ms() - LATELY_MS).isoformat()
    lately = [(at, what) for at, what in logged(home.path) if at > since]
    mistakes = [one for one in lately if one[1].startswith(Unforeseen.code)]
    detail = ngettext("{n} error shown in the last 7 days", "{n} errors shown in the last 7 days", len(lately))
    told = detail.format(n=len(lately)) + (f": {lately[-1][1]}" if lately else "")
    remedy = _("Send the file {log} to whoever looks after guanjia.").format(log=home.log)
    return Finding("log", not mistakes, told, remedy if mistakes else "")


def _home(home: Home) -> Finding:
    open_home(home)
    return Finding("home", True, str(home.path))


def _permissions(home: Home) -> Finding:
    home.check()
    secrets = [home.path, *home.credentials.glob("*"), *home.path.glob("ledger.db*")]
    exposed = [str(path) for path in secrets if path.name != "ledger.db" and not is_private(path.stat())]
    if exposed:
        return Finding(
            "permissions", False, _("Others may read: {names}.").format(names=", ".join(exposed)), "chmod go= …"
        )
    return Finding("permissions", True, _("only you can read this home"))


def _key(home: Home, settings: Settings, found: list[Database]) -> Finding:
    found.append(open_store(home.database, open_credentials(home, settings.credentials).key()))
    return Finding("key", True, _("the key opens the ledger"))


def _store(database: Database, found: list[Status]) -> Finding:
    damage = database.integrity()
    if damage:
        remedy = _("Restore a backup with “guanjia restore-backup”, or join again into a new home.")
        return Finding("store", False, "; ".join(damage[:3]), remedy)
    with database.read() as connection:
        found.append(read_status(connection))
    lines = found[0].lines
    return Finding("store", True, ngettext("sound, {n} line", "sound, {n} lines", lines).format(n=lines))


def _digests(database: Database) -> Finding:
    """The rows against their running sums. What differs is counted anew, so that the next round sees it and fetches
    those buckets again."""
    with database.read() as connection:
        damaged = is_damaged(connection)
        joined = read_meta(connection).get("central")
    if not damaged:
        return Finding("digests", True, _("every line is as it was stored"))
    wrong = len(Exchange(database).recount())
    detail = ngettext("{n} bucket differs from what was stored.", "{n} buckets differ from what was stored.", wrong)
    remedy = _("Run “guanjia sync”: they are fetched again.") if joined else _("Restore a backup.")
    return Finding("digests", False, detail.format(n=wrong), remedy)


def _states(home: Home) -> Finding:
    """Every issue's stored state against its own line and its steps. What differs is written anew."""
    settings = load_settings(home)
    database = open_store(home.database, open_credentials(home, settings.credentials).key())
    try:
        count, differing = recompute(database, wall_ms())
    finally:
        database.close()
    if differing:
        detail = ngettext("{n} issue had another state.", "{n} issues had another state.", len(differing))
        return Finding("states", False, detail.format(n=len(differing)), _("It has been put right."))
    sound = ngettext("{n} issue worked out anew, no difference", "{n} issues worked out anew, no difference", count)
    return Finding("states", True, sound.format(n=count))


def _calendar(standing: Status) -> Finding:
    """Whether the holidays of this year are known: the day of the last round tells the year, else this machine does."""
    year = now_in(wall_ms() + standing.clock_offset_ms).year
    if is_announced(year):
        return Finding("calendar", True, _("the holidays of {year} are known").format(year=year))
    detail = _("The holidays of {year} are not announced yet: Monday to Friday is assumed.").format(year=year)
    return Finding("calendar", True, detail, _("Update the program once they are announced."))


def _clock(standing: Status) -> Finding:
    seconds = f"{standing.clock_offset_ms / 1000:+g} s"
    if abs(standing.clock_offset_ms) > AHEAD_LIMIT_MS:
        detail = _("This machine’s clock is off by {seconds}; what you write is stamped right all the same.")
        return Finding(
            "clock", False, detail.format(seconds=seconds), _("Set the clock, or let it be set by the network.")
        )
    measured = _("off by {seconds} when last measured") if standing.verified_at else _("not measured yet")
    return Finding("clock", True, measured.format(seconds=seconds))


def _rejected(standing: Status) -> Finding:
    count = standing.rejected
    if count:
        detail = ngettext("The central refused {n} line.", "The central refused {n} lines.", count).format(n=count)
        return Finding("rejected", False, detail, _("See “guanjia rejected”."))
    return Finding("rejected", True, _("no line was refused"))


def _central(home: Home, settings: Settings, standing: Status) -> Finding:
    address = address_of(settings, standing.central)
    if address is None:
        return Finding("central", True, _("none: this home works alone"))
    with Device.open(home, settings) as device:
        try:
            answer = asyncio.run(_greet(device, standing))
        except GuanjiaError as error:
            raise type(error)(**{"pending": standing.pending, **error.values}) from None
    return Finding("central", True, _("{central} answers, protocol {n}").format(central=address, n=answer.protocol))


async def _greet(device: Device, standing: Status) -> HelloAnswer:
    """Say hello and leave it at that: whether address, certificate, token and version are good."""
    greeting = HelloRequest(
        device=standing.device, cursor=standing.cursor, agreed=device.exchange.agreed(), time=device.wall()
    )
    async with connect(device, standing.central) as central:
        return await central.hello(greeting)


def _daemon(home: Home, standing: Status) -> Finding:
    holder = RoundLock(home.lock).holder()
    if holder is not None:
        return Finding("daemon", True, f"{holder.what} ({holder.pid})")
    if standing.central and standing.pending:
        detail = ngettext("not running, {n} line unsent", "not running, {n} lines unsent", standing.pending)
        remedy = _("Run “guanjia sync” now and then, or “guanjia daemon install” once.")
        return Finding("daemon", True, detail.format(n=standing.pending), remedy)
    return Finding("daemon", True, _("not running"))


def _disk(home: Home) -> Finding:
    free = shutil.disk_usage(home.path).free
    detail = _("{n} MB free").format(n=free >> 20)
    if free < ROOM_BYTES:
        return Finding("disk", False, detail, _("Make room: a ledger that cannot grow cannot be written."))
    return Finding("disk", True, detail)


def _show(found: list[dict[str, Any]]) -> None:
    rows = ((one["check"], _("well") if one["ok"] else _("look!"), one["detail"], one["remedy"]) for one in found)
    show_table((_("Check"), "", _("What was found"), _("What to do")), rows)
