"""Gates of the identity graph: what a new graph has to pass before it becomes current."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from profile_engine.identity.config import GateConfig
from profile_engine.identity.graph_figures import GraphFigures, size_words
from profile_engine.lake.gates import Gate
from profile_engine.schemas.namespace_rules import Namespaces

_AGAINST_THE_LAST = {
    "profiles_changed": "profiles changed",
    "profiles_merged": "profiles merged into others",
    "profiles_split": "profiles split",
    "ids_changed": "people have identifiers under another profile id",
}
"""Gates on shares of the profiles of the last release, with the words for what they count."""


def crm_namespace(namespaces: Namespaces) -> str | None:
    """The namespace that tells customers apart: the highest of kind person; None where there is none."""
    return next((config.name for config in namespaces.configs if config.kind == "person"), None)


def sizes_shifted(sizes: tuple[int, ...], sizes_before: tuple[int, ...]) -> float:
    """The share of profiles (0 to 1) that would have to be of another size class for both graphs to look alike: half the
    sum of the differences of the classes' shares (the total variation distance). Both have profiles."""
    now, before = sum(sizes), sum(sizes_before)
    return sum(abs(one / now - other / before) for one, other in zip(sizes, sizes_before, strict=True)) / 2


def gates(config: GateConfig, figures: GraphFigures, crm: str | None) -> Iterator[Gate]:
    """The results of the gates that the project sets; `crm` is of `crm_namespace`.

    With no graph to compare with, gates that compare pass and say so.
    """
    before = figures.profiles_before
    if config.largest_profile is not None:
        figure = f"the largest profile has {figures.largest_profile} identifiers{_was(figures, figures.largest_before)}"
        yield _at_most("largest_profile", figures.largest_profile, config.largest_profile.at_most, figure)
    if config.sizes_shifted is not None:
        share = sizes_shifted(figures.sizes, figures.sizes_before) if before and figures.profiles else 0.0
        figure = f"{share:.2%} of the profiles are of another size ({_most_shifted(figures)})" if before else ""
        yield _share("sizes_shifted", share, config.sizes_shifted.at_most, figure)
    for name, words in _AGAINST_THE_LAST.items():
        limit = getattr(config, name)
        if limit is not None:
            count = getattr(figures, name)
            share = count / before if before else 0.0
            yield _share(name, share, limit.at_most, f"{count} of {before} {words} ({share:.2%})" if before else "")
    if config.hubs is not None and figures.hubs is not None:
        count = sum(figures.hubs.values())
        by_namespace = ", ".join(f"{name} {many}" for name, many in figures.hubs.items() if many)
        was = "" if figures.hubs_before is None else _was(figures, sum(figures.hubs_before.values()))
        figure = f"{count} values are linked to more than {config.hubs.persons} people{was}"
        yield _at_most("hubs", count, config.hubs.at_most, figure + (f" ({by_namespace})" if by_namespace else ""))
    if config.people_with_two_crm_ids is not None:
        count = figures.two_values.get(crm, 0) if crm is not None else 0
        was = _was(figures, figures.two_before.get(crm, 0) if crm is not None else 0)
        figure = f"{count} profiles hold two customer ids{was}"
        yield _at_most("people_with_two_crm_ids", count, config.people_with_two_crm_ids.at_most, figure)
    for namespace, limit in config.people_with_two.items():
        name, count = f"people_with_two.{namespace}", figures.two_values.get(namespace, 0)
        figure = f"{count} profiles hold two values of {namespace}{_was(figures, figures.two_before.get(namespace, 0))}"
        if isinstance(limit.at_most, float):
            share = count / figures.profiles if figures.profiles else 0.0
            yield _share(name, share, limit.at_most, f"{figure} ({share:.2%})")
        else:
            yield _at_most(name, count, limit.at_most, figure)


def _at_most(name: str, count: int, limit: int, figure: str) -> Gate:
    return Gate(name, count <= limit, figure, f"{limit}", f"--confirm {name}")


def _share(name: str, share: float, limit: float, figure: str) -> Gate:
    """`figure` is empty where there is no graph to compare with."""
    told = figure or "skipped: no graph to compare with"
    return Gate(name, share <= limit, told, f"{limit:.2%}", f"--confirm {name}")


def _was(figures: GraphFigures, count: int) -> str:
    return f", {count} in the last release" if figures.profiles_before else ""


def _most_shifted(figures: GraphFigures) -> str:
    """The size class whose share moved most, with both shares."""
    shares = [
        (one / max(figures.profiles, 1), other / figures.profiles_before, name)
        for (name, one), other in zip(size_words(figures.sizes).items(), figures.sizes_before, strict=True)
    ]
    now, before, name = max(shares, key=lambda share: abs(share[0] - share[1]))
    return f"{name} identifiers: {before:.2%} before, {now:.2%} now"


def gate_of_replay(set_aside: Sequence[int], limit: int) -> Iterator[Gate]:
    """The gate that stands whatever the project sets: components that are too large for linking rules.

    set_aside  sightings of each, the most first; their links are dropped, so that once confirmed nobody is joined wrongly
    """
    if set_aside:
        yield Gate(
            "replay_limit", False,
            f"{len(set_aside)} components that break a linking rule are too large to replay, the largest with {set_aside[0]} "
            "sightings; their links would all be dropped: look for a value that many people share", f"{limit}",
            "--confirm replay_limit",
        )  # fmt: skip
