"""The central's own authority for certificates, where it has none of the office's.

Its key pair follows from the secret of the central's oldest district, as its identity does (``identity.py``): it is in
the database and so in every backup, and is kept nowhere else. A central that is restored or moved to another machine
issues certificates that its devices trust already.
"""

from __future__ import annotations

import datetime
import functools
import hashlib
from collections.abc import Sequence
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from sqlalchemy import Connection, select

from sync.central.db.database import CentralDatabase
from sync.central.db.tables import DISTRICT

CERTIFICATE_DAYS = 397
"""How long a certificate is good."""
_PURPOSE = b"authority"
_CURVE = ec.SECP256R1()
"""Every TLS library accepts it."""
_SINCE = datetime.datetime(2019, 1, 1, tzinfo=datetime.UTC)
_UNTIL = datetime.datetime(2119, 1, 1, tzinfo=datetime.UTC)
_NO_USES = {
    "digital_signature": False, "content_commitment": False, "key_encipherment": False, "data_encipherment": False,
    "key_agreement": False, "encipher_only": False, "decipher_only": False,
}  # fmt: skip


def authority_secret(connection: Connection) -> str | None:
    """The secret that the authority follows from; None for a central without a district."""
    return next(iter(district_secrets(connection)), None)


def district_secrets(connection: Connection) -> list[str]:
    """The secrets of all districts, that of the oldest first."""
    chosen = select(DISTRICT.c.secret).order_by(DISTRICT.c.created_at, DISTRICT.c.code)
    return list(connection.execute(chosen).scalars())


@functools.lru_cache(maxsize=64)
def _key(secret: str) -> ec.EllipticCurvePrivateKey:
    """The authority's key."""
    seed = hashlib.blake2b(secret.encode(), digest_size=64, person=_PURPOSE).digest()
    return ec.derive_private_key(int.from_bytes(seed) % (_CURVE.group_order - 1) + 1, _CURVE)


@functools.lru_cache(maxsize=64)
def authority_certificate(secret: str) -> x509.Certificate:
    """The authority's own certificate: with the same key, name and time whenever it is made, so that what was issued
    under one is good under all."""
    key = _key(secret)
    public = key.public_key()
    encoded = public.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    digest = hashlib.sha256(encoded).digest()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"guanjia authority {digest.hex()[:16]}")])
    identifier = x509.SubjectKeyIdentifier.from_public_key(public)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(public)
        .serial_number(int.from_bytes(digest[:16]) | 1)
        .not_valid_before(_SINCE)
        .not_valid_after(_UNTIL)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.KeyUsage(**_NO_USES, key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(identifier, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        .sign(key, hashes.SHA256())
    )


def authority_pem(secret: str) -> str:
    """The same as PEM."""
    return authority_certificate(secret).public_bytes(serialization.Encoding.PEM).decode()


def read_authority(database: CentralDatabase) -> str | None:
    """The certificate (PEM) of the authority of the central in this database; None for one without a district."""
    with database.read() as connection:
        secret = authority_secret(connection)
    return None if secret is None else authority_pem(secret)


def issue_certificate(secret: str, names: Sequence[str], now: datetime.datetime) -> bytes:
    """A new key, a certificate for these host names and addresses, and the authority's: all that a server needs, as
    PEM. It is good since long ago, for devices whose clock is behind and if the clock here is ahead."""
    authority, key = authority_certificate(secret), ec.generate_private_key(_CURVE)
    uses = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    issuer_identifier = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])]))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(_SINCE)
        .not_valid_after(now + datetime.timedelta(days=CERTIFICATE_DAYS))
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(**{**_NO_USES, "digital_signature": True}, key_cert_sign=False, crl_sign=False), critical=True
        )
        .add_extension(uses, critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_identifier), critical=False
        )
        .sign(_key(secret), hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + certificate.public_bytes(serialization.Encoding.PEM) + authority_pem(secret).encode()


def is_issued_by(secret: str, certificate: x509.Certificate) -> bool:
    """Whether the authority has issued this certificate."""
    return certificate.issuer == authority_certificate(secret).subject


def names_of(certificate: x509.Certificate) -> list[str]:
    """The host names and addresses that a certificate is for."""
    try:
        listed = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [str(name.value) for name in listed]


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name.encode("idna").decode())
