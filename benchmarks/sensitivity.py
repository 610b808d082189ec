"""Measure how many faults the suite notices: mutants of upstream's pure-Python modules.

Each mutant differs from the installed ``persistent`` in one operator, number or keyword. The
suite notices it if a check has another verdict than on the unchanged package, or if the process
hangs, crashes or cannot import it. Run with an interpreter that has ``persistent`` and
``cosmic-ray``. What survives in the tuning half shows which checks are missing; the ratio to quote
is that of the held-out half.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from copies import PackageCopy, copy_package
from mutants import HALVES, MODULES, Mutant, mutants, sites

JUDGE = Path(__file__).with_name("judge_mutant.py")
#: What runs in the process that judges; copied, so that every mutant meets the same checks.
SUITE = ("conformance", "fixtures")
UPSTREAM_TESTS = tuple(
    f"persistent.tests.test_{name}"
    for name in ("persistence", "picklecache", "ring", "mapping", "list", "wref", "timestamp")
)
#: Seconds that a check may take, and that a whole mutant may take.
CHECK_LIMIT, MUTANT_LIMIT = 20, 300


@dataclass(frozen=True)
class Outcome:
    """What became of a mutant: by what it was noticed, if it was, and if upstream's tests did."""

    mutant: Mutant
    noticed_by: str | None
    upstream: bool | None = None


class Copy(PackageCopy):
    """A copy of the installed package that ``suite`` judges, one module of it changed."""

    def __init__(self, directory: Path, suite: Path) -> None:
        super().__init__(directory)
        self.suite = suite

    def judge(self, first: Sequence[str], expected: dict[str, str] | None) -> dict[str, Any]:
        """Run the checks: the first whose verdict differs, or all; ``ended`` says why neither."""
        asked = {"first": list(first), "expected": expected, "limit": CHECK_LIMIT}
        done = self._run([str(JUDGE), str(self.directory), str(self.suite)], json.dumps(asked))
        if done is None:
            return {"ended": f"no end after {MUTANT_LIMIT} s"}
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or [""])[-1]
            return {"ended": f"ended with {done.returncode}: {last}"[:200]}
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return answer

    def fails_upstream(self) -> bool:
        """Whether upstream's own tests fail."""
        done = self._run(["-m", "unittest", "-q", "-f", *UPSTREAM_TESTS], "")
        return done is None or done.returncode != 0

    def _run(self, arguments: list[str], given: str) -> subprocess.CompletedProcess[str] | None:
        try:
            return subprocess.run(
                [sys.executable, "-B", *arguments],
                input=given,
                capture_output=True,
                text=True,
                timeout=MUTANT_LIMIT,
                cwd=self.directory,
                env={**os.environ, "PURE_PYTHON": "1", "PYTHONPATH": str(self.directory)},
            )
        except subprocess.TimeoutExpired:
            return None


class Bench:
    """Judges mutants on ``jobs`` copies at a time."""

    def __init__(self, directory: Path, jobs: int, upstream: bool) -> None:
        self._jobs = jobs
        self._upstream = upstream
        self._copies: queue.SimpleQueue[Copy] = queue.SimpleQueue()
        self._killers: dict[str, Counter[str]] = {module: Counter() for module in MODULES}
        suite = directory / "suite"
        for name in SUITE:
            copy_package(JUDGE.parent.parent / name, suite)
        for number in range(jobs):
            self._copies.put(Copy(directory / str(number), suite))
        self.expected = self._stable_verdicts()

    def _stable_verdicts(self) -> dict[str, str]:
        copy = self._copies.get()
        runs = [copy.judge((), None) for _ in range(2)]
        for run in runs:
            if "verdicts" not in run:
                raise SystemExit(f"sensitivity: the unchanged package {run['ended']}")
        if self._upstream and copy.fails_upstream():
            raise SystemExit("sensitivity: upstream's tests fail on the unchanged package")
        self._copies.put(copy)
        first, second = (run["verdicts"] for run in runs)
        return {check: verdict for check, verdict in first.items() if second[check] == verdict}

    def judge(self, mutant: Mutant) -> Outcome:
        """Run the suite on ``mutant``."""
        copy = self._copies.get()
        killers = self._killers[mutant.site.module]
        try:
            copy.change(mutant.site.module, mutant.source)
            first = [check for check, _ in killers.most_common(30)]
            found = copy.judge(first, self.expected)
            noticed_by = found.get("check", found.get("ended"))
            if "check" in found:
                killers[found["check"]] += 1
            upstream = copy.fails_upstream() if self._upstream else None
            return Outcome(mutant, noticed_by, upstream)
        finally:
            copy.restore(mutant.site.module)
            self._copies.put(copy)

    def judge_all(self, found: Sequence[Mutant]) -> Iterator[Outcome]:
        """Run the suite on every mutant."""
        with ThreadPoolExecutor(self._jobs) as pool:
            yield from pool.map(self.judge, found)


def table(outcomes: Sequence[Outcome]) -> str:
    """Mutants, noticed and the ratio by module, and in total."""
    lines = [f"{'module':12} {'mutants':>8} {'noticed':>8} {'ratio':>7} {'upstream':>9}"]
    for module in (*MODULES, "total"):
        of_it = [each for each in outcomes if module in ("total", each.mutant.site.module)]
        if not of_it:
            continue
        noticed = sum(each.noticed_by is not None for each in of_it)
        judged = [each.upstream for each in of_it if each.upstream is not None]
        upstream = f"{sum(judged) / len(judged):9.1%}" if judged else f"{'-':>9}"
        ratio = noticed / len(of_it)
        lines.append(f"{module:12} {len(of_it):8} {noticed:8} {ratio:7.1%} {upstream}")
    return "\n".join(lines)


def as_json(
    outcomes: Sequence[Outcome], options: argparse.Namespace, checks: int, left_out: Counter[str]
) -> str:
    """The figures and the outcome of every mutant."""
    mutant_rows = [
        {
            "id": each.mutant.site.id,
            "half": each.mutant.site.half,
            "line": each.mutant.line,
            "before": each.mutant.before,
            "after": each.mutant.after,
            "noticed_by": each.noticed_by,
            "upstream": each.upstream,
        }
        for each in outcomes
    ]
    about = {key: getattr(options, key) for key in ("half", "sample", "seed", "module")}
    found = {"checks": checks, "left_out": dict(left_out), "mutants": mutant_rows}
    return json.dumps({**about, **found}, indent=1)


def main() -> int:
    """Make the mutants, judge them, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--module", action="append", choices=MODULES, help="only this (repeatable)")
    parser.add_argument("--half", choices=HALVES, help="only this half (default: both)")
    parser.add_argument("--sample", type=int, metavar="N", help="only so many mutants")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="which sample")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="processes at a time")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the outcomes there")
    parser.add_argument("--survivors", type=Path, metavar="FILE", help="write the survivors there")
    parser.add_argument(
        "--upstream-tests", action="store_true", help="judge by upstream's own tests as well"
    )
    options = parser.parse_args()
    made = list(
        mutants(sites(options.module or MODULES, options.half), options.sample, options.seed)
    )
    chosen = [mutant for mutant in made if mutant.equivalent is None]
    left_out = Counter(mutant.equivalent for mutant in made if mutant.equivalent is not None)
    if not chosen:
        raise SystemExit("sensitivity: there is no such mutant")
    outcomes = []
    with tempfile.TemporaryDirectory() as directory:
        bench = Bench(Path(directory), options.jobs, options.upstream_tests)
        print(f"{len(chosen)} mutants, {len(bench.expected)} checks", file=sys.stderr)
        for outcome in bench.judge_all(chosen):
            outcomes.append(outcome)
            print("." if outcome.noticed_by else "S", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    survivors = [str(each.mutant) for each in outcomes if each.noticed_by is None]
    print(table(outcomes))
    for why, count in left_out.items():
        print(f"left out: {count} ({why})")
    print("\n".join(["", "survivors:", *survivors] if survivors else ["", "no survivor"]))
    if options.json:
        options.json.write_text(
            as_json(outcomes, options, len(bench.expected), left_out), encoding="utf-8"
        )
    if options.survivors:
        options.survivors.write_text("\n".join([*survivors, ""]), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
