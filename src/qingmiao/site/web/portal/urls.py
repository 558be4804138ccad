"""The portal's addresses: paths of files, as the static export has them."""

from __future__ import annotations

from django.urls import re_path

from qingmiao.site.web.portal.views import portal

urlpatterns = [re_path(r"^(?P<path>[A-Za-z0-9_./-]*)$", portal, name="portal.page")]
