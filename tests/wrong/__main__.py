"""Show the kill matrix: ``python -m tests.wrong [--area AREA] [--json FILE]``.

For each MUST clause, the wrong implementations that make its checks fail; then the clauses that
none does, and the wrong implementations that do not break what they claim to break.
"""

import argparse
import json
import sys
from pathlib import Path

from tests.wrong.matrix import kill_matrix, shortcomings


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.wrong", description=__doc__)
    parser.add_argument("--area", action="append", help="only clauses of this area (repeatable)")
    parser.add_argument("--json", metavar="FILE", help="write the matrix there")
    parser.add_argument("--jobs", type=int, default=2, help="processes (default: 2)")
    options = parser.parse_args()
    matrix = kill_matrix(options.area, options.jobs)
    for clause, killers in matrix.items():
        print(f"{clause}: {', '.join(killers) or '-'}")
    if options.json:
        Path(options.json).write_text(json.dumps(matrix, indent=1) + "\n", encoding="utf-8")
    found = shortcomings(matrix, options.area)
    for line in found:
        print(line, file=sys.stderr)
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
