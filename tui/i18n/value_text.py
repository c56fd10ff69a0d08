"""The value of a line's field as people read it: words for codes, names for ids, moments to the minute."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from store.values.times import SHANGHAI
from tui.i18n.register_text import number_text
from tui.i18n.translate import _, value_label

NamesById = Mapping[str, str]
"""Ids to names, for fields that hold ids."""
_PART_FAMILIES: Mapping[tuple[str, str], str] = {("adjustments", "act"): "adjustment"}
_PART_LABELS: Mapping[tuple[str, str], str] = {("adjustments", "date"): "day"}
"""The words for parts of values: the family of a part's values, and the field whose name it has, by field and part."""
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})")


def value_text(kind: str, field: str, value: object, names: NamesById) -> str:
    """The value of a field of a ``kind`` of line; ``names`` are those of the lines that it may mention, by id."""
    if value is None:
        return _("(empty)")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return _(", ").join(value_text(kind, field, item, names) for item in value)
    if isinstance(value, dict):
        return "  ".join(_part_text(kind, field, str(key), item, names) for key, item in value.items())
    if isinstance(value, str):
        return names.get(value) or moment_text(value) or value_label(f"{kind}.{field}", value)
    return number_text(kind, field, value) or str(value)


def _part_text(kind: str, field: str, part: str, value: object, names: NamesById) -> str:
    """A named part of a value, with its name: of an adjustment of the list its act, day and reason."""
    family = _PART_FAMILIES.get((field, part))
    said = value_label(family, str(value)) if family else value_text(kind, part, value, names)
    return f"{value_label('field', _PART_LABELS.get((field, part), part))} {said}"


def moment_text(text: str) -> str | None:
    """A stored moment in the district's time, to the minute; None for any other text."""
    if _MOMENT.fullmatch(text) is None:
        return None
    try:
        return datetime.fromisoformat(text).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    except (ValueError, OverflowError):
        return None
