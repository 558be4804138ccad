"""What the surroundings decide: read once from environment variables, checked, refused when unsafe."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from qingmiao.kernel.errors import Fault, UserError
from qingmiao.report.font_folder import font_folder

Mode = Literal["production", "demo", "test"]
SAMPLES = ("changeme", "secret", "sample", "example", "insecure", "password", "演示")
"""A secret key that holds one of these words was copied from somewhere."""
MIN_SECRET = 50


@dataclass(frozen=True)
class Environment:
    """The settings that a county's administrator gives (docs/how-to/run-the-site.md lists them)."""

    mode: Mode
    home: Path
    """Everything the site writes outside the database: facts, uploads, reports, audit anchors, the embedded server."""
    pack: Path
    secret_key: str
    former_secret_keys: tuple[str, ...]
    """Keys before this one: what they signed or encrypted is still read."""
    database_url: str
    """postgresql://…; empty for the embedded server in home/postgres."""
    portal_database_url: str
    """The same database for the public portal's role; empty: as that role without a password (embedded server)."""
    hosts: tuple[str, ...]
    https: bool
    debug: bool
    fonts: Path
    password_profile: Literal["asvs", "djbh3"]
    rate_factor: float
    """Multiplies the limits of requests an address (a large office behind one address, a benchmark)."""
    trusted_proxies: int
    """How many reverse proxies stand in front (their X-Forwarded-For entries are believed)."""


def accounts_file(environment: Environment) -> Path:
    """Where a demonstration's accounts are written down: beside its home and named by it, so that two demonstrations
    side by side do not overwrite each other's."""
    return environment.home.with_name(f"{environment.home.name}-accounts.json")


def read(variables: Mapping[str, str] | None = None) -> Environment:
    """The environment; every fault is reported in one UserError.

    Production (the default) refuses: no or a short or a sample secret key, DEBUG, no host names. The demonstration
    and the tests listen on loopback only and make their own secret.
    """
    given = os.environ if variables is None else variables
    faults: list[Fault] = []

    def wrong(name: str, message: str, hint: str) -> None:
        faults.append(Fault("环境变量", 0, "setting", message, name, hint))

    mode = given.get("QINGMIAO_MODE", "production")
    if mode not in ("production", "demo", "test"):
        wrong("QINGMIAO_MODE", f"不认识的运行方式 {mode!r}", "production、demo 或 test")
    home = Path(given.get("QINGMIAO_HOME", "var/site")).resolve()
    debug = given.get("QINGMIAO_DEBUG", "") not in ("", "0", "false", "no")
    secret = given.get("QINGMIAO_SECRET_KEY", "")
    hosts = tuple(h.strip() for h in given.get("QINGMIAO_HOSTS", "").split(",") if h.strip())
    profile = given.get("QINGMIAO_PASSWORDS", "asvs")
    if profile not in ("asvs", "djbh3"):
        wrong("QINGMIAO_PASSWORDS", f"不认识的口令策略 {profile!r}", "asvs 或 djbh3")
    url = given.get("DATABASE_URL", "")
    if url and not url.startswith(("postgresql://", "postgres://")):
        wrong("DATABASE_URL", "只支持 PostgreSQL", "postgresql://用户:口令@主机:5432/库名；不设则用自带的服务器")
    public = given.get("PORTAL_DATABASE_URL", "")
    if public and not public.startswith(("postgresql://", "postgres://")):
        wrong("PORTAL_DATABASE_URL", "只支持 PostgreSQL", "postgresql://qingmiao_portal:口令@主机:5432/库名")
    proxies = given.get("QINGMIAO_TRUSTED_PROXIES", "0")
    if not proxies.isdigit():
        wrong("QINGMIAO_TRUSTED_PROXIES", f"不是数字：{proxies!r}", "前面反向代理的个数，没有就写 0")
    rate = given.get("QINGMIAO_RATE", "1")
    try:
        factor = float(rate)
    except ValueError:
        factor = 0.0
    if not 0 < factor <= 1000:
        wrong("QINGMIAO_RATE", f"请求限制的倍数不对：{rate!r}", "0 到 1000 之间的数，默认 1")
    if mode == "production":
        hint = 'python -c "import secrets; print(secrets.token_urlsafe(64))"'
        if not secret:
            wrong("QINGMIAO_SECRET_KEY", "生产方式必须给出密钥", hint)
        elif len(secret) < MIN_SECRET or len(set(secret)) < 10:
            wrong("QINGMIAO_SECRET_KEY", f"密钥太短或太简单（至少 {MIN_SECRET} 个字符）", hint)
        elif any(word in secret.lower() for word in SAMPLES):
            wrong("QINGMIAO_SECRET_KEY", "这是样例密钥，不能用于生产", hint)
        if debug:
            wrong("QINGMIAO_DEBUG", "生产方式不能打开调试", "去掉这个变量")
        if not hosts or "*" in hosts:
            wrong("QINGMIAO_HOSTS", "生产方式必须写明域名（不能是 *）", "例如 ertong.example.gov.cn")
    if faults:
        raise UserError("站点没有启动：设置不安全或不完整", faults)
    if mode != "production":
        secret = secret or _own_secret(home)
        hosts = hosts or ("127.0.0.1", "localhost", "testserver")
    return Environment(
        mode=cast(Mode, mode),
        home=home,
        pack=Path(given.get("QINGMIAO_PACK", "content/xiangning")).resolve(),
        secret_key=secret,
        former_secret_keys=tuple(k for k in given.get("QINGMIAO_FORMER_SECRET_KEYS", "").split(",") if k.strip()),
        database_url=url,
        portal_database_url=public,
        hosts=hosts,
        https=mode == "production" and given.get("QINGMIAO_HTTPS", "1") != "0",
        debug=debug,
        fonts=(Path(own) if (own := given.get("QINGMIAO_FONTS")) else font_folder()).resolve(),
        password_profile=cast(Literal["asvs", "djbh3"], profile),
        rate_factor=factor,
        trusted_proxies=int(proxies),
    )


def _own_secret(home: Path) -> str:
    """The secret of a demonstration: made at the first start and kept, so that a restart keeps sessions."""
    import secrets

    path = home / "secret"
    if path.exists():
        return path.read_text("ascii").strip()
    home.mkdir(parents=True, exist_ok=True)
    made = secrets.token_urlsafe(64)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(made)
    return made
