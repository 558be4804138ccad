"""What people write where content wants a code word, a number, a date or a truth value, and what they mean by it.

One list for all: messages suggest from it, `check --fix` writes from it, and a spreadsheet of targets is read with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from qingmiao.kernel.day_texts import read_day
from qingmiao.kernel.figure_texts import read_figure
from qingmiao.kernel.misread import MisreadError
from qingmiao.kernel.misread import half_width as plain_width

CHINESE: dict[str, tuple[str, ...]] = {
    "at_least": ("不低于", "不少于", "不小于", "达到", "以上", "至少", "大于等于", "下限", "≥", ">="),
    "at_most": (
        "不高于",
        "不超过",
        "不多于",
        "不大于",
        "以下",
        "以内",
        "控制在",
        "小于等于",
        "上限",
        "≤",
        "<=",
    ),
    "within": ("区间", "范围", "之间", "保持在"),
    "reduce_by": ("较基期下降", "下降幅度", "降低幅度", "减少幅度"),
    "increase_by": ("较基期提高", "较基期上升", "提高幅度", "增长幅度", "上升幅度"),
    "falling": ("下降", "降低", "减少", "持续下降"),
    "rising": ("上升", "提高", "增加", "增长", "逐步提高"),
    "contained": ("上升趋势得到控制", "得到控制", "有效控制"),
    "every_area": ("各地均达到", "以乡镇为单位", "每个乡镇", "各乡镇"),
    "count_at_least": ("数量不少于", "建成", "个数不少于"),
    "relative_to": ("与上级相比", "高于全省", "高于全国"),
    "assigned": ("上级下达", "完成上级下达"),
    "qualitative": ("定性", "无数值"),
    "above": ("高于", "大于", "超过", ">"),
    "below": ("低于", "小于", "<"),
    "keep": ("保持",),
    "strive": ("力争",),
    "about": ("左右",),
    "near": ("接近",),
    "sustained": ("持续",),
    "marked": ("明显", "显著"),
    "gradual": ("逐步",),
    "universal": ("普遍", "全面"),
    "basic": ("基本",),
    "lower": ("越低越好", "低", "降低", "下降", "逆指标", "负向"),
    "higher": ("越高越好", "高", "提高", "上升", "正指标", "正向"),
    "none": ("无", "没有", "不分高低"),
    "nation": ("国家", "全国"),
    "province": ("省", "省级", "自治区", "直辖市"),
    "city": ("市", "市级", "地级市", "设区的市"),
    "county": ("县", "县级", "区", "县级市", "区县"),
    "township": ("乡", "镇", "乡镇", "街道", "乡级"),
    "village": ("村", "社区", "村级", "村民委员会", "居民委员会", "村委会"),
    "calendar_year": ("日历年度", "日历年", "年度", "公历年"),
    "school_year": ("学年", "学年度"),
    "mch_year": ("妇幼卫生年度", "妇幼年度", "妇幼"),
    "year_end": ("年末", "年底", "期末"),
    "rate": ("率",),
    "ratio": ("比", "比例"),
    "count": ("数量", "计数", "个数"),
    "index": ("指数",),
    "survey": ("问卷", "调查"),
    "evidence": ("证据", "佐证"),
    "poisson": ("泊松",),
    "binomial": ("二项",),
    "committee": ("委员会",),
    "department": ("部门", "局", "政府部门"),
    "statistics": ("统计部门", "统计局"),
    "health": ("卫生健康部门", "卫生健康局", "卫健局"),
    "education": ("教育部门", "教育局"),
    "civil_affairs": ("民政部门", "民政局"),
    "school": ("学校", "中小学", "小学", "中学"),
    "kindergarten": ("幼儿园",),
    "nursery": ("托育机构", "托儿所"),
    "hospital": ("医院",),
    "maternal_child": ("妇幼保健机构", "妇幼保健院"),
    "clinic": ("基层医疗卫生机构", "卫生院", "乡镇卫生院", "村卫生室", "社区卫生服务中心"),
    "disease_control": ("疾病预防控制机构", "疾控中心", "疾控机构"),
    "protection": ("未成年人救助保护机构", "救助保护机构", "儿童福利机构"),
    "social_organisation": ("社会组织",),
    "group": ("群团", "群众团体"),
    "police": ("公安", "公安机关"),
    "justice": ("司法行政", "司法行政部门"),
    "procuratorate": ("检察院",),
    "court": ("法院",),
    "institution": ("事业单位", "机构"),
    "other": ("其他",),
    "child": ("儿童",),
    "event": ("事件",),
    "unit": ("机构", "单位"),
    "total": ("汇总", "合计"),
    "text": ("文字", "文本", "字符"),
    "integer": ("整数",),
    "number": ("数", "数值", "小数", "数字"),
    "boolean": ("真假", "是否", "布尔"),
    "date": ("日期",),
    "code": ("代码",),
    "area": ("地区", "行政区划"),
    "error": ("强制性", "错误", "强制性审核"),
    "query": ("核实性", "核实", "核实性审核"),
    "relative": ("相对", "比例"),
    "absolute": ("绝对",),
    "start": ("期初", "年初"),
    "end": ("期满", "期末", "年末"),
    "official": ("官方文本", "官方", "正式文件"),
    "seen": ("见转载", "转载"),
    "partly_seen": ("部分见于来源",),
    "general_knowledge": ("通行做法", "通行做法，未核实"),
    "local": ("本地设定", "本地设定，待确认"),
    "proposal": ("建议", "本项目建议", "本项目建议，待确认"),
    "difference": ("差", "之差"),
    "spread": ("极差",),
    "minimum": ("最小", "最低"),
    "maximum": ("最大", "最高"),
    "single": ("单选",),
    "multiple": ("多选",),
    "file": ("附件", "文件"),
    "yes_no": ("是否",),
}
"""Code word → the Chinese words that mean it; the first is the one shown beside it."""

TRUE = ("是", "真", "对", "有", "√", "yes", "y", "t")
FALSE = ("否", "假", "不", "无", "×", "no", "n", "f")
_MARKS = {ord(a): b for a, b in zip("“”‘’【】。、", "\"\"''[].,", strict=True)}


def half_width(text: str) -> str:
    """Full-width letters, digits, punctuation and spaces as the keyboard's: 「２０，ａ：」 → "20,a:"."""
    return plain_width(text).translate(_MARKS)


def code_word(text: str, allowed: Iterable[str]) -> str | None:
    """The allowed word that a Chinese word, or one in other case or width, means; None unless exactly one fits."""
    options = list(allowed)
    plain = half_width(text).strip()
    for form in (plain, plain.lower(), plain.lower().replace("-", "_").replace(" ", "_")):
        if form in options:
            return form
    fitting = [o for o in options if plain in CHINESE.get(o, ())]
    return fitting[0] if len(fitting) == 1 else None


def described(word: str) -> str:
    """A code word with its meaning: "at_least（不低于）"."""
    return f"{word}（{CHINESE[word][0]}）" if word in CHINESE else word


def plain_number(text: str) -> str | None:
    """A number written with other width or thousands separators as plain digits: "１，２００" → "1200"; else None."""
    found = written_number(text)
    return found[1] if found is not None and not found[0] and not found[2] else None


def written_number(text: str) -> tuple[str, str, str] | None:
    """Bound, digits and unit of a number as people write it: ">=37.5%" → (">=", "37.5", "%"); None for anything
    else."""
    try:
        found = read_figure(text)
    except MisreadError:
        return None
    return (found.bound, f"{found.value:f}", found.unit) if found is not None else None


def written_date(text: str) -> date | None:
    """The day that 2024年1月31日, 2024/1/31 or 2024.1.31 means; None for anything else or no day of the calendar."""
    try:
        return read_day(text)
    except MisreadError:
        return None


def truth(text: str) -> bool | None:
    """是 → True, 否 → False; None for anything else."""
    plain = half_width(text).strip().lower()
    return True if plain in TRUE else False if plain in FALSE else None
