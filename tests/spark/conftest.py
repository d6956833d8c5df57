"""One Spark session for all tests that need one."""

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest


def lacking_in(environment: Mapping[str, str]) -> str:
    """What to install before these tests can run; "" if everything is there."""
    if importlib.util.find_spec("pyspark") is None:
        return "PySpark is not installed: pip install 'ellwand[spark]'"
    home = environment.get("JAVA_HOME")
    folder = Path(home, "bin") if home else environment.get("PATH", os.defpath)
    if shutil.which("java", path=str(folder)) is None:
        where = f"JAVA_HOME is {home}, which has no bin/java" if home else "there is no java on the path"
        return f"Java is not installed ({where}): install Java 17 or later, for example openjdk-17-jre-headless"
    return ""


@pytest.fixture(scope="session")
def spark() -> Iterator[Any]:
    reason = lacking_in(os.environ)
    if reason:
        pytest.skip(reason)
    import pyspark.sql as pyspark

    os.environ["PYSPARK_PYTHON"] = sys.executable
    settings = {
        "spark.ui.enabled": "false",
        "spark.log.level": "ERROR",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.session.timeZone": "UTC",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.execution.pyspark.udf.faulthandler.enabled": "true",
    }
    builder = pyspark.SparkSession.builder.master("local[2]").appName("ellwand tests")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield session
    session.stop()


@pytest.fixture
def lacking() -> Callable[[Mapping[str, str]], str]:
    return lacking_in
