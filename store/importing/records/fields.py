"""The registers that tables are taken in for: their fields, and the headings that name them.

> Synonyms live here and in ``line_fields.py`` only. The words of a drop-down are those that the screens say.
"""

from __future__ import annotations

from collections.abc import Mapping

from store.importing.records.line_fields import HOW_WORDS, LINE_REGISTERS
from store.importing.records.shape import PROJECT_FIELD, PROJECT_NUMBER, RecordField, RecordRegister

CATEGORY_WORDS: Mapping[str, str] = {
    "手续": "procedure", "用地": "land", "资金": "funding", "用工": "labour", "水电气热": "utilities",
    "市场": "market", "政策": "policy", "其他": "other",
}  # fmt: skip
KIND_WORDS: Mapping[str, str] = {"问题": "problem", "困难": "difficulty", "诉求": "request"}
STATE_WORDS: Mapping[str, str] = {
    "待交办": "open", "已交办": "assigned", "办理中": "in_progress", "等待中": "waiting", "待销号": "settled",
    "已销号": "closed", "已撤销": "cancelled",
}  # fmt: skip
SCREEN_STATES: Mapping[str, str] = {"settled": "已办结", "pending_approval": "待审定", "escalated": "已上报"}
"""What the screens say of states that a table of another office calls otherwise, or means something else by: its 已办结
is closed."""
TABLE_STATES: Mapping[str, str] = {"escalated": "in_progress", "pending_approval": "settled"}
"""States that no table has, as those that a table can say."""
UNIT_WORDS: Mapping[str, str] = {"部门": "department", "牵头单位": "lead_unit", "企业": "enterprise", "其他": "other"}

ISSUES = RecordRegister(
    "issues",
    "问题台账",
    (
        RecordField(
            "number", "问题编号", r"(?:问题|台账|事项|登记|受理)?(?:编号|编码|号码)|issueno\.?|number", "台账2026-001"
        ),
        PROJECT_FIELD,
        PROJECT_NUMBER,
        RecordField(
            "title",
            "问题",
            r"(?:存在|主要|具体|反映|企业|项目|目前)*(?:的)?(?:问题|困难|诉求|事项|难点|堵点|需求)(?:(?:及|和|与|、|/)?(?:困难|诉求|问题|需求))*"
            r"(?:名称|标题|描述|内容|摘要|事项|清单)?|issue|title",
            "厂区用电容量不足",
            required=True,
        ),
        RecordField("text", "详细情况", r"(?:问题|详细|具体|基本)*(?:详情|情况说明|说明|描述|情况)|details?", ""),
        RecordField("kind", "种类", r"(?:问题)?种类|kind", "问题", tuple(KIND_WORDS)),
        RecordField(
            "category",
            "类别",
            r"(?:问题|困难|诉求|事项)?(?:类别|类型|分类|属性)|category",
            "水电气热",
            tuple(CATEGORY_WORDS),
        ),
        RecordField(
            "department",
            "责任部门",
            r"(?:责任|牵头|承办|主办|办理|主责|解决|落实|整改|包保)(?:责任)?(?:单位|部门)(?:及责任人)?|department",
            "区发改局",
        ),
        RecordField("with", "配合部门", r"(?:配合|协办|协同|会办)(?:单位|部门)", "区住建局、区自然资源局"),
        RecordField(
            "owner",
            "责任人",
            r"(?:具体|直接|第一|部门|单位|整改)?(?:责任人|承办人|经办人|负责人|办理人)(?:员|及电话|及联系方式)?|owner",
            "乙卫东",
        ),
        RecordField(
            "raised_at",
            "提出时间",
            r"(?:问题)?(?:提出|反映|登记|收集|发现|受理|上报|交办|提报)?(?:时间|日期)|raised",
            "2026-03-05",
        ),
        RecordField(
            "due",
            "办理期限",
            r"(?:办理|整改|解决|完成|办结|要求|计划|拟|预计|销号|承诺)*(?:期限|时限|截止时间|截止日期|完成期限)"
            r"|(?:计划|要求|预计|拟)(?:完成|解决|办结)(?:时间|日期)|due",
            "2026-06-30",
        ),
        RecordField(
            "state",
            "状态",
            r"(?:办理|问题|解决|整改|销号|当前|目前|完成)*状态|是否(?:已)?(?:解决|办结|销号|完成)(?:到位)?|办结情况|销号情况|state",
            "办理中",
            tuple(STATE_WORDS),
        ),
        RecordField(
            "progress",
            "进展情况",
            r"(?:办理|工作|目前|当前|最新|整改|落实|推进|处理)*(?:进展|进度|办理|落实|推进)(?:情况|动态)?|progress",
            "已现场勘察，方案待批。",
        ),
        RecordField(
            "measure",
            "解决措施及结果",
            r"(?:整改|解决|办理|处理|拟采取|采取|推进|化解)*(?:的)?(?:措施|办法|方案|结果|解决情况|处置情况|答复)(?:及.*)?|measure",
            "",
        ),
        RecordField(
            "settled_at", "办结时间", r"(?:实际|问题)?(?:办结|解决|完成|销号|整改完成|闭环)(?:时间|日期)|closed", ""
        ),
        RecordField("close_number", "销号编号", r"(?:销号|办结|闭环)(?:编号|号|文号)|close-?out(?:number|no\.?)", ""),
    ),
)
VISITS = RecordRegister(
    "visits",
    "走访服务台账",
    (
        PROJECT_FIELD,
        PROJECT_NUMBER,
        RecordField(
            "at",
            "时间",
            r"(?:走访|服务|联系|到访|活动|工作|拜访)?(?:时间|日期)|when|date",
            "2026-03-05 09:30",
            required=True,
        ),
        RecordField("how", "方式", r"(?:走访|服务|联系|工作)?(?:方式|形式)|how", "走访", tuple(HOW_WORDS)),
        RecordField("place", "地点", r"(?:走访|服务|活动|工作)?(?:地点|地址|场所)|place", "企业会议室"),
        RecordField(
            "who",
            "参加人员",
            r"(?:参加|参与|走访|服务|陪同|到访|工作)(?:走访)?(?:人员|领导|人|同志)|(?:服务|走访)?人员|participants",
            "甲建国、乙卫东",
        ),
        RecordField(
            "text",
            "情况",
            r"(?:走访|服务|工作|主要|了解|活动|具体|现场|基本|联系)*(?:情况|内容|记录|纪要|事项)(?:及.*)?|(?:.*?)(?:了解|收集|反映|发现)(?:的)?(?:情况|问题).*|whatwasseen",
            "项目主体封顶，企业反映用电容量不足。",
        ),
    ),
)
PEOPLE = RecordRegister(
    "people",
    "通讯录",
    (
        RecordField("name", "姓名", r"姓名|名字|人员(?:姓名)?|联系人(?:姓名)?|name", "乙卫东", required=True),
        RecordField("unit", "单位", r"(?:工作|所在|所属)?(?:单位|部门|科室)(?:名称)?|unit|department", "区发改局"),
        RecordField("title", "职务", r"(?:现任|行政|担任)?(?:职务|职称|岗位|职位)(?:及分工)?|title|post", "科长"),
        RecordField(
            "phone",
            "手机",
            r"(?:联系|移动|手机|常用)?(?:电话|手机|方式)(?:号码?)?|(?:联系)方式|phone|mobile",
            "19900000002",
        ),
        RecordField(
            "other_phone",
            "办公电话",
            r"(?:办公|固定|座机|其他|备用|单位)(?:室)?(?:电话|座机|号码)?(?:号码)?|座机",
            "0418-0000000",
        ),
        RecordField("note", "备注", r"备注|说明|note", ""),
    ),
)
UNITS = RecordRegister(
    "units",
    "单位名录",
    (
        RecordField(
            "name", "单位名称", r"(?:单位|部门|机构|企业)(?:名称|全称)?|名称|全称|name", "区发改局", required=True
        ),
        RecordField("kind", "类别", r"(?:单位|部门)?(?:类别|类型|性质|种类)|kind", "部门", tuple(UNIT_WORDS)),
        RecordField("phone", "电话", r"(?:办公|联系|值班|单位)?(?:电话|座机)(?:号码)?|联系方式|phone", "0418-0000000"),
        RecordField("note", "备注", r"备注|说明|note", ""),
    ),
)
REGISTERS: Mapping[str, RecordRegister] = {each.name: each for each in (ISSUES, VISITS, PEOPLE, UNITS, *LINE_REGISTERS)}
