"""The worker's settings: of the apps only the audit's trail and the queue; every app's `tasks.py` is known,
none of its models.

The worker takes jobs, hands them to children (which have all settings) and seals the audit: it needs no content, no
figures and none of the libraries behind them (decision 0019, tests/contracts/test_weight.py).
"""

from __future__ import annotations

from importlib.util import find_spec

from qingmiao.site.config.settings import *  # noqa: F403
from qingmiao.site.config.settings import INSTALLED_APPS as _ALL

PROCRASTINATE_IMPORT_PATHS = [
    f"{app}.tasks" for app in _ALL if app.startswith("qingmiao.") and find_spec(f"{app}.tasks") is not None
]
INSTALLED_APPS = ["procrastinate.contrib.django", "qingmiao.site.apps.audit"]
AUTH_USER_MODEL = "auth.User"  # nobody logs in here
