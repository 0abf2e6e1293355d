"""Events that somebody typed or a world made up, and the graph that a project's rules make of them, without Spark.

    events.py              an event, and how one is typed
    hygiene.py             which of its identifiers are accepted, and why others are not
    persons_per_value.py   values that were seen with too many people
    graph.py               the links, live or removed, and the graphs that are left
    drawn.py               that graph as a cluster that pictures are made of

The road is the stage's own (hygiene, limits, star, linking rules, identity limit), on tuples in place of frames; tests hold
both to the same answer.
"""
