"""``python -m qingmiao.cli``."""

from qingmiao.cli import main

main()
