"""Why a central's certificate is not accepted, with the evidence: dates, names, issuer.

TLS says only which check failed. The certificate is read from a second connection, which accepts any and is sent no
token.
"""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import httpx
from cryptography import x509
from cryptography.x509.oid import NameOID

from store.values.text import sanitize
from store.values.times import district_time
from sync.exceptions import (
    CertificateExpired,
    CertificateNotYetValid,
    CertificateWrongName,
    NotTheCentral,
    UntrustedCertificate,
)
from sync.transport.proxy import ProxySetting

LOOK_TIMEOUT_S = 5.0
"""How long to wait for the certificate; without it the error is told without its evidence."""
_EXPIRED, _NOT_YET_VALID, _WRONG_HOST, _WRONG_ADDRESS = 10, 9, 62, 64
"""OpenSSL's ``X509_V_ERR_…``."""


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what caused it, down to the first."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


async def certificate_error(
    address: str, failure: ssl.SSLCertVerificationError, proxy: ProxySetting | None
) -> NotTheCentral:
    """The error for people of a certificate that was not accepted."""
    certificate = await _look_at_certificate(address, proxy)
    now = datetime.now(UTC)
    common = {"central": address, "now": _day(now)}
    if failure.verify_code == _EXPIRED:
        until = certificate.not_valid_after_utc if certificate else None
        return CertificateExpired(**common, until=_day(until) if until and until < now else "?")
    if failure.verify_code == _NOT_YET_VALID:
        since = certificate.not_valid_before_utc if certificate else None
        return CertificateNotYetValid(**common, since=_day(since) if since and since > now else "?")
    if failure.verify_code in (_WRONG_HOST, _WRONG_ADDRESS):
        names = _names(certificate) if certificate else "?"
        return CertificateWrongName(**common, host=urlsplit(address).hostname or "", names=names)
    issuer = certificate.issuer.rfc4514_string() if certificate else failure.verify_message
    return UntrustedCertificate(
        **common, issuer=_inert(issuer), names=_names(certificate) if certificate else "?",
        since=_day(certificate.not_valid_before_utc) if certificate else "?",
        until=_day(certificate.not_valid_after_utc) if certificate else "?",
    )  # fmt: skip


async def _look_at_certificate(address: str, proxy: ProxySetting | None) -> x509.Certificate | None:
    """The certificate that the other side shows, whatever it is worth; None when there is none to be had."""
    anything = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anything.check_hostname = False
    anything.verify_mode = ssl.CERT_NONE
    with contextlib.suppress(httpx.HTTPError, OSError, ValueError):
        async with (
            httpx.AsyncClient(
                verify=anything, proxy=proxy.url if proxy else None, trust_env=False, timeout=LOOK_TIMEOUT_S
            ) as client,
            client.stream("HEAD", address, headers={"connection": "close"}) as response,
        ):
            secured = response.extensions["network_stream"].get_extra_info("ssl_object")
            shown = secured.getpeercert(binary_form=True) if secured else None
            return x509.load_der_x509_certificate(shown) if shown else None
    return None


def _names(certificate: x509.Certificate) -> str:
    """The names that a certificate is for. Its common name counts no more, but tells where it comes from."""
    try:
        listed = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        names = [str(name.value) for name in listed]
    except x509.ExtensionNotFound:
        names = [f"CN={name.value!s}" for name in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    return _inert(" ".join(names)) or "?"


def _inert(text: str) -> str:
    return sanitize(text)[:200]


def _day(moment: datetime) -> str:
    return district_time(int(moment.timestamp() * 1000)).strftime("%Y-%m-%d %H:%M")
