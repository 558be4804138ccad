"""Before the servers start, in a process that ends: the database's structure and the first loading (decision 0019).

`python -m qingmiao.site.prepare [DATA]`, with the site's environment.
"""

from __future__ import annotations

import sys
from pathlib import Path

from qingmiao.kernel.errors import UserError
from qingmiao.site.config import environment, process
from qingmiao.site.config.parts import Parts


def main() -> int:
    """0 when the site is ready to start; 2 when it has said in Chinese why not."""
    parts = Parts(lambda text: print(f"[青苗] {text}", file=sys.stderr, flush=True))
    try:
        settings = environment.read()
        parts.begin("更新数据库结构")
        process.set_up()
        process.migrate()
        from qingmiao.site import first_start

        first_start.load(settings, data=Path(sys.argv[1]) if sys.argv[1:] else None, parts=parts)
        from qingmiao.site.apps.audit import api as audit

        # From the first start on there is an anchor: a missing file is never a matter of being new.
        audit.seal()
        audit.anchor(settings.home / audit.ANCHORS)
    except UserError as e:
        print(f"错误：{e}", file=sys.stderr, flush=True)
        return 2
    parts.summary()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
