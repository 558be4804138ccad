"""The flow of an account: made and disabled by the system administrator, given roles by the security
administrator; a lost second factor is taken away by two administrators."""

from __future__ import annotations

from dataclasses import replace

from qingmiao.flow import NOTHING, Flow, State, Step
from qingmiao.site.apps.directory.roles import ADMINISTRATORS, SECURITY_ADMIN, SYSTEM_ADMIN

_SYSTEM, _SECURITY, _SELF = frozenset({SYSTEM_ADMIN}), frozenset({SECURITY_ADMIN}), frozenset({"self"})


def _in_both(step: Step) -> tuple[Step, Step]:
    """A step that is taken with an account in use and with a disabled one."""
    return step, replace(step, source="disabled", target="disabled")


FLOW = Flow(
    "account",
    "账号",
    states=(State("active", "在用", "active", "good"), State("disabled", "停用", "disabled")),
    steps=(
        Step("make", "新建", "make", NOTHING, "active", _SYSTEM, guards=("well_named", "password_fits"), jobs=True),
        Step("disable", "停用", "disable", "active", "disabled", _SYSTEM, guards=("another",), effects=("logged_out",)),
        Step("enable", "启用", "enable", "disabled", "active", _SYSTEM, guards=("another",)),
        *_in_both(
            Step(
                "reset_password", "重置口令", "reset the password", "active", "active", _SYSTEM,
                guards=("another", "password_fits"), effects=("logged_out",),
            )
        ),
        *_in_both(
            Step(
                "ask_codes_reset", "提出重置动态口令", "ask to reset the codes", "active", "active", ADMINISTRATORS,
                guards=("another", "has_codes"),
            )
        ),
        *_in_both(
            Step(
                "reset_codes", "批准重置动态口令", "agree to reset the codes", "active", "active", ADMINISTRATORS,
                guards=("another", "asked_by_another"), effects=("logged_out",),
            )
        ),
        *_in_both(
            Step("lose_codes", "作废打不开的动态口令", "drop unreadable codes", "active", "active", effects=("logged_out",))
        ),
        Step(
            "renew_password", "更换唯一系统管理员的口令", "renew the only system administrator's password",
            "active", "active", guards=("alone", "password_fits"), effects=("logged_out",),
        ),
        Step(
            "grant", "授权", "grant", "active", "active", _SECURITY,
            guards=("another", "may_hold"), effects=("given",), jobs=True,
        ),
        *_in_both(
            Step(
                "revoke", "收回角色", "revoke", "active", "active", _SECURITY,
                guards=("another", "is_held"), effects=("taken",),
            )
        ),
        Step("log_in", "登录", "log in", "active", "active", relations=_SELF),
        Step("end_sessions", "结束登录", "end sessions", "active", "active", relations=_SELF),
        Step(
            "change_password", "修改口令", "change the password", "active", "active", relations=_SELF,
            guards=("password_fits",),
        ),
        Step("set_codes", "设置动态口令", "set the codes", "active", "active", relations=_SELF, jobs=True),
    ),
)  # fmt: skip

TOKEN_FLOW = Flow(
    "token",
    "接口令牌",
    states=(State("active", "在用", "active", "good"), State("revoked", "作废", "revoked", final=True)),
    steps=(
        Step("make", "发放", "make", NOTHING, "active", _SYSTEM, guards=("well_made",), jobs=True),
        Step("revoke", "作废", "revoke", "active", "revoked", _SYSTEM, relations=_SELF, jobs=True),
    ),
)
