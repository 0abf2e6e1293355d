"""The id of an identifier: 64 bits of a keyed hash over its namespace and its value in normal form; and what follows from it."""

from __future__ import annotations

import hashlib
import re

import xxhash
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

IDENTIFIERS_TYPE = "array<struct<priority:int,value:string,namespace:string,identifier_id:bigint>>"
DROPPED_TYPE = "array<struct<namespace:string,value:string,reason:string>>"
TIMELINE_BUCKETS = 16
_ID_BYTES = 8
_SEED = 42  # of Spark's xxhash64
_OWNER = "owner_"
_KEY, _SECOND = "__identifier_key", "__second_hashes"


def identifier_id(key: bytes, namespace: str, value: str, second: bool = False) -> int:
    """The id of a value in normal form: 64 bits, signed, out of a SHA-256 in hex over the key, the namespace after its length in
    UTF-8 bytes as four bytes (so that no two pairs are the same text), and the value.

    XXH64 makes a number of the digest's hex digits: Spark has no other way from a digest to a number that costs less than the
    digest itself. The second hash, for values that share their first, is the same over the SHA-256 of those digits.
    """
    name = namespace.encode()
    digest = hashlib.sha256(key + len(name).to_bytes(4, "big") + name + value.encode()).hexdigest()
    if second:
        digest = hashlib.sha256(digest.encode()).hexdigest()
    return int.from_bytes(xxhash.xxh64_digest(digest.encode(), seed=_SEED), "big", signed=True)


def with_identifier_ids(values: DataFrame, key: bytes) -> DataFrame:
    """Values that are known to be identifiers, with their ids: the first hash of each.

    values   (namespace string, value string in normal form, ..)
    returns  all columns of `values`, and `identifier_id bigint`
    """
    length = F.unhex(F.lpad(F.hex(F.octet_length("namespace")), 8, "0"))
    first = F.xxhash64(_digest(F.concat(length, F.col("namespace").cast("binary")), F.col("value")))
    return with_hash_columns(values, key, None).withColumn("identifier_id", first).drop(_KEY)


def with_hash_columns(frame: DataFrame, key: bytes, second_hashes: DataFrame | None) -> DataFrame:
    """`frame` with the columns that `hashed_id` needs: the key, as a broadcast row and not as a literal, so that no plan shows
    it, and the values that get their second hash, if there are some (namespace, value)."""
    staged = frame.crossJoin(F.broadcast(frame.sparkSession.createDataFrame([(bytearray(key),)], f"{_KEY} binary")))
    if second_hashes is None:
        return staged
    values = second_hashes.agg(F.collect_set(F.struct("namespace", "value")).alias(_SECOND))
    return staged.crossJoin(F.broadcast(values))


def hashed_id(namespace: str, value: Column, *, has_second: bool) -> Column:
    """Twin of `identifier_id` as a bigint column, over a frame of `with_hash_columns`; `has_second` where it was given second
    hashes."""
    name = namespace.encode()
    digest = _digest(F.lit(bytearray(len(name).to_bytes(4, "big") + name)), value)
    first = F.xxhash64(digest)
    if not has_second:
        return first
    pair = F.struct(F.lit(namespace).alias("namespace"), value.alias("value"))
    return F.when(F.array_contains(F.col(_SECOND), pair), F.xxhash64(F.sha2(digest, 256))).otherwise(first)


def owner_id(identifiers: Column) -> Column:
    """The id of the first accepted identifier; null where a record has none."""
    return F.get(identifiers, F.lit(0))["identifier_id"]


def timeline_bucket() -> Column:
    """The `bucket` of the table `timeline` that an owner's events are in, 0 to TIMELINE_BUCKETS - 1, from `owner_id`."""
    return F.pmod(F.hash("owner_id"), F.lit(TIMELINE_BUCKETS))


def owner_profile_id() -> Column:
    """The profile id of an owner that stands for itself, as policies without the identity graph see it, from `owner_id`."""
    return F.concat(F.lit(_OWNER), F.lpad(F.lower(F.hex("owner_id")), 16, "0"))


def profile_id_of_owner(identifier_id: int) -> str:
    """Twin of `owner_profile_id` for one identifier."""
    return _OWNER + identifier_id.to_bytes(_ID_BYTES, "big", signed=True).hex()


def owner_of(profile_id: str) -> int | None:
    """The identifier whose owner has this profile id; None for the id of a person of the identity graph."""
    digits = profile_id.removeprefix(_OWNER)
    if digits == profile_id or re.fullmatch(f"[0-9a-f]{{{2 * _ID_BYTES}}}", digits) is None:
        return None
    return int.from_bytes(bytes.fromhex(digits), "big", signed=True)


def _digest(prefix: Column, value: Column) -> Column:
    """SHA-256 in hex, over the key, `prefix` (the namespace after its length) and the value."""
    return F.sha2(F.concat(F.col(_KEY), prefix, value.cast("binary")), 256)
