"""Gives a message of reminders to every channel that is set, and says what came of each.

The desktop shows titles, unless a PIN is set: then a count. The office's program and gateway are given no titles unless
``remind_titles`` says so; all that a message has is in the ledger of the person whom it reminds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import orjson

from store.db.device_facts import DeviceFacts
from store.domain.reminders import Occasion
from store.home.paths import Home
from store.home.pin_lock import PinLock
from store.home.reminder_log import ToldMessage
from store.home.settings import Settings
from store.values.times import district_time
from sync.daemon.channels import ChannelOutcome, ReminderNotice
from tui.i18n.reminder_text import hidden_lines, message_lines, message_title, named

Told = Sequence[tuple[str, str]]
"""Channels by name, each with its outcome."""


class ReminderChannels(NamedTuple):
    """How each channel is reached; tests give others. ``hook`` takes address, body, key, seconds since 1970 and the
    certificate authority."""

    desktop: Callable[[ReminderNotice], ChannelOutcome]
    program: Callable[[str, bytes], ChannelOutcome]
    hook: Callable[[str, bytes, str, int, str | None], ChannelOutcome]


def system_channels() -> ReminderChannels:
    """The channels of this machine."""
    from sync.daemon.channels.desktop import show_on_desktop
    from sync.daemon.channels.hook import post_to_hook
    from sync.daemon.channels.program import give_to_program

    return ReminderChannels(show_on_desktop, give_to_program, post_to_hook)


def tell_locally(
    home: Home,
    settings: Settings,
    channels: ReminderChannels,
    message: ToldMessage,
    occasions: Sequence[Occasion],
    facts: DeviceFacts,
) -> Told:
    """Tell it on this machine: by the desktop and the office's program."""
    told: list[tuple[str, str]] = []
    if settings.remind_desktop:
        text = hidden_lines() if PinLock(home).is_set else message_lines(occasions, message.at)
        told.append(("desktop", channels.desktop(ReminderNotice(message_title(len(occasions)), text))))
    if settings.remind_program:
        body = message_body(message, occasions, facts, titles=settings.remind_titles)
        told.append(("program", channels.program(settings.remind_program, body)))
    return told


def tell_gateway(
    home: Home,
    settings: Settings,
    channels: ReminderChannels,
    message: ToldMessage,
    occasions: Sequence[Occasion],
    facts: DeviceFacts,
    now_ms: int,
) -> ChannelOutcome:
    """Post it, signed as of ``now_ms``, to the office's gateway, which ``remind_hook`` names. Raises `ReminderKeyOpen`
    where others can read the key that signs it."""
    body = message_body(message, occasions, facts, titles=settings.remind_titles)
    return channels.hook(settings.remind_hook or "", body, gateway_key(home), now_ms // 1000, settings.ca_file)


def gateway_key(home: Home) -> str:
    """The key that signs what the gateway is sent; made when it is first asked for. Raises `ReminderKeyOpen`."""
    from sync.daemon.channels.hook import hook_key

    return hook_key(home)


def message_body(message: ToldMessage, occasions: Sequence[Occasion], facts: DeviceFacts, *, titles: bool) -> bytes:
    """What program and gateway are given, as JSON; ``id`` is the same whenever the same message is sent again."""
    reminders: list[Mapping[str, str | None]] = []
    for occasion in occasions:
        about = {"number": occasion.number, "title": named(occasion._replace(number=None))} if titles else {}
        reminders.append({"rule": occasion.rule, "at": occasion.at, **about})
    text = message_title(len(occasions)) + (f"\n{message_lines(occasions, message.at)}" if titles else "")
    return orjson.dumps(
        {
            "version": 1,
            "id": f"{facts.device}-{message.at}",
            "at": district_time(message.at).isoformat(timespec="seconds"),
            "district": facts.district,
            "person": {"id": facts.person, "name": facts.person_name},
            "count": len(occasions),
            "text": text,
            "reminders": reminders,
        }
    )
