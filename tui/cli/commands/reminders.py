"""``guanjia reminders``: of what you will be reminded when, what was told, and whether each channel works."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple, TypedDict

import click

from store.domain.reminders import Occasion, Reminder, told_at
from store.home.device_state import DeviceState
from store.home.paths import require_home, resolve_home
from store.home.reminder_log import ReminderLog, ToldMessage, read_reminder_log
from store.queries.reminders import told_occasions
from store.values.times import format_moment
from tui.cli.errors import NEEDS_ATTENTION, OK
from tui.cli.groups import Command, CommandContext, LazyGroup
from tui.cli.output import emit, say, show, show_table
from tui.cli.reminder_channels import gateway_key, system_channels, tell_gateway, tell_locally
from tui.cli.reminding import Outlook, outlook_of
from tui.cli.reminding import remind_here as claim
from tui.cli.session import HomeSession, home_session
from tui.i18n.dates import format_full_moment
from tui.i18n.reminder_text import reminder_text
from tui.i18n.translate import _, value_label

AHEAD = timedelta(days=14)
"""So far ahead reminders are listed."""


class ReminderRow(TypedDict):
    """A reminder as it is printed; ``when`` it is told (``now``: it waits for the daemon)."""

    when: str
    rule: str
    at: str
    number: str | None
    title: str | None
    project: str | None
    what: str


class ToldRow(TypedDict):
    """A message as it was told: when, of what, and what came of each channel."""

    at: str
    count: int
    channels: dict[str, str]
    reminders: list[str]


class ReminderList(NamedTuple):
    """What is told when, what was told, how many messages wait for the gateway, and whether this device reminds."""

    here: bool
    coming: Sequence[ReminderRow]
    told: Sequence[ToldRow]
    queued: int


class ChannelRow(TypedDict):
    """A channel, and what came of it."""

    channel: str
    outcome: str


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    help=_("Of what you are reminded when, and what was told; the daemon tells it."),
)
@click.pass_context
def reminders(ctx: click.Context) -> None:
    """Print what comes and what was told, unless something else is to be done."""
    if ctx.invoked_subcommand is not None:
        return
    run = ctx.ensure_object(CommandContext)
    with home_session(run.home) as session:
        state = DeviceState(session.database)
        with session.database.read() as connection:
            outlook, log = outlook_of(session, connection), read_reminder_log(state)
            told = [_told_row(message, told_occasions(connection, message)) for message in log.told]
    found = ReminderList(outlook.tells_here, _coming(outlook, log), told, len(log.queued))
    emit(run.output_format, found, _show, ReminderList._asdict)


@reminders.command(
    "test", cls=Command, help=_("Send one message by every channel that is set, and say what came of it.")
)
@click.pass_obj
def test_(run: CommandContext) -> int:
    """Tell one message of a made-up reminder, and print each channel with its outcome."""
    with home_session(run.home) as session:
        rows = _tried(session)
    emit(run.output_format, rows, _show_channels)
    if not rows:
        say(_("No channel is set. The settings whose names begin with “remind” have them."))
    return OK if rows and all(row["outcome"] == "sent" for row in rows) else NEEDS_ATTENTION


@reminders.command("here", cls=Command, help=_("From now on remind me on this device, and on no other of mine."))
@click.pass_obj
def here(run: CommandContext) -> None:
    """Say that this device reminds."""
    with home_session(run.home) as session:
        with session.database.read() as connection:
            now = session.district_now(connection)
        claim(session, int(now.timestamp() * 1000))
    emit(run.output_format, {"here": True}, lambda _value: show(_("You are reminded on this device.")))


@reminders.command("key", cls=Command, help=_("The key that signs what the office’s gateway is sent; made once."))
@click.pass_obj
def key(run: CommandContext) -> None:
    """Print the key for the gateway's administrator."""
    home = require_home(resolve_home(run.home))
    emit(run.output_format, {"key": gateway_key(home)}, lambda value: show(value["key"]))


def _coming(outlook: Outlook, log: ReminderLog) -> list[ReminderRow]:
    known = set(log.known or ())
    until = outlook.now + AHEAD
    return [
        _row(each, outlook)
        for each in outlook.reminders
        if each.id not in known and each.moment <= until and (log.known is not None or each.moment > outlook.now)
    ]


def _row(reminder: Reminder, outlook: Outlook) -> ReminderRow:
    when = told_at(max(reminder.moment, outlook.now), outlook.times)
    occasion = reminder.occasion
    return {
        "when": "now" if when <= outlook.now else format_moment(when),
        "rule": occasion.rule,
        "at": occasion.at,
        "number": occasion.number,
        "title": occasion.title,
        "project": occasion.project,
        "what": reminder_text(occasion, int(when.timestamp() * 1000)),
    }


def _told_row(message: ToldMessage, occasions: Sequence[Occasion]) -> ToldRow:
    return {
        "at": format_full_moment(message.at),
        "count": len(occasions),
        "channels": dict(message.channels),
        "reminders": [reminder_text(each, message.at) for each in occasions],
    }


def _tried(session: HomeSession) -> list[ChannelRow]:
    with session.database.read() as connection:
        outlook = outlook_of(session, connection)
    message = ToldMessage(outlook.now_ms, ())
    made_up = Occasion("", "meeting", format_moment(outlook.now), "", None, _("a reminder to try this out"))
    home, settings, channels = session.home, session.settings, system_channels()
    came = list(tell_locally(home, settings, channels, message, [made_up], outlook.facts))
    if settings.remind_hook:
        came.append(("hook", tell_gateway(home, settings, channels, message, [made_up], outlook.facts, message.at)))
    return [{"channel": name, "outcome": outcome} for name, outcome in came]


def _show(listed: ReminderList) -> None:
    if not listed.here:
        say(_("Another device of yours reminds you, or nothing does here; “guanjia reminders here” changes that."))
    rows = (
        (_("now") if row["when"] == "now" else row["when"][:16].replace("T", " "), row["what"], row["project"])
        for row in listed.coming
    )
    show_table((_("When"), _("What"), _("Project")), rows)
    if listed.told:
        show("")
        told = ((row["at"], "；".join(row["reminders"]), _channels(row["channels"])) for row in listed.told)
        show_table((_("Told"), _("What"), _("How")), told)
    if listed.queued:
        say(_("Messages that wait for the office’s gateway: {n}").format(n=listed.queued))


def _channels(channels: dict[str, str]) -> str:
    named = (
        f"{value_label('channel', name)}: {value_label('channel_outcome', came)}" for name, came in channels.items()
    )
    return _(", ").join(named)


def _show_channels(rows: Sequence[ChannelRow]) -> None:
    cells = ((value_label("channel", row["channel"]), value_label("channel_outcome", row["outcome"])) for row in rows)
    show_table((_("Channel"), _("What came of it")), cells)
