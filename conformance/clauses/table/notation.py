"""How the state x event table is written: what its text means, and what reads it.

One row is an event, one column a state of the object ``a`` before it. A cell holds what must be
seen, facet by facet, each attributed to the clauses that demand it. The rows stand as
text in the modules beside this one; `conformance.clauses.table` is what others read.

The scene: ``a`` holds ``x = 1`` and ``_v_a = 0``; a ghost holds nothing, and ``x = 1`` is stored
for it. Beside it there is ``b``, changed and the newest in the ring of the cache. What a row
demands by the clauses that it calls *slotted* is demanded of an object with slots and no instance
dict, too: it holds the same in its slots, `SLOTS` saying which stands for which name.

========  =======================================================================================
facet     what stands in a cell
========  =======================================================================================
gives     the value of the event, or ``!`` and the error that it raises
state     the state afterwards, as ``_p_state``, ``_p_changed`` and ``_p_jar`` show it; ``=``: oid,
          serial and size are as before, too
calls     the calls to the jar for ``a``, in order; ``-``: none
data      what it holds afterwards; ``-``: empty, ``+x=1``: as before with x, ``-x``: without
ring      the objects in the ring of the cache, the least recently used first
effect    the facets state, calls and data at once: ``none`` (all is as before), ``load`` (from
          ghost to saved, by one ``setstate``), ``change`` (to changed, by one ``register``) or
          ``load change``; data that are not as before, or not as loaded, follow a colon
========  =======================================================================================

``=`` means: as before. ``*`` means: the specification leaves this free, or says nothing about it;
nothing is judged. ``/`` means: the event does not arise in this state. ``"`` repeats the cell to
the left. An event for which no facet ``gives`` is stated must not raise. Under each line stand the
clauses that demand it, after ``by``: those for certain columns with the names of these columns,
those for the others without. Under an effect, a facet's name before them restricts them to it.
"""

import ast
from dataclasses import dataclass, field
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

STATES = ("unsaved", "added", "ghost", "saved", "changed", "sticky")
FACETS = ("gives", "state", "calls", "data", "ring")

AS_BEFORE, FREE, NOT_ARISING, NOTHING = "=", "*", "/", "-"
_DITTO = '"'

#: What the scene holds before the event.
DATA: Mapping[str, Any] = {"x": 1, "_v_a": 0}

#: The name of a row -> the slot that stands for it in an object with slots.
SLOTS: Mapping[str, str] = {"_v_a": "_v_slot", "_v_b": "_v_slot", "_p_unknown": "_p_slot"}

_EFFECTS = {
    "none": {"state": AS_BEFORE, "calls": NOTHING, "data": AS_BEFORE},
    "load": {"state": "saved", "calls": "setstate", "data": "x=1"},
    "change": {"state": "changed", "calls": "register", "data": AS_BEFORE},
    "load change": {"state": "changed", "calls": "setstate register", "data": "x=1"},
}


@dataclass(frozen=True)
class Demand:
    """What must be seen of one facet, as it stands in the table, and the clauses that demand it.

    ``expected`` is `FREE` where nothing is demanded; then there are no clauses.
    """

    facet: str
    expected: str
    clauses: Tuple[str, ...]


@dataclass(frozen=True)
class Row:
    """One event: its words, its steps (the last one is the event itself), its cells by state.

    A cell without demands means that the event does not arise in that state. ``needs`` and
    ``world`` are those of a check. ``cacheless`` says that all but the ring must be seen without
    a cache, too. ``request`` says that the event may be ignored, as a whole. ``slotted`` are the
    clauses that demand the same of an object with slots. ``sets`` names what the event sets of
    oid, serial and size.
    """

    section: str
    event: str
    steps: Tuple[Dict[str, Any], ...]
    cells: Mapping[str, Tuple[Demand, ...]]
    needs: Tuple[str, ...] = ()
    world: Mapping[str, Any] = field(default_factory=dict)
    cacheless: bool = True
    request: bool = False
    slotted: Tuple[str, ...] = ()
    sets: Tuple[str, ...] = ()

    def demands(self, state: str) -> Dict[str, List[Demand]]:
        """Clause id -> what it demands in the cell of ``state``, in the order of the facets."""
        found: Dict[str, List[Demand]] = {}
        for demand in self.cells[state]:
            for clause in demand.clauses:
                found.setdefault(clause, []).append(demand)
        return found


class BadTable(ValueError):
    """The text of a row is not what it should be: says which row and why."""


_ROWS: Dict[str, Row] = {}


def declared() -> Tuple[Row, ...]:
    """All rows that are declared so far, in their order."""
    return tuple(_ROWS.values())


def declare(
    section: str,
    events: Mapping[str, Sequence[Dict[str, Any]]],
    text: str,
    needs: Sequence[str] = (),
    world: Optional[Mapping[str, Any]] = None,
    cacheless: bool = True,
    request: bool = False,
    slotted: str = "",
    sets: Sequence[str] = (),
) -> None:
    """Add one row for each of ``events`` (its words and its steps), all with the cells of ``text``.

    Raises `BadTable`.
    """
    for event, steps in events.items():
        if event in _ROWS:
            raise BadTable(f"{event}: stands in the table twice")
        made = Row(
            section,
            event,
            tuple(steps),
            _cells(event, text),
            tuple(needs),
            dict(world or {}),
            cacheless and "cache" not in needs,
            request,
            tuple(slotted.split()),
            tuple(sets),
        )
        demanding = {clause for state in STATES for clause in made.demands(state)}
        if not demanding.issuperset(made.slotted):
            raise BadTable(f"{event}: of {made.slotted}, which are slotted, one demands nothing")
        _ROWS[event] = made


def _cells(event: str, text: str) -> Dict[str, Tuple[Demand, ...]]:
    cells: Dict[str, List[Demand]] = {state: [] for state in STATES}
    facet = ""
    expected: List[str] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        if not line.startswith("by "):
            if facet:
                _add(cells, event, facet, expected, {})
            facet, _, rest = line.partition("|")
            facet, expected = facet.strip(), _undittoed(rest.split("|"))
            if len(expected) != len(STATES):
                raise BadTable(f"{event}: {facet} has {len(expected)} cells, not {len(STATES)}")
        else:
            _add(cells, event, facet, expected, _attributed(event, line[len("by ") :]))
            facet = ""
    if facet:
        _add(cells, event, facet, expected, {})
    return {state: tuple(demands) for state, demands in cells.items()}


def _undittoed(cells: Sequence[str]) -> List[str]:
    found: List[str] = []
    for cell in cells:
        found.append(found[-1] if cell.strip() == _DITTO and found else cell.strip())
    return found


def _attributed(event: str, text: str) -> Dict[str, Tuple[str, ...]]:
    found: Dict[str, Tuple[str, ...]] = {}
    for part in text.split(";"):
        words = part.split()
        facet = f"{words.pop(0)} " if words[0] in FACETS else ""
        states = [word for word in words if word in STATES]
        ids = tuple(word for word in words if word not in STATES)
        for state in states or [""]:
            if facet + state in found or not ids:
                raise BadTable(f"{event}: the attribution {part.strip()!r} is empty or repeated")
            found[facet + state] = ids
    return found


def _add(
    cells: Dict[str, List[Demand]],
    event: str,
    facet: str,
    expected: Sequence[str],
    attributed: Mapping[str, Tuple[str, ...]],
) -> None:
    used = set()
    for state, cell in zip(STATES, expected):
        if cell == NOT_ARISING:
            continue
        for name, value in _facets(event, facet, cell).items():
            ranked = (f"{name} {state}", state, f"{name} ", "")
            named = next((key for key in ranked if key in attributed), "")
            ids = attributed.get(named, ()) if cell != FREE else ()
            if (cell == FREE) == bool(ids):
                raise BadTable(f"{event}: no clause demands {facet} {cell!r} for {state}")
            used.add(named if ids else None)
            cells[state].append(Demand(name, value, ids))
    unused = set(attributed) - used
    if unused:
        raise BadTable(f"{event}: the attribution of {facet} for {sorted(unused)} is not used")


def _facets(event: str, facet: str, cell: str) -> Dict[str, str]:
    if facet in FACETS:
        return {facet: cell}
    if facet != "effect":
        raise BadTable(f"{event}: {facet!r} is no facet; known: {FACETS}")
    if cell == FREE:
        return dict.fromkeys(("state", "calls", "data"), FREE)
    effect, _, data = cell.partition(":")
    if effect not in _EFFECTS:
        raise BadTable(f"{event}: {effect!r} is no effect; known: {sorted(_EFFECTS)}")
    return {**_EFFECTS[effect], **({"data": data.strip()} if data else {})}


def data_of(text: str, before: Mapping[str, Any]) -> Dict[str, Any]:
    """What an object holds for which a cell of the facet ``data`` stands."""
    if text == AS_BEFORE:
        return dict(before)
    if text == NOTHING:
        return {}
    if text.startswith("-"):
        return {name: value for name, value in before.items() if name not in text[1:].split()}
    pairs = (item.partition("=") for item in text.lstrip("+").split())
    found = {name: ast.literal_eval(value) for name, _, value in pairs}
    return {**before, **found} if text.startswith("+") else found


def value_of(text: str) -> Any:
    """The value that a cell of the facet ``gives`` stands for, unless it is an error."""
    return ast.literal_eval(text)
