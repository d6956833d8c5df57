"""CSV and Parquet files as Spark DataFrames with the column types that the local driver gives them."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from py4j.protocol import Py4JJavaError  # type: ignore[import-untyped]
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from pyspark.sql import functions as fn
from pyspark.sql import types as st

from ellwand.engine.errors import DataError
from ellwand.engine.source import find_files, literal
from ellwand.engine.spark_checks import without_pandas_warning

INFERENCE = "spark.sql.sources.partitionColumnTypeInference.enabled"


def index_path(path: str | Path, method: str, *, master: str | None = None, **keywords: Any) -> pa.Table:
    """`index` of a CSV or Parquet file, folder or glob, computed by Spark; the table as pyarrow.

    path : as `index`. Product and `by` columns are text whatever they look like (codes such as 007).
    master : Spark master of a session started here and stopped afterwards; "local[*]" if None. A session that is
        active is used as it is and left running.
    keywords : as `index`.

    Raises as `index`, and ValueError where Spark cannot start (no Java) or `master` contradicts the active session.
    """
    from ellwand.engine.index import index

    by = keywords.get("by")
    by = [by] if isinstance(by, str) else list(by or ())
    files = find_files(str(path))
    with _session(master) as spark, without_pandas_warning():
        frame = read_files(
            spark, files, [str(keywords.get("product", "product")), *by], str(keywords.get("period", "period"))
        )
        return index(frame, method, **keywords).toArrow()


@contextmanager
def _session(master: str | None) -> Iterator[Any]:
    active = SparkSession.getActiveSession()
    if active is not None:
        own = active.conf.get("spark.master", None)
        if master is not None and master != own:
            raise ValueError(f"master is {master!r}, but a Spark session is active on {own!r}; stop it or leave master")
        yield active
        return
    spark = _start(master or "local[*]")
    try:
        yield spark
    finally:
        spark.stop()


def _start(master: str) -> Any:
    builder = SparkSession.builder.appName("ellwand").master(master)
    builder = builder.config("spark.ui.enabled", "false").config("spark.log.level", "ERROR")
    builder = builder.config("spark.sql.session.timeZone", "UTC")
    if master.startswith("local"):
        # Workers on this machine run this interpreter; the default is whatever python3 is first on the path.
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
        partitions = str(2 * (os.cpu_count() or 1))
        builder = builder.config("spark.sql.shuffle.partitions", partitions)
        builder = builder.config("spark.driver.bindAddress", "127.0.0.1").config("spark.driver.host", "127.0.0.1")
    try:
        return builder.getOrCreate()
    except PySparkException as error:
        raise ValueError(f"Spark does not start on {master}: {error}; it needs Java 17 or later on the path") from error


def read_files(spark: Any, files: Sequence[str], text: Sequence[str], period: str) -> Any:
    """The files as one Spark DataFrame.

    text : columns that are text whatever they look like. period : in a CSV file a whole number or a date (YYYY-MM-DD)
    if all its values are, else text. DataError where files cannot be read or are of two kinds.
    """
    kinds = {"parquet" if f.lower().endswith((".parquet", ".pq")) else "csv" for f in files}
    if len(kinds) > 1:
        raise DataError(f"{files[0]} and {len(files) - 1} others are CSV and Parquet files together; name one kind")
    before = spark.conf.get(INFERENCE)
    try:
        # Values in the names of folders stay text: 007 is no number and 2024-01 no date.
        spark.conf.set(INFERENCE, "false")
        urls = [f"file://{Path(f).resolve()}" for f in files]
        base = _partition_base(urls)
        if kinds == {"parquet"}:
            reader = spark.read.option("basePath", base) if base else spark.read
            frame = reader.parquet(*urls)
            for name in text:
                if name in frame.columns:
                    frame = frame.withColumn(name, fn.col(f"`{name}`").cast("string"))
            return frame
        return _read_csv(spark, files[0], urls, base, [*text, period], period)
    except (PySparkException, Py4JJavaError) as error:
        java = getattr(error, "java_exception", None)
        text = str(error if java is None else java.getMessage())
        raise DataError(f"{files[0]}: cannot be read: {text.splitlines()[0]}") from error
    finally:
        spark.conf.set(INFERENCE, before)


def _partition_base(urls: Sequence[str]) -> str | None:
    """The folder above the first one that is named column=value."""
    parts = urls[0].split("/")
    for k, part in enumerate(parts[:-1]):
        if "=" in part:
            return "/".join(parts[:k])
    return None


def _read_csv(spark: Any, first: str, urls: Sequence[str], base: str | None, text: Sequence[str], period: str) -> Any:
    try:
        query = f"SELECT Delimiter, Quote FROM sniff_csv({literal(first)})"
        found = duckdb.connect().sql(query).to_arrow_table().to_pylist()[0]
    except duckdb.Error as error:
        raise DataError(f"{first}: cannot be read: {str(error).splitlines()[0]}") from error
    # The sniffer says "(empty)" where no value is quoted.
    quote = found["Quote"] if len(found["Quote"] or "") == 1 and found["Quote"] != "\0" else '"'
    reader = (
        spark.read.option("header", True)
        .option("sep", found["Delimiter"])
        .option("quote", quote)
        .option("escape", quote)
    )
    reader = reader.option("mode", "FAILFAST").option("enforceSchema", False)
    if base:
        reader = reader.option("basePath", base)
    inferred = reader.option("inferSchema", True).csv(list(urls)).schema
    fields = [
        st.StructField(f.name, st.StringType() if f.name in text else _as_text_unless_number(f.dataType))
        for f in inferred.fields
    ]
    frame = reader.option("inferSchema", False).schema(st.StructType(fields)).csv(list(urls))
    if period not in frame.columns:
        return frame
    column = fn.col(f"`{period}`")
    whole, day = r"^\s*-?\d{1,18}\s*$", r"^\s*\d{4}-\d{2}-\d{2}\s*$"
    other = [fn.count(fn.when(~column.rlike(pattern), 1)) for pattern in (whole, day)]
    not_whole, not_day = frame.agg(*other).collect()[0]
    if not not_whole:
        return frame.withColumn(period, fn.trim(column).cast("long"))
    return frame if not_day else frame.withColumn(period, fn.trim(column).cast("date"))


def _as_text_unless_number(kind: Any) -> Any:
    return kind if isinstance(kind, st.NumericType) else st.StringType()
