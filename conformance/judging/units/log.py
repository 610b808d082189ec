"""The log of a campaign: which units it began, and what was known then, to perform one again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from conformance.files import BadFile
from conformance.judging.selection import UnknownName
from stateful.engines.campaign import Plan, units
from stateful.engines.engine import Sides
from stateful.lockstep.divergence import Signature
from stateful.processes.events import DivergenceFound, UnitBegun, UnitEvent
from stateful.processes.pools.pool import Pool
from stateful.processes.pools.source import with_source
from stateful.processes.supervisor import Supervisor
from stateful.processes.work import Unit

#: Its name in the folder of the findings.
FILE = "units.jsonl"
_WAY_OUT = "Run `persistent-conformance fuzz TARGET --output FOLDER` first"


@dataclass(frozen=True)
class Begun:
    """A unit as it was begun, and what was masked in it."""

    unit: Unit
    known: tuple[Signature, ...]

    def events(self, plan: Plan, pool: Pool | None = None) -> Iterator[UnitEvent]:
        """Perform it once more, to its end, and yield events; each divergence once."""
        if pool is None:
            with Supervisor(1, plan.limits) as supervisor:
                yield from self.events(plan, supervisor)
            return
        events = pool.run([self.unit], self.known, cover=plan.cover_source)
        yield from with_source(events, plan.sides.target, plan.cover_source)


class Log:
    """Written while a campaign goes on, in ``folder``, where that of the last one stood."""

    def __init__(self, folder: Path, plan: Plan, known: Iterable[Signature]) -> None:
        self._path = folder / FILE
        head = {
            "sides": plan.sides.to_json(),
            "timeout": plan.sides.target.timeout,
            "engines": list(plan.engines),
            "seed": plan.seed,
            "known": [str(each) for each in known],
        }
        self._write("w", head)

    def hear(self, event: UnitEvent) -> None:
        """Take an event in."""
        if isinstance(event, UnitBegun):
            self._write("a", {"begun": event.unit})
        elif isinstance(event, DivergenceFound):
            self._write("a", {"unit": event.unit, "found": str(event.divergence.signature)})

    def _write(self, mode: str, told: dict[str, Any]) -> None:
        try:
            with self._path.open(mode, encoding="utf-8") as file:
                file.write(json.dumps(told) + "\n")
        except OSError as error:
            raise BadFile(self._path, f"cannot be written ({error.strerror})", "") from None


def begun(folder: Path, number: int) -> Begun:
    """The unit with this number of the campaign whose log is in ``folder``.

    Raises `BadFile` if there is no log, or a damaged one; `UnknownName` if it began no such unit.
    """
    path = folder / FILE
    try:
        head, *lines = [
            json.loads(line)
            for line in path.read_text(encoding="utf-8").splitlines(keepends=True)
            # The last line may have been cut off where the campaign was.
            if line.endswith("\n")
        ]
        sides = Sides.from_json(head["sides"], head["timeout"])
        plan = Plan(sides, tuple(head["engines"]), seed=head["seed"])
        known = _known([*head["known"]], lines, number)
    except OSError as error:
        raise BadFile(path, f"cannot be read ({error.strerror})", _WAY_OUT) from None
    except (ValueError, TypeError, KeyError) as error:
        raise BadFile(path, f"is no log of a campaign ({error!r})", _WAY_OUT) from None
    if known is None:
        raise UnknownName(f"--unit: {number} is none of the units that {path} tells of")
    return Begun(next(islice(units(plan), number, None)), known)


def _known(
    known: list[str], lines: Sequence[dict[str, Any]], number: int
) -> tuple[Signature, ...] | None:
    for line in lines:
        if line.get("begun") == number:
            return tuple(Signature.parse(text) for text in known)
        if "found" in line:
            known.append(line["found"])
    return None


__all__ = ["Begun", "Log", "begun"]
