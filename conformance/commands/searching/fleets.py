"""``--scheduler``: the same units and checks, performed by the workers of a fleet."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import rich_click as click

from conformance.judging.selection import UnknownName
from conformance.reports.plain import echo
from stateful.engines.engine import Sides
from stateful.fleet.pool import Fleet
from stateful.fleet.transport import FleetError
from stateful.fleet.versions import versions
from stateful.processes.child import Limits
from stateful.processes.pools.pool import Pool

_EXTRA = "fleet"

scheduler_option = click.option(
    "--scheduler",
    metavar="ADDRESS|local",
    help="Perform the work on the workers of this scheduler of dask.distributed, or of a cluster "
    f"that is started here, with as many as --workers says. It needs the extra {_EXTRA!r}.",
)


@contextmanager
def fleet(
    scheduler: str | None, sides: Sides, limits: Limits, workers: int, *, quiet: bool, err: bool
) -> Iterator[Pool | None]:
    """The fleet of a scheduler as a pool, which is left in the end; None if there is no scheduler.

    Unless ``quiet``, it is said where its work can be watched, on standard error if ``err``. Raises
    `FleetError`, and `TargetError` if a target does not start here.
    """
    if scheduler is None:
        yield None
        return
    try:
        # Few runs need it, and most do not have it.
        from stateful.fleet.dask import DaskTransport
    except ModuleNotFoundError as error:
        raise FleetError(
            f"--scheduler needs the module {error.name!r}. Install it with "
            f"`pip install 'persistent-conformance[{_EXTRA}]'`"
        ) from None
    launches = [each for each in (sides.target, sides.accepted) if each is not None]
    here = versions(launches)
    transport = DaskTransport(scheduler, launches, workers)
    with Fleet(transport, here, limits) as pool:
        if not quiet:
            shown = f"; dask shows its work at {transport.dashboard}" if transport.dashboard else ""
            echo(f"fleet: the workers of {transport.address}{shown}", err=err)
        yield pool


def require_examples(address: str | None) -> None:
    """Raise `UnknownName` if examples are to be shared in a database that does not answer."""
    if address is None:
        return
    try:
        # Few runs need it, and most do not have it.
        from redis import Redis, RedisError
    except ModuleNotFoundError:
        raise UnknownName(
            "--examples needs the module 'redis'. Install it with "
            f"`pip install 'persistent-conformance[{_EXTRA}]'`"
        ) from None
    try:
        Redis.from_url(address).ping()
    except (RedisError, ValueError) as error:
        raise UnknownName(
            f"--examples: no database answers at {address!r} ({error}). Start one with "
            "`redis-server`"
        ) from None


__all__ = ["fleet", "require_examples", "scheduler_option"]
