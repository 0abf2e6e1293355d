"""The jars that Spark needs for Delta, GraphFrames and S3: found on the class path, else resolved once and remembered.

Ivy fails as a whole when one coordinate is missing, so alternatives are tried by themselves, and a session then gets the
files of the choice: it starts without asking Ivy again. `python -m profile_engine.lake.jars conf/engine.yaml` resolves
everything ahead, for set-up scripts.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TypedDict

from profile_engine.config.engine import EngineConfig
from profile_engine.config.model import read_model
from profile_engine.config.problems import Problems
from profile_engine.config.yaml_document import read_yaml
from profile_engine.errors import ConfigurationError, PlatformError, ProfileEngineError
from profile_engine.lake.class_path import capabilities_of, given_jars, installed_jars, without_installed
from profile_engine.lake.ivy import IVY_SETTINGS, resolve
from profile_engine.lake.java import require_java

S3_EXCLUDES = ("software.amazon.awssdk:bundle", "io.netty:*", "org.wildfly.openssl:wildfly-openssl")
"""The SDK's bundle (640 MB, of which S3 needs 13), and what Spark ships itself."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class JarSet:
    """`files` to give to Spark; `chosen` says for each capability where it comes from: coordinates, or the class path.
    A capability that could not be had is not in `chosen`."""

    files: tuple[Path, ...]
    chosen: Mapping[str, str] = field(default_factory=dict)

    def sentence(self) -> str:
        return "; ".join(f"{capability}: {source}" for capability, source in self.chosen.items())


def resolve_jars(
    engine: EngineConfig, needs_s3: bool = False, *, settings: Mapping[str, str] | None = None, forget: bool = False
) -> JarSet:
    """The jars for a session of this engine; asks Ivy only when nothing is remembered (or with `forget`).

    Raises PlatformError, saying what to do, when Delta (or S3, where needed) can't be had. Without GraphFrames the
    engine works, so its absence is only logged.
    """
    home = spark_home()
    settings = {**engine.spark.settings, **(settings or {})}
    there = capabilities_of(given_jars(home, settings, os.environ))
    wanted = _wanted(engine, needs_s3, there)
    on_class_path = dict.fromkeys(sorted(there), "on the class path")
    if not wanted:
        return JarSet((), on_class_path)
    ivy = {name: settings[name] for name in IVY_SETTINGS if name in settings}
    request = json.dumps({"spark": str(home), "wanted": wanted, "ivy": ivy}, sort_keys=True)
    remembered = None if forget else _remembered(request)
    if remembered is None:
        require_java()
        remembered = _resolved(home, wanted, ivy)
        _remember(request, remembered)
        _log.info("jars=resolved %s", remembered.sentence())
    return JarSet(remembered.files, {**on_class_path, **remembered.chosen})


def spark_home() -> Path:
    """The folder of the Spark that this Python would start; raises PlatformError without PySpark."""
    given = os.environ.get("SPARK_HOME")
    if given:
        return Path(given)
    found = find_spec("pyspark")
    if found is None or found.origin is None:
        raise PlatformError(
            "PySpark is not installed in this Python; install the engine with its extra: pip install 'profile-engine[spark]'"
        )
    return Path(found.origin).parent


def _wanted(engine: EngineConfig, needs_s3: bool, there: frozenset[str]) -> dict[str, list[list[str]]]:
    """Alternatives of each capability that the class path lacks; an alternative is a list taken together."""
    packages, version = engine.spark.packages, spark_version()
    wanted = {}
    if "delta" not in there:
        minor = ".".join(version.split(".")[:2])
        if minor not in packages.delta:
            raise ConfigurationError(
                f"conf/engine.yaml names no Delta for Spark {minor} (spark.packages.delta has "
                f"{', '.join(packages.delta) or 'none'}); add one, or install pyspark of one of these versions"
            )
        wanted["delta"] = [[coordinate] for coordinate in packages.delta[minor]]
    if "graphframes" not in there and packages.graphframes:
        wanted["graphframes"] = [[coordinate] for coordinate in packages.graphframes]
    if needs_s3 and "s3" not in there:
        wanted["s3"] = [packages.s3]
    return wanted


def spark_version() -> str:
    import pyspark

    return str(pyspark.__version__)


def _resolved(home: Path, wanted: Mapping[str, Sequence[list[str]]], ivy: Mapping[str, str]) -> JarSet:
    excludes = S3_EXCLUDES if "s3" in wanted else ()
    chosen: dict[str, list[str]] = {}
    for capability, alternatives in wanted.items():
        if len(alternatives) == 1:
            chosen[capability] = alternatives[0]
            continue
        problem = ""
        for alternative in alternatives:
            tried = resolve(home, alternative, excludes, ivy)
            if tried.files is not None:
                chosen[capability] = alternative
                break
            problem = tried.problem
            _log.info("jars=%s tried=%s resolved=no reason=%r", capability, ",".join(alternative), problem)
        else:
            if capability != "graphframes":
                raise _not_resolved(capability, alternatives[-1], problem)
            _log.warning("jars=graphframes resolved=no reason=%r", problem)
    together = resolve(home, [c for coordinates in chosen.values() for c in coordinates], excludes, ivy)
    if together.files is None and "graphframes" in chosen:
        _log.warning("jars=graphframes left_out=yes reason=%r", together.problem)
        del chosen["graphframes"]
        together = resolve(home, [c for coordinates in chosen.values() for c in coordinates], excludes, ivy)
    if together.files is None:
        raise _not_resolved(
            " and ".join(chosen), [c for coordinates in chosen.values() for c in coordinates], together.problem
        )
    files = without_installed(together.files, installed_jars(home))
    return JarSet(files, {capability: ",".join(coordinates) for capability, coordinates in chosen.items()})


def _not_resolved(capability: str, coordinates: Sequence[str], problem: str) -> PlatformError:
    return PlatformError(
        f"the jars of {capability} ({', '.join(coordinates)}) can't be resolved (Ivy: {problem}); connect to a Maven "
        "repository, name a mirror in conf/engine.yaml (spark.settings: spark.jars.repositories or spark.jars.ivySettings), "
        "or put the jars on Spark's class path"
    )


def memory_file() -> Path:
    """Where choices are remembered: one small file for all projects of this user."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "profile-engine" / "jars.json"


def _remembered(request: str) -> JarSet | None:
    known = _memory().get(request)
    if known is None:
        return None
    files = tuple(Path(name) for name in known["files"])
    if not all(file.is_file() for file in files):  # Ivy's cache was cleared
        return None
    return JarSet(files, known["chosen"])


def _remember(request: str, jars: JarSet) -> None:
    memory = {**_memory(), request: {"files": [str(file) for file in jars.files], "chosen": dict(jars.chosen)}}
    target = memory_file()
    aside = target.with_name(f"{target.name}.{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        aside.write_text(json.dumps(memory, indent=1), encoding="utf-8")
        aside.replace(target)
    except OSError as error:  # a home that can't be written to costs a resolution at every start, no more
        _log.warning("jars=not remembered file=%s reason=%s", target, error.strerror)


def _memory() -> dict[str, _Choice]:
    try:
        memory: dict[str, _Choice] = json.loads(memory_file().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return memory


class _Choice(TypedDict):
    files: list[str]
    chosen: dict[str, str]


def main(arguments: Sequence[str]) -> int:
    """Resolve the jars of an engine.yaml, S3 included, and say in one line what was chosen; for set-up scripts."""
    words = [word for word in arguments if word != "--again"]
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        if len(words) != 1:
            raise ConfigurationError("usage: python -m profile_engine.lake.jars conf/engine.yaml [--again]")
        require_java()
        engine = _engine_of(Path(words[0]))
        for needs_s3 in (False, True):
            jars = resolve_jars(engine, needs_s3, forget="--again" in arguments)
    except ProfileEngineError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(f"jars: {jars.sentence()}")
    return 0


def _engine_of(file: Path) -> EngineConfig:
    problems = Problems()
    document = read_yaml(file, str(file), problems)
    engine = None if document is None else read_model(document, EngineConfig, problems)
    problems.raise_if_any()
    if engine is None:
        raise ConfigurationError(f"{file} is empty; it says where the lake is: lake: {{path: lake}}")
    return engine


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
