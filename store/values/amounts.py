"""Parses and formats money, points and hours; the ledger stores whole yuan, tenths of a point and minutes."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation

from store.exceptions import BadAmount

_NUMBER = re.compile(r"(?P<digits>[0-9][0-9,]*(\.[0-9]+)?)(?P<unit>亿|万)?元?")
_UNITS = {None: 1, "万": 10_000, "亿": 100_000_000}


def parse_yuan(text: str) -> int:
    """Whole yuan: ``52000000``, ``52,000,000``, ``5200万``, ``1.2亿元``. Raises `BadAmount`."""
    amount = _NUMBER.fullmatch(_normalize(text))
    if amount is None:
        raise BadAmount(text=text)
    return _to_whole_number(text, Decimal(amount["digits"].replace(",", "")) * _UNITS[amount["unit"]])


def parse_scaled(text: str, scale: int) -> int:
    """A number times ``scale``: ``8.5`` points are 85 tenths, ``1.5`` hours 90 minutes. Raises `BadAmount`."""
    try:
        return _to_whole_number(text, Decimal(_normalize(text)) * scale)
    except InvalidOperation:
        raise BadAmount(text=text) from None


def unscale(value: int, scale: int) -> int | float:
    """The number that `parse_scaled` read: an int where it is whole."""
    return value // scale if value % scale == 0 else round(value / scale, 2)


def format_wan(yuan: int) -> str:
    """Yuan in units of ten thousand, as offices write them: ``5,200``, ``0.35``."""
    text = f"{Decimal(yuan) / 10_000:,.2f}"
    return text.rstrip("0").rstrip(".")


def _normalize(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def _to_whole_number(text: str, value: Decimal) -> int:
    if not value.is_finite() or value < 0 or value > 10**15:
        raise BadAmount(text=text)
    if value != value.to_integral_value():
        raise BadAmount(text=text)
    return int(value)
