"""The whole road, from source data to delivered audiences: spark-submit jobs/run_everything.py --project DIR --as-of TIME"""

import sys

from profile_engine.command_line.run import STAGE_NAMES, job_main


def main(argv: list[str]) -> int:
    return job_main("run_everything", STAGE_NAMES, argv)


if __name__ == "__main__":
    # a platform takes sys.exit(0) for a failure, so only a failure exits by hand
    if code := main(sys.argv[1:]):
        sys.exit(code)
