"""A certificate is replaced while the central serves; one that ends soon is renewed or warned of."""

from __future__ import annotations

import logging
import shutil
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509

from sync.central.accounts.authority import issue_certificate
from sync.central.admin.own_certificate import CERTIFICATE_FILE, ensure_certificate, read_certificate
from sync.central.admin.setup import open_database
from sync.central.api.certificates import ServedCertificate, look_at_end
from tests.sync.central_fixture import create_central

NOW = datetime.now(UTC)


def shown_by(context: ssl.SSLContext) -> int:
    """The serial number of the certificate that a handshake with this context shows."""
    anything = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anything.check_hostname = False
    anything.verify_mode = ssl.CERT_NONE
    ours, theirs = socket.socketpair()
    server = threading.Thread(target=lambda: context.wrap_socket(theirs, server_side=True).close())
    server.start()
    with anything.wrap_socket(ours) as connection:
        shown = connection.getpeercert(binary_form=True)
    server.join()
    assert shown is not None
    return x509.load_der_x509_certificate(shown).serial_number


def serial(pem: bytes) -> int:
    """The serial number of the first certificate."""
    return x509.load_pem_x509_certificates(pem)[0].serial_number


def test_new_files_are_served_without_a_restart(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The next handshake shows the new certificate. Half a file, or none, changes nothing but the log."""
    caplog.set_level(logging.INFO, "guanjia.central")
    first, second = (issue_certificate(secret * 43, ["127.0.0.1"], NOW) for secret in "st")
    file = tmp_path / "central.pem"
    file.write_bytes(first)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    served = ServedCertificate(context, file, file)
    assert (served.refresh(), shown_by(context)) == (False, serial(first))
    file.write_bytes(second[: len(second) // 2])
    assert (served.refresh(), shown_by(context)) == (False, serial(first))
    assert "cannot be used" in caplog.text
    file.unlink()
    assert not served.refresh()
    file.write_bytes(second)
    assert (served.refresh(), shown_by(context)) == (True, serial(second))
    assert not served.refresh()


def test_its_own_certificate_is_renewed_and_another_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """30 days before the end: the central issues its own anew; the end of the office's is in the log, with the days.
    Where the clock was ahead, the new one is good all the same once the clock is right."""
    caplog.set_level(logging.INFO, "guanjia.central")
    folder = tmp_path / "central"
    create_central(folder)
    database = open_database(folder)
    own, _ = ensure_certificate(database, folder, ["10.0.0.5"], NOW)
    present = read_certificate(own)
    assert present is not None
    late = present.not_valid_after_utc - timedelta(days=20)
    caplog.clear()
    look_at_end(database, folder, own, late - timedelta(days=11))
    assert caplog.text == ""
    look_at_end(database, folder, own, late)
    assert "was renewed" in caplog.text and "ends in" not in caplog.text
    renewed = read_certificate(own)
    assert renewed is not None and renewed.serial_number != present.serial_number
    assert renewed.not_valid_before_utc < NOW
    office = tmp_path / CERTIFICATE_FILE
    office.write_bytes(issue_certificate("o" * 43, ["10.0.0.5"], NOW))
    look_at_end(database, folder, office, late)
    assert "ends in 19 days" in caplog.text or "ends in 20 days" in caplog.text
    database.close()
    shutil.rmtree(folder)
