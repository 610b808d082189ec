"""Regressions as our own traces, since Hypothesis forgets its examples when a source changes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from fixtures.implementation import Implementation
from stateful.lockstep.divergence import Divergence, Masked
from stateful.lockstep.lockstep import replay
from stateful.traces.trace import BadTrace


def remember(folder: Path, found: Divergence) -> Path:
    """Write ``found`` into ``folder``, in a file named after its signature; the file."""
    folder.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256(str(found.signature).encode()).hexdigest()[:12]
    path = folder / f"{found.signature.operation.split()[0]}-{digest}.json"
    written = path.with_suffix(".tmp")
    written.write_text(json.dumps(found.to_json(), indent=1) + "\n", encoding="utf-8")
    written.replace(path)
    return path


def remembered(folder: Path) -> Iterator[tuple[Path, Divergence]]:
    """Yield each file in ``folder`` with its divergence. Raises `BadTrace`."""
    for path in sorted(folder.glob("*.json")):
        try:
            found = Divergence.from_json(json.loads(path.read_text(encoding="utf-8")))
        except ValueError as error:
            raise BadTrace(f"{path}: {error}. Repair or remove it") from None
        yield path, found


def regressed(
    reference: Implementation, target: Implementation, folder: Path, known: Masked
) -> tuple[int, Divergence | None]:
    """How many traces were replayed, and the first divergence shown that is not ``known``."""
    count = 0
    for _, found in remembered(folder):
        count += 1
        again = replay(reference, target, found.trace, known=found.despite)
        if again is not None and not known.holds(again.signature):
            return count, again
    return count, None
