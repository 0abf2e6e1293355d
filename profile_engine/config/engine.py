"""conf/engine.yaml: where the lake is, which clock its calendar words follow, and how Spark is set up."""

from __future__ import annotations

from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from profile_engine.config.model import ConfigModel
from profile_engine.config.secrets import Secret
from profile_engine.config.units import Span, SpanField


class LakeConfig(ConfigModel):
    """Path mode (`path`) or catalog mode (`catalog` and `schema`, with a `control` folder for lease and key)."""

    path: str | None = None
    """Folder or URI that holds one Delta table a folder; relative paths count from the project's root."""
    catalog: str | None = None
    schema_name: str | None = Field(default=None, alias="schema")
    control: str | None = None
    """Folder or s3:// URI of the run lease and the identifier key; in path mode it is the lake's own folder."""
    keep_releases: SpanField = Span(30, "day")
    """Releases published within this time can be read; vacuum leaves their files."""
    keep_exits: SpanField = Span(30, "day")
    """Maintenance forgets a person's stay in a segment this long after it ended; who was in since then can be told."""
    identifier_key: Secret | None = None
    """The key of identifier hashes; without it one is made with the lake and kept in the control folder."""
    lease: SpanField = Span(15, "minute")
    """A lease not renewed for this long belongs to a dead run."""

    @model_validator(mode="after")
    def _one_mode(self) -> LakeConfig:
        if (self.path is None) == (self.catalog is None):
            raise ValueError("give either 'path', or 'catalog' with 'schema'")
        if self.catalog is not None and (self.schema_name is None or self.control is None):
            raise ValueError(
                "'catalog' also needs 'schema' and 'control' (a folder for the lease and the identifier key)"
            )
        return self


class SparkPackages(ConfigModel):
    """Maven coordinates, tried in order; the first that resolves is used."""

    delta: dict[str, list[str]] = {
        "4.0": ["io.delta:delta-spark_4.0_2.13:4.4.0"],
        "4.1": ["io.delta:delta-spark_4.1_2.13:4.4.0"],
    }
    """By Spark's minor version, such as "4.1"."""
    graphframes: list[str] = [
        "io.graphframes:graphframes-spark4_2.13:0.12.3",
        "org.apache.sedona:sedona-spark-shaded-4.0_2.13:1.8.0",
    ]
    s3: list[str] = [
        "org.apache.hadoop:hadoop-aws:3.4.2",
        "software.amazon.awssdk:s3:2.29.52",
        "software.amazon.awssdk:s3-transfer-manager:2.29.52",
        "software.amazon.awssdk:sts:2.29.52",
    ]
    """What s3a:// needs, taken together; only resolved when the project names an s3 location."""


class SparkConfig(ConfigModel):
    packages: SparkPackages = SparkPackages()
    settings: dict[str, str] = {}
    """Spark settings as they are; used only where no session exists yet."""


class IdentityEngineConfig(ConfigModel):
    solver: Literal["auto", "one_task", "graphframes"] = "auto"
    links_in_one_task: int | None = Field(default=None, ge=1)
    """The most links that `auto` gives to one task; without it, from the memory that a task's Python has."""


class EngineConfig(ConfigModel):
    lake: LakeConfig
    time_zone: str = "UTC"
    """Of calendar words in rules and of dates without a zone; stored times are UTC."""
    spark: SparkConfig = SparkConfig()
    identity: IdentityEngineConfig = IdentityEngineConfig()

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"unknown time zone '{value}'; write one such as Europe/Amsterdam or UTC") from None
        return value
