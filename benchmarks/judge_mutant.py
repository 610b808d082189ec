"""Judges one copy of ``persistent`` by the whole suite: run by `sensitivity` in a fresh process.

Takes the directories of the copy and of the suite as arguments. Reads JSON from standard input:
``first``, ids of checks to begin with; ``expected``, the verdict of each check on the unchanged
package (null asks for them); ``limit``, the seconds that a check may take, after which the process
ends itself. Answers with JSON: the first check whose verdict differs, or all verdicts.
"""

from __future__ import annotations

import json
import resource
import signal
import sys

MEMORY = 4 << 30


def main(copy: str, suite: str) -> None:
    """Run the checks, those that noticed other mutants first."""
    asked = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.alarm(asked["limit"])
    sys.path[:1] = [copy, suite]

    from conformance.clauses import registry
    from conformance.judging.in_process import run_check
    from fixtures.targets import load

    registry.load()
    target = load("persistent-py")
    expected = asked["expected"]
    verdicts = {}
    order = dict.fromkeys([*asked["first"], *(registry.CHECKS if expected is None else expected)])
    for check in order:
        signal.alarm(asked["limit"])
        verdict = run_check(target, check)["verdict"]
        if expected is None:
            verdicts[check] = verdict
        elif verdict != expected[check]:
            answer = {"check": check, "verdict": verdict, "expected": expected[check]}
            break
    else:
        answer = {"verdicts": verdicts}
    signal.alarm(0)
    print("\n" + json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
