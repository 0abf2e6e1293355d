"""Where the tables of a lake lie: one folder a table (path mode) or one name a table (catalog mode)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlparse

from profile_engine.config.engine import LakeConfig
from profile_engine.errors import ConfigurationError

CONTROL_FOLDER = "_control"
S3_SCHEMES = ("s3", "s3a")


@dataclass(frozen=True, slots=True)
class Place:
    """One table's place; `path` is None in catalog mode."""

    table: str
    sql_name: str
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Places:
    """All places of one lake. `lake` is how the lake is named in messages."""

    lake: str
    control: str
    base: str | None = None
    catalog: str | None = None
    schema: str | None = None

    @classmethod
    def of(cls, config: LakeConfig, root: Path) -> Places:
        """The places that a configuration names; relative paths count from `root`."""
        if config.path is not None:
            base = absolute(config.path, root)
            control = absolute(config.control, root) if config.control is not None else f"{base}/{CONTROL_FOLDER}"
            return cls(lake=base, control=control, base=base)
        if config.control is None:  # the model refuses this; said again for configurations made in code
            raise ConfigurationError("lake.catalog also needs lake.control, a folder for the lease and the key")
        return cls(
            lake=f"{config.catalog}.{config.schema_name}",
            control=absolute(config.control, root),
            catalog=config.catalog,
            schema=config.schema_name,
        )

    def place(self, table: str) -> Place:
        if self.base is None:
            return Place(table, f"`{self.catalog}`.`{self.schema}`.`{table}`")
        return Place(table, f"delta.`{self.base}/{table}`", f"{self.base}/{table}")


def absolute(location: str, root: Path) -> str:
    """A location as Spark takes it: URIs as they are, folders absolute, no slash at the end."""
    if "://" in location or location.startswith(("file:", "dbfs:")):
        return location.rstrip("/")
    return str((root.resolve() / location).absolute())


def local_folder(location: str) -> Path | None:
    """The folder on this machine that a location means, or None for storage reached over the network."""
    if location.startswith("file:"):
        return Path(unquote(urlparse(location).path))
    if location.startswith("dbfs:") or "://" in location:
        return None
    return Path(location)


def s3_bucket_and_prefix(location: str) -> tuple[str, str] | None:
    """Bucket and prefix (no slash at either end) of an s3 URI, or None for any other location."""
    parsed = urlparse(location)
    if parsed.scheme not in S3_SCHEMES:
        return None
    return parsed.netloc, parsed.path.strip("/")
