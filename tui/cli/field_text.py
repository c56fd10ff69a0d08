"""The value of a line's field as people read it: words for codes, names for ids. Next: ``tui/cli/tables.py``."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from tui.i18n.translate import _, value_label


def field_text(kind: str, field: str, value: object, names: Mapping[str, str]) -> str:
    """The value of a field of a ``kind`` of line, ``names`` being those of the lines that it may mention, by id."""
    if isinstance(value, list):
        return _(", ").join(field_text(kind, field, item, names) for item in value)
    if isinstance(value, str):
        return names.get(value) or value_label(f"{kind}.{field}", value)
    return _("(empty)") if value is None else orjson.dumps(value).decode()
