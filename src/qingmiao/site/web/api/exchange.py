"""Where partners send packages: no login and no token, the signature says who it is; the answer is a signed receipt."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from qingmiao.exchange import PackageError
from qingmiao.kernel.days import china_now
from qingmiao.site.apps.audit import api as audit
from qingmiao.site.apps.exchange import api
from qingmiao.site.web.ui.access import open_page


@csrf_exempt
@open_page("POST")
def packages(request: HttpRequest) -> HttpResponse:
    """Take a package of a registered partner; 422 with the reason for anything else, and nothing is changed."""
    raw = request.read(api.OVER_THE_LINE + 1)
    if len(raw) > api.OVER_THE_LINE:
        return _said("数据包太大，请做成文件带来。 The package is too large: bring it as a file.", 413)
    try:
        _, receipt = api.take_package(audit.ANONYMOUS, raw, at=china_now())
    except PackageError as why:
        return _said(str(why), 422)
    return HttpResponse(receipt, content_type="application/octet-stream")


def _said(text: str, status: int) -> HttpResponse:
    return HttpResponse(text, content_type="text/plain; charset=utf-8", status=status)
