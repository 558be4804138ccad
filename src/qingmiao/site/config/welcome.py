"""What is printed once the site answers: where it is; in the demonstration also every account."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection

from qingmiao.site.config.environment import Environment, accounts_file


def welcome(environment: Environment, *, address: str, seconds: float, say: Callable[[str], None]) -> list[str]:
    """Print the address, how long the start took, and in the demonstration the accounts; whose were printed."""
    say(f"站点已启动，用了 {seconds:.0f} 秒：{address}  （Ctrl-C 停止）")
    return _accounts(environment, (), say)


def all_there(environment: Environment, told: Collection[str], *, seconds: float, say: Callable[[str], None]) -> None:
    """Print that what was loaded while the site answered is there, and the accounts that have come since."""
    say(f"演示数据已全部装好，从启动起用了 {seconds:.0f} 秒")
    _accounts(environment, told, say)


def _accounts(environment: Environment, told: Collection[str], say: Callable[[str], None]) -> list[str]:
    """Print the demonstration's accounts but those of `told`; the user names of the printed."""
    path = accounts_file(environment)
    if environment.mode != "demo" or not path.exists():
        return []
    new = [a for a in json.loads(path.read_text("utf-8")) if a["username"] not in told]
    if new:
        say(f"演示账号（{path}，动态口令用 TOTP 密钥生成）：")
    for a in new:
        say(f"  {a['role_label']}　{a['unit_label']}　{a['username']}　{a['password']}　{a['totp']}")
    return [a["username"] for a in new]
