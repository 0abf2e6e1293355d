"""A lake kept fast and small: spark-submit jobs/maintain_lake.py --project DIR --as-of TIME"""

import sys

from profile_engine.command_line.maintain import maintain_main


def main(argv: list[str]) -> int:
    return maintain_main(argv, sys.stdout)


if __name__ == "__main__":
    # a platform takes sys.exit(0) for a failure, so only a failure exits by hand
    if code := main(sys.argv[1:]):
        sys.exit(code)
