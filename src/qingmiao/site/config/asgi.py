"""The application that granian serves: Django behind the front that reads requests whole."""

from __future__ import annotations

from django.db import close_old_connections

from qingmiao.site.config.front import Front
from qingmiao.site.config.wsgi import application as site
from qingmiao.site.web.ui.requests import client_address

application = Front(site, address=client_address, after=close_old_connections)
