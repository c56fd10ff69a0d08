"""The certificate that a central has from its own authority: one private file in its folder, renewed in time."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509

from store.home.paths import write_private
from sync.central.accounts.authority import authority_secret, is_issued_by, issue_certificate, names_of
from sync.central.db.database import CentralDatabase

CERTIFICATE_FILE = "central.pem"
"""Key, certificate and the authority's certificate, in the central's folder."""
WARN_DAYS = 30
"""So long before its end a certificate is renewed, and one of another authority is warned of."""


def read_certificate(path: Path) -> x509.Certificate | None:
    """The first certificate of a PEM file; None where there is none that can be read."""
    try:
        return x509.load_pem_x509_certificates(path.read_bytes())[0]
    except (OSError, ValueError):
        return None


def days_left(certificate: x509.Certificate, now: datetime.datetime) -> float:
    """How many days a certificate is still good; negative once it is not."""
    return (certificate.not_valid_after_utc - now) / datetime.timedelta(days=1)


def certificate_end(data_dir: Path) -> str | None:
    """The last day (ISO, UTC) of the certificate in a central's folder; None where it has none of its own."""
    present = read_certificate(data_dir / CERTIFICATE_FILE)
    return None if present is None else present.not_valid_after_utc.date().isoformat()


def ensure_certificate(
    database: CentralDatabase, data_dir: Path, names: Sequence[str], now: datetime.datetime
) -> tuple[Path, bool]:
    """A certificate in the central's folder for all of these names: the one that is there if it will do, else a new
    one; gives its file, and whether it is new."""
    path = data_dir / CERTIFICATE_FILE
    present = read_certificate(path)
    with database.read() as connection:
        secret = authority_secret(connection)
    assert secret is not None  # a central has a district from its making on
    if present is not None and is_issued_by(secret, present) and days_left(present, now) > WARN_DAYS:
        known = names_of(present)
        if set(names) <= set(known):
            return path, False
        names = [*dict.fromkeys([*names, *known])]
    write_private(path, issue_certificate(secret, names, now))
    return path, True


def renew_if_due(database: CentralDatabase, data_dir: Path, now: datetime.datetime) -> bool:
    """Issue the certificate in the folder anew where its own authority issued it and it ends soon; gives whether that
    was done."""
    present = read_certificate(data_dir / CERTIFICATE_FILE)
    if present is None or days_left(present, now) > WARN_DAYS:
        return False
    with database.read() as connection:
        secret = authority_secret(connection)
    if secret is None or not is_issued_by(secret, present):
        return False
    ensure_certificate(database, data_dir, names_of(present), now)
    return True
