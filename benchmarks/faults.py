"""Measure which single faults `check` notices beside the release and with a file, and shows.

Each fault of `fault_list` is planted into a copy of the installed ``persistent``, which is judged
beside the unchanged copy (``--accepted``), and held to a baseline file that was written of the
unchanged copy once (``--baseline``). A fault is noticed if `check` ends with 1, and shown if the
first screen of the report names the clause that it breaks, or tells it in other words that its
entry in the list gives; what is mended does not count as shown. The unchanged copy has to end with
0 in both ways.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from copies import PackageCopy, package_directory
from fault_list import AREAS, FAULTS, Fault

SUITE = Path(__file__).parents[1]
TARGET = "persistent-py"
PROGRAM = "from conformance.cli import main; main()"
WAYS = ("accepted", "file")
#: How many lines of a report stand on the first screen.
SCREEN = 50
UNCHANGED = "unchanged"

#: A line that begins a finding: a clause that fails, or the signature of a divergence.
_FINDING = re.compile(r"^(?:[A-Z]+-\d+ \S.*|\s+\d+ \S.* \| .*)$")
_MENDED = re.compile(r"^mended |passes now|is mended")


@dataclass(frozen=True)
class Outcome:
    """What a run of `check` in one ``way`` made of a ``fault``, its name.

    ``code`` is how it ended, ``shown`` whether the first screen shows the fault, ``first`` the
    first finding that it shows, ``seconds`` by the clock.
    """

    fault: str
    way: str
    code: int
    shown: bool
    first: str
    seconds: float

    @property
    def noticed(self) -> bool:
        """Whether the run ended as it ends for what is not conformant."""
        return self.code == 1


def first_screen(report: str) -> str:
    """What stands on the first screen, without what is told as mended."""
    lines = report.splitlines()[:SCREEN]
    return "\n".join(line for line in lines if not _MENDED.search(line))


def first_finding(report: str) -> str:
    """The first line that begins a finding on the first screen; empty if there is none."""
    lines = first_screen(report).splitlines()
    return next((line.strip() for line in lines if _FINDING.match(line)), "")


class Bench:
    """Copies of the package below ``directory``; ``options`` of `check` go to every run.

    With ``own`` only the checks of the area of the broken clause are run for a fault.
    """

    def __init__(
        self, directory: Path, options: Sequence[str], keep: Path | None, own: bool
    ) -> None:
        self._directory = directory
        self._options = options
        self._own = own
        self._keep = keep
        self._release = self._copy(UNCHANGED)
        self._interpreter = directory / "python"
        # The accepted copy is told from the other one by the interpreter that it runs in.
        self._interpreter.write_text(
            f"#!/bin/sh\nPYTHONPATH='{self._path(self._release)}' exec '{sys.executable}' \"$@\"\n",
            encoding="utf-8",
        )
        self._interpreter.chmod(0o755)
        self.file = directory / "baseline.toml"

    def _copy(self, name: str) -> PackageCopy:
        place = self._directory / name
        place.mkdir()
        return PackageCopy(place)

    def _path(self, copy: PackageCopy) -> str:
        return os.pathsep.join((str(copy.directory), str(SUITE)))

    def _run(self, copy: PackageCopy, *arguments: str) -> subprocess.CompletedProcess[str]:
        environment = {
            **os.environ,
            "PYTHONPATH": self._path(copy),
            "PYTHONDONTWRITEBYTECODE": "1",
            "COLUMNS": "120",
        }
        return subprocess.run(
            [sys.executable, "-c", PROGRAM, *arguments, *self._options],
            capture_output=True,
            text=True,
            cwd=copy.directory,
            env=environment,
        )

    def write_file(self) -> None:
        """Write the baseline of the unchanged copy."""
        done = self._run(self._release, "baseline", TARGET, "--output", str(self.file))
        if not self.file.exists():
            raise SystemExit(f"faults: no baseline was written: {done.stdout}{done.stderr}")

    def judge(self, fault: Fault | None, way: str) -> Outcome:
        """Judge the copy with ``fault`` in it, or the unchanged one, in one way."""
        name = UNCHANGED if fault is None else fault.name
        copy = self._release
        if fault is not None:
            copy = self._copy(f"{name}-{way}")
            source = (package_directory() / f"{fault.module}.py").read_text(encoding="utf-8")
            copy.change(fault.module, fault.applied(source))
        asked = {
            "accepted": ["--accepted", f"{TARGET}@{self._interpreter}"],
            "file": ["--baseline", str(self.file)],
        }[way]
        if fault is not None and self._own:
            asked += ["--area", fault.clause.partition("-")[0]]
        start = time.perf_counter()
        done = self._run(copy, "check", TARGET, *asked)
        seconds = time.perf_counter() - start
        if self._keep is not None:
            report = f"{done.stdout}\n{done.stderr}"
            (self._keep / f"{name}-{way}.txt").write_text(report, encoding="utf-8")
        shown = (
            fault is not None and re.search(fault.pattern, first_screen(done.stdout)) is not None
        )
        first = first_finding(done.stdout)
        return Outcome(name, way, done.returncode, shown, first, round(seconds, 1))


def judge_all(
    bench: Bench, faults: Sequence[Fault], ways: Sequence[str], jobs: int, control: bool
) -> Iterator[Outcome]:
    """Judge each fault in each way.

    Raises SystemExit if the unchanged copy does not pass, which is tried unless ``control`` is
    false.
    """
    for way in ways if control else ():
        outcome = bench.judge(None, way)
        if outcome.code != 0:
            raise SystemExit(f"faults: the unchanged copy ends with {outcome.code}: {outcome}")
    asked = [(fault, way) for fault in faults for way in ways]
    with ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(lambda each: bench.judge(*each), asked)


def row(outcome: Outcome) -> str:
    """One line about ``outcome``."""
    shown = "shown" if outcome.shown else "NOT SHOWN" if outcome.noticed else "NOT NOTICED"
    what = f"{outcome.fault:48} {outcome.way:8} {outcome.code:4} {outcome.seconds:6.1f} s"
    return f"{what}  {shown:11}  {outcome.first}"


def table(faults: Sequence[Fault], outcomes: Sequence[Outcome]) -> str:
    """Faults, noticed and shown by area and way, and in total."""
    lines = [f"{'area':24} {'way':8} {'faults':>6} {'noticed':>8} {'shown':>6} {'ratio':>7}"]
    for area in (*AREAS, "total"):
        names = {fault.name for fault in faults if area in ("total", fault.area)}
        for way in WAYS:
            of_it = [each for each in outcomes if each.fault in names and each.way == way]
            if of_it:
                noticed = sum(each.noticed for each in of_it)
                shown = sum(each.noticed and each.shown for each in of_it)
                counts = f"{len(of_it):6} {noticed:8} {shown:6} {shown / len(of_it):7.1%}"
                lines.append(f"{area:24} {way:8} {counts}")
    return "\n".join(lines)


def main() -> int:
    """Plant the faults, judge them, report."""
    parser = argparse.ArgumentParser(
        description=__doc__, epilog="What stands after -- is given to every run: -- --area ACT"
    )
    names = [fault.name for fault in FAULTS]
    parser.add_argument("--fault", action="append", choices=names, help="only this (repeatable)")
    parser.add_argument("--area", action="append", choices=AREAS, help="only these (repeatable)")
    parser.add_argument("--way", action="append", choices=WAYS, help="only this (default: both)")
    parser.add_argument("--engines", default="all", metavar="LIST", help="as `check` has it")
    parser.add_argument(
        "--own", action="store_true", help="only checks of the area of the broken clause (fast)"
    )
    parser.add_argument(
        "--no-control", action="store_true", help="do not judge the unchanged copy first"
    )
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="runs at a time")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the outcomes there")
    parser.add_argument("--keep", type=Path, metavar="DIRECTORY", help="write the reports there")
    parser.add_argument("more", nargs="*", metavar="OPTION", help="more options of `check`")
    options = parser.parse_args()
    chosen = [
        fault
        for fault in FAULTS
        if (not options.fault or fault.name in options.fault)
        and (not options.area or fault.area in options.area)
    ]
    if not chosen:
        raise SystemExit("faults: there is no such fault")
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
    ways = options.way or WAYS
    outcomes = []
    with tempfile.TemporaryDirectory() as directory:
        given = ("--engines", options.engines, *options.more)
        bench = Bench(Path(directory), given, options.keep, options.own)
        if "file" in ways:
            bench.write_file()
        for outcome in judge_all(bench, chosen, ways, options.jobs, not options.no_control):
            outcomes.append(outcome)
            print(row(outcome), flush=True)
    print(f"\n{table(chosen, outcomes)}")
    if options.json:
        found = [asdict(outcome) for outcome in outcomes]
        options.json.write_text(json.dumps(found, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
