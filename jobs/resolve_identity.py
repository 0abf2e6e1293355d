"""Raw tables to the identity graph: spark-submit jobs/resolve_identity.py --project DIR --as-of TIME"""

import sys

from profile_engine.command_line.run import job_main


def main(argv: list[str]) -> int:
    return job_main("resolve_identity", ["identity"], argv)


if __name__ == "__main__":
    # a platform takes sys.exit(0) for a failure, so only a failure exits by hand
    if code := main(sys.argv[1:]):
        sys.exit(code)
