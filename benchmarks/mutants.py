"""Makes mutants of upstream's pure-Python modules: one operator, number or keyword changed each.

The operators are those of cosmic-ray that take no arguments.
"""

from __future__ import annotations

import ast
import difflib
import hashlib
import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from copies import package_directory
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

MODULES = ("persistence", "picklecache", "mapping", "list", "wref", "timestamp")
HALVES = ("tuning", "heldout")

#: Changes that nothing can notice by the specification: why, a pattern of the line before, one of
#: the line after. Found in the tuning half, applied to both; reports count them apart.
EQUIVALENT = (
    ("any true value marks an object changed (TRANS-15)", r"_p_changed = 1$", r"_p_changed = 2$"),
    ("runs only where Python has no ctypes", r"_MAXINT", r"_MAXINT"),
    ("is a TypeError all the same", r"^raise TypeError\('.*' % ", r"^raise TypeError\('.*' \W+ \w"),
)


@dataclass(frozen=True)
class Site:
    """Where an operator can change a module: its ``occurrence``-th chance to do so."""

    module: str
    operator: str
    occurrence: int

    @property
    def id(self) -> str:
        """The name of the mutant, the same in every run."""
        return f"{self.module}:{self.operator.partition('/')[2]}:{self.occurrence}"

    @property
    def half(self) -> str:
        """The half that the mutant belongs to: one to tune on, one to quote."""
        return HALVES[hashlib.sha256(self.id.encode()).digest()[0] % 2]


@dataclass(frozen=True)
class Mutant:
    """A changed module: its whole source, and the line that differs.

    ``equivalent`` says why nothing can notice it, if so.
    """

    site: Site
    source: str
    line: int
    before: str
    after: str
    equivalent: str | None = None

    def __str__(self) -> str:
        module = self.site.module
        return f"{self.site.id}\n  {module}.py:{self.line}\n  - {self.before}\n  + {self.after}"


def sites(modules: Sequence[str], half: str | None) -> list[Site]:
    """Every site in ``modules``, of one half or of both."""
    found: list[Site] = []
    for module in modules:
        nodes = list(ast_nodes(get_ast(_source(module))))
        for name in operator_names():
            operator_class = get_operator(name)
            if operator_class.arguments():
                continue
            operator = operator_class()
            count = sum(len(list(operator.mutation_positions(node))) for node in nodes)
            found.extend(Site(module, name, occurrence) for occurrence in range(count))
    return [site for site in found if half in (None, site.half)]


def mutants(found: Sequence[Site], sample: int | None, seed: int) -> Iterator[Mutant]:
    """The mutants of these sites, or a sample of so many, less those that change nothing."""
    chosen = list(found)
    if sample is not None:
        random.Random(seed).shuffle(chosen)
    made = 0
    for site in chosen:
        if made == sample:
            return
        mutant = _mutant(site)
        if mutant is not None:
            made += mutant.equivalent is None
            yield mutant


def _source(module: str) -> str:
    return (package_directory() / f"{module}.py").read_text(encoding="utf-8")


def _mutant(site: Site) -> Mutant | None:
    original = _source(site.module)
    changed = mutate_code(original, get_operator(site.operator)(), site.occurrence)
    if changed is None or _meaning(changed) in (None, _meaning(original)):
        return None
    before, after = original.splitlines(), changed.splitlines()
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    _, start, stop, first, last = next(code for code in matcher.get_opcodes() if code[0] != "equal")
    shown = " ".join(line.strip() for line in before[start:stop])
    became = " ".join(line.strip() for line in after[first:last])
    reasons = (
        why for why, old, new in EQUIVALENT if re.search(old, shown) and re.search(new, became)
    )
    return Mutant(site, changed, start + 1, shown, became, next(reasons, None))


def _meaning(source: str) -> str | None:
    try:
        return ast.dump(ast.parse(source))
    except SyntaxError:
        return None
