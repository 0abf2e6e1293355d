"""As whom a destination knows a person: the identifiers of one namespace, in the form it wants."""

from __future__ import annotations

from typing import Literal

from pyspark.sql import Column
from pyspark.sql import functions as F

_ALREADY_HASHED = "^[0-9a-fA-F]{64}$"


def identities_as_sent(identities: Column, namespace: str, form: Literal["as_is", "sha256_hex"]) -> Column:
    """The distinct values of `namespace` in `identities array<struct<namespace, value>>`, as the destination wants them.

    An empty value is no identity, so it is never hashed. `sha256_hex` is over the UTF-8 bytes of the normalised value
    that the profile holds; a value that is such a hash already is not hashed again. An empty array if there is none.
    """
    ours = F.filter(identities, lambda item: item.getField("namespace") == namespace)
    values = F.filter(
        F.transform(ours, lambda item: item.getField("value")), lambda value: value.isNotNull() & (F.trim(value) != "")
    )
    sent = values if form == "as_is" else F.transform(values, _hashed)
    return F.coalesce(F.array_distinct(sent), F.array().cast("array<string>"))


def _hashed(value: Column) -> Column:
    return F.when(value.rlike(_ALREADY_HASHED), F.lower(value)).otherwise(F.sha2(value, 256))
