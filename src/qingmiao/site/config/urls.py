"""All addresses: health, language, then each part of the console under its own prefix."""

from __future__ import annotations

from django.urls import include, path, re_path

from qingmiao.site.web.api.exchange import packages
from qingmiao.site.web.api.fhir.views import base
from qingmiao.site.web.ui import errors, health, switching

urlpatterns = [
    path("health/live", health.live, name="health.live"),
    path("health/ready", health.ready, name="health.ready"),
    path("language", switching.choose, name="language"),
    re_path(r"^fhir/?$", base, name="fhir.base"),
    path("fhir/", include("qingmiao.site.web.api.fhir.urls")),
    path("api/v1/", include("qingmiao.site.web.api.rest.served")),
    path("exchange/packages", packages, name="exchange.packages"),
    path("portal/", include("qingmiao.site.web.portal.urls")),
    path("", include("qingmiao.site.web.console.urls")),
]
handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.broken
