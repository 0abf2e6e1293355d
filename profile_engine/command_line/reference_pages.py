"""`make docs`: the generated parts of reference pages, made anew from the registries and the map of tables."""

from __future__ import annotations

from pathlib import Path

from profile_engine.config.error_codes import ERROR_CODES
from profile_engine.lake.tables import TABLES
from profile_engine.rules.reference import with_tests_table

ROOT = Path(__file__).parents[2]


def tables_page() -> str:
    """A table of Delta tables, then each with its columns."""
    lines = ["# Tables", "", "Generated from `profile_engine/lake/tables.py` by `make docs`.", ""]
    lines += ["| table | a row is | key | written by |", "|---|---|---|---|"]
    for entry in TABLES.values():
        key = ", ".join(entry.key) or "none: append only"
        lines.append(f"| `{entry.name}` | {entry.a_row_is} | {key} | `{entry.written_by}` |")
    lines += [
        "",
        "`raw_<dataset>` has the schema's fields, then `record_id, owner_id, source_time, ingested_at, batch_id`.",
    ]
    for entry in TABLES.values():
        lines += ["", f"## {entry.name}", "", f"    {entry.columns}"]
    return "\n".join(lines) + "\n"


def error_codes_page() -> str:
    """A row an error code of configuration."""
    lines = [
        "# Error codes of configuration",
        "",
        "Generated from `profile_engine/config/error_codes.py` by `make docs`.",
        "",
    ]
    lines += ["| code | meaning |", "|---|---|"]
    lines += [f"| {code} | {meaning} |" for code, meaning in sorted(ERROR_CODES.items())]
    return "\n".join(lines) + "\n"


def pages() -> dict[Path, str]:
    """Every generated page with its text as it should be."""
    rules = ROOT / "segments" / "README.md"
    return {
        rules: with_tests_table(rules.read_text(encoding="utf-8")),
        ROOT / "docs" / "reference" / "tables.md": tables_page(),
        ROOT / "docs" / "reference" / "error_codes.md": error_codes_page(),
    }


def main() -> None:
    """Writes every page that is stale."""
    for path, text in pages().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"written: {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
