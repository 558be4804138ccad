"""The blank sheet of targets that ``qingmiao new-pack --from`` reads: headings, two examples to write over, hints."""

from __future__ import annotations

from pathlib import Path

from qingmiao.content.pack_from_targets import AREA_COLUMNS, PLAN_KEYS
from qingmiao.content.target_sheet import COLUMNS
from qingmiao.content.targets import TargetKind
from qingmiao.kernel.errors import UserError
from qingmiao.kernel.whole_files import whole

EXAMPLES: tuple[dict[str, str], ...] = (
    {"领域": "（一）儿童与健康", "主要目标": "婴儿死亡率控制在5‰以下。", "编号": "T01", "指标名称": "婴儿死亡率", "单位": "‰",
     "类型": "不高于", "目标值": "5", "目标年": "2025", "基期年": "2020", "基期值": "6.1", "牵头单位": "县卫生健康局"},
    {"领域": "（一）儿童与健康", "主要目标": "免疫规划疫苗接种率以乡镇为单位保持在90%以上。", "编号": "T02", "指标名称": "疫苗接种率",
     "单位": "%", "类型": "不低于", "目标值": "90", "目标年": "2025", "逐一达到的地区": "乡镇", "限定词": "保持",
     "牵头单位": "县卫生健康局", "配合单位": "县教育局"},
)  # fmt: skip
_HINTS = {
    "类型": "可写：" + "、".join(k.label for k in TargetKind) + "；或 正向、逆向",
    "目标值": "38、95%、≥90、103—107；变化写 20%、1/3 或 2个百分点",
    "里程碑": "2023年70；2025年80",
    "逐一达到的地区": "「以乡镇为单位」的写 乡镇；没有这样的要求就留空",
    "限定词": "保持、力争、左右、持续、明显、逐步……",
    "允许偏差": "「左右」必填：1 或 1个百分点",
    "对比地区": "与上级相比的写地区代码，或 全省、全国",
}


def write_target_template(path: Path) -> None:
    """Write the template; an older file is replaced only when the new one is whole. Raises UserError where it cannot be
    written."""
    if path.suffix.lower() != ".xlsx":
        raise UserError(f"模板的文件名要以 .xlsx 结尾：{path}")
    if not path.absolute().parent.is_dir():
        raise UserError(f"没有文件夹 {path.absolute().parent}；先建立它，或换一个位置")
    import xlsxwriter

    with whole(path) as part, xlsxwriter.Workbook(part.as_posix()) as book:
        bold = book.add_format({"bold": True, "text_wrap": True, "bg_color": "#E2EFDA", "border": 1})
        plain = book.add_format({"num_format": "@", "text_wrap": True})
        sheet = book.add_worksheet("目标表")
        for n, name in enumerate(COLUMNS):
            sheet.set_column(n, n, 28 if name in ("主要目标", "原文") else 13, plain)
            sheet.write(0, n, name, bold)
            if name in _HINTS:
                sheet.write_comment(0, n, _HINTS[name], {"x_scale": 2})
            for row, example in enumerate(EXAMPLES, start=1):
                sheet.write_string(row, n, example.get(name, ""), plain)
        sheet.freeze_panes(1, 4)
        plan = book.add_worksheet("规划")
        plan.set_column(0, 1, 30, plain)
        for row, key in enumerate(PLAN_KEYS):
            plan.write(row, 0, key, bold)
        areas = book.add_worksheet("地区")
        areas.set_column(0, 2, 18, plain)
        for n, name in enumerate(AREA_COLUMNS):
            areas.write(0, n, name, bold)
