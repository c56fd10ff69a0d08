"""What two devices say to each other at a meeting over a local network, and how far they are (``meeting_net.py``)."""

from __future__ import annotations

import base64
import tempfile
from pathlib import Path
from typing import NamedTuple

from pydantic import Field

from sync.device.device import Device
from sync.protocol import MAX_CARD_BYTES, Key, WireMessage
from sync.protocol.bundle.names import SUFFIX
from sync.protocol.meeting import MAX_MEETING_BYTES, MAX_MEETING_LINES, Card
from sync.round.meeting import MAX_PAGES, MetColleague, give, take


class Greeting(WireMessage):
    """A random number of the side that speaks, and its proof that it knows the code (`prove`)."""

    nonce: Key
    proof: Key


class HostGreeting(Greeting):
    """The same of the host, with its card."""

    card: str = Field(max_length=2 * MAX_CARD_BYTES)


class Given(WireMessage):
    """What one side gives: its card (the guest's), and a bundle for the other, base64; ``more``: that was not all, and
    another exchange on this connection brings the next of it."""

    card: str = Field(default="", max_length=2 * MAX_CARD_BYTES)
    bundle: str = Field(max_length=MAX_MEETING_BYTES * 4 // 3 + 4)
    more: bool = False


class Exchange(NamedTuple):
    """How far this device is with one other: ``answer`` is the last that was given, ``after`` the position of the
    outbox up to which it goes, ``pages`` how many bundles that are. ``theirs``: the other has more;
    ``page_lines``: so many lines a bundle."""

    other: Card | None = None
    met: MetColleague = MetColleague("", 0, 0)
    answer: Given = Given(bundle="", more=True)
    after: int = 0
    pages: int = 0
    theirs: bool = True
    page_lines: int = MAX_MEETING_LINES

    @property
    def is_over(self) -> bool:
        """Neither has more to give."""
        return self.pages > 0 and not self.answer.more and not self.theirs


def give_next(device: Device, so_far: Exchange) -> Exchange:
    """The next bundle for the other, base64; an empty one where it has all."""
    if so_far.other is None or not so_far.answer.more:
        return so_far._replace(answer=Given(bundle=""))
    with tempfile.TemporaryDirectory(prefix="guanjia-") as folder:
        page = give(device, so_far.other, Path(folder) / f"given{SUFFIX}", so_far.after, so_far.page_lines)
        bundle = base64.b64encode(page.file.read_bytes()).decode()
    pages = so_far.pages + 1
    answer = Given(bundle=bundle, more=page.left > 0 and pages < MAX_PAGES)
    return so_far._replace(met=so_far.met.with_given(page), answer=answer, after=page.last, pages=pages)


def take_given(device: Device, so_far: Exchange, got: Given) -> Exchange:
    """Take in what the other gave. Raises `BundleError`, `ValueError`."""
    if so_far.other is None or (not got.bundle and so_far.pages):
        return so_far._replace(theirs=False)
    with tempfile.TemporaryDirectory(prefix="guanjia-") as folder:
        path = Path(folder) / f"got{SUFFIX}"
        path.write_bytes(base64.b64decode(got.bundle, validate=True))
        met = so_far.met.with_taken(take(device, so_far.other, path))
    return so_far._replace(met=met, theirs=got.more)
