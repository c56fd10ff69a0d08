"""Address, token and certificates of a central: which are accepted."""

from __future__ import annotations

import contextlib
import re
import ssl
from ipaddress import ip_address
from urllib.parse import urlsplit

import certifi
import httpx

from store.exceptions import BadSetting
from sync.exceptions import BadAddress, DeviceRefused, InsecureAddress

_TOKEN = re.compile(r"[\x21-\x7e]{1,512}")


def check_token(token: str) -> str:
    """The token, if it is valid in a header; an invalid one would appear in an error text. Raises `DeviceRefused`."""
    if not _TOKEN.fullmatch(token):
        raise DeviceRefused(detail="malformed token")
    return token


def check_address(address: str) -> str:
    """The address without a trailing slash. Raises `BadAddress`, or `InsecureAddress` for http:// to another
    machine."""
    try:
        parts = urlsplit(address.strip())
        host, port = parts.hostname, parts.port
        _ = httpx.URL(address.strip()).host  # raises for what looks encoded (xn--) and is no name
    except (ValueError, httpx.InvalidURL):
        raise BadAddress(central=address) from None
    if (
        parts.scheme not in ("http", "https")
        or not host
        or port == 0
        or parts.username
        or parts.query
        or parts.fragment
    ):
        raise BadAddress(central=address)
    if parts.scheme == "http" and not is_loopback(host):
        raise InsecureAddress(central=address)
    return address.strip().rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether this host is the machine itself."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def ssl_context(ca_file: str | None, authority: str | None = None) -> ssl.SSLContext:
    """The trusted certificates: those of ``ca_file`` and no others, else the system's (where an office installs its own
    authority), or certifi's where the system has none, and with them the central's own ``authority`` (PEM). Raises
    `BadSetting` when the file cannot be used."""
    if ca_file:
        try:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.load_verify_locations(cafile=ca_file)
            return context
        except (OSError, ssl.SSLError):
            raise BadSetting(name="ca_file", value=ca_file, origin="settings", expected="PEM") from None
    # as ssl.create_default_context, but no variable (SSLKEYLOGFILE) has it write the keys of connections to a file
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_default_certs()
    if not context.cert_store_stats()["x509_ca"]:
        context.load_verify_locations(cafile=certifi.where())
    if authority:
        with contextlib.suppress(ssl.SSLError):  # else it is not trusted, and that is told
            context.load_verify_locations(cadata=authority)
    return context
