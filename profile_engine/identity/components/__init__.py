"""Connected components of the identity graph, by solvers that all have one face.

    components(links, identifiers) -> (identifier_id bigint, component bigint)

links        (left_id bigint, right_id bigint); duplicates, both directions and loops change nothing
identifiers  (identifier_id bigint) that have to be in the answer, linked or not; None for those of the links only
returns      a row per distinct identifier of both; `component` is the smallest identifier of its component
"""
