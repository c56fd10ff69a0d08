"""What is compared of a name that is written in several ways. Pure.

Official names have many spellings: an office with and without the district before it, a person with 同志, a title or a
bracket behind the name, minority names with five kinds of dots. The name is kept as it is written, its core compared.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from store.values.text import normalize_name

NameKind = Literal["person", "unit"]
_BRACKETED = re.compile(r"[(\[【〔].*?[)\]】〕]")
_PREFIX = re.compile("^(?!市场).{0,4}?[省市区县旗](?=..)")
_OFFICES = "局长|主任|科长|处长|院长|所长|站长|股长|队长|部长|校长|秘书长|经理|主席|书记|区长|县长|市长|镇长|乡长"
_TITLES = re.compile(
    f"(?:同志|先生|女士|老师|(?:党组|党委|工委|支部)?(?:常务副|副|总|代)?(?:{_OFFICES})|董事长|总工程师|工程师|科员|干部|专员)+$"
)


def name_core(kind: NameKind, name: str, district: str = "") -> str:
    """What is compared of a name that is written in several ways: a person's without brackets, titles and dots, an
    office's without the district before it."""
    folded = _BRACKETED.sub("", unicodedata.normalize("NFKC", name))
    core = re.sub(r"[·•・‧．.\s]", "", normalize_name(folded))
    if kind == "unit":
        while (rest := _PREFIX.sub("", core.removeprefix(district))) != core and rest:
            core = rest
        return core
    return _TITLES.sub("", core) or core
