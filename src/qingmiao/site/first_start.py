"""What the first start loads: the pack's areas and units; in the demonstration also made-up accounts and data.

The demonstration is loaded in stages (`apps/audit/stages.py`): the figures first, after which the site answers; what
people's files, cases and registers need follows while it does. A start that ended in a stage is taken up by the next.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils import timezone

from qingmiao.collect.folder import Collected, collect
from qingmiao.content.pack import Pack
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import api as directory
from qingmiao.site.apps.directory.api import Person
from qingmiao.site.apps.monitoring import api as monitoring
from qingmiao.site.apps.returns import api as returns
from qingmiao.site.config.environment import Environment, accounts_file
from qingmiao.site.config.parts import Parts
from qingmiao.site.demo import accounts
from qingmiao.site.demo import acting as demo_acting
from qingmiao.site.demo import benefits as demo_benefits
from qingmiao.site.demo import cases as demo_cases
from qingmiao.site.demo import registers as demo_registers
from qingmiao.site.demo import returns as demo_returns
from qingmiao.site.demo import rounds as demo_rounds
from qingmiao.site.demo import tasks as demo_tasks
from qingmiao.site.demo.records import loading as demo_records

LoadingStage = audit.stages.LoadingStage
RETURNS = LoadingStage("returns", "统计报表", "returns")
FIGURES = LoadingStage("figures", "指标数据", "figures")
FILES = LoadingStage("files", "儿童档案和健康记录", "children's files and records")
KEYS = LoadingStage("keys", "儿童档案的核对", "checks of children's files")
LATELY = LoadingStage("lately", "近期的健康记录", "records of late")
TOLD = LoadingStage("told", "随访和近期变动", "follow-ups and recent changes")
ACTING = LoadingStage("acting", "任务、会议和项目", "tasks, meetings and projects")
CASES = LoadingStage("cases", "个案和按月发放", "cases and benefits")
REGISTERS = LoadingStage("registers", "登记册", "registers")
STAGES = (RETURNS, FIGURES, FILES, KEYS, LATELY, TOLD, ACTING, CASES, REGISTERS)


def people(environment: Environment, *, parts: Parts) -> None:
    """Bring the directory to the pack; make the demonstration's accounts once."""
    parts.begin("建立单位和账号")
    pack = site_pack.pack()
    directory.load_pack(audit.SYSTEM, pack, on=timezone.localdate())
    if environment.mode == "demo" and not Person.objects.exists():
        accounts.make(pack, accounts_file(environment), on=timezone.localdate())
    parts.end()


def read(environment: Environment, data: Path, *, parts: Parts) -> Collected:
    """What a folder of demonstration data holds; asks no database. Raises DataError listing every fault."""
    parts.begin("读演示数据", about=f"（{data}）")
    collected = collect(site_pack.pack(), data, on=timezone.localdate())
    parts.end()
    return collected


def begin(*, data: Path | None) -> None:
    """Say what this start loads, and shut what only loading may open again: before anybody else reads."""
    if data is not None and monitoring.current() is None:
        audit.stages.plan(STAGES)
    waiting = audit.stages.loading()
    if waiting is not None and FILES in waiting.waiting:
        demo_records.begin()


@dataclass
class FirstStart:
    """The loading of the demonstration once, after `people` and `begin`.

    `collected`: what `read` gave for `data`, where it was read already.
    """

    environment: Environment
    data: Path | None
    parts: Parts
    collected: Collected | None = None
    _files: demo_records.DemoFiles | None = None
    _lately: Collected | None = None

    def figures(self) -> bool:
        """Load what the site answers with; whether anything follows. A second start keeps what was entered."""
        if self.data is None:
            self._said_without_data()
            return False
        if audit.stages.loading() is None:
            return False
        pack = site_pack.pack()
        if self.collected is None:
            self.collected = read(self.environment, self.data, parts=self.parts)
        told = self.collected
        self._do(RETURNS, "载入报表", lambda: self._returns(pack, told))
        if told.demo:
            self.parts.begin("给数据里的儿童和记录编号")
            self._lately = demo_records.read_lately(pack, self.data)
            self._files = demo_records.named(pack, self.data, told, self._lately)
        self._do(FIGURES, "计算全部指标", lambda: monitoring.load(audit.SYSTEM, pack, told, accepted=True))
        self.parts.end()
        self.collected = None  # what follows needs the rows of `_files` alone
        if not told.demo:
            demo_records.without()
            for stage in STAGES:
                self._do(stage, "", lambda: None)
        return audit.stages.loading() is not None

    def rest(self) -> None:
        """Load all that follows, while the site answers."""
        with audit.stages.at_work():
            pack, on = site_pack.pack(), timezone.localdate()
            book = accounts_file(self.environment)
            files, lately = self._files, self._lately
            if files is not None:
                self._do(FILES, "载入儿童档案", lambda: {"watched": demo_records.load(files)})
                if not audit.stages.is_done(KEYS.id):
                    self.parts.begin("核对儿童档案")
                    demo_records.keyed()
                self._do(KEYS, "", lambda: None)
                if lately is not None:
                    self._do(LATELY, "发布近期的健康记录", lambda: demo_records.publish_lately(pack, lately))
                watched = audit.stages.what(FILES.id)["watched"]
                self._do(TOLD, "加入随访和近期变动", lambda: demo_records.told(files, watched, book))
            else:
                demo_records.without()
            for stage in (FILES, KEYS, LATELY, TOLD):
                self._do(stage, "", lambda: None)
            self._do(ACTING, "加入演示的任务、会议和项目", lambda: demo_acting.stage(pack, on=on))
            self._do(CASES, "加入演示的个案", lambda: self._cases(pack))
            self._do(REGISTERS, "加入演示的登记册", lambda: self._registers(pack))
            self.parts.end()

    def _do(self, stage: LoadingStage, part: str, work: Callable[[], object]) -> None:
        """One stage, unless it is done."""
        if audit.stages.is_done(stage.id):
            return
        if part:
            self.parts.begin(part)

        def told() -> Mapping[str, Any] | None:
            said = work()
            return said if isinstance(said, dict) else None

        audit.stages.load(stage.id, told)

    def _returns(self, pack: Pack, told: Collected) -> None:
        returns.import_accepted(audit.SYSTEM, pack, told)
        if told.demo:
            demo_returns.stage(on=timezone.localdate())
            demo_returns.upload_one()

    def _cases(self, pack: Pack) -> None:
        demo_cases.stage(pack)
        demo_rounds.stage(pack)
        demo_benefits.stage(pack)

    def _registers(self, pack: Pack) -> None:
        demo_registers.stage(pack)
        demo_tasks.make_reports.defer()

    def _said_without_data(self) -> None:
        waiting = audit.stages.loading()
        if waiting is not None:
            names = "、".join(s.zh for s in waiting.waiting)
            self.parts.note(f"上次启动没有装完，还缺{names}；用 --data 给出演示数据再启动，会接着装")
        elif self.environment.mode == "demo" and monitoring.current() is None:
            self.parts.note("没有演示数据，站点里没有数字：先 qingmiao demo-data，再用 --data 启动；make demo 两步都做")
