"""Ways by which reminders reach a person: the desktop, a program of the office, its gateway.

Each takes what it is given and gives what came of it; none raises, none outlasts its deadline, none runs a shell.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

ChannelOutcome = Literal["sent", "unavailable", "timeout", "refused", "redirected", "unreachable", "bad_setting"]
"""``sent``, or why not: there is no such thing on this machine, no answer within the time, an answer other than yes (an
exit code other than 0), an answer that leads elsewhere, no connection, a setting that cannot be used."""
CHANNEL_OUTCOMES: tuple[ChannelOutcome, ...] = get_args(ChannelOutcome)
DEADLINE_S = 10.0
"""No channel takes longer."""


class ReminderNotice(NamedTuple):
    """What is shown: one line, and some more. Neither has control characters."""

    title: str
    text: str
