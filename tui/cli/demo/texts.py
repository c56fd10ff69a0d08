"""Texts, names and figures of the demo's year. People, units and events are invented."""

from __future__ import annotations

MORE_PROJECTS = (
    ("光伏组件产业园", "new", 86_000_000, "planning"),
    ("再生骨料综合利用", "advancing", 52_000_000, "signed"),
    ("冷链物流中心", "continuing", 120_000_000, "building"),
)
"""Name, category, total investment in yuan, stage: added to the nine of the published table."""
DEPARTMENTS = ("发改局", "自然资源局", "住建局", "生态环境分局", "应急管理局", "水利局")
OWNERS = ("甲一鸣", "乙二川", "丙三石", "丁四海", "戊五岳", "己六合")
"""The one person of each department who settles what comes to it."""
LEADERS = ("子建国", "寅立功", "卯德明")
UNITS = ("营商局", "发改局", "自然资源局", "住建局", "生态环境分局", "应急管理局", "水利局", "统计局")
TITLES = (
    ("临时用电容量不足", "utilities"), ("施工用水未接通", "utilities"), ("用地预审材料需补正", "procedure"),
    ("环评报告表待审批", "procedure"), ("银行贷款迟迟未到位", "funding"), ("招不到熟练焊工", "labour"),
    ("进场道路与村民有争议", "land"), ("施工许可证办理缓慢", "procedure"), ("原材料价格上涨", "market"),
    ("优惠电价政策未落实", "policy"), ("消防设计审查退回", "procedure"), ("厂区排水口位置未定", "other"),
)  # fmt: skip
VISIT_TEXTS = (
    "现场查看，施工正常，工人约四十人。", "与企业负责人座谈，进度按计划推进。", "电话了解设备到货情况，预计下周进场。",
    "微信群里答复了用工补贴的申请办法。", "现场协调电力公司，约定接电时间。", "查看基础施工，雨天停工两日。",
    "企业反映资金回笼较慢，已转告发改局。", "主体结构封顶，开始安装设备。",
)  # fmt: skip
MEASURES = (
    ("协调供电公司增容一台变压器", "增容验收单"), ("接通临时供水管线", "现场照片"),
    ("补正材料后一次受理", "受理通知书"),
    ("组织银企对接，放款到账", "到账凭证"), ("村委会调解，签订通行协议", "协议复印件"),
)  # fmt: skip
POLICIES = (
    ("工业项目用电优惠办法", "区发改局", "新建工业项目两年内电价下浮。"),
    ("规模以上企业用工补贴细则", "区人社局", "稳定用工满半年的给予补贴。"),
    ("容缺受理事项清单", "区营商局", "列明可以容缺受理的三十二项手续。"),
    ("技术改造专项资金申报指南", "区工信局", "申报截止到六月底。"),
)  # fmt: skip
TRAININGS = (
    ("廉洁从政教育", "integrity", "纪委监委", "2"), ("项目审批流程培训", "professional", "营商局", "3"),
    ("统计入库实务", "professional", "统计局", "2.5"), ("警示教育片观看", "integrity", "纪委监委", "1.5"),
)  # fmt: skip
LINES = (
    ("in_time", "按期办结", "40", "in_time"), ("contact", "经常联系", "30", "silence"),
    ("quality", "审定一次通过", "20", "returned"), ("duty", "不推诿", "10", "disputed"),
)  # fmt: skip
"""The district's score lines: code, name, points, and the fact that stands beside."""
