"""Would a central serve devices on this address? It is served for a moment, or the one that serves already is asked."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import httpx
import uvicorn

from sync.central.accounts.authority import read_authority
from sync.central.admin.setup import open_database
from sync.central.api.app import create_app
from sync.central.api.health import READY_PATH
from sync.central.api.serve import ListenAddress, bind_socket, server_config
from sync.central.exceptions import PlaceNotOpened

START_S = 15.0
"""How long the server may take to begin to serve."""
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}


class SelfTest(NamedTuple):
    """``running``: a central serves there already, and was asked. ``ready``: its database answers. ``names``: for each
    name that devices may use whether the certificate is good for it; empty without one."""

    running: bool
    ready: bool
    names: dict[str, bool]

    @property
    def passed(self) -> bool:
        """Whether all of it is well."""
        return self.ready and all(self.names.values())


def try_central(data_dir: Path, address: ListenAddress, names: Sequence[str]) -> SelfTest:
    """Serve the central in the folder for a moment, and ask it by each name. Where the address is taken, whoever
    answers there is asked. Raises `CentralDown` and what opening the central raises."""
    database = open_database(data_dir)
    try:
        trusted = _context(address, read_authority(database))
        with contextlib.ExitStack() as stack:
            try:
                port = stack.enter_context(
                    _serving(uvicorn.Server(server_config(create_app(database), address)), address)
                )
                running = False
            except PlaceNotOpened:
                if not _is_taken(address):
                    raise
                port, running = address.port, True
            asked = _EVERYWHERE.get(address.host, address.host)
            secure = trusted is not None
            ready = _is_ready(asked, port, _anything() if secure else None, asked)
            good = {name: _is_ready(asked, port, trusted, name) for name in names} if secure else {}
            return SelfTest(running, ready, good)
    finally:
        database.close()


@contextlib.contextmanager
def _serving(server: uvicorn.Server, address: ListenAddress) -> Iterator[int]:
    listening = bind_socket(address)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="self-test", daemon=True)
    thread.start()
    try:
        until = time.monotonic() + START_S
        while not server.started and thread.is_alive() and time.monotonic() < until:
            time.sleep(0.01)
        yield int(listening.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def _is_taken(address: ListenAddress) -> bool:
    """Whether somebody listens there, rather than that the address is not this machine's."""
    host = _EVERYWHERE.get(address.host, address.host)
    try:
        with socket.create_connection((host, address.port), timeout=2):
            return True
    except OSError:
        return False


def _context(address: ListenAddress, own_authority: str | None) -> ssl.SSLContext | None:
    """What a device trusts: the central's own authority, and what the system trusts; None without a certificate."""
    if address.tls_cert is None:
        return None
    context = ssl.create_default_context()
    if own_authority:
        context.load_verify_locations(cadata=own_authority)
    return context


def _anything() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _is_ready(host: str, port: int, context: ssl.SSLContext | None, name: str) -> bool:
    """Whether the central says that it is ready, and its certificate is good for the name."""
    at = f"[{host}]" if ":" in host else host
    try:
        with httpx.Client(verify=context or False, trust_env=False, timeout=10) as client:
            answer = client.get(
                f"{'https' if context else 'http'}://{at}:{port}{READY_PATH}", extensions={"sni_hostname": name}
            )
    except httpx.HTTPError:
        return False
    return answer.status_code == httpx.codes.OK
