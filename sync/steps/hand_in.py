"""hand in: the bundles of colleagues without a network, which this device carries, go to the central, and their answers
come back. It cannot read either. The central's side is ``sync/central/bundles.py``.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import logging
import os
from pathlib import Path

from store.home.paths import write_private
from sync.device.device import Device
from sync.device.others_bundles import OthersBundles, others_bundles
from sync.exceptions import FirewallRefusal, NotTheCentral, RequestTooLarge
from sync.protocol import HelloAnswer
from sync.protocol.bundle.names import answer_name, bundles_in, free_path
from sync.protocol.calls import Central
from sync.protocol.carried import BUNDLE, HandedInAnswer, HandedInRequest

LOG = logging.getLogger("guanjia.sync")


async def hand_in(device: Device, central: Central, greeting: HelloAnswer) -> None:
    """Hand in what waits, one after the other, the shortest first: each answer is kept before its message goes. What
    does not pass, since it is too long for a gateway or displeases a firewall, stays for a stick or a later round; the
    device's own round is complete by then and does not fail. A round that is broken off goes on with the next."""
    if not is_due(device, greeting):
        return
    folders = others_bundles(device.home)
    for path in _shortest_first(folders.waiting):
        try:
            await _hand_in_one(folders, path, central)
        except (RequestTooLarge, FirewallRefusal) as error:
            LOG.warning("the file %s does not pass (%s)", path.name, error.code)
            if isinstance(error, RequestTooLarge):
                return  # those behind it are no shorter


def is_due(device: Device, greeting: HelloAnswer) -> bool:
    """Whether bundles wait here for a central that answers such."""
    waiting = others_bundles(device.home).waiting
    return greeting.agree is not None and waiting.is_dir() and any(bundles_in(waiting))


def _shortest_first(folder: Path) -> list[Path]:
    """The bundles of a folder by size. Whoever looks at a stick meanwhile may forget one that is too old, so here and
    below a file that is gone is passed over."""
    sizes: dict[Path, int] = {}
    for path in bundles_in(folder):
        with contextlib.suppress(FileNotFoundError):
            sizes[path] = path.lstat().st_size
    return sorted(sizes, key=sizes.__getitem__)


async def _hand_in_one(folders: OthersBundles, path: Path, central: Central) -> None:
    try:
        content = base64.b64encode(path.read_bytes()).decode()
    except FileNotFoundError:
        return
    answer = await central.ask(BUNDLE, HandedInRequest(bundle=content), HandedInAnswer)
    if answer.bundle is not None:
        _keep(folders, path, answer.bundle)
        return
    LOG.warning("the central refuses the file %s: %s", path.name, answer.refused)
    with contextlib.suppress(FileNotFoundError):
        os.replace(path, free_path(folders.refused / path.name))


def _keep(folders: OthersBundles, path: Path, answer: str) -> None:
    try:
        content = base64.b64decode(answer, validate=True)
    except binascii.Error:
        raise NotTheCentral(central="", detail="its answer has another form") from None
    write_private(free_path(folders.answers / answer_name(path.name)), content)
    path.unlink(missing_ok=True)
