"""The fleet as a pool: it deals units to workers that come and go, and yields what they tell."""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict

from stateful.fleet.deal import Deal
from stateful.fleet.transport import Arrived, FleetError, Introduced, Returned, Transport
from stateful.fleet.versions import differing
from stateful.lockstep.divergence import Masked, Signature
from stateful.processes.child import Limits
from stateful.processes.events import (
    DivergenceFound,
    UnitBegun,
    UnitEvent,
    WorkerJoined,
    WorkerLeft,
    WorkerRefused,
)
from stateful.processes.pools.pool import Pool, is_over, news
from stateful.processes.work import Unit

#: Seconds between two looks at who is there.
_INTERVAL = 1.0


class Fleet(Pool):
    """Workers that ``transport`` reaches, each with the ``versions`` that are here.

    ``limits`` is what each process may use. A worker that has something else gets no work, nor
    does one that does not start the target.
    """

    def __init__(
        self, transport: Transport, versions: Mapping[str, str], limits: Limits | None = None
    ) -> None:
        self._transport = transport
        self._versions = versions
        self._limits = (limits or Limits()).to_json()
        #: Those that get work: address -> how many units at a time; and those that were asked.
        self._joined: dict[str, int] = {}
        self._asked: dict[str, int] = {}
        self._refused: dict[str, str] = {}
        self._looked = float("-inf")

    def run(
        self,
        units: Iterable[Unit],
        known: Iterable[Signature] = (),
        *,
        deadline: float | None = None,
        share: bool = True,
        cover: bool = False,
    ) -> Iterator[UnitEvent]:
        """See `Pool.run`. Raises `FleetError` if nobody is left who could perform anything."""
        masked = Masked(known)
        dealing = _Dealing(units)
        try:
            while True:
                yield from self._look(dealing)
                if not is_over(deadline):
                    for deal in dealing.deal(self._joined, masked):
                        yield from self._send(deal, cover)
                if dealing.is_done:
                    return
                if is_over(deadline):
                    for deal in dealing.busy:
                        yield from news(deal.cut(), masked) if share else deal.cut()
                    return
                for arrived in self._transport.receive(_left(deadline)):
                    told = self._told(arrived, dealing)
                    for event in news(told, masked) if share else told:
                        if isinstance(event, DivergenceFound):
                            dealing.known = None
                        yield event
        except FleetError as error:
            if not dealing.busy:
                raise
            # What was found until now is told all the same.
            for deal in dealing.busy:
                yield from deal.cut()
                yield deal.failed(str(error))
        finally:
            self._transport.cancel([deal.name for deal in dealing.busy])

    def _send(self, deal: Deal, cover: bool) -> Iterator[UnitEvent]:
        request = {
            "unit": asdict(deal.unit),
            "known": deal.known,
            "limits": self._limits,
            "cover": cover,
            "begun": asdict(deal.checkpoint),
        }
        self._transport.send(deal.address, deal.name, request)
        if deal.is_first:
            yield UnitBegun(deal.unit.engine, deal.number)

    def _look(self, dealing: _Dealing) -> Iterator[UnitEvent]:
        """See who has come and who is gone, now and then."""
        now = time.monotonic()
        if now - self._looked < _INTERVAL:
            return
        self._looked = now
        there = self._transport.workers()
        for address in [each for each in self._joined if each not in there]:
            del self._joined[address]
            yield from self._left(address, dealing)
        for known in (self._asked, self._refused):
            for address in [each for each in known if each not in there]:
                known.pop(address)
        for address, at_a_time in there.items():
            if not any(address in each for each in (self._joined, self._asked, self._refused)):
                self._asked[address] = at_a_time
                self._transport.introduce(address)
        if self._refused and not (self._joined or self._asked):
            address, why = next(iter(self._refused.items()))
            raise FleetError(
                f"no worker can perform the units: at {address}, {why}. Install there what is here",
                started=True,
            )

    def _left(self, address: str, dealing: _Dealing) -> Iterator[UnitEvent]:
        lost = dealing.at(address)
        yield WorkerLeft(address, tuple(deal.number for deal in lost))
        for deal in lost:
            yield from self._again(deal, f"the worker at {address} is gone", dealing)

    def _again(self, deal: Deal, why: str, dealing: _Dealing) -> Iterator[UnitEvent]:
        self._transport.cancel([deal.name])
        yield from dealing.again(deal, why)

    def _told(self, arrived: Arrived, dealing: _Dealing) -> Iterator[UnitEvent]:
        if isinstance(arrived, Introduced):
            yield from self._introduced(arrived)
            return
        deal = dealing.named(arrived.deal)
        if deal is None:
            return
        if isinstance(arrived, Returned):
            yield from self._again(deal, arrived.why or "it told no end", dealing)
            return
        told = deal.hear(arrived.batch, arrived.messages)
        if told is None:
            why = "what it told did not follow what it had told before"
            yield from self._again(deal, why, dealing)
            return
        yield from told
        if deal.is_over:
            dealing.over(deal)

    def _introduced(self, told: Introduced) -> Iterator[UnitEvent]:
        at_a_time = self._asked.pop(told.address, None)
        if at_a_time is None:
            return
        why = told.why or differing(self._versions, told.versions)
        if why:
            self._refused[told.address] = why
            yield WorkerRefused(told.address, why)
        else:
            self._joined[told.address] = at_a_time
            yield WorkerJoined(told.address, told.versions, at_a_time)

    def close(self) -> None:
        """Let the workers go."""
        self._transport.close()


class _Dealing:
    """Which units wait, and who performs which."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self._units = iter(units)
        self._numbers = itertools.count()
        self._waiting: deque[Deal] = deque()
        self._busy: dict[str, Deal] = {}
        self._is_exhausted = False
        #: What is masked in units that begin, as text; None if it is to be told anew.
        self.known: tuple[str, ...] | None = None

    @property
    def busy(self) -> list[Deal]:
        """What is performed now, or waits to be gone on with."""
        return [*self._busy.values(), *self._waiting]

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        return self._is_exhausted and not self._busy and not self._waiting

    def deal(self, workers: Mapping[str, int], masked: Masked) -> Iterator[Deal]:
        """Yield what the free ``workers`` perform from now on; each is to be sent at once."""
        free = dict(workers)
        for deal in self._busy.values():
            free[deal.address] -= 1
        # In turn, so that no host has all of the work while another one has none.
        for address in _in_turn(free):
            if self._waiting:
                deal = self._waiting.popleft()
            else:
                unit = None if self._is_exhausted else next(self._units, None)
                if unit is None:
                    self._is_exhausted = True
                    return
                if self.known is None:
                    self.known = tuple(str(signature) for signature in masked)
                deal = Deal(unit, next(self._numbers), self.known)
            deal.address = address
            self._busy[deal.name] = deal
            yield deal

    def named(self, name: str) -> Deal | None:
        """What is performed under this name; None if it is so no more."""
        return self._busy.get(name)

    def at(self, address: str) -> list[Deal]:
        """What a worker performs."""
        return [deal for deal in self._busy.values() if deal.address == address]

    def over(self, deal: Deal) -> None:
        """It has come to its end."""
        del self._busy[deal.name]

    def again(self, deal: Deal, why: str) -> Iterator[UnitEvent]:
        """Its worker is lost: somebody else goes on with it, before any that has not begun."""
        del self._busy[deal.name]
        yield from deal.lost(why)
        if not deal.is_over:
            self._waiting.append(deal)


def _in_turn(free: Mapping[str, int]) -> Iterator[str]:
    for place in range(max(free.values(), default=0)):
        yield from (address for address, places in free.items() if places > place)


def _left(deadline: float | None) -> float:
    """Seconds until the next look, or the end."""
    if deadline is None:
        return _INTERVAL
    return min(_INTERVAL, max(deadline - time.monotonic(), 0))


__all__ = ["Fleet"]
