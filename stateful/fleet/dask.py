"""Fleets by dask.distributed: the one place that talks to it from the coordinator's side."""

from __future__ import annotations

import asyncio
import concurrent.futures
import json
import queue
import threading
import time
import uuid
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import dask
from distributed import Client, Future, LocalCluster
from distributed.comm.core import CommClosedError

from stateful.fleet import worker
from stateful.fleet.transport import Arrived, FleetError, Introduced, Returned, Told, Transport
from stateful.processes.isolation import Launch

#: The name of the cluster that is started on this machine.
LOCAL = "local"
#: Seconds that a scheduler has to answer, at first and in the end; and after which it is gone if it
#: does not answer in between, where it may have much to do.
_ANSWER, _SILENT = 30, 120
#: Seconds that are waited for who is there, while what is told waits too.
_LOOK = 0.5
_LOST = (OSError, CommClosedError, TimeoutError)
#: Nothing of the coordinator is to be profiled on this machine.
_QUIET = {"distributed.worker.profile.enabled": False, "distributed.logging.distributed": "error"}


class DaskTransport(Transport):
    """Reaches the workers of the scheduler at an address, or of a cluster started here.

    ``scheduler`` is the address, or "local"; ``workers`` is how many are started then. The targets
    of ``launches`` have to be there on all of them. Raises `FleetError`.
    """

    def __init__(self, scheduler: str, launches: Sequence[Launch], workers: int = 2) -> None:
        self._run = uuid.uuid4().hex
        self._launches = [(launch.target, launch.python) for launch in launches]
        self._arrived: queue.SimpleQueue[Arrived] = queue.SimpleQueue()
        self._futures: dict[str, Future] = {}
        self._cluster: LocalCluster | None = None
        self._there: Mapping[str, int] = {}
        #: What the scheduler was asked last, and has not answered yet, and when.
        self._asking: concurrent.futures.Future[Mapping[str, int]] | None = None
        self._since = 0.0
        if scheduler == LOCAL:
            with dask.config.set(_QUIET), warnings.catch_warnings():
                # A busy disk is warned of, and is nothing to be mended.
                warnings.simplefilter("ignore")
                # Units are performed in processes of their own, whoever has them performed.
                self._cluster = LocalCluster(
                    n_workers=workers,
                    threads_per_worker=1,
                    processes=False,
                    memory_limit=0,
                    dashboard_address=":0",
                    silence_logs="ERROR",
                )
        try:
            self._client = Client(
                scheduler if self._cluster is None else self._cluster,
                timeout=_ANSWER,
                set_as_default=False,
                name="persistent-conformance",
            )
        except Exception as error:
            # An address that is none, a scheduler that is not there, certificates that are missing:
            # each part of dask raises what it has.
            self._close_cluster()
            raise FleetError(
                f"no scheduler answers at {scheduler!r} ({type(error).__name__}: {error}). Start "
                "one with `dask scheduler`; a tls:// address takes certificates here too"
            ) from None
        self._client.subscribe_topic(worker.topic(self._run), self._hear)

    @property
    def address(self) -> str:
        """Where the scheduler is."""
        return str(self._client.scheduler.address)

    @property
    def dashboard(self) -> str:
        """Where dask shows what the workers do; empty if it does not."""
        with suppress(*_LOST):
            info = self._client.scheduler_info()
            if "dashboard" in info.get("services", {}):
                return str(self._client.dashboard_link or "")
        return ""

    def workers(self) -> Mapping[str, int]:
        """See `Transport.workers`. While the scheduler does not answer, it is who was there."""
        with self._reaching():
            if self._asking is None:
                loop: Any = self._client.loop
                asked = self._client.scheduler.ncores()
                self._asking = asyncio.run_coroutine_threadsafe(asked, loop.asyncio_loop)
                self._since = time.monotonic()
            concurrent.futures.wait([self._asking], _LOOK)
            if self._asking.done():
                answered, self._asking = self._asking, None
                self._there = dict(answered.result())
            elif time.monotonic() - self._since > _SILENT:
                raise TimeoutError(f"it has not answered for {_SILENT} seconds")
        return self._there

    def introduce(self, address: str) -> None:
        """See `Transport.introduce`."""
        future = self._submit(address, f"introduce-{address}", worker.introduce, self._launches)

        def done(future: Future) -> None:
            why = _why(future)
            versions = {} if why else future.result()
            self._arrived.put(Introduced(address, versions, why))

        future.add_done_callback(done)

    def send(self, address: str, deal: str, request: Mapping[str, Any]) -> None:
        """See `Transport.send`."""
        # As text: dask looks for its own things in every list that it is given.
        text = json.dumps(request)
        future = self._submit(address, deal, worker.perform, self._run, deal, text)

        def done(future: Future) -> None:
            self._arrived.put(Returned(deal, _why(future)))

        future.add_done_callback(done)

    def _submit(
        self, address: str, name: str, function: Callable[..., Any], *arguments: Any
    ) -> Future:
        submit = partial(
            self._client.submit,
            function,
            *arguments,
            key=f"{name}-{self._run}",
            workers=[address],
            pure=False,
            retries=0,
        )
        with self._reaching():
            future = self._futures[name] = submit()
        return future

    def cancel(self, deals: Sequence[str]) -> None:
        """See `Transport.cancel`."""
        futures = [self._futures.pop(deal) for deal in deals if deal in self._futures]
        if futures:
            with suppress(FleetError), self._reaching():
                self._client.cancel(futures, force=True)

    def receive(self, seconds: float) -> Sequence[Arrived]:
        """See `Transport.receive`."""
        arrived: list[Arrived] = []
        with suppress(queue.Empty):
            arrived.append(self._arrived.get(timeout=max(seconds, 0.001)))
            while True:
                arrived.append(self._arrived.get_nowait())
        for each in arrived:
            if isinstance(each, Returned):
                self._futures.pop(each.deal, None)
        return arrived

    def _hear(self, event: tuple[float, Mapping[str, Any]]) -> None:
        _, told = event
        messages = [(kind, content) for kind, content in json.loads(told["told"])]
        self._arrived.put(Told(told["deal"], told["batch"], messages))

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        """Raise `FleetError` if the scheduler cannot be reached any more."""
        try:
            yield
        except Exception as error:
            # Once dask has given up, it raises whatever its parts do that are closed.
            if isinstance(error, _LOST) or self._client.status != "running":
                raise FleetError(f"the scheduler is gone ({error})", started=True) from None
            raise

    def close(self) -> None:
        """Let the workers go; those that were started here end."""
        self._futures.clear()
        # One that has stopped would never answer.
        dismissing = threading.Thread(target=self._dismiss, daemon=True)
        dismissing.start()
        dismissing.join(_ANSWER)
        with suppress(FleetError), self._reaching():
            self._client.close(timeout=_ANSWER)
        self._close_cluster()

    def _dismiss(self) -> None:
        with suppress(FleetError), self._reaching():
            self._client.run(worker.dismiss, self._run, on_error="ignore")

    def _close_cluster(self) -> None:
        if self._cluster is not None:
            self._cluster.close(timeout=_ANSWER)


def _why(future: Future) -> str:
    """Why nothing came of it; empty if something did."""
    if future.status == "finished":
        return ""
    if future.status != "error":
        return f"it was {future.status}"
    error = future.exception()
    return f"{type(error).__name__}: {error}"
