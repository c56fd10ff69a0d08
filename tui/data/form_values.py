"""What forms hold, and what they hand to write commands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from store.domain.erased_drafts import IDS_FIELD
from store.values.text import is_blank

IDS, VERSION = IDS_FIELD, "_version"
"""What a draft holds beside the fields: the ids of named lines, and the version of the line that it was made from."""
FormValues = Mapping[str, object]
"""What a form holds, by field."""


def command_fields(values: FormValues) -> dict[str, Any]:
    """The values as keyword arguments of a write command, which validates them."""
    return dict(values)


def act_fields(values: FormValues) -> dict[str, Any]:
    """As `without_blanks`; but where the other departments of an assignment are blank, there are none."""
    others = {name: "" for name in ("with",) if name in values and is_blank(values[name])}
    return {**without_blanks(values), **others}


def without_blanks(values: FormValues) -> dict[str, Any]:
    """As `command_fields`, only the fields that are filled in: a new line has no others."""
    return {name: value for name, value in values.items() if not is_blank(value)}
