"""Reads the lines between the rows of a table: a department, a state, a category or a year for the rows below."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from store.importing.name_parsing import is_unit
from store.importing.records.shape import RecordRegister
from store.importing.sections import year_in

_NUMERAL = re.compile(
    r"^(?:第?[〇零一二三四五六七八九十百]+(?:部分|类|章|批)?[、.,．:：]|[(（][〇零一二三四五六七八九十\d]+[)）]|\d{1,3}[、.．](?!\d)"
    r"|[①-⑳★☆●■◆▲※【\[])+"
)
_COUNT = re.compile(r"[(（【]?(?:共|计|合计|总计)*\d{1,4}[个项件名人条户]?(?:问题|事项)?[)）】]?$|[\]】]$")
_LABEL = re.compile(r"^(?:责任|牵头|承办|主办|办理)?(?:单位|部门)[:：]|^(?:项目|工程)(?:名称)?[:：]")
_STATE = re.compile(
    r"((?:已|未|正在|待|部分|尚未|正)*(?:办结|解决|销号|办理|完成|整改|推进|交办)(?:完毕|到位|中)?)(?:的|类)?(?:问题|事项|诉求|困难)?(?:清单|台账)?"
)
_CATEGORY = re.compile(r"(.{1,8}?)(?:类|方面)(?:的)?(?:问题|事项|诉求|困难)?")
_YEAR_ALONE = re.compile(r"20\d\d年度?(?:第?[一二三四1-4]季度|\d{1,2}月(?:份)?|[上下]半年)?(?:问题|走访|政策|情况)*")
_UNIT = re.compile(r".{2,}(?:政府|办公室|园区|开发区|集团|公司|街道|街道办|分局|支队|大队|管委会)")
UNIT_FIELDS = ("department", "unit", "issuer")
_LONGEST = 40


def plain_title(text: str) -> str:
    """A line without its numeral, the count of its rows and its label: 区住建局 of 一、区住建局（3件）."""
    bare = _NUMERAL.sub("", "".join(text.split()))
    return _LABEL.sub("", _COUNT.sub("", bare)).strip(":：、.")


def said_between(register: RecordRegister, text: str, *, projects: bool) -> dict[str, str]:
    """What a line says of the rows below it, by field; empty where that is not clear. With ``projects`` a line that is
    nothing else names a project, since no column does."""
    title = plain_title(text)
    if not title or len(title) > _LONGEST:
        return {}
    if (state := _STATE.fullmatch(title)) and register.field("state"):
        return {"state": state[1]}
    if (category := _CATEGORY.fullmatch(title)) and register.field("category"):
        return {"category": category[1]}
    if projects:
        return {} if _YEAR_ALONE.fullmatch(title) else {"project": title}
    unit = next((name for name in UNIT_FIELDS if register.field(name)), None)
    return {unit: title} if unit and (is_unit(title) or _UNIT.fullmatch(title)) else {}


def year_between(text: str) -> int | None:
    """The year that a line is, for the days below it."""
    return year_in(text) if _YEAR_ALONE.fullmatch(plain_title(text)) else None


def said_by_place(register: RecordRegister, place: str, meanings: Sequence[str | None]) -> Mapping[str, str]:
    """The unit that a sheet is called by, where no column names one."""
    said = said_between(register, place, projects=False)
    return {name: text for name, text in said.items() if name in UNIT_FIELDS and name not in meanings}
