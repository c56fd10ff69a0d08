"""The central's own authority: it follows from the database, and its certificates are accepted by TLS as it stands."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store

from sync.central.accounts.authority import (
    CERTIFICATE_DAYS,
    authority_certificate,
    is_issued_by,
    issue_certificate,
    names_of,
)
from sync.central.admin.own_certificate import WARN_DAYS, ensure_certificate, read_certificate, renew_if_due
from sync.central.admin.setup import open_database
from tests.sync.central_fixture import create_central

SECRET, OTHER = "s" * 43, "t" * 43
NOW = datetime(2026, 11, 30, tzinfo=UTC)


def test_the_authority_follows_from_the_secret_alone() -> None:
    """A restored or moved central has the same authority, another one another, and nothing else is kept of it: what was
    issued under the one certificate is good under the other, and the key is that of the version that first made one."""
    certificate = authority_certificate(SECRET)
    authority_certificate.cache_clear()
    again = authority_certificate(SECRET)
    assert (again.subject, again.public_key()) == (certificate.subject, certificate.public_key())
    assert again.public_key() != authority_certificate(OTHER).public_key()
    assert certificate.subject.rfc4514_string() == "CN=guanjia authority d7edbfa2283674d0"


def test_a_certificate_is_good_for_each_of_its_names() -> None:
    """Names and addresses of the machine are verified strictly against the authority, and against no other."""
    names = ["10.0.0.5", "central.office", "中心.office"]
    leaf, authority = x509.load_pem_x509_certificates(issue_certificate(SECRET, names, NOW))
    assert authority == authority_certificate(SECRET)
    assert is_issued_by(SECRET, leaf) and not is_issued_by(OTHER, leaf)
    assert names_of(leaf)[:2] == names[:2]
    trusted = PolicyBuilder().store(Store([authority])).time(NOW)
    assert trusted.build_server_verifier(x509.DNSName("central.office")).verify(leaf, [])[0] == leaf
    assert leaf.not_valid_after_utc - NOW == timedelta(days=CERTIFICATE_DAYS)


def test_a_certificate_is_kept_while_it_will_do_and_renewed_in_time(tmp_path: Path) -> None:
    """What is there is used until a name is missing or its end is near; then a new one has all names, old ones too. One
    of another authority is never replaced by itself."""
    folder = tmp_path / "central"
    create_central(folder)
    database = open_database(folder)
    file, is_new = ensure_certificate(database, folder, ["10.0.0.5"], NOW)
    first = file.read_bytes()
    assert (is_new, file.stat().st_mode & 0o077) == (True, 0)
    assert ensure_certificate(database, folder, ["10.0.0.5"], NOW) == (file, False)
    assert ensure_certificate(database, folder, ["central.office"], NOW)[1]
    present = read_certificate(file)
    assert present is not None and set(names_of(present)) == {"10.0.0.5", "central.office"}
    soon = present.not_valid_after_utc - timedelta(days=WARN_DAYS)
    assert not renew_if_due(database, folder, soon - timedelta(hours=1))
    assert renew_if_due(database, folder, soon + timedelta(hours=1))
    renewed = read_certificate(file)
    assert renewed is not None and set(names_of(renewed)) == {"10.0.0.5", "central.office"}
    foreign = issue_certificate(OTHER, ["10.0.0.5"], NOW)
    file.write_bytes(foreign)
    assert not renew_if_due(database, folder, NOW + timedelta(days=CERTIFICATE_DAYS))
    assert file.read_bytes() == foreign != first
    database.close()
    shutil.rmtree(folder)
