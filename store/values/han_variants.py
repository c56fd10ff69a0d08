"""Makes characters one that people write in several ways: traditional and simplified forms, and the private code points
that GB18030 gave some characters before Unicode had them (䶮 as U+E863).

For comparison and lookup only: what was written is kept. ``han_variants.txt`` has the characters in its first line and
what each is compared as in its second. Its traditional forms are those of OpenCC's ``TSCharacters.txt`` (Apache License
2.0) without characters that are in use in simplified texts, too (乾, 著, 瞭). Read when first needed, in half a
millisecond. On the path of ``guanjia find``: imports stay light.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path


def fold_variants(text: str) -> str:
    """``text`` with every character replaced by the one it is compared as, one for one."""
    return text if text.isascii() else text.translate(_table())


@cache
def _table() -> dict[int, str]:
    written, compared = Path(__file__).with_name("han_variants.txt").read_text("utf-8").splitlines()
    return {ord(variant): usual for variant, usual in zip(written, compared, strict=True)}
