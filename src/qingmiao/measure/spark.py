"""The same queries on Spark (an optional extra, ``pip install qingmiao[spark]``): another dialect, another runner,
nothing else.

Needs Java 17 or 21 on the machine that starts the session.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pyarrow as pa

from qingmiao.kernel.days import CHINA_ZONE
from qingmiao.kernel.errors import UserError
from qingmiao.measure.dialect import SPARK
from qingmiao.measure.engine import Table, files_of


class NoSparkError(UserError):
    """Spark cannot be started here; the message says what is missing."""


class SparkRunner:
    """Spark's SQL over temporary views. `session`: one's own session (its time zone is set to China's),
    else a local one with `master` is started."""

    dialect = SPARK

    def __init__(self, session: Any = None, *, master: str = "local[2]") -> None:
        self._own = session is None
        self._session = session if session is not None else _start(master)
        self._session.conf.set("spark.sql.session.timeZone", CHINA_ZONE)

    def register(self, name: str, table: Table) -> None:
        """See `engine.Runner.register`."""
        if isinstance(table, pa.Table):
            frame = self._session.createDataFrame(table)
        else:  # columns by name over all files, as DuckDB's union_by_name
            frame = self._session.read.option("mergeSchema", "true").parquet(*map(str, files_of(table)))
        frame.createOrReplaceTempView(f"`{name}`")

    def fetch(self, sql: str) -> pa.Table:
        """See `engine.Runner.fetch`."""
        return self._session.sql(sql).toArrow()

    def close(self) -> None:
        """See `engine.Runner.close`; a session that was given stays open."""
        if self._own:
            self._session.stop()


def _start(master: str) -> Any:  # Any: pyspark publishes no types that hold without it installed
    java = Path(os.environ["JAVA_HOME"], "bin", "java") if os.environ.get("JAVA_HOME") else None
    if not (java.is_file() if java is not None else shutil.which("java")):
        raise NoSparkError(
            "没有找到 Java，Spark 不能启动：请安装 Java 17 或 21，或设置 JAVA_HOME。DuckDB 引擎不需要 Java。"
        )
    try:
        from pyspark.sql import SparkSession
    except ImportError as e:
        raise NoSparkError("没有安装 PySpark：运行 tools/setup-spark，或 pip install 'qingmiao[spark]'。") from e
    builder = SparkSession.builder.master(master).appName("qingmiao")
    settings = {
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "4",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        "spark.log.level": "ERROR",
    }
    for name, value in settings.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()
