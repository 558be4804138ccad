"""How the interface says no: one shape for every refusal (RFC 9457), its words in Chinese."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any

from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from pydantic import BaseModel, ConfigDict, Field

from qingmiao.kernel.errors import UserError
from qingmiao.site.apps.directory.api import ConflictError

KIND = "application/problem+json"
TITLES: Mapping[int, str] = {
    400: "请求不完整", 401: "没有可用的令牌", 403: "令牌的范围不够", 404: "没有这项内容", 405: "不支持这种方法",
    409: "已有人先办理", 415: "不支持这种内容", 422: "现在不能这样办", 429: "请求太多", 500: "系统出错了",
    503: "暂时不能用", 507: "服务器的磁盘满了",
}  # fmt: skip
ADVICE: Mapping[int, str] = {
    400: "请求里有读不懂的内容，例如空字符。", 404: "地址不对，或者内容不在这个账号的范围内。",
    429: "请求太多，请按 Retry-After 写的秒数等待后再试。", 503: "请稍后再试；没有得到答复的写入，用同一个 X-Operation-Id 再发一次。",
    507: "没有地方存新的内容，请告诉系统管理员。",
}  # fmt: skip
"""What is said where the refusal comes from before the interface itself."""
WHERE: Mapping[str, str] = {"body": "内容", "query": "查询", "path": "地址", "header": "请求头"}
"""The parts of a request in words."""
WRONG: Mapping[str, str] = {
    "missing": "缺少这一项", "extra_forbidden": "没有这一项", "int_type": "要是整数", "int_parsing": "要是整数",
    "string_type": "要是文字", "bool_type": "要是 true 或 false", "list_type": "要是一列", "dict_type": "要是一个对象",
    "greater_than_equal": "不小于 {ge}", "less_than_equal": "不大于 {le}", "string_too_short": "至少 {min_length} 个字",
    "string_too_long": "至多 {max_length} 个字", "string_pattern_mismatch": "写法不对", "too_long": "至多 {max_length} 项",
    "literal_error": "只能是 {expected} 之一", "date_text": "要写成 2024-05-31 这样的日期", "model_type": "要是一个对象",
    "model_attributes_type": "要是一个对象",
}  # fmt: skip
"""Kinds of faults of pydantic in words."""


class FaultShape(BaseModel):
    """One fault of what was sent."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    where: Annotated[str, Field(title="哪里")]
    """The part of the request and the path inside it."""
    message: Annotated[str, Field(title="什么问题")]
    """What is wrong, in Chinese."""


class ProblemShape(BaseModel):
    """Why a request was refused (RFC 9457)."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    type: Annotated[str, Field(title="类型")]
    """Always about:blank: the status says the kind."""
    title: Annotated[str, Field(title="标题")]
    """The kind of refusal, in Chinese."""
    status: Annotated[int, Field(title="状态码")]
    """The HTTP status."""
    detail: Annotated[str, Field(title="说明")]
    """What happened and what to do next, in Chinese."""
    faults: Annotated[list[FaultShape], Field(title="逐项说明")]
    """Every fault of what was sent, or each thing that somebody else changed."""
    who: Annotated[str, Field(title="先办理的人")] = ""
    """Of a conflict: the name of who was first."""
    when: Annotated[str, Field(title="先办理的时间")] = ""
    """Of a conflict: when (ISO 8601)."""


class RestError(Exception):
    """What was sent cannot be done: the status and every fault."""

    def __init__(self, status: int, detail: str, faults: Sequence[FaultShape] = (), *, who: str = "", when: str = ""):
        super().__init__(detail)
        self.problem = ProblemShape(
            type="about:blank", title=TITLES[status], status=status, detail=detail, faults=list(faults), who=who,
            when=when,
        )  # fmt: skip


def said(problem: ProblemShape) -> HttpResponse:
    """A problem as the answer."""
    answer = JsonResponse(
        problem.model_dump(), status=problem.status, content_type=KIND, json_dumps_params={"ensure_ascii": False}
    )
    answer["Cache-Control"] = "no-store, private"
    return answer


def refused(status: int, code: str, words: str) -> HttpResponse:
    """A refusal with one sentence."""
    return said(RestError(status, words).problem)


def faults_of(errors: Sequence[Mapping[str, Any]]) -> list[FaultShape]:
    """What pydantic found, in Chinese words."""
    return [FaultShape(where=_where(e["loc"]), message=_words(e)) for e in errors]


def _where(loc: Sequence[Any]) -> str:
    """("body", "body", "version") → 内容 version."""
    part, *inside = (str(x) for x in loc)
    inside = inside[1:] if part == "body" and inside and inside[0] in ("body", "sent") else inside
    return " ".join([WHERE.get(part, part), ".".join(inside)[:120]]).strip()


def _words(error: Mapping[str, Any]) -> str:
    words = WRONG.get(error["type"], "不合规定")
    return words.format_map({k: str(v)[:120] for k, v in error.get("ctx", {}).items()} | {"expected": _choices(error)})


def _choices(error: Mapping[str, Any]) -> str:
    return str(error.get("ctx", {}).get("expected", "")).replace(" or ", "、").replace(", ", "、").replace("'", "")


def problem_of(error: Exception) -> ProblemShape:
    """The problem that a refusal is told as; what is no refusal is raised again."""
    match error:
        case RestError():
            return error.problem
        case ConflictError():
            found = RestError(409, str(error), who=error.who, when=error.when.isoformat(timespec="seconds"))
            return found.problem
        case UserError():
            return RestError(422, str(error)).problem
        case Http404():
            return RestError(404, "地址不对，或者内容不在这个账号的范围内。").problem
        case ValidationError():
            return RestError(422, "发来的内容有不合规定的地方，什么都没有改。", faults_of(error.errors)).problem
        case HttpError() if isinstance(error.__cause__, RestError):
            return error.__cause__.problem
        case HttpError():
            return RestError(error.status_code, str(error.__cause__ or "请求的内容读不懂")).problem
        case SuspiciousOperation():
            return RestError(400, str(error) or "请求的内容读不懂").problem
    raise error


def register(api: NinjaAPI) -> None:
    """Let an interface tell every refusal in this shape."""

    def told(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
        return said(problem_of(error if isinstance(error, Exception) else error()))

    for kind in (RestError, UserError, Http404, ValidationError, HttpError, SuspiciousOperation):
        api.add_exception_handler(kind, told)


class OneShape:
    """Middleware: what was refused before the interface was asked (too many requests, the database away, NUL in an
    address) is told to programs in the same shape."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        status = answer.status_code
        if not request.path.startswith("/api/") or status < 400 or answer["Content-Type"] == KIND:
            return answer
        words = ADVICE.get(status, "请稍后再试；再次出现时把 X-Request-Id 告诉系统管理员。")
        problem = ProblemShape(
            type="about:blank", title=TITLES.get(status, "没有办成"), status=status, detail=words, faults=[]
        )
        told = said(problem)
        for name in ("Retry-After", "Allow", "WWW-Authenticate"):
            if name in answer:
                told[name] = answer[name]
        return told
