"""What makes an identifier: a value in a namespace, in normal form, past static hygiene, and its keyed 64-bit id."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterator

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, DataType, MapType, StructType

from profile_engine.schemas.namespace_rules import Namespaces
from profile_engine.schemas.namespaces import NamespaceConfig
from profile_engine.schemas.normalisers import DEFAULT, Normaliser, normaliser
from profile_engine.schemas.schema import Schema

IDENTIFIERS_TYPE = "array<struct<namespace:string,value:string,priority:int,identifier_id:bigint>>"
DROPPED_TYPE = "array<struct<namespace:string,value:string,reason:string>>"
TIMELINE_BUCKETS = 16
_ID_BYTES = 8
_KEY, _SECOND, _OF_MAP = "__identifier_key", "__second_hashes", "__of_map"
_ACCEPTED, _REFUSED, _ROW = "__accepted", "__refused", "__row"


def identifier_id(key: bytes, namespace: str, value: str, second: bool = False) -> int:
    """The id of a value in normal form: 64 bits, signed, big-endian, out of SHA-256 over the key, then namespace and value,
    each with its length in UTF-8 bytes as four bytes before it (so that no two pairs are the same text).

    The first 8 bytes of the digest are the id; the next 8 are the second hash, for values that share their first.
    """
    message = key
    for part in (namespace.encode(), value.encode()):
        message += len(part).to_bytes(4, "big") + part
    digest = hashlib.sha256(message).digest()
    place = _ID_BYTES if second else 0
    return int.from_bytes(digest[place : place + _ID_BYTES], "big", signed=True)


def identifier_arrays(
    frame: DataFrame, schema: Schema, namespaces: Namespaces, key: bytes, second_hashes: DataFrame | None = None
) -> DataFrame:
    """The rows of `frame` with the identifiers that each carries.

    frame          rows of a dataset with the schema's fields, nested; a field that it lacks counts as null
    second_hashes  namespace, value (normal form): values that share their first hash and get the second; or None
    returns        all columns of `frame`, then `identifiers` (accepted, distinct, by priority and value; the first owns
                   the record) and `dropped` (with the reason: not_a_person_namespace, unknown_namespace, invalid,
                   length, pattern, blocked, too_many), both never null

    The key enters as a broadcast row, not as a literal, so that no plan shows it.
    """
    staged, accepted, refused = _sorted_out(frame, schema, namespaces, key, second_hashes)
    limit = namespaces.identifiers_per_record
    # what is sorted and taken apart here is compiled by Spark, other than `array_sort`, `filter` and `transform`
    staged = staged.select(
        *(F.col(f"`{name}`") for name in frame.columns),
        F.sort_array(F.array_distinct(accepted)).alias(_ACCEPTED),
        F.sort_array(F.array_distinct(refused)).alias(_REFUSED),
        F.monotonically_increasing_id().alias(_ROW),
    )
    # Spark pushes a filter on what comes out of here down to the scan, with all of the above inside it, once for each
    # mention; nothing is pushed past a number that no column makes
    staged = staged.filter(F.col(_ROW) >= 0)
    kept, over = F.slice(_ACCEPTED, 1, limit), F.greatest(F.size(_ACCEPTED) - limit, F.lit(0))
    too_many = F.transform(
        F.slice(F.col(_ACCEPTED), F.lit(limit + 1), over), lambda one: one.withField("reason", F.lit("too_many"))
    )
    dropped = F.when(over > 0, F.concat(F.col(_REFUSED), too_many)).otherwise(F.col(_REFUSED))
    return staged.select(
        *(F.col(f"`{name}`") for name in frame.columns),
        _parts(kept, "namespace", "value", "priority", "identifier_id").cast(IDENTIFIERS_TYPE).alias("identifiers"),
        _parts(dropped, "namespace", "value", "reason").cast(DROPPED_TYPE).alias("dropped"),
    )


def _parts(structs: Column, *names: str) -> Column:
    """An array of structs with these members only."""
    return F.arrays_zip(*(structs[name].alias(name) for name in names))


def with_identifier_ids(values: DataFrame, key: bytes) -> DataFrame:
    """Values that are known to be identifiers, with their ids: the first hash of each.

    values   (namespace string, value string in normal form, ..)
    returns  all columns of `values`, and `identifier_id bigint`
    """
    keyed = values.crossJoin(F.broadcast(values.sparkSession.createDataFrame([(bytearray(key),)], f"{_KEY} binary")))
    prefix = F.concat(_length(F.col("namespace")), F.encode("namespace", "UTF-8"))
    first = F.conv(F.substring(_digest(prefix, F.col("value")), 1, 2 * _ID_BYTES), 16, -10).cast("bigint")
    return keyed.withColumn("identifier_id", first).drop(_KEY)


def owner_id(identifiers: Column) -> Column:
    """The id of the first accepted identifier; null where a record has none."""
    return F.get(identifiers, F.lit(0))["identifier_id"]


def timeline_bucket() -> Column:
    """The `bucket` of the table `timeline` that an owner's events are in, 0 to TIMELINE_BUCKETS - 1, from `owner_id`."""
    return F.pmod(F.hash("owner_id"), F.lit(TIMELINE_BUCKETS))


def owner_profile_id() -> Column:
    """The profile id of an owner that stands for itself, as policies without the identity graph see it, from `owner_id`."""
    return F.concat(F.lit("owner_"), F.lpad(F.lower(F.hex("owner_id")), 16, "0"))


def _sorted_out(
    frame: DataFrame, schema: Schema, namespaces: Namespaces, key: bytes, second: DataFrame | None
) -> tuple[DataFrame, Column, Column]:
    """The frame with key, normal forms and reasons beside it, and over those columns the arrays of accepted candidates and
    of refused ones; a value that is blank is missing: it is in neither."""
    spark, has_second = frame.sparkSession, second is not None
    staged = frame.crossJoin(F.broadcast(spark.createDataFrame([(bytearray(key),)], f"{_KEY} binary")))
    if second is not None:
        values = second.agg(F.collect_set(F.struct("namespace", "value")).alias(_SECOND))
        staged = staged.crossJoin(F.broadcast(values))
    normal_forms: dict[str, Column] = {}
    reasons: dict[str, Column] = {}
    accepted: list[Column] = []
    refused: list[Column] = []
    none = F.array().cast(_CANDIDATE_TYPE)
    for number, identity in enumerate(schema.identities):
        if _type_at(frame.schema, identity.path) is None:
            continue
        config, raw, form = namespaces.config(identity.namespace), F.col(identity.path), f"__normal_form_{number}"
        normal_forms[form] = _normaliser(config).normalised(raw)
        # a column of its own: the hash is computed where it is null, and a condition inside a condition twice
        reason = f"__reason_{number}"
        reasons[reason] = _reason(config, namespaces, F.col(form), _is_one_of(form, namespaces.blocked(config.name)))
        candidate = _candidate(config, namespaces, raw, F.col(form), F.col(reason), has_second)
        is_there = candidate["value"].isNotNull()
        one = F.array(candidate).cast(_CANDIDATE_TYPE)
        accepted.append(F.when(is_there & F.col(reason).isNull(), one).otherwise(none))
        refused.append(F.when(is_there & F.col(reason).isNotNull(), one).otherwise(none))
    map_field = schema.identity_map_field
    map_type = _type_at(frame.schema, map_field) if map_field is not None else None
    of_map: list[Column] = []
    if map_field is not None and isinstance(map_type, MapType):
        for number, config in enumerate(namespaces.configs):
            texts, form = _map_texts(map_field, map_type, F.lit(config.name)), f"__normal_forms_{number}"
            normal_forms[form] = F.arrays_zip(
                texts.alias("raw"), _normaliser(config).normalised_items(texts).alias("value")
            )
            of_map.append(F.coalesce(F.transform(F.col(form), _of_map(config, namespaces, has_second)), F.array()))
        of_map.append(_unknown(map_field, map_type, namespaces))
    staged = staged.withColumns(normal_forms)
    if of_map:
        staged = staged.withColumn(_OF_MAP, F.concat(*of_map).cast(_CANDIDATE_TYPE))
        carried = F.filter(F.col(_OF_MAP), lambda one: one["value"].isNotNull())
        accepted.append(F.filter(carried, lambda one: one["reason"].isNull()))
        refused.append(F.filter(carried, lambda one: one["reason"].isNotNull()))
    return (
        staged.withColumns(reasons),
        F.concat(*accepted) if accepted else none,
        F.concat(*refused) if refused else none,
    )


_CANDIDATE_TYPE = "array<struct<priority:int,value:string,namespace:string,identifier_id:bigint,reason:string>>"


def _of_map(config: NamespaceConfig, namespaces: Namespaces, has_second: bool) -> Callable[[Column], Column]:
    blocked = sorted(namespaces.blocked(config.name))
    # one literal that Spark unfolds once: hundreds of single ones take a second to hand over
    values = F.from_json(F.lit(json.dumps(blocked)), "array<string>")

    def candidate(item: Column) -> Column:
        reason = _reason(config, namespaces, item["value"], F.array_contains(values, item["value"]))
        return _candidate(config, namespaces, item["raw"], item["value"], reason, has_second)

    return candidate


def _candidate(
    config: NamespaceConfig, namespaces: Namespaces, raw: Column, form: Column, reason: Column, has_second: bool
) -> Column:
    """struct<priority, value, namespace, identifier_id, reason>; reason null = accepted, value null = blank."""
    return F.struct(
        F.lit(namespaces.priority(config.name)).alias("priority"),
        F.coalesce(form, normaliser(DEFAULT).normalised(raw)).alias("value"),
        F.lit(config.name).alias("namespace"),
        F.when(reason.isNull(), _id(config.name, form, has_second)).alias("identifier_id"),
        reason.alias("reason"),
    )


def _reason(config: NamespaceConfig, namespaces: Namespaces, form: Column, is_blocked: Column) -> Column:
    if not config.enters_graph:
        return F.lit("not_a_person_namespace")
    reason = F.when(form.isNull(), F.lit("invalid"))
    at_least, at_most = config.length.get("at_least"), config.length.get("at_most")
    if at_least is not None:
        reason = reason.when(F.char_length(form) < at_least, F.lit("length"))
    if at_most is not None:
        reason = reason.when(F.char_length(form) > at_most, F.lit("length"))
    if config.pattern is not None:
        # \A and \z, as $ also matches before a line end
        reason = reason.when(~form.rlike(rf"\A(?:{config.pattern})\z"), F.lit("pattern"))
    return reason.when(is_blocked, F.lit("blocked")) if namespaces.blocked(config.name) else reason


def _is_one_of(column: str, texts: Collection[str]) -> Column:
    """Looks the column's text up in a set. As SQL of hex digits, which takes any text: hundreds of literals made one by one
    take a second to hand over."""
    listed = ", ".join(f"CAST(X'{text.encode().hex()}' AS STRING)" for text in sorted(texts))
    return F.expr(f"`{column}` IN ({listed})") if listed else F.lit(False)


def _id(namespace: str, value: Column, has_second: bool) -> Column:
    """Twin of `identifier_id` as a bigint column; needs the key's column, and that of second hashes where there are some."""
    name = namespace.encode()
    digest = _digest(F.lit(bytearray(len(name).to_bytes(4, "big") + name)), value)
    first = F.conv(F.substring(digest, 1, 2 * _ID_BYTES), 16, -10).cast("bigint")
    if not has_second:
        return first
    second = F.conv(F.substring(digest, 2 * _ID_BYTES + 1, 2 * _ID_BYTES), 16, -10).cast("bigint")
    pair = F.struct(F.lit(namespace).alias("namespace"), value.alias("value"))
    return F.when(F.array_contains(F.col(_SECOND), pair), second).otherwise(first)


def _digest(prefix: Column, value: Column) -> Column:
    """SHA-256 in hex, over the key, `prefix` (the namespace after its length) and the value after its length."""
    return F.sha2(F.concat(F.col(_KEY), prefix, _length(value), F.encode(value, "UTF-8")), 256)


def _length(text: Column) -> Column:
    return F.unhex(F.lpad(F.hex(F.octet_length(text)), 8, "0"))


def _map_texts(field: str, map_type: MapType, namespace: Column) -> Column:
    """The raw values of one namespace in an identity map: of array<string>, or of array<struct> by its member `id`."""
    items = F.try_element_at(F.col(field), namespace)
    element = map_type.valueType.elementType if isinstance(map_type.valueType, ArrayType) else None
    return F.transform(items, lambda item: item["id"]) if isinstance(element, StructType) else items


def _unknown(field: str, map_type: MapType, namespaces: Namespaces) -> Column:
    """Candidates of namespaces that the project doesn't know: kept with their reason, they may be a misspelling."""
    strange = F.filter(F.map_keys(F.col(field)), lambda name: ~name.isin(list(namespaces.names)))
    lists = F.transform(
        strange,
        lambda name: F.transform(
            _map_texts(field, map_type, name),
            lambda text: F.struct(
                F.lit(len(namespaces) + 1).alias("priority"),
                normaliser(DEFAULT).normalised(text).alias("value"),
                name.alias("namespace"),
                F.lit(None).cast("bigint").alias("identifier_id"),
                F.lit("unknown_namespace").alias("reason"),
            ),
        ),
    )
    return F.coalesce(F.flatten(F.filter(lists, lambda texts: texts.isNotNull())), F.array())


def _normaliser(config: NamespaceConfig) -> Normaliser:
    return normaliser(config.normalise or DEFAULT)


def _type_at(struct: StructType, path: str | None) -> DataType | None:
    found: DataType | None = struct
    for step in path.split(".") if path else ():
        inside = found if isinstance(found, StructType) else StructType()
        found = next(_members(inside, step), None)
    return found


def _members(struct: StructType, name: str) -> Iterator[DataType]:
    return (member.dataType for member in struct.fields if member.name == name)
