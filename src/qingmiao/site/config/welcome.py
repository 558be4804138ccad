"""What is printed once the site answers: where it is; in the demonstration also every account."""

from __future__ import annotations

import json
from collections.abc import Callable

from qingmiao.site.config.environment import Environment


def welcome(environment: Environment, *, address: str, seconds: float, say: Callable[[str], None]) -> None:
    """Print the address, how long the start took, and in the demonstration the accounts."""
    say(f"站点已启动，用了 {seconds:.0f} 秒：{address}  （Ctrl-C 停止）")
    path = environment.home.parent / "accounts.json"
    if environment.mode == "demo" and path.exists():
        say(f"演示账号（{path}，动态口令用 TOTP 密钥生成）：")
        for a in json.loads(path.read_text("utf-8")):
            say(f"  {a['role_label']}　{a['unit_label']}　{a['username']}　{a['password']}　{a['totp']}")
