"""The command line: ``qingmiao …``. Commands are loaded when called, so that each starts quickly."""

from __future__ import annotations

import errno
import importlib
import sys
from typing import Any

import click

from qingmiao.cli import frame
from qingmiao.cli.saying import LANGUAGES, say, say_error
from qingmiao.kernel.errors import UserError

COMMANDS: dict[str, tuple[str, str]] = {
    "assess": ("qingmiao.cli.assess:assess", "按国际或本系统的方法研判一张表"),
    "audit": ("qingmiao.cli.site:audit", "核对站点的审计记录"),
    "backup": ("qingmiao.cli.site:backup", "备份站点"),
    "check": ("qingmiao.cli.packs:check", "检查内容包是否完整"),
    "compare": ("qingmiao.cli.compare:compare_command", "比对两三个部门的名单，只说差别"),
    "compliance": ("qingmiao.cli.privacy:compliance", "一年的未成年人个人信息保护合规审计数据"),
    "coverage": ("qingmiao.cli.packs:coverage", "规划的每个目标、措施、制度由什么承担"),
    "demo-data": ("qingmiao.cli.demo_data:demo_data", "生成演示县的数据（虚构，带标记）"),
    "draw": ("qingmiao.cli.draw:draw_command", "双随机抽取场所和检查人员，可以照记录重抽核对"),
    "due": ("qingmiao.cli.due:due_command", "时限表的到期时间：按民法典计算，认得节假日和调休"),
    "disclose": ("qingmiao.cli.disclose:disclose_command", "人数表处理成可以公开发布的：小数字不显示、推算不回来"),
    "diff": ("qingmiao.cli.packs:diff", "比较内容包的两个版本"),
    "exchange": ("qingmiao.cli.exchange:exchange", "县、市、省之间报送和接收数据包：做包、收包、回执、差异"),
    "estimate": ("qingmiao.cli.estimate:estimate_command", "专项调查的推算：加权值、标准误、区间、设计效应"),
    "explain": ("qingmiao.cli.lineage:explain", "一个数字从哪里来：公式、版本、行、文件"),
    "renew-codes": ("qingmiao.cli.administrators:renew_codes", "换了站点密钥以后，作废打不开的动态口令"),
    "first-admin": ("qingmiao.cli.administrators:first_admin", "建立站点的头三名管理员（只能一次）"),
    "fhir": ("qingmiao.cli.fhir:fhir", "和医院、区域平台的 FHIR 服务器交换健康记录：推送、接收、冲突由人决定"),
    "form": ("qingmiao.cli.form:form_command", "表单导出：XLSForm、JSON Schema、FHIR Questionnaire"),
    "handbook": ("qingmiao.cli.handbook:handbook_command", "个案办理手册：一个服务项目一页（PDF、docx）"),
    "keys": ("qingmiao.cli.keys:keys", "儿童档案里号码、电话、住址的加密密钥：查看、换新、停用"),
    "link": ("qingmiao.cli.link:link_command", "几本册子里同一个儿童的记录找到一起"),
    "monitor": ("qingmiao.cli.monitor:monitor", "从规划和数据文件夹到年度监测报告"),
    "new-checklist": ("qingmiao.cli.new_entry:new_checklist", "新建一份检查单，带案例，照着改"),
    "new-pack": ("qingmiao.cli.new_pack:new_pack", "新建一个县的内容包（可由目标表生成）"),
    "new-programme": ("qingmiao.cli.new_entry:new_programme", "新建一个服务项目，带脚本，照着改"),
    "new-register": ("qingmiao.cli.new_entry:new_register", "新建一种登记册，带例子，照着改"),
    "play": ("qingmiao.cli.play:play_command", "不要数据库，按脚本演示一个服务项目（个案）"),
    "plot": ("qingmiao.cli.plot:plot", "画图（生长曲线）"),
    "recompute": ("qingmiao.cli.lineage:recompute", "重新计算一次运行并逐位比较"),
    "reset-admin": ("qingmiao.cli.administrators:reset_admin", "唯一的系统管理员忘了口令时，给一个一次性口令"),
    "restore": ("qingmiao.cli.site:restore", "从备份恢复站点"),
    "retention": ("qingmiao.cli.privacy:retention", "保存期限届满的儿童档案：列出，由人确认后才删除内容"),
    "schema": ("qingmiao.cli.packs:schema", "导出内容文件的 JSON Schema"),
    "score": ("qingmiao.cli.score:score", "按公布的标准评价（生长、体质、视力、接种）"),
    "sdmx": ("qingmiao.cli.sdmx:sdmx_command", "指标和公开数据写成 SDMX 3.0，核对别人的文件"),
    "serve": ("qingmiao.cli.site:serve", "启动站点（数据库、后台任务、网页）"),
    "site-export": ("qingmiao.cli.portal:site_export", "公众门户写成静态网页，放在任何网站上"),
    "template": ("qingmiao.cli.packs:template", "下载统计报表的 Excel 模板"),
    "token": ("qingmiao.cli.tokens:token", "给别的系统发放、查看、作废接口令牌"),
    "yearbook": ("qingmiao.cli.yearbook:yearbook_command", "年度妇女儿童统计资料：中英文的 Excel 和 PDF"),
    "worker": ("qingmiao.cli.site:worker", "单独运行站点的后台任务"),
}
"""Name → where it is and what it does (shown in the help without loading it)."""


frame.speak()
NO_ROOM = {errno.ENOSPC, errno.EDQUOT}
NO_RIGHT = {errno.EROFS, errno.EACCES, errno.EPERM}
GONE, FULL = ("08", "57P"), "53100"
"""Beginnings of PostgreSQL's states (appendix A of its manual): a lost connection or a server that stops; no room."""


def _of_database(error: BaseException | None) -> str:
    """What is wrong with the database, by the error of its driver behind `error`; "" where it is no such error."""
    while error is not None:
        if type(error).__module__.partition(".")[0] in ("psycopg", "psycopg_pool"):
            state = str(getattr(error, "sqlstate", None) or "")
            if state.startswith(FULL):
                return "数据库所在的磁盘满了"
            named = type(error).__name__ in ("OperationalError", "PoolTimeout", "PoolClosed", "InterfaceError")
            if state.startswith(GONE) or (named and not state):
                return "数据库连不上，或者刚刚停下"
        error = error.__cause__ or error.__context__
    return ""


class Lazy(click.Group):
    """A group that imports a command only when it is called."""

    def main(self, *args: Any, **extra: Any) -> Any:
        frame.begin()
        return super().main(*args, **extra)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)
        return frame.in_english(command) if frame.english_asked() else command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        told = {name: frame.said(COMMANDS[name][1]) for name in sorted(COMMANDS)}
        with formatter.section(frame.framed("Commands")):
            formatter.write_dl(list(told.items()))

    def get_help(self, ctx: click.Context) -> str:
        shown = frame.in_english(self) if frame.english_asked() else self
        return super(Lazy, shown).get_help(ctx)

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except UserError as e:
            say_error(e)
            sys.exit(2)
        except OSError as e:
            if e.errno not in NO_ROOM | NO_RIGHT:
                raise
            what = "磁盘满了" if e.errno in NO_ROOM else "没有权限，或者磁盘是只读的"
            say(f"错误：{what}（{e.filename or e.strerror}）；没有做完，检查后再运行一次", err=True)
            sys.exit(2)
        except Exception as e:
            if not (what := _of_database(e)):
                raise
            say(f"错误：{what}；没有做完，检查后再运行一次", err=True)
            sys.exit(2)


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="qingmiao", prog_name="qingmiao", help="显示版本")
@click.option(
    "--lang",
    type=click.Choice(LANGUAGES),
    default="zh",
    envvar="QINGMIAO_LANG",
    is_eager=True,
    callback=frame.ask,
    help="提示用中文还是英文（zh、en）",
)
def main(lang: str) -> None:
    """青苗：县域儿童发展信息系统。从规划到指标、研判、预警与监测报告，每个数字可追溯、可复算。"""
