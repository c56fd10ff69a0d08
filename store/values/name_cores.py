"""What is compared of a name that is written in several ways. Pure.

Official names have many spellings: an office with and without the district before it, a person with 同志, a title or a
bracket behind the name, minority names with five kinds of dots, a project with a star or 【已竣工】 beside its name.
The name is kept as it is written, its core compared; marks beside a project's are no part of it.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from store.values.text import normalize_name

NameKind = Literal["person", "unit", "project"]
_BRACKETED = re.compile(r"[(\[【〔].*?[)\]】〕]")
_PREFIX = re.compile("^(?!市场).{0,4}?[省市区县旗](?=..)")
_OFFICES = "局长|主任|科长|处长|院长|所长|站长|股长|队长|部长|校长|秘书长|经理|主席|书记|区长|县长|市长|镇长|乡长"
_TITLES = re.compile(
    f"(?:同志|先生|女士|老师|(?:党组|党委|工委|支部)?(?:常务副|副|总|代)?(?:{_OFFICES})|董事长|总工程师|工程师|科员|干部|专员)+$"
)

_STATE = (
    r"(?:本年|今年|当年|年内|[省市区县]级?|\d{4}年)?(?:已|拟|未|待|正)?(?:竣工|完工|投产|建成|在建|续建|新建|扩建|改建|新增|新|增补|停工|停建|缓建|复工|开工|签约|落地"
    r"|谈|储备|重点|结转|调出|调整|更名|取消|退出|推进|正在推进|进展中|完成|验收)(?:项目)?"
)
_BESIDE_PROJECT = rf"[★☆*＊※●○◆◇■□▲△▼▽◎✓✔√⭐🔺\s]|[(（\[【〔]{_STATE}[)）\]】〕]"
_MARKS = re.compile(rf"^(?:{_BESIDE_PROJECT})+|(?:{_BESIDE_PROJECT})+$")


def without_marks(name: str) -> str:
    """A project's name without the signs (★, *) and states (【已竣工】, （新）) that a table sets beside it."""
    return _MARKS.sub("", name) or name


def name_core(kind: NameKind, name: str, district: str = "") -> str:
    """What is compared of a name that is written in several ways: a person's without brackets, titles and dots, an
    office's without the district before it, a project's without the marks beside it."""
    if kind == "project":
        return normalize_name(without_marks(name))
    folded = _BRACKETED.sub("", unicodedata.normalize("NFKC", name))
    core = re.sub(r"[·•・‧．.\s]", "", normalize_name(folded))
    if kind == "unit":
        while (rest := _PREFIX.sub("", core.removeprefix(district))) != core and rest:
            core = rest
        return core
    return _TITLES.sub("", core) or core
