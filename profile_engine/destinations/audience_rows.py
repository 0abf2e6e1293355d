"""Who of an audience is sent, as whom and with what; and who is withheld, by reason."""

from __future__ import annotations

from collections.abc import Sequence

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as F

from profile_engine.destinations.identities import identities_as_sent
from profile_engine.destinations.mapping import DestinationMapping, MappedAudience
from profile_engine.destinations.payload import attributes_of
from profile_engine.governance.consent import GRANTED, REFUSED, consent_state

NO_PROFILE, NO_CONSENT, UNKNOWN_CONSENT, NO_IDENTITY = "no_profile", "no_consent", "unknown_consent", "no_identity"
REASONS = (NO_CONSENT, UNKNOWN_CONSENT, NO_IDENTITY, NO_PROFILE)


def candidates(
    profiles: DataFrame, memberships: DataFrame, audiences: Sequence[MappedAudience], mapping: DestinationMapping
) -> DataFrame:
    """Members of the audiences, each with what would be sent of them or the reason why not.

    profiles     `profile_id, merge_policy, identities`, attributes
    memberships  `profile_id, segments array<int>, entered_at array<timestamp>`
    Returns `audience_no, profile_id, entered_at, identities array<string>, attributes struct, reason`. A row is a member
    of an audience under its segment's merge policy. `reason` is null for those to be sent; consent is asked first, so
    that a member is withheld for one reason only. Members without a profile under the policy are `no_profile`.
    """
    spark = profiles.sparkSession
    wanted = spark.createDataFrame(
        [(audience.segment_no, audience.number, audience.merge_policy) for audience in audiences],
        "segment_no int, audience_no int, merge_policy string",
    )
    numbers = F.array(*[F.lit(number) for number in sorted({audience.segment_no for audience in audiences})])
    in_segments = memberships.select(
        "profile_id",
        F.explode(
            F.filter(
                F.arrays_zip(F.col("segments").alias("segment_no"), F.col("entered_at").alias("entered_at")),
                lambda entry: F.array_contains(numbers, entry.getField("segment_no")),
            )
        ).alias("entry"),
    ).select("profile_id", "entry.*")
    members = in_segments.join(F.broadcast(wanted), "segment_no", how="inner")
    consent = F.lit(GRANTED) if mapping.purpose is None else consent_state(profiles.schema, mapping.purpose)
    persons = profiles.select(
        "profile_id",
        "merge_policy",
        identities_as_sent(F.col("identities"), mapping.namespace, mapping.form).alias("identities"),
        attributes_of(profiles.schema, mapping.attributes).alias("attributes"),
        consent.alias("consent"),
    )
    reason = (
        F.when(F.col("consent").isNull(), NO_PROFILE)
        .when(F.col("consent") == REFUSED, NO_CONSENT)
        .when(F.col("consent") != GRANTED, UNKNOWN_CONSENT)
        .when(F.size("identities") == 0, NO_IDENTITY)
    )
    return members.join(persons, ["profile_id", "merge_policy"], how="left").select(
        "audience_no", "profile_id", "entered_at", "identities", "attributes", reason.alias("reason")
    )


def audience_rows(members: DataFrame) -> DataFrame:
    """Rows to be at the destination: one per audience and identity.

    members  as `candidates` returns them
    Returns `audience_no, identity, attributes`. A person with several identifiers of the namespace has as many rows. An
    identity of several members is sent once, for the one who entered last, then for the lowest profile id.
    """
    sent = members.where("reason is null").select(
        "audience_no", F.explode("identities").alias("identity"), "attributes", "entered_at", "profile_id"
    )
    best = Window.partitionBy("audience_no", "identity").orderBy(F.col("entered_at").desc(), "profile_id")
    return (
        sent.withColumn("place", F.row_number().over(best))
        .where("place = 1")
        .select("audience_no", "identity", "attributes")
    )


def withheld_counts(members: DataFrame) -> DataFrame:
    """`audience_no, reason, rows`: members not sent, by reason."""
    withheld = members.where("reason is not null").groupBy("audience_no", "reason")
    return withheld.agg(F.count(F.lit(1)).alias("rows")).select("audience_no", "reason", "rows")
