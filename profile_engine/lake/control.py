"""The control folder of a lake: small files that are made once (the identifier key) or by one only (the lease)."""

from __future__ import annotations

import os
import shutil
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from profile_engine.config.engine import EngineConfig
from profile_engine.errors import ConfigurationError
from profile_engine.lake.places import local_folder, s3_bucket_and_prefix

if TYPE_CHECKING:
    from botocore.client import BaseClient


class ControlFolder(Protocol):
    """Small files by name; `create` is exclusive: of several callers exactly one gets True."""

    def create(self, name: str, content: bytes) -> bool: ...

    def write(self, name: str, content: bytes) -> None: ...

    def read(self, name: str) -> bytes | None: ...

    def names(self, folder: str) -> list[str]: ...

    def remove(self, name: str) -> None: ...


def control_folder(location: str, engine: EngineConfig) -> ControlFolder:
    """The control folder at a location; raises ConfigurationError where exclusive creation isn't to be had."""
    folder = folder_of_files(location, engine)
    if folder is None:
        raise ConfigurationError(
            f"the lake's control folder can't be at {location}: the run lease needs exclusive creation, which is built "
            "for folders and s3://; set lake.control to one of these"
        )
    return folder


def folder_of_files(location: str, engine: EngineConfig) -> ControlFolder | None:
    """A folder whose small files are reached without Spark, or None where that isn't built."""
    folder = local_folder(location)
    if folder is not None:
        return LocalControl(folder)
    bucket_and_prefix = s3_bucket_and_prefix(location)
    return None if bucket_and_prefix is None else S3Control(s3_client(engine), *bucket_and_prefix)


class LocalControl:
    """On a file system. A file appears whole: it is written aside, then linked (exclusive) or moved (replacing)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def create(self, name: str, content: bytes) -> bool:
        target, aside = self._aside(name, content)
        try:
            os.link(aside, target)
        except FileExistsError:
            return False
        except OSError:  # a file system without hard links
            return self._create_in_place(target, content)
        finally:
            aside.unlink(missing_ok=True)
        return True

    def write(self, name: str, content: bytes) -> None:
        target, aside = self._aside(name, content)
        os.replace(aside, target)

    def read(self, name: str) -> bytes | None:
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError:
            return None

    def names(self, folder: str) -> list[str]:
        try:
            return sorted(entry.name for entry in (self._folder / folder).iterdir() if not entry.name.startswith("."))
        except FileNotFoundError:
            return []

    def remove(self, name: str) -> None:
        (self._folder / name).unlink(missing_ok=True)

    def _aside(self, name: str, content: bytes) -> tuple[Path, Path]:
        target = self._folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = target.with_name(f".{target.name}.{os.getpid()}.{os.urandom(4).hex()}")
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        return target, aside

    def _create_in_place(self, target: Path, content: bytes) -> bool:
        try:
            descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return False
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        return True


class S3Control:
    """On S3: exclusive creation is a put with `If-None-Match: *`."""

    def __init__(self, client: BaseClient, bucket: str, prefix: str) -> None:
        self._client, self._bucket, self._prefix = client, bucket, prefix

    def create(self, name: str, content: bytes) -> bool:
        from botocore.exceptions import ClientError

        try:
            self._client.put_object(Bucket=self._bucket, Key=self._key(name), Body=content, IfNoneMatch="*")
        except ClientError as error:
            # 412: it is there; 409: another put of the same key was under way
            if error.response["Error"]["Code"] in {"PreconditionFailed", "ConditionalRequestConflict", "412", "409"}:
                return False
            raise
        return True

    def write(self, name: str, content: bytes) -> None:
        self._client.put_object(Bucket=self._bucket, Key=self._key(name), Body=content)

    def read(self, name: str) -> bytes | None:
        from botocore.exceptions import ClientError

        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=self._key(name))
        except ClientError as error:
            if error.response["Error"]["Code"] in {"NoSuchKey", "404"}:
                return None
            raise
        content: bytes = answer["Body"].read()
        return content

    def names(self, folder: str) -> list[str]:
        prefix = f"{self._key(folder).rstrip('/')}/"
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix)
        return sorted(str(item["Key"])[len(prefix) :] for page in pages for item in page.get("Contents", ()))

    def remove(self, name: str) -> None:
        self._client.delete_object(Bucket=self._bucket, Key=self._key(name))

    def _key(self, name: str) -> str:
        return f"{self._prefix}/{name}" if self._prefix else name


def s3_client(engine: EngineConfig) -> BaseClient:
    """A client for the place that Spark's own S3 settings name; credentials come from boto3's usual chain."""
    settings = engine.spark.settings
    endpoint = settings.get("spark.hadoop.fs.s3a.endpoint") or endpoint_of_the_environment()
    return _client(endpoint, settings.get("spark.hadoop.fs.s3a.endpoint.region"))


def endpoint_of_the_environment() -> str | None:
    """Where S3 is when it is not Amazon's, by the variables that boto3 reads itself."""
    return os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")


@cache
def _client(endpoint: str | None, region: str | None) -> BaseClient:
    import boto3

    client: BaseClient = boto3.client("s3", endpoint_url=endpoint, region_name=region)
    return client


def remove_folder(location: str, engine: EngineConfig) -> bool:
    """Remove everything under a location; False where this machine has no way to do so."""
    folder = local_folder(location)
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)
        return True
    bucket_and_prefix = s3_bucket_and_prefix(location)
    if bucket_and_prefix is None:
        return False
    client, (bucket, prefix) = s3_client(engine), bucket_and_prefix
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix + "/"):
        keys = [{"Key": item["Key"]} for item in page.get("Contents", ())]
        if keys:
            client.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})
    return True
