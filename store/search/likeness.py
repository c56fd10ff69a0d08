"""Names that differ by one slip of whoever typed them: 发该局 for 发改局, 自然资局 for 自然资源局, 玉成王 for 王玉成.

Pure. A slip is one character with the same reading or nearly the same shape, two neighbours that changed places, and in
the longer names of units one character too many or too few. Any other character makes another name: 财务局 is not
商务局, 王红霞 not 王红梅. Used where a name that nobody has would become a new line: ``store/commands/new_names.py``,
``store/importing/matching.py``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from store.search.pinyin import pinyin_of

_SHAPES = (
    "己已巳 未末 戊戌戍 干千 日曰 土士 人入 大太 天夫 王玉⺩ 田由甲申 侯候 祟崇 晴睛 淮准 炎焱 斌赋 杨扬"
    " 冶治 茜茵 哲晢 彤肜 毫亳 荷苛 赢嬴"
    " 民⺠ 马⻢ 长⻓ 门⻔ 车⻋ 见⻅ 贝⻉ 青⻘ 风⻛ 飞⻜ 鱼⻥ 鸟⻦ 麦⻨ 黄⻩ 齐⻬ 龙⻰ 龟⻳ 母⺟ 西⻄ 食⻝"
)
"""Characters that are taken for one another."""
_MOST_SPELLINGS = 64
_ALIKE = {sign: group for group in _SHAPES.split() for sign in group}
_TELLS_APART = frozenset("一二三四五六七八九十东西南北中上下大小新老0123456789省市区县旗镇乡村")
"""Characters whose presence makes another unit: 第十一小学 is not 第一小学."""
_SHORTEST_GAPPED = 4
_LONGEST = 40


def is_slip(typed: str, known: str) -> bool:
    """Whether one of two normalized names is the other with one slip; equal names are none."""
    if not 2 <= min(len(typed), len(known)) <= max(len(typed), len(known)) <= _LONGEST:
        return False
    if len(typed) != len(known):
        shorter, longer = sorted((typed, known), key=len)
        return len(longer) - len(shorter) == 1 and len(shorter) >= _SHORTEST_GAPPED and _is_gapped(shorter, longer)
    differing = [place for place in range(len(typed)) if typed[place] != known[place]]
    if len(differing) == 1:
        return _is_mistakable(typed[differing[0]], known[differing[0]])
    swapped = len(differing) == 2 and differing[1] == differing[0] + 1
    return swapped and typed[differing[0]] == known[differing[1]] and typed[differing[1]] == known[differing[0]]


def is_spelt(latin: str, name: str) -> bool:
    """Whether letters spell a normalized Chinese name: wangwu is 王五."""
    if not (latin.isascii() and latin.isalpha()) or len(name) > len(latin):
        return False
    spellings = [""]
    for sign in name:
        spellings = [begun + reading for begun in spellings for reading in pinyin_of(sign)]
        spellings = [each for each in spellings if latin.startswith(each)][:_MOST_SPELLINGS]
    return latin in spellings


def _is_mistakable(one_sign: str, other: str) -> bool:
    return bool(set(pinyin_of(one_sign)) & set(pinyin_of(other))) or other in _ALIKE.get(one_sign, "")


def _is_gapped(shorter: str, longer: str) -> bool:
    gap = next((place for place, sign in enumerate(shorter) if sign != longer[place]), len(shorter))
    return shorter[gap:] == longer[gap + 1 :] and longer[gap] not in _TELLS_APART


class LikeNames:
    """Finds those of many normalized names of which another is a slip, without comparing it with each."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names: dict[str, list[str]] = defaultdict(list)
        for name in dict.fromkeys(names):
            for key in _keys(name):
                self._names[key].append(name)

    def of(self, name: str) -> list[str]:
        """The names that are a slip away from this one, in the order in which they were given."""
        if not self._names:
            return []
        candidates = dict.fromkeys(known for key in _keys(name) for known in self._names.get(key, ()))
        return [known for known in candidates if is_slip(name, known)]


def _keys(name: str) -> Iterator[str]:
    """What two names have in common where they may be a slip of each other."""
    if 2 <= len(name) <= _LONGEST:
        yield "".join(sorted(name))
        yield name
        for place in range(len(name)):
            yield f"{name[:place]}?{name[place + 1 :]}"
            yield name[:place] + name[place + 1 :]
