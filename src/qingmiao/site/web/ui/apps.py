from __future__ import annotations

from django.apps import AppConfig


class Ui(AppConfig):
    name = "qingmiao.site.web.ui"
    label = "ui"
