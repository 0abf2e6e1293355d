"""Destinations against connectors, file formats, identities, attributes, segments and purposes."""

from __future__ import annotations

from collections.abc import Mapping

from profile_engine.config.problems import Problems, did_you_mean
from profile_engine.destinations.config import ConsentConfig, DestinationConfig
from profile_engine.project.description import Description
from profile_engine.project.layout import PURPOSES
from profile_engine.project.references.computed_attributes import computed_are_sound
from profile_engine.project.references.registries import CONNECTORS, FILE_FORMATS
from profile_engine.project.references.settings import check_settings
from profile_engine.rules.names import COMPUTED, refuse_computed
from profile_engine.schemas.namespace_rules import Namespaces
from profile_engine.schemas.schema import Schema
from profile_engine.schemas.union_schema import UnionSchema


def check_destinations(
    description: Description,
    schemas: Mapping[str, Schema],
    attributes: UnionSchema,
    namespaces: Namespaces | None,
    problems: Problems,
) -> None:
    """Adds the problems of every destination."""
    segments = description.documents.ids("segments")
    for name, destination in description.destinations.items():
        _check_parts(description, name, destination, problems)
        if namespaces is not None:
            _check_identity(description, name, destination, schemas, namespaces, problems)
        _check_attributes(description, name, destination, attributes, problems)
        for place, audience in enumerate(destination.audiences):
            if audience.segment not in segments:
                where = description.documents.value(("destinations", name), "audiences", place, "segment")
                problems.add_at(
                    where, "E265", f"unknown segment '{audience.segment}'", did_you_mean(audience.segment, segments)
                )
        if isinstance(destination.consent, ConsentConfig):
            purposes = description.names_in(PURPOSES)
            purpose = destination.consent.purpose
            if purpose not in purposes:
                where = description.documents.value(("destinations", name), "consent", "purpose")
                hint = did_you_mean(purpose, purposes) or "describe it in conf/consent/purposes.yaml"
                problems.add_at(where, "E266", f"unknown purpose '{purpose}'", hint)


def _check_parts(description: Description, name: str, destination: DestinationConfig, problems: Problems) -> None:
    documents, key = description.documents, ("destinations", name)
    check_settings(CONNECTORS, destination.connector, documents, key, ("to",), problems)
    check_settings(FILE_FORMATS, destination.file_format, documents, key, ("format",), problems)


def _check_identity(
    description: Description,
    name: str,
    destination: DestinationConfig,
    schemas: Mapping[str, Schema],
    namespaces: Namespaces,
    problems: Problems,
) -> None:
    namespace = destination.namespace
    where = description.documents.key(("destinations", name), "identity", namespace)
    if namespace not in namespaces:
        problems.add_at(where, "E262", f"unknown namespace '{namespace}'", did_you_mean(namespace, namespaces.names))
        return
    config = namespaces.config(namespace)
    if not config.enters_graph:
        message = (
            f"namespace '{namespace}' is a {config.kind}: it never enters the identity graph, so no profile has one"
        )
        problems.add_at(where, "E263", message, "take a namespace of a person, a device or a cookie")
        return
    identities = [identity for schema in schemas.values() for identity in schema.identities]
    if not description.datasets_are_sound or any(identity.namespace not in namespaces for identity in identities):
        return  # who brings what is only known once that is mended
    carried = carried_namespaces(description, schemas, namespaces)
    if namespace not in carried:
        problems.add_at(
            where, "E263", f"no field of an enabled dataset is an identity in namespace '{namespace}', so nobody could be sent",
            f"declare it with identity: {{namespace: {namespace}}} at the field that holds it"
            + (f"; declared are: {', '.join(carried)}" if carried else ""),
        )  # fmt: skip


def carried_namespaces(description: Description, schemas: Mapping[str, Schema], namespaces: Namespaces) -> list[str]:
    """Namespaces that some enabled dataset brings, by a field or by an identity map, in order of priority."""
    carried: set[str] = set()
    for dataset in description.datasets.values():
        schema = schemas.get(dataset.schema_name)
        if schema is None or dataset.profile == "disabled" or not schema.profile_enabled:
            continue
        if schema.identity_map_field is not None:
            return list(namespaces.names)
        carried.update(identity.namespace for identity in schema.identities)
    return [name for name in namespaces.names if name in carried]


def _check_attributes(
    description: Description, name: str, destination: DestinationConfig, attributes: UnionSchema, problems: Problems
) -> None:
    for column, path in destination.attributes.items():
        where = description.documents.value(("destinations", name), "attributes", column)
        field = attributes.field(path)
        if field is None and path.startswith(COMPUTED):
            if computed_are_sound(description, attributes):
                refuse_computed(path, attributes.leaf_paths(), where.position, problems)
        elif field is None and description.schemas_are_sound:
            problems.add_at(
                where, "E264", f"no enabled record schema has '{path}'", did_you_mean(path, attributes.leaf_paths())
            )
        elif field is not None and field.type == "object":
            problems.add_at(where, "E264", f"'{path}' is an object; name one of its fields", f"such as {path}.{next(iter(field.fields), '...')}")  # fmt: skip
