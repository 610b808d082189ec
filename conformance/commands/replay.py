"""``replay FILE...``: run recorded traces again."""

from __future__ import annotations

import sys
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import rich_click as click

from conformance.commands.settings import ends_with_message, python_option
from conformance.files import BadFile, read_text
from conformance.judging import last
from conformance.judging.findings import dumps
from conformance.judging.judgement import CONFORMANT, NONCONFORMANT, NOT_JUDGED, USAGE
from conformance.reports import recordings
from conformance.reports.plain import echo
from fixtures.operations import words
from fixtures.targets import load
from stateful.lockstep.divergence import Divergence
from stateful.processes.isolation import Launch
from stateful.replay.recorder import Recorder, recorded_by
from stateful.replay.recording import Recording
from stateful.replay.replaying import DIVERGES, ERROR, FIXED, Replayed, Replayer
from stateful.replay.saved import Saved, loads
from stateful.traces.trace import BadTrace

_WAY_OUT = "Give a divergence, a trace or a recording as JSON"


@click.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE..."
)
@click.option("--target", required=True, help="The implementation to replay them on.")
@python_option
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=10.0,
    show_default=True,
    help="Seconds of CPU that one trace may take; it may sleep for twice as long.",
)
@click.option(
    "--record",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write to this folder what the reference and the target do at each step, a file for each "
    "trace, for the page that `teach` writes.",
)
@click.option("--quiet", is_flag=True, help="Print the verdicts only.")
@ends_with_message
def replay(
    files: tuple[Path, ...],
    target: str,
    python: str | None,
    timeout: float,
    folder: Path | None,
    quiet: bool,
) -> None:
    """Replay recorded traces on a target: FIXED, DIVERGES or ERROR for each.

    A FILE holds a divergence, a trace, or a recording of the corpus; a folder stands for the
    JSON files in it, and an id for the divergence to which the last `check` from this folder gave
    it. Ends with 1 if a trace diverges, else with 2 if a file could not be read, else
    with 3 if a trace could not be judged.
    """
    verdicts: Counter[str] = Counter()
    damaged = False
    launch = Launch(target, python, timeout)
    with Replayer(launch) as replayer, ExitStack() as stack:
        about = f"{replayer.about['name']} {replayer.about['version']}"
        recorder, written = None, set()
        if folder is not None:
            recorder = Recorder(launch)
            stack.callback(recorder.close)
        for path in _expanded(files):
            try:
                saved = read_saved(path)
            except BadFile as error:
                damaged = True
                verdicts[ERROR] += 1
                echo(f"{ERROR} {error}")
                continue
            result = saved.replay(replayer)
            verdicts[result.verdict] += 1
            _show(saved, result, quiet)
            if folder is not None and recorder is not None:
                file = folder / f"{path.stem}.json"
                if file in written:
                    raise BadFile(file, "holds another trace of this name", "Rename one of them")
                written.add(file)
                recordings.write(file, saved, _expected(saved), about, recorder.record(saved.trace))
        where = f"{replayer.about['interpreter']} {replayer.about['python']}"
    counted = ", ".join(f"{verdicts[each]} {each}" for each in (FIXED, DIVERGES, ERROR))
    echo(f"{about} on {where}: {counted}")
    if verdicts[DIVERGES]:
        sys.exit(NONCONFORMANT)
    if damaged:
        sys.exit(USAGE)
    sys.exit(NOT_JUDGED if verdicts[ERROR] or not verdicts else CONFORMANT)


def _expected(saved: Saved) -> Recording:
    """What the reference does in a trace: as it was recorded, if it was."""
    if saved.expected is None:
        return recorded_by(load("ref"), saved.trace)
    return Recording(saved.expected)


def _expanded(files: tuple[Path, ...]) -> list[Path]:
    found: list[Path] = []
    for path in files:
        if not path.is_dir():
            found.append(path)
            continue
        inside = sorted(path.rglob("*.json"))
        if not inside:
            raise BadFile(path, "is a folder without JSON files", _WAY_OUT)
        found += inside
    return found


def read_saved(path: Path) -> Saved:
    """What a file holds, or the last divergence of this id. Raises `BadFile`."""
    told = None if path.exists() else last.finding(str(path))
    try:
        if told is not None:
            found = Divergence.from_json(told[1])
            return loads(dumps(found, told[0]), str(path))
        return loads(read_text(path, _WAY_OUT), str(path))
    except BadTrace as error:
        raise BadFile(path, str(error), _WAY_OUT) from None


def _show(saved: Saved, result: Replayed, quiet: bool) -> None:
    echo(f"{result.verdict} {saved.name}{': ' if result.problem else ''}{result.problem}")
    if quiet or result.found is None:
        return
    if saved.signature is not None and saved.signature != result.found.signature:
        echo(f"       was  {saved.signature}")
    for line in divergence_lines(result.found):
        echo(line)


def divergence_lines(found: Divergence) -> list[str]:
    """A divergence as a report shows it: its signature, the steps in words, what differs."""
    steps = [words(dict(made)) for made in found.trace.operations[: found.step + 1]]
    return [
        f" signature  {found.signature}",
        *(f"{'done' if number == 0 else '':>10}  {line}" for number, line in enumerate(steps)),
        f"{'expected':>10}  {found.expected}",
        f"{'got':>10}  {found.actual}",
    ]
