"""The identifiers that a row of a dataset carries: its values in normal form, past static hygiene, with their ids."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import ArrayType, DataType, MapType, StructType

from profile_engine.schemas.blocked_values import is_blocked, is_blocked_item
from profile_engine.schemas.identifiers import DROPPED_TYPE, IDENTIFIERS_TYPE, hashed_id, with_hash_columns
from profile_engine.schemas.namespace_rules import Namespaces
from profile_engine.schemas.namespaces import NamespaceConfig
from profile_engine.schemas.normalisers import DEFAULT, Normaliser, normaliser
from profile_engine.schemas.patterns import java_pattern
from profile_engine.schemas.schema import Schema

_CANDIDATE_TYPE = "array<struct<priority:int,value:string,namespace:string,identifier_id:bigint,reason:string>>"
_SORTED_REFUSED_TYPE = "array<struct<priority:int,value:string,namespace:string,reason:string>>"
_IDENTIFIER = ("priority", "value", "namespace", "identifier_id")
_DROPPED = ("namespace", "value", "reason")
_ACCEPTED, _REFUSED, _OF_MAP, _ROW = "__accepted", "__refused", "__of_map", "__row"


def identifier_arrays(
    frame: DataFrame, schema: Schema, namespaces: Namespaces, key: bytes, second_hashes: DataFrame | None = None
) -> DataFrame:
    """The rows of `frame` with the identifiers that each carries.

    frame          rows of a dataset with the schema's fields, nested; a field that it lacks counts as null
    second_hashes  namespace, value (normal form): values that share their first hash and get the second; or None
    returns        all columns of `frame`, then `identifiers` (accepted, distinct, by priority and value; the first owns
                   the record) and `dropped` (with the reason: not_a_person_namespace, unknown_namespace, invalid,
                   length, pattern, blocked, too_many), both never null

    No plan shows the key (`with_hash_columns`).
    """
    staged, accepted, refused, most = _sorted_out(frame, schema, namespaces, key, second_hashes)
    limit = namespaces.identifiers_per_record
    staged = staged.select(
        *(F.col(f"`{name}`") for name in frame.columns),
        accepted.alias(_ACCEPTED),
        refused.alias(_REFUSED),
        F.monotonically_increasing_id().alias(_ROW),
    )
    # Spark pushes a filter on what comes out of here down to the scan, with all of the above inside it, once for each
    # mention; nothing is pushed past a number that no column makes
    staged = staged.filter(F.col(_ROW) >= 0)
    kept, dropped = F.col(_ACCEPTED), F.col(_REFUSED)
    if most is None or most > limit:
        over = F.greatest(F.size(_ACCEPTED) - limit, F.lit(0))
        too_many = F.transform(F.slice(_ACCEPTED, F.lit(limit + 1), over), _one_too_many)
        kept, dropped = F.slice(_ACCEPTED, 1, limit), F.when(over > 0, F.concat(dropped, too_many)).otherwise(dropped)
    return staged.select(
        *(F.col(f"`{name}`") for name in frame.columns), kept.alias("identifiers"), dropped.alias("dropped")
    )


def _one_too_many(identifier: Column) -> Column:
    return F.struct(identifier["namespace"], identifier["value"], F.lit("too_many").alias("reason"))


def _parts(structs: Column, *names: str) -> Column:
    """An array of structs with these members only."""
    return F.arrays_zip(*(structs[name].alias(name) for name in names))


def _sorted_out(
    frame: DataFrame, schema: Schema, namespaces: Namespaces, key: bytes, second: DataFrame | None
) -> tuple[DataFrame, Column, Column, int | None]:
    """The frame with key, normal forms and reasons beside it, over those columns the arrays of identifiers and of what was
    dropped, distinct and in order, and how many identifiers there can be at most (None where that is not known).

    A value that is blank is missing: it is in neither.
    """
    has_second = second is not None
    normal_forms: dict[str, Column] = {}
    reasons: dict[str, Column] = {}
    candidates: list[tuple[Column, Column, Column]] = []
    paths = [one for one in schema.identities if _type_at(frame.schema, one.path) is not None]
    paths.sort(key=lambda one: namespaces.priority(one.namespace))
    for number, identity in enumerate(paths):
        config, raw, form = namespaces.config(identity.namespace), F.col(identity.path), f"__normal_form_{number}"
        normal_forms[form] = _normaliser(config).normalised(raw)
        # a column of its own: the hash is computed where it is null, and a condition inside a condition twice
        reason = f"__reason_{number}"
        reasons[reason] = _reason(config, F.col(form), is_blocked(form, config.name, namespaces))
        candidate = _candidate(config, namespaces, raw, F.col(form), F.col(reason), has_second)
        candidates.append((candidate["value"].isNotNull(), F.col(reason).isNull(), candidate))
    staged, of_map = _map_columns(
        with_hash_columns(frame, key, second).withColumns(normal_forms), schema, namespaces, has_second
    )
    staged = staged.withColumns(reasons)
    alone = of_map is None and len({one.namespace for one in paths}) == len(paths)
    # one of each namespace at most is distinct and in order as it stands
    members = _DROPPED if alone else ("priority", "value", "namespace", "reason")
    accepted = [_array_of_one(there & good, one, _IDENTIFIER, IDENTIFIERS_TYPE) for there, good, one in candidates]
    refused_type = DROPPED_TYPE if alone else _SORTED_REFUSED_TYPE
    refused = [_array_of_one(there & ~good, one, members, refused_type) for there, good, one in candidates]
    if of_map is not None:
        accepted.append(_parts(F.filter(of_map, lambda one: one["reason"].isNull()), *_IDENTIFIER))
        refused.append(_parts(F.filter(of_map, lambda one: one["reason"].isNotNull()), *members))
    found = F.concat(F.array().cast(IDENTIFIERS_TYPE), *accepted), F.concat(F.array().cast(refused_type), *refused)
    if alone:
        return staged, *found, len(paths)
    # `sort_array` is compiled by Spark, other than `array_sort`
    in_order = [F.sort_array(F.array_distinct(column)) for column in found]
    return staged, in_order[0], _parts(in_order[1], *_DROPPED), len(paths) if of_map is None else None


def _map_columns(
    staged: DataFrame, schema: Schema, namespaces: Namespaces, has_second: bool
) -> tuple[DataFrame, Column | None]:
    """The candidates that the schema's identity map carries, as one column beside the others; None without such a map."""
    field = schema.identity_map_field
    map_type = _type_at(staged.schema, field) if field is not None else None
    if field is None or not isinstance(map_type, MapType):
        return staged, None
    normal_forms, candidates = {}, []
    for number, config in enumerate(namespaces.configs):
        texts, form = _map_texts(field, map_type, F.lit(config.name)), f"__normal_forms_{number}"
        normal_forms[form] = F.arrays_zip(
            texts.alias("raw"), _normaliser(config).normalised_items(texts).alias("value")
        )
        candidates.append(F.coalesce(F.transform(F.col(form), _of_map(config, namespaces, has_second)), F.array()))
    candidates.append(_unknown(field, map_type, namespaces))
    staged = staged.withColumns(normal_forms)
    staged = staged.withColumn(_OF_MAP, F.concat(*candidates).cast(_CANDIDATE_TYPE))
    return staged, F.filter(F.col(_OF_MAP), lambda one: one["value"].isNotNull())


def _array_of_one(condition: Column, candidate: Column, members: Sequence[str], type_: str) -> Column:
    """An array with these members of `candidate`, empty where the condition is not true; Spark joins arrays whose members differ
    in nothing but whether they can be null."""
    one = F.array(F.struct(*(candidate[name].alias(name) for name in members)))
    return F.when(condition, one).otherwise(F.array().cast(type_))


def _of_map(config: NamespaceConfig, namespaces: Namespaces, has_second: bool) -> Callable[[Column], Column]:
    def candidate(item: Column) -> Column:
        value = item["value"]
        reason = _reason(config, value, is_blocked_item(value, config.name, namespaces))
        return _candidate(config, namespaces, item["raw"], value, reason, has_second)

    return candidate


def _candidate(
    config: NamespaceConfig, namespaces: Namespaces, raw: Column, form: Column, reason: Column, has_second: bool
) -> Column:
    """struct<priority, value, namespace, identifier_id, reason>; reason null = accepted, value null = blank."""
    return F.struct(
        F.lit(namespaces.priority(config.name)).alias("priority"),
        _as_kept(config, raw, form).alias("value"),
        F.lit(config.name).alias("namespace"),
        F.when(reason.isNull(), hashed_id(config.name, form, has_second=has_second)).alias("identifier_id"),
        reason.alias("reason"),
    )


def _as_kept(config: NamespaceConfig, raw: Column, form: Column) -> Column:
    """A value's normal form, or what it is without white space where it has none; null only where it is blank."""
    default = normaliser(DEFAULT)
    return form if _normaliser(config).name == default.name else F.coalesce(form, default.normalised(raw))


def _reason(config: NamespaceConfig, form: Column, blocked: Column | None) -> Column:
    if not config.enters_graph:
        return F.lit("not_a_person_namespace")
    reason = F.when(form.isNull(), F.lit("invalid"))
    at_least, at_most = config.length.get("at_least"), config.length.get("at_most")
    # bytes first, which are there: a character has one to four of them, and to count characters reads the whole text
    octets = F.octet_length(form)
    if at_least is not None:
        reason = reason.when((octets < 4 * at_least) & (F.char_length(form) < at_least), F.lit("length"))
    if at_most is not None:
        reason = reason.when((octets > at_most) & (F.char_length(form) > at_most), F.lit("length"))
    if config.pattern is not None:
        reason = reason.when(~form.rlike(java_pattern(rf"^(?:{config.pattern})$")), F.lit("pattern"))
    return reason.when(blocked, F.lit("blocked")) if blocked is not None else reason


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
