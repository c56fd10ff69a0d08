"""The certificate that a process serves with, taken in anew when its files change, so that no restart is needed; and
who watches it: the central's own is renewed, another's end is warned of in the log a month before.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from sqlalchemy.exc import SQLAlchemyError

from sync.central.admin.own_certificate import CERTIFICATE_FILE, WARN_DAYS, days_left, read_certificate, renew_if_due
from sync.central.db.database import CentralDatabase

LOOK_EVERY_S = 30.0
"""How often a process looks whether the files have changed."""
WATCH_EVERY_S = 6 * 3_600.0
"""How often the end of the certificate is looked at."""
_LOG = logging.getLogger("guanjia.central")
_FileState = tuple[tuple[int, int, int], ...]


class ServedCertificate:
    """The files of a certificate and its key, and the context of TLS that has them. `refresh` takes in new ones."""

    def __init__(self, context: ssl.SSLContext, certificate: Path, key: Path | None) -> None:
        self._context, self._certificate, self._key = context, certificate, key
        self._state = self._read_state()

    def refresh(self) -> bool:
        """Take in the files where they have changed; gives whether that was done. Of files that do not fit together,
        as while they are replaced one after the other, the ones before go on being served."""
        state = self._read_state()
        if state == self._state or not state:
            return False
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(self._certificate, self._key)
            self._context.load_cert_chain(self._certificate, self._key)
        except OSError as error:  # ssl.SSLError is one
            _LOG.error("the new certificate cannot be used, the one before goes on: %s", error)
            return False
        self._state = state
        _LOG.info("the new certificate is served from now on")
        return True

    def _read_state(self) -> _FileState:
        """What tells that the files are others; empty while one of them is not there."""
        files = [path for path in (self._certificate, self._key) if path is not None]
        try:
            stats = [path.stat() for path in files]
        except OSError:
            return ()
        return tuple((stat.st_mtime_ns, stat.st_size, stat.st_ino) for stat in stats)


class _Process:
    """What this process serves with, if that is TLS."""

    certificate: ServedCertificate | None = None


def make_context(config: uvicorn.Config, usual: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    """uvicorn's own context of TLS, remembered so that it can take in new files."""
    context = usual()
    key = config.ssl_keyfile
    _Process.certificate = ServedCertificate(context, Path(str(config.ssl_certfile)), Path(key) if key else None)
    return context


async def keep_certificate_fresh(look_every_s: float = LOOK_EVERY_S) -> None:
    """Look at the files of this process's certificate until cancelled; returns at once where it has none."""
    while _Process.certificate is not None:
        await asyncio.sleep(look_every_s)
        _Process.certificate.refresh()


@contextlib.contextmanager
def watching_its_end(database: CentralDatabase, data_dir: Path, certificate: Path | None) -> Iterator[None]:
    """While it serves, look now and then whether the certificate ends soon. Done by one process for all."""
    if certificate is None:
        yield
        return
    ended = threading.Event()

    def watch() -> None:
        while True:
            look_at_end(database, data_dir, certificate)
            if ended.wait(WATCH_EVERY_S):
                return

    thread = threading.Thread(target=watch, name="certificate", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def look_at_end(database: CentralDatabase, data_dir: Path, certificate: Path, now: datetime | None = None) -> None:
    """Renew the certificate if it is the central's own and ends soon, else warn of its end."""
    now = now or datetime.now(UTC)
    try:
        is_own = certificate.absolute() == (data_dir / CERTIFICATE_FILE).absolute()
        if is_own and renew_if_due(database, data_dir, now):
            _LOG.info("the central's certificate was renewed")
    except (OSError, SQLAlchemyError) as error:
        _LOG.error("the central's certificate could not be renewed: %s", type(error).__name__)
    present = read_certificate(certificate)
    left = None if present is None else days_left(present, now)
    if left is not None and left <= WARN_DAYS:
        _LOG.warning("the certificate %s ends in %d days: no device gets through then", certificate, left)
