"""Who wrote a line, in the language in use: one name, or both where it was written in another's place."""

from __future__ import annotations

from tui.i18n.translate import _

_MARK = "（代"


def author_text(author: str | None, own_name: str = "") -> str:
    """The author of a line, as the store names them: 乙（代甲） is “乙 (for 甲)” in English; empty where that is not
    known. ``own_name`` stands for the author's own."""
    name, mark, principal = (author or "").partition(_MARK)
    name = own_name or name
    if not mark:
        return name
    return _("{author} (for {principal})").format(author=name, principal=principal.removesuffix("）"))
