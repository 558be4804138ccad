"""Pages for what went wrong: short, in plain words, with the request's number to quote."""

from __future__ import annotations

import sys

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from qingmiao.site.web.ui.trouble import tell, trouble_of


def _page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    return render(
        request,
        "ui/error.html",
        {"title": title, "text": text, "number": getattr(request, "number", "")},
        status=status,
    )


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400."""
    return _page(request, 400, "请求不完整", "浏览器发来的内容不完整或不合规则。请返回上一页再试。")


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403."""
    return _page(
        request,
        403,
        "不能这样操作",
        str(exception) if exception and str(exception) else "您的账号没有这项权限。",
    )


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form whose token does not match (an old page, another browser)."""
    return _page(
        request,
        403,
        "页面过期了",
        "这个页面打开得太久或登录已经换过。请刷新页面再提交；刚才填写的内容没有保存。",
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: also what is out of the person's reach."""
    return _page(request, 404, "没有这个页面", "地址不对，或者内容不在您的管理范围内。")


def broken(request: HttpRequest) -> HttpResponse:
    """500, without the database; a trouble that is no fault of the program (disk full …) is told as such."""
    trouble = trouble_of(sys.exc_info()[1])
    if trouble is not None:
        return tell(request, trouble)
    return _page(request, 500, "系统出错了", "错误已经记入日志。请稍后再试；再次出现时把编号告诉管理员。")
