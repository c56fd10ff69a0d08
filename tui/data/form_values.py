"""What forms hand to write commands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

FormValues = Mapping[str, Any]
"""What a form holds, by field; the command that takes it validates it."""


def without_blanks(values: FormValues) -> dict[str, Any]:
    """The fields that are filled in: a new line has no others."""
    return {name: value for name, value in values.items() if value not in (None, "", ())}
