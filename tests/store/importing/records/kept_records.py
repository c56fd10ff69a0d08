"""What the kept ledgers of five kinds say, and the words in which offices say it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from store.importing.records.shape import RegisterName

Value = str | date | float


class Record(NamedTuple):
    """What a record says, by field; ``key`` tells it from others."""

    key: tuple[str, ...]
    values: dict[str, str]


PROJECTS = ("北山风电场", "临江热电厂二期工程", "临江水库", "示范区冷链物流中心")
_ISSUES = (
    (0, "用电容量不足", "utilities", "示范区供电公司", "乙卫东", "2026-03-05", "2026-06-30", "closed"),
    (0, "施工便道未通", "utilities", "示范区交通局", "庚立强", "2026-03-18", "2026-07-31", "in_progress"),
    (1, "建设用地批复未取得", "land", "示范区自然资源局", "壬福生", "2026-04-01", "2026-09-15", "in_progress"),
    (2, "工程款未到位", "funding", "示范区财政局", "丁红梅", "2026-04-22", "2026-08-20", "open"),
    (3, "招工困难", "labour", "示范区人社局", "丑宁", "2026-05-06", "2026-10-10", "closed"),
)
_VISITS = (
    (0, "2026-03-05", "visit", "企业会议室", "甲建国、乙卫东", "主体封顶，企业反映用电容量不足。"),
    (0, "2026-04-16", "phone", "区政府", "乙卫东", "电话了解设备到货情况。"),
    (1, "2026-04-21", "discussion", "项目部", "丙志远、丁红梅", "座谈用地手续办理进度。"),
    (3, "2026-05-27", "visit", "施工现场", "庚立强", "现场查看冷库基础施工。"),
)
_PEOPLE = (
    ("乙卫东", "示范区发改局", "局长", "19900000002"),
    ("戊晓明", "示范区发改局", "科长", "19900000005"),
    ("丁红梅", "示范区住建局", "副局长", "19900000004"),
    ("庚立强", "示范区交通局", "主任", "19900000007"),
    ("壬福生", "示范区交通局", "科员", "19900000009"),
)
_POLICIES = (
    ("关于支持重点项目建设的若干措施", "示发〔2026〕1号", "示范区政府办公室", "2026-01-05"),
    ("优化营商环境实施方案", "示营商〔2026〕3号", "示范区营商局", "2026-02-18"),
    ("工业企业用电补贴办法", "示工信〔2026〕12号", "示范区工信局", "2026-03-22"),
    ("人才引进奖励细则", "示人社发〔2026〕7号", "示范区人社局", "2026-04-09"),
)
_PROGRESS = (
    (0, "2026-03", 52_000_000, 18_005_000, 90_000_000, "主体封顶"),
    (1, "2026-03", 8_600_000, 2_400_000, 31_000_000, "设备安装"),
    (2, "2026-03", 120_000_000, 45_500_000, 45_500_000, "大坝浇筑"),
    (3, "2026-03", 6_800_000, 1_200_000, 1_200_000, "基础施工"),
)
WORDS = {
    "utilities": "水电气热", "land": "用地", "funding": "资金", "labour": "用工",
    "closed": "已办结", "in_progress": "办理中", "open": "未办结",
    "visit": "走访", "phone": "电话", "discussion": "座谈",
}  # fmt: skip


def records_of(register: RegisterName) -> list[Record]:
    """What is right of a kind."""
    names: tuple[str, ...]
    if register == "issues":
        names = ("project", "title", "category", "department", "owner", "raised_at", "due", "state")
        return [Record((row[1],), dict(zip(names, (PROJECTS[row[0]], *row[1:]), strict=True))) for row in _ISSUES]
    if register == "visits":
        names = ("project", "at", "how", "place", "who", "text")
        rows = [(PROJECTS[row[0]], *row[1:]) for row in _VISITS]
        return [Record((row[0], row[1]), dict(zip(names, row, strict=True))) for row in rows]
    if register == "people":
        return [Record((row[0],), dict(zip(("name", "unit", "title", "phone"), row, strict=True))) for row in _PEOPLE]
    if register == "policies":
        names = ("title", "number", "issuer", "issued")
        return [Record((row[0],), dict(zip(names, row, strict=True))) for row in _POLICIES]
    names = ("project", "month", "planned", "done", "total", "physical")
    shown = [(PROJECTS[row[0]], row[1], *map(str, row[2:5]), row[5]) for row in _PROGRESS]
    return [Record((row[0],), dict(zip(names, row, strict=True))) for row in shown]


HEADINGS: dict[RegisterName, dict[str, tuple[str, ...]]] = {
    "issues": {
        "project": ("项目名称", "项目", "企业（项目）名称", "涉及项目"),
        "title": ("存在问题", "问题", "企业诉求", "问题描述", "反映问题", "存在的困难和问题"),
        "category": ("问题类别", "类别", "问题类型", "诉求分类"),
        "department": ("责任单位", "责任部门", "牵头单位", "承办单位", "主办部门"),
        "owner": ("责任人", "具体责任人", "承办人", "负责人", "经办人"),
        "raised_at": ("提出时间", "反映时间", "登记日期", "受理时间", "日期"),
        "due": ("办理期限", "完成时限", "整改期限", "计划完成时间", "办结时限"),
        "state": ("状态", "办理状态", "是否解决", "办结情况"),
    },
    "visits": {
        "project": ("项目名称", "走访项目", "项目", "服务项目"),
        "at": ("走访时间", "时间", "日期", "服务日期"),
        "how": ("走访方式", "方式", "服务形式"),
        "place": ("地点", "走访地点", "服务地点"),
        "who": ("走访人员", "参加人员", "服务人员", "参与人员"),
        "text": ("走访情况", "服务内容", "工作内容", "了解情况", "主要情况"),
    },
    "people": {
        "name": ("姓名", "名字", "联系人", "人员姓名"),
        "unit": ("单位", "工作单位", "部门", "所在单位"),
        "title": ("职务", "岗位", "职务及分工"),
        "phone": ("联系电话", "电话", "手机", "手机号码", "联系方式"),
    },
    "policies": {
        "title": ("文件名称", "政策名称", "标题", "政策文件"),
        "number": ("文号", "发文字号", "文件编号"),
        "issuer": ("发文单位", "发文机关", "制定部门", "出台单位"),
        "issued": ("发文时间", "印发日期", "发布时间", "成文日期"),
    },
    "progress": {
        "project": ("项目名称", "项目", "工程名称"),
        "month": ("月份", "统计月份", "填报月份"),
        "planned": ("年度计划投资", "本年计划投资", "今年计划投资"),
        "done": ("年度完成投资", "本年完成投资", "1-3月完成投资"),
        "total": ("累计完成投资", "开工以来累计完成投资", "累计完成"),
        "physical": ("形象进度", "工程形象进度", "目前进展情况"),
    },
}  # fmt: skip
TITLES: dict[RegisterName, str] = {
    "issues": "重点项目问题台账",
    "visits": "项目走访工作台账",
    "people": "项目服务通讯录",
    "policies": "惠企政策文件清单",
    "progress": "重点项目进度表",
}
GROUPS: dict[RegisterName, tuple[tuple[str, tuple[tuple[str, str], ...]], ...]] = {
    "issues": (
        ("问题情况", (("category", "问题类别"), ("title", "问题描述"))),
        ("责任", (("department", "单位"), ("owner", "责任人"))),
        ("办理情况", (("due", "完成时限"), ("state", "办理状态"))),
    ),
    "visits": (("走访", (("at", "时间"), ("how", "方式"), ("place", "地点"), ("who", "人员"))),),
    "people": (
        ("基本情况", (("name", "姓名"), ("title", "职务"))),
        ("联系方式", (("unit", "单位"), ("phone", "手机"))),
    ),
    "policies": (("发文", (("issuer", "单位"), ("issued", "时间"))),),
    "progress": (
        ("投资完成情况（万元）", (("planned", "年度计划"), ("done", "年度完成投资"), ("total", "累计完成投资"))),
    ),
}
SECTIONS: dict[RegisterName, tuple[str, ...]] = {
    "issues": ("department", "project", "state"),
    "visits": ("project",),
    "people": ("unit",),
    "policies": ("issuer",),
    "progress": (),
}
DAYS: tuple[tuple[str, Callable[[date], Value]], ...] = (
    ("iso", lambda day: day.isoformat()),
    ("dots", lambda day: f"{day.year}.{day.month}.{day.day}"),
    ("slashes", lambda day: f"{day.year}/{day.month}/{day.day}"),
    ("chinese", lambda day: f"{day.year}年{day.month}月{day.day}日"),
    ("no year", lambda day: f"{day.month}月{day.day}日"),
    ("no year, dots", lambda day: f"{day.month}.{day.day}"),
    ("excel", lambda day: str((day - date(1899, 12, 30)).days)),
    ("cell", lambda day: day),
    ("eight digits", lambda day: day.strftime("%Y%m%d")),
    ("short year", lambda day: f"{day.year % 100}.{day.month}.{day.day}"),
    ("weekday", lambda day: f"{day.month}月{day.day}日（周{'一二三四五六日'[day.weekday()]}）"),
)
SERIALS: tuple[Callable[[int], Value], ...] = (
    str,
    float,
    lambda n: f"{n}.",
    lambda n: f"（{n}）",
    lambda n: "一二三四五六七八九十"[n - 1] + "、",
)
NOTES = (
    "注：本表每周五下班前报区营商局。", "填报人：甲建国", "备注：1.类别按附件填写；2.逾期将通报。", "审核人：（签字）",
)  # fmt: skip
FURTHER = (("盯办领导", "己玉成"), ("亮灯", ""), ("层级", "区级"), ("附件", "见附表"), ("所属乡镇", "示范镇"))
PHONES = {"乙卫东": "19900000002", "庚立强": "19900000007", "丁红梅": "19900000004"}
