"""Jars: the class path first, then coordinates in order, and the choice remembered."""

from __future__ import annotations

import os
from pathlib import Path
from zipfile import ZipFile

import pytest

from profile_engine.config.engine import EngineConfig, LakeConfig, SparkConfig, SparkPackages
from profile_engine.errors import ConfigurationError, PlatformError
from profile_engine.lake.class_path import CAPABILITIES, capabilities_of, given_jars, without_installed
from profile_engine.lake.jars import main, memory_file, resolve_jars, spark_version
from profile_engine.lake.java import major_version, require_java


def jar(file: Path, *entries: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    with ZipFile(file, "w") as archive:
        for entry in entries or ("META-INF/MANIFEST.MF",):
            archive.writestr(entry, "")
    return file


def engine(**packages: object) -> EngineConfig:
    return EngineConfig(lake=LakeConfig(path="lake"), spark=SparkConfig(packages=SparkPackages(**packages)))


def test_what_the_class_path_has_is_seen_by_its_classes(tmp_path: Path) -> None:
    home = tmp_path / "spark"
    jar(home / "jars" / "spark-core_2.13-4.1.2.jar")
    jar(home / "jars" / "delta-storage-4.4.0.jar")
    graphframes = jar(tmp_path / "sedona-spark-shaded-4.0_2.13-1.8.0.jar", CAPABILITIES["graphframes"][0])
    delta = jar(tmp_path / "more" / "delta-spark_4.1_2.13-4.4.0.jar", CAPABILITIES["delta"][0])
    s3 = jar(tmp_path / "hadoop-aws-3.4.2.jar", CAPABILITIES["s3"][0])
    (tmp_path / "graphframes-broken.jar").write_text("no archive")
    assert capabilities_of(given_jars(home, {}, {})) == set()
    settings = {"spark.jars": f"file:{graphframes}", "spark.driver.extraClassPath": f"{delta.parent}/*"}
    assert capabilities_of(given_jars(home, settings, {})) == {"delta", "graphframes"}
    submitted = {"PYSPARK_SUBMIT_ARGS": f"--jars {s3} --conf spark.jars={graphframes} pyspark-shell"}
    assert capabilities_of(given_jars(home, {}, submitted)) == {"s3", "graphframes"}
    assert capabilities_of([tmp_path / "graphframes-broken.jar", tmp_path / "delta-missing.jar"]) == set()


def test_jars_that_spark_ships_are_not_carried_twice() -> None:
    resolved = [Path("/i/org.slf4j_slf4j-api-2.0.13.jar"), Path("/i/io.delta_delta-spark_4.1_2.13-4.4.0.jar")]
    assert without_installed(resolved, [Path("/s/slf4j-api-2.0.17.jar")]) == (resolved[1],)


def test_with_all_on_the_class_path_nothing_is_resolved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "spark"
    jar(home / "jars" / "delta-spark_4.1_2.13-4.4.0.jar", CAPABILITIES["delta"][0])
    monkeypatch.setenv("SPARK_HOME", str(home))
    found = resolve_jars(engine(graphframes=[]))
    assert (found.files, found.chosen) == ((), {"delta": "on the class path"})


def test_a_spark_without_a_delta_coordinate_is_a_configuration_error(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SPARK_HOME", str(tmp_path))
    with pytest.raises(ConfigurationError, match=r"names no Delta for Spark 4\.\d \(spark.packages.delta has 3\.5\)"):
        resolve_jars(engine(delta={"3.5": ["io.delta:delta-spark_2.12:3.3.0"]}))


def test_alternatives_are_tried_in_order_and_the_choice_is_remembered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With Spark's own Ivy against a repository in a folder that has the second coordinate only."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    repository = tmp_path / "repository"
    folder = repository / "org" / "example" / "graph-things" / "2.0"
    jar(folder / "graph-things-2.0.jar")
    (folder / "graph-things-2.0.pom").write_text(
        '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>org.example</groupId>'
        "<artifactId>graph-things</artifactId><version>2.0</version></project>"
    )
    ivy_settings = tmp_path / "ivysettings.xml"
    ivy_settings.write_text(
        f'<ivysettings><settings defaultResolver="here"/><caches defaultCacheDir="{tmp_path}/ivy/cache"/><resolvers>'
        f'<ibiblio name="here" m2compatible="true" root="file://{repository}/"/></resolvers></ivysettings>'
    )
    minor = ".".join(spark_version().split(".")[:2])
    coordinates = {
        "delta": {minor: ["org.example:graph-things:2.0"]},
        "graphframes": ["org.example:gone:1.0", "org.example:graph-things:2.0"],
    }
    settings = {"spark.jars.ivySettings": str(ivy_settings), "spark.jars.ivy": str(tmp_path / "ivy")}
    found = resolve_jars(engine(**coordinates), settings=settings)
    assert found.chosen == {"delta": "org.example:graph-things:2.0", "graphframes": "org.example:graph-things:2.0"}
    assert [file.name for file in found.files] == ["org.example_graph-things-2.0.jar"]
    assert memory_file().is_file()

    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "no java"))  # what is remembered needs no Java
    assert resolve_jars(engine(**coordinates), settings=settings) == found
    with pytest.raises(PlatformError, match="JAVA_HOME names"):
        resolve_jars(engine(**coordinates), settings=settings, forget=True)
    monkeypatch.delenv("JAVA_HOME")
    gone = engine(delta={minor: ["org.example:gone:1.0"]}, graphframes=[])
    with pytest.raises(PlatformError, match=r"org\.example:gone:1\.0.*not found.*name a mirror"):
        resolve_jars(gone, settings=settings)


def test_java_is_checked_and_what_is_missing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [major_version(f'openjdk version "{words}" 2025') for words in ("17.0.15", "1.8.0_402", "25")] == [17, 8, 25]
    assert major_version("what") is None
    fake = tmp_path / "bin" / "java"
    fake.parent.mkdir()
    fake.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\"' >&2\n")
    os.chmod(fake, 0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(PlatformError, match=r"Java 11 .* is too old; Spark needs Java 17 or newer: install it"):
        require_java()
    monkeypatch.delenv("JAVA_HOME")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PlatformError, match="no Java was found"):
        require_java()


def test_the_entry_for_set_up_scripts_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "usage: python -m profile_engine.lake.jars" in capsys.readouterr().err
    (tmp_path / "engine.yaml").write_text("lakes: {path: lake}\n")
    assert main([str(tmp_path / "engine.yaml")]) == 2
    assert "lakes" in capsys.readouterr().err
