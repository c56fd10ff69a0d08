"""The proxy of the environment that a central is reached through, and the variable that names it.

httpx would read the same variables itself, but raises errors outside its own classes for a proxy or an exception list
that it cannot use, and does not say afterwards which proxy it used.
"""

from __future__ import annotations

import os
from ipaddress import ip_address, ip_network
from typing import NamedTuple
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from sync.exceptions import BadProxy

_VARIABLES = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
_SYSTEM = "system"
_LAST_PORT = 65_535


class ProxySetting(NamedTuple):
    """A proxy: its address as httpx takes it, the same without user and password, and its ``origin``: the name of an
    environment variable, or ``system`` for the settings of the operating system."""

    url: str
    shown: str
    origin: str


def proxy_for(address: str) -> ProxySetting | None:
    """The proxy for this address of a central; None for http://, which is for this machine only, and where there is no
    proxy. Raises `BadProxy` for one that cannot be used."""
    parts = urlsplit(address)
    proxies = getproxies()
    named = proxies.get("https") or proxies.get("all") or ""
    url = named.strip()
    if parts.scheme != "https" or not url or _is_excepted(parts.hostname or "", proxies.get("no", "")):
        return None
    origin = next((name for name in _VARIABLES if os.environ.get(name) == named), _SYSTEM)
    url = url if "://" in url else f"http://{url}"
    try:
        proxy = httpx.Proxy(url)
        has_host = bool(proxy.url.host)  # a host that is no IDNA raises
        has_port = proxy.url.port is None or 0 < proxy.url.port <= _LAST_PORT  # the system's call raises for others
        is_usable = proxy.url.scheme in ("http", "https") and has_host and has_port
    except (ValueError, httpx.InvalidURL):
        is_usable = False
    if not is_usable:
        raise BadProxy(origin=origin, proxy=_without_password(url))
    return ProxySetting(url, _without_password(url), origin)


def _is_excepted(host: str, exceptions: str) -> bool:
    """Whether ``no_proxy`` (or the system) excepts this host: by name, by suffix, by address or by network."""
    return bool(proxy_bypass(host)) or any(_covers(entry.strip(), host) for entry in exceptions.split(","))


def _covers(entry: str, host: str) -> bool:
    try:
        return ip_address(host) in ip_network(entry.replace("[", "").replace("]", ""), strict=False)
    except ValueError:
        return False


def _without_password(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"[:200]
