"""The application that granian serves: Django behind the front that reads requests whole."""

from __future__ import annotations

import multiprocessing
import signal

from qingmiao.site import memory
from qingmiao.site.parenthood import die_with

if (server := multiprocessing.parent_process()) is not None:  # in a worker process of granian
    assert server.pid is not None
    die_with(server.pid, signal.SIGKILL)  # else it would go on answering at the port beside the next server
    memory.keep_small()

from django.db import close_old_connections

from qingmiao.site.config.front import Front
from qingmiao.site.config.wsgi import application as site
from qingmiao.site.web.portal.first import portal_first
from qingmiao.site.web.ui.requests import client_address

application = portal_first(Front(site, address=client_address, after=close_old_connections))
