"""Files in a bucket of S3 or a store that speaks like it; credentials come from the usual AWS environment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from pydantic import Field

from profile_engine.config.model import ConfigModel
from profile_engine.destinations.target import FileEnd
from profile_engine.errors import PermanentDeliveryError, TransientDeliveryError

NAME = "s3_files"
_SMALLEST_PART = 5 * 1024 * 1024
"""Of S3, for all parts of an upload but the last."""
_WAITING_HELPS = {
    "SlowDown",
    "RequestTimeout",
    "ThrottlingException",
    "Throttling",
    "InternalError",
    "ServiceUnavailable",
}


class Settings(ConfigModel):
    bucket: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")
    prefix: str = ""
    endpoint_url: str | None = None
    """For stores other than Amazon's; without it, from the environment (AWS_ENDPOINT_URL_S3) or Amazon's own."""
    region: str | None = None
    kms: str | None = None
    """Id or ARN of the KMS key that objects are encrypted with."""


@dataclass(frozen=True)
class Bucket:
    """A target in a bucket. An object appears whole, so a copy to the final name publishes."""

    settings: Settings
    client: Any  # botocore makes its client classes at run time

    def uri(self, path: str) -> str:
        return f"s3a://{self.settings.bucket}/{self._key(path)}"

    def spark_options(self) -> Mapping[str, str]:
        """S3A's settings of this bucket alone; its credentials come from the same environment as boto3's."""
        ours = f"fs.s3a.bucket.{self.settings.bucket}."
        options = {ours + "endpoint.region": self.client.meta.region_name}
        endpoint = str(self.client.meta.endpoint_url)
        if not (urlparse(endpoint).hostname or "").endswith((".amazonaws.com", ".amazonaws.com.cn")):
            options[ours + "endpoint"] = endpoint
            options[ours + "path.style.access"] = "true"
            options[ours + "connection.ssl.enabled"] = str(endpoint.startswith("https:")).lower()
        if self.settings.kms is not None:
            options[ours + "encryption.algorithm"] = "SSE-KMS"
            options[ours + "encryption.key"] = self.settings.kms
        return options

    def read_text(self, path: str) -> str | None:
        with self._refusals():
            try:
                found = self.client.get_object(Bucket=self.settings.bucket, Key=self._key(path))
            except self.client.exceptions.NoSuchKey:
                return None
            return str(found["Body"].read().decode("utf-8"))

    def write_text(self, path: str, text: str) -> None:
        with self._refusals():
            self.client.put_object(
                Bucket=self.settings.bucket, Key=self._key(path), Body=text.encode("utf-8"), **self._encryption()
            )

    def publish(self, staged: str, path: str, end: FileEnd | None = None) -> None:
        source = {"Bucket": self.settings.bucket, "Key": self._key(staged)}
        with self._refusals():
            if end is None or not self._published_with_end(self._key(staged), self._key(path), end):
                # managed: a copy of more than 5 GB goes in parts; staging is removed at the end
                self.client.copy(source, self.settings.bucket, self._key(path), ExtraArgs=self._encryption())

    def _published_with_end(self, staged: str, key: str, end: FileEnd) -> bool:
        """Writes a file whose end has to be put in form; False where it has that form already. Bulk data is copied inside S3."""
        bucket, encryption = self.settings.bucket, self._encryption()
        size = self.client.head_object(Bucket=bucket, Key=staged)["ContentLength"]
        start = end.footer_start(self._bytes_from(staged, max(0, size - 8)), size)
        footer = self._bytes_from(staged, start)
        formed = end.canonical_footer(footer)
        if formed == footer:
            return False
        if start < _SMALLEST_PART:
            content = end.canonical_file(self._bytes_from(staged, 0))
            self.client.put_object(Bucket=bucket, Key=key, Body=content, **encryption)
            return True
        upload = {"Bucket": bucket, "Key": key}
        upload["UploadId"] = self.client.create_multipart_upload(**upload, **encryption)["UploadId"]
        try:
            source = {"CopySource": {"Bucket": bucket, "Key": staged}, "CopySourceRange": f"bytes=0-{start - 1}"}
            copied = self.client.upload_part_copy(**upload, PartNumber=1, **source)["CopyPartResult"]["ETag"]
            added = self.client.upload_part(**upload, PartNumber=2, Body=formed)["ETag"]
            parts = [{"PartNumber": 1, "ETag": copied}, {"PartNumber": 2, "ETag": added}]
            self.client.complete_multipart_upload(**upload, MultipartUpload={"Parts": parts})
        except BaseException:
            self.client.abort_multipart_upload(**upload)
            raise
        return True

    def _bytes_from(self, key: str, start: int) -> bytes:
        found = self.client.get_object(Bucket=self.settings.bucket, Key=key, Range=f"bytes={start}-")
        return bytes(found["Body"].read())

    def remove(self, folder: str) -> None:
        with self._refusals():
            pages = self.client.get_paginator("list_objects_v2").paginate(
                Bucket=self.settings.bucket, Prefix=self._key(folder).rstrip("/") + "/"
            )
            for page in pages:
                keys = [{"Key": item["Key"]} for item in page.get("Contents", [])]
                if keys:
                    self.client.delete_objects(Bucket=self.settings.bucket, Delete={"Objects": keys, "Quiet": True})

    def _key(self, path: str) -> str:
        prefix = self.settings.prefix.strip("/")
        return f"{prefix}/{path}" if prefix else path

    def _encryption(self) -> dict[str, str]:
        kms = self.settings.kms
        return {} if kms is None else {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": kms}

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        """botocore's errors as ours; only their codes are taken over."""
        from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError, NoCredentialsError

        where = f"bucket {self.settings.bucket}"
        try:
            yield
        except ClientError as error:
            code, status = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
            if code in _WAITING_HELPS or status >= 500:
                raise TransientDeliveryError(f"{where} answered {code}; run again later") from error
            raise PermanentDeliveryError(
                f"{where} refused {error.operation_name} with {code}; check the bucket's name, its region and the rights "
                "(PutObject, GetObject, DeleteObject, ListBucket) of the credentials"
            ) from error
        except NoCredentialsError as error:
            raise PermanentDeliveryError(
                f"no credentials for {where}; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the machine a role"
            ) from error
        except (ConnectionError, HTTPClientError) as error:
            raise TransientDeliveryError(
                f"{where} can't be reached ({type(error).__name__}); run again later"
            ) from error
        except BotoCoreError as error:
            raise PermanentDeliveryError(
                f"{where} can't be used ({type(error).__name__}); check the AWS settings"
            ) from error


def target(settings: Settings, root: Path) -> Bucket:
    import boto3  # takes a while to import, and validate only needs Settings
    from botocore.config import Config

    config = Config(
        retries={"max_attempts": 5, "mode": "standard"}, max_pool_connections=16, connect_timeout=10,
        s3={"addressing_style": "path"} if settings.endpoint_url else {},
    )  # fmt: skip
    session = boto3.session.Session()
    region = settings.region or session.region_name or "us-east-1"
    return Bucket(settings, session.client("s3", endpoint_url=settings.endpoint_url, region_name=region, config=config))
