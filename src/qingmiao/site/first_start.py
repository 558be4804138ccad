"""What the first start loads: the pack's areas and units; in the demonstration also made-up accounts and data."""

from __future__ import annotations

from pathlib import Path

from django.utils import timezone

from qingmiao.collect.folder import Collected, collect
from qingmiao.site import pack as site_pack
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.directory import api as directory
from qingmiao.site.apps.directory.api import Person
from qingmiao.site.apps.monitoring import api as monitoring
from qingmiao.site.apps.returns import api as returns
from qingmiao.site.config.environment import Environment
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


def people(environment: Environment, *, parts: Parts) -> None:
    """Bring the directory to the pack; make the demonstration's accounts once."""
    parts.begin("建立单位和账号")
    pack = site_pack.pack()
    directory.load_pack(audit.SYSTEM, pack, on=timezone.localdate())
    if environment.mode == "demo" and not Person.objects.exists():
        accounts.make(pack, environment.home.parent / "accounts.json", on=timezone.localdate())
    parts.end()


def read(environment: Environment, data: Path, *, parts: Parts) -> Collected:
    """What a folder of demonstration data holds; asks no database. Raises DataError listing every fault."""
    parts.begin("读演示数据", about=f"（{data}）")
    collected = collect(site_pack.pack(), data, on=timezone.localdate())
    parts.end()
    return collected


def load(environment: Environment, *, data: Path | None, collected: Collected | None = None, parts: Parts) -> None:
    """Load the demonstration once, after `people` (a second start keeps what was entered).

    `collected`: what `read` gave for `data`, where it was read already.
    """
    if data is None and environment.mode == "demo" and monitoring.current() is None:
        parts.note("没有演示数据，站点里没有数字：先 qingmiao demo-data，再用 --data 启动；make demo 两步都做")
    if data is not None and monitoring.current() is None:
        pack = site_pack.pack()
        if collected is None:
            collected = read(environment, data, parts=parts)
        parts.begin("载入报表")
        returns.import_accepted(audit.SYSTEM, pack, collected)
        if collected.demo:
            demo_returns.stage(on=timezone.localdate())
            demo_returns.upload_one()
        if collected.demo:
            parts.begin("载入儿童档案")
            lately = demo_records.read_lately(pack, data)
            book = environment.home.parent / "accounts.json"
            made = demo_records.load(pack, data, collected, book=book, lately=lately)
        parts.begin("计算全部指标")
        monitoring.load(audit.SYSTEM, pack, collected, accepted=True)
        if collected.demo and made and lately is not None:
            demo_records.publish_lately(pack, lately)
        if collected.demo:
            parts.begin("加入演示的任务、会议和项目")
            demo_acting.stage(pack, on=timezone.localdate())
            parts.begin("加入演示的个案")
            demo_cases.stage(pack)
            demo_rounds.stage(pack)
            demo_benefits.stage(pack)
            parts.begin("加入演示的登记册")
            demo_registers.stage(pack)
            demo_tasks.make_reports.defer()
    parts.end()
