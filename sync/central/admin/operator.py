"""What the operator's commands share: who runs them, and times as they print them."""

from __future__ import annotations

import getpass
import os

from store.values.text import sanitize
from store.values.times import district_time


def operator_name() -> str:
    """The login name of whoever runs this command."""
    try:
        return sanitize(getpass.getuser())
    except (OSError, KeyError, ImportError):  # a machine that has no names for its users
        return str(os.getuid()) if hasattr(os, "getuid") else ""


def iso_time(ms: int) -> str:
    """A time in milliseconds since 1970 as ISO 8601, in the district's time zone."""
    return district_time(ms).isoformat(timespec="milliseconds")
