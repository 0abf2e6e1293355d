"""Secrets: written as references, read from where they are kept only when used, shown as ***."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from profile_engine.config.variables import FromEnvironment, UnsetVariable
from profile_engine.errors import ConfigurationError

STORES = ("env", "file", "databricks", "aws")


LITERAL_SECRET = "a secret must not stand in a file"


@dataclass(frozen=True, repr=False)
class Secret:
    """A reference to a secret, such as env/NAME or file/PATH; its value never appears in text."""

    reference: str

    def reveal(self) -> str:
        """The secret's value. Raises ConfigurationError, naming the place and never the value."""
        store, _, name = self.reference.partition("/")
        if store == "env":
            value = os.environ.get(name)
            if value is None:
                raise ConfigurationError(
                    f"the secret {self.reference} is not there; set the environment variable {name}"
                )
            return value
        if store == "file":
            try:
                return Path(name).read_text(encoding="utf-8").rstrip("\n")
            except OSError as error:
                raise ConfigurationError(
                    f"the secret {self.reference} can't be read ({error.strerror}); put it there or change the reference"
                ) from None
        if store == "aws":
            return _from_secrets_manager(name)
        return _from_databricks(name)

    def __str__(self) -> str:
        return "***"

    def __repr__(self) -> str:
        return "Secret(***)"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(cls._read)

    @classmethod
    def _read(cls, value: Any) -> Secret:
        if isinstance(value, Secret):
            return value
        if isinstance(value, UnsetVariable) or (isinstance(value, FromEnvironment) and not value.has_default):
            return cls(f"env/{value.variable}")
        if isinstance(value, dict) and set(value) == {"secret"}:
            reference = str(value["secret"])
            store, _, name = reference.partition("/")
            if store in STORES and name:
                return cls(reference)
            raise ValueError(f"unknown place of a secret; write one of {', '.join(s + '/...' for s in STORES)}")
        if isinstance(value, FromEnvironment):
            raise ValueError(f"{LITERAL_SECRET}, not as a default either")
        raise ValueError(LITERAL_SECRET)


def _from_secrets_manager(name: str) -> str:
    import boto3

    try:
        return str(boto3.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"])
    except Exception as error:  # the client's errors have no common base that tells more
        raise ConfigurationError(f"the secret aws/{name} can't be read ({type(error).__name__})") from None


def _from_databricks(name: str) -> str:
    scope, _, key = name.partition("/")
    try:
        from databricks.sdk.runtime import dbutils  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        raise ConfigurationError(f"the secret databricks/{name} can only be read on Databricks") from None
    return str(dbutils.secrets.get(scope=scope, key=key))
