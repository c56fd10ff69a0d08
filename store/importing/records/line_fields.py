"""The fields of the registers whose lines stand for themselves: procedures, policies, progress, trainings and others.

> A field is named as in ``store/domain/registers.py``, by which ``lines.py`` reads it; headings and words are here.
> What a word means is never guessed: “比较满意” is none of the three levels, so its row comes back.
"""

from __future__ import annotations

from collections.abc import Mapping

from store.importing.records.shape import PROJECT_FIELD, PROJECT_NUMBER, RecordField, RecordRegister

_NOTE = RecordField(
    "note", "备注", r"备注|说明|note|(?:存在|主要)?(?:的)?问题(?:及.*)?|(?:工作|目前|当前)?进展(?:情况)?", ""
)
_PLACE = RecordField("place", "地点", r"(?:培训|学习|活动|举办)?(?:地点|地址|场所)|place", "区政务服务中心")
_UNCLEAR = ""
HOW_WORDS: Mapping[str, str] = {
    "走访": "visit", "座谈": "discussion", "电话": "phone", "微信": "wechat", "会议": "meeting", "其他": "other",
}  # fmt: skip


def _choice(
    name: str,
    heading: str,
    pattern: str,
    words: Mapping[str, str],
    phrases: tuple[tuple[str, str], ...],
    *,
    required: bool = False,
) -> RecordField:
    example = next(iter(words))
    return RecordField(
        name, heading, pattern, example, tuple(words), required=required, words=tuple(words.items()), phrases=phrases
    )  # fmt: skip


PROCEDURES = RecordRegister(
    "procedures",
    "前期手续台账",
    (
        PROJECT_FIELD,
        PROJECT_NUMBER,
        RecordField(
            "name",
            "手续",
            r"(?:审批|前期|办理|报批|所需|未办|已办)*(?:手续|审批事项|事项|证照|许可事项|要件)(?:名称|事项|内容)?|procedure",
            "建设用地规划许可证",
            required=True,
        ),
        RecordField("code", "代码", r"(?:手续|事项)?(?:代码|编码)|code", ""),
        _choice(
            "status",
            "状态",
            r"(?:办理|审批|手续|目前|当前|完成)*(?:状态|结果)|(?:办理|完成|审批|手续)(?:情况|进度|进展)|是否(?:已)?(?:办理|办结|完成|取得|批复)"
            r"|status",
            {
                "未启动": "not_started",
                "准备材料": "preparing",
                "已受理": "submitted",
                "补正中": "supplementing",
                "容缺受理": "conditional",
                "已办结": "granted",
                "不涉及": "not_applicable",
            },
            (
                ("not_applicable", r".*(?:不涉及|无需|不需|免办|豁免).*"),
                ("conditional", r".*容缺.*"),
                ("supplementing", r".*(?:补正|补件|补充材料|退件|退回).*"),
                ("not_started", r"(?:尚)?未(?:启动|开始|申报|办理|办)|待办|否"),
                (_UNCLEAR, r".*[未不待].*"),
                ("submitted", r"(?:已|正在?|在)?(?:受理|申报|上报|提交|报件|报审|审批|审查|评审|公示|办理中?)中?"),
                ("preparing", r"(?:正在|在)?(?:准备|编制|组卷)(?:中|材料|材料中)?|(?:要件|材料)(?:准备|编制)中?"),
                (
                    "granted",
                    r"(?:已|全部)*(?:办结|办理|完成|批复|取得|核发|发证|获批|领证|备案)(?:完毕|完成|到位)?|是|√|有",
                ),
            ),
        ),
        RecordField(
            "department",
            "责任部门",
            r"(?:责任|牵头|承办|主办|审批|办理|主管|发证|审批主管)(?:单位|部门|机关)|部门|department",
            "区自然资源局",
        ),
        RecordField("handler", "代办人", r"(?:代办|帮办|办理|经办)(?:人|人员|员|专员)|handled?by|handler", "乙卫东"),
        RecordField("submitted_on", "受理日期", r"(?:受理|申报|提交|报件|送审)(?:时间|日期)|submitted", "2026-03-05"),
        RecordField(
            "day",
            "状态日期",
            r"状态(?:时间|日期)|(?:实际)?(?:办结|批复|发证|取得|完成|核发|许可|领证|获批)(?:时间|日期)|statussince",
            "2026-03-20",
        ),
        RecordField(
            "promise_due",
            "承诺补齐",
            r"承诺(?:补齐|办结)?(?:时间|日期|期限)?|容缺(?:补齐)?(?:期限|时间|日期)|promisedby",
            "",
        ),
        RecordField(
            "document",
            "文号",
            r"(?:批复|批准|许可|审批|证书|证件|批文)?(?:文号|证号|文件号|证书号|编号)|批文|document",
            "示范字〔2026〕1号",
        ),
        RecordField("reason", "理由", r"(?:不涉及|未办理|未办结)?(?:的)?(?:理由|原因)|reason", ""),
        _NOTE,
    ),
)
POLICIES = RecordRegister(
    "policies",
    "政策清单",
    (
        RecordField(
            "title",
            "标题",
            r"(?:(?:惠企)?政策|文件|通知|措施|政策文件|政策措施)(?:标题|名称|题目)?|标题|题目|名称|title|policy",
            "示范政策措施",
            required=True,
        ),
        RecordField(
            "number",
            "编号",
            r"(?:政策|文件)?(?:文号|编号|字号|文件号)|发文(?:字号|文号|编号)|number",
            "示范发〔2026〕1号",
        ),
        RecordField(
            "issuer",
            "发文机关",
            r"(?:发文|发布|印发|制定|出台)(?:机关|单位|部门|主体)|(?:政策|文件)?来源|issue(?:r|dby)",
            "区政府办公室",
        ),
        RecordField("issued", "发文日期", r"(?:发文|发布|印发|成文|出台)(?:时间|日期)|时间|日期|issued", "2026-03-05"),
        _choice(
            "publicity",
            "公开属性",
            r"公开(?:属性|方式|类型|情况)|publicity",
            {"公开": "public", "依申请公开": "on_request", "内部": "internal"},
            (
                ("public", r"(?:主动|全文)公开"),
                ("on_request", r".*依申请.*"),
                ("internal", r"不予?公开|内部.*|不公开"),
            ),
        ),
        RecordField("recipients", "主送", r"主送(?:机关|单位)?|recipients", "各镇街、区直各部门"),
        RecordField("annexes", "附件", r"附件(?:名称)?|annex(?:es)?", ""),
        RecordField(
            "text",
            "内容",
            r"(?:政策|主要|文件|核心|具体)*(?:内容|要点|摘要|条款|解读|简介|正文)|text",
            "对新建项目给予补助。",
        ),
    ),
)
PROGRESS = RecordRegister(
    "progress",
    "进度月报",
    (
        PROJECT_FIELD,
        PROJECT_NUMBER,
        RecordField(
            "month",
            "月份",
            r"(?:统计|填报|报告|所属)?(?:月份|月度|年月|月)|(?:统计|填报|报告)(?:时间|日期|期间)|month",
            "2026-03",
            required=True,
            titled=r"20\d\d年1?\d月",
        ),
        RecordField(
            "planned",
            "本年计划（万元）",
            r"(?:本年|今年|年度|当年|20\d\d年)度?(?:投资)?计划(?:完成)?(?:投资)?额?|plannedthisyear",
            "52000",
            is_money=True,
        ),
        RecordField(
            "done",
            "本年完成（万元）",
            r"(?:本年|今年|年度|当年|20\d\d年)度?(?:累计)?(?:已|实际)?完成(?:投资)?额?|1-1?\d月(?:份)?(?:累计)?(?:已)?完成(?:投资)?额?|donethisyear",
            "18000",
            is_money=True,
        ),
        RecordField(
            "total",
            "累计完成（万元）",
            r"(?:自?开工以来|项目|自开工)?(?:累计|总)(?:已)?完成(?:投资)?额?|donesincethestart",
            "61000",
            is_money=True,
        ),
        RecordField(
            "physical",
            "形象进度",
            r"(?:工程|项目|当前|目前|建设|施工)*(?:形象进度|工程进度|建设进度|进度|进展)(?:情况|描述)?|physicalprogress",
            "主体封顶",
        ),
        RecordField(
            "text", "内容", r"备注|说明|(?:工作)?(?:情况|内容)|存在(?:的)?(?:主要)?问题(?:及.*)?|text|note", ""
        ),
    ),
)
TRAININGS = RecordRegister(
    "trainings",
    "培训台账",
    (
        RecordField(
            "at",
            "时间",
            r"(?:培训|学习|教育|活动|举办|开展)?(?:时间|日期)|when|date",
            "2026-03-05 09:00",
            required=True,
        ),
        RecordField(
            "title",
            "标题",
            r"(?:培训|学习|教育|活动)?(?:主题|名称|标题|题目|课题|课程)|(?:培训|学习|教育)内容|title",
            "项目管家业务培训",
            required=True,
        ),
        _choice(
            "kind",
            "种类",
            r"(?:培训|教育|学习)?(?:种类|类别|类型)|kind",
            {"廉洁教育": "integrity", "业务培训": "professional"},
            (
                ("integrity", r".*(?:廉|警示|党风|作风|纪律).*"),
                ("professional", r".*(?:业务|专业|技能|能力|政策|实务).*"),
            ),
        ),
        RecordField("organiser", "主办单位", r"(?:主办|组织|举办|承办|培训)(?:单位|部门)|organiser", "区发改局"),
        RecordField("hours", "学时", r"(?:培训|学习)?(?:学时|课时|时长|小时)数?|hours", "4", required=True),
        _PLACE,
        RecordField(
            "who",
            "参加人员",
            r"(?:参加|参训|参会|培训|受训|学习)(?:人员|对象|学员|人)(?:名单)?|参训名单|attended",
            "甲建国、乙卫东",
        ),
        RecordField("text", "内容", r"(?:主要|具体)?(?:内容|情况|记录|纪要)|备注|text|note", ""),
    ),
)
RETURNS = RecordRegister(
    "returns",
    "数据报送台账",
    (
        PROJECT_FIELD,
        PROJECT_NUMBER,
        RecordField(
            "period",
            "期间",
            r"(?:报送|统计|报表|所属)?(?:期间|期别|时期|报告期|月份|季度|周期)|period",
            "2026-03",
            required=True,
            titled=r"20\d\d年(?:1?\d月|第?[一二三四1-4]季度|[上下]半年)",
        ),
        RecordField(
            "due",
            "期限",
            r"(?:报送|上报|应报|截止)?(?:期限|时限|截止时间|截止日期)|应(?:报送?|上报)(?:时间|日期)|due",
            "2026-04-10",
        ),
        RecordField("returned", "报送日期", r"(?:实际)?(?:报送|上报|报出)(?:时间|日期)|returned", "2026-04-08"),
        _NOTE,
    ),
)
FOLLOW_UPS = RecordRegister(
    "follow-ups",
    "回访台账",
    (
        RecordField(
            "issue",
            "问题",
            r"(?:反映|回访)?(?:的)?(?:问题|事项|诉求|困难)(?:编号|名称|标题|内容|描述)?|issue",
            "台账2026-001",
            required=True,
        ),
        RecordField("project", PROJECT_FIELD.heading, PROJECT_FIELD.pattern, "示范项目"),
        PROJECT_NUMBER,
        RecordField("at", "时间", r"(?:回访|联系)?(?:时间|日期)|when|date", "2026-03-05 09:30", required=True),
        _choice(
            "how",
            "方式",
            r"(?:回访|联系)?(?:方式|形式)|how",
            HOW_WORDS,
            (
                ("phone", r".*(?:电话|通话|致电).*"),
                ("wechat", r".*(?:微信|线上).*"),
                ("discussion", r".*座谈.*"),
                ("meeting", r".*会议.*"),
                ("visit", r".*(?:走访|实地|现场|上门|入企|当面).*"),
            ),
        ),
        RecordField("who", "受访人", r"(?:受访|被访|被?回访|企业)(?:人|人员|者|对象|联系人)|whoanswered", "丙企业经理"),
        _choice(
            "satisfaction",
            "满意度",
            r"(?:企业|回访|群众)?(?:满意度|满意(?:情况|程度)|评价(?:结果|情况)?|回访结果)|是否满意|satisfaction",
            {"满意": "satisfied", "基本满意": "basically", "不满意": "dissatisfied"},
            (
                ("dissatisfied", r"(?:很|非常|十分)?不满意|否"),
                ("basically", r"基本满意"),
                ("satisfied", r"(?:很|非常|十分)?满意|是|√"),
            ),
            required=True,
        ),
        RecordField("text", "内容", r"(?:回访|主要|具体)*(?:内容|情况|记录|意见|建议)(?:及.*)?|备注|text|note", ""),
    ),
)
DELIVERIES = RecordRegister(
    "deliveries",
    "政策传递台账",
    (
        PROJECT_FIELD,
        PROJECT_NUMBER,
        RecordField(
            "policy",
            "政策",
            r"(?:政策|文件)(?:名称|标题|措施|编号|文号)?|文号|policy",
            "示范政策措施（填写台账中的政策标题或编号）",
            required=True,
        ),
        RecordField(
            "at",
            "时间",
            r"(?:传递|送达|宣讲|解读|服务|落实|兑现|办理)?(?:时间|日期)|when|date",
            "2026-03-05 09:30",
            required=True,
        ),
        _choice(
            "act",
            "办理",
            r"(?:办理|传递|服务|宣传)?(?:方式|环节|类型|类别|形式)|办理|act",
            {"传递": "transmit", "解读": "interpret", "落实": "implement"},
            (
                (_UNCLEAR, r".*[未不待].*"),
                ("interpret", r".*(?:解读|讲解|宣讲|解释|辅导).*"),
                ("implement", r".*(?:落实|兑现|享受|拨付|到位).*"),
                ("transmit", r".*(?:传递|传达|送达|推送|转发|发放|宣传|告知).*"),
            ),
            required=True,
        ),
        RecordField("who", "何人", r"何人|(?:传递|送达|宣讲|解读|服务|对接|经办)(?:人|人员|员)|who", "甲建国"),
        RecordField(
            "text", "内容", r"(?:传递|落实|宣讲|解读|主要|服务|兑现)*(?:内容|情况|效果|记录)|备注|text|note", ""
        ),
    ),
)
ADOPTION = RecordRegister(
    "adoption",
    "制度建立台账",
    (
        RecordField("unit", "单位", r"(?:责任)?(?:单位|部门)(?:名称)?|unit", "区发改局", required=True),
        _choice(
            "status",
            "状态",
            r"(?:制度|建立|当前|目前)*(?:状态|建立情况|情况)|是否(?:已)?建立(?:制度)?|status",
            {"已建立": "set_up", "完善中": "improving", "尚未建立": "not_yet"},
            (
                ("not_yet", r".*(?:未|没有).*|否"),
                ("improving", r".*(?:完善|修订|改进|正在).*"),
                ("set_up", r"(?:已)?(?:建立|制定|出台|健全|印发)(?:完成|到位)?|是|有|√"),
            ),
            required=True,
        ),
        RecordField("day", "状态日期", r"(?:状态|建立|制定|出台|印发)?(?:时间|日期)|statussince", "2026-03-05"),
        _NOTE,
    ),
)
STATISTICS = RecordRegister(
    "statistics",
    "统计入库台账",
    (
        PROJECT_FIELD,
        PROJECT_NUMBER,
        RecordField(
            "filing",
            "备案文件",
            r"(?:项目)?(?:立项|备案|核准)(?:文件|证)?(?:时间|日期)?|filing(?:document)?",
            "2026-01-10",
        ),
        RecordField("contract", "施工合同", r"(?:施工)?合同(?:签订)?(?:时间|日期)?|(?:works)?contract", "2026-02-10"),
        RecordField("photo", "现场照片", r"(?:施工)?(?:现场)?照片(?:拍摄)?(?:时间|日期)?|(?:site)?photo", "2026-03-05"),
        RecordField(
            "licence",
            "施工许可证",
            r"(?:建筑工程)?施工许可证?(?:时间|日期|取得时间)?|(?:construction)?licence",
            "2026-03-01",
        ),
        RecordField("entered", "入库日期", r"(?:实际)?(?:纳统|入库|入统)(?:时间|日期)?|entered", "2026-04-01"),
        _NOTE,
    ),
)
LINE_REGISTERS = (
    PROCEDURES,
    POLICIES,
    PROGRESS,
    TRAININGS,
    RETURNS,
    FOLLOW_UPS,
    DELIVERIES,
    ADOPTION,
    STATISTICS,
)
