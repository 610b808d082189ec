"""Settings profiles, registered with Hypothesis under names of our own.

They state every setting, so that a profile that a test-suite has loaded changes nothing, and so
that the one that Hypothesis loads by itself on CI servers, which has no example database, does not
either.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from os import PathLike

from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis.database import DirectoryBasedExampleDatabase, ExampleDatabase

#: Where examples are kept if nothing else is said: where Hypothesis keeps them.
EXAMPLES = ".hypothesis/examples"

_BUDGETS = {"quick": (50, 100), "ci": (300, 100), "deep": (3000, 200)}
_FINDING = (Phase.explicit, Phase.reuse, Phase.generate)
#: How addresses of shared databases begin, and the keys in them.
_SHARED, _KEYS = ("redis://", "rediss://", "unix://"), b"persistent-conformance:"
_PREFIX = "persistent-conformance-"


def profile(name: str, examples: str | PathLike[str] | None = EXAMPLES) -> settings:
    """The settings of the profile called ``name``: quick, ci or deep.

    ``examples`` is the directory of the example database, or the address of one that is shared
    (``redis://HOST:PORT``, which needs the package redis); with None there is none. Only ``deep``
    lets Hypothesis shrink, which takes it up to minutes, before our own shrinking, which takes
    milliseconds. Raises ValueError.
    """
    if name not in _BUDGETS:
        raise ValueError(f"profile: {name!r} is none of {', '.join(_BUDGETS)}")
    max_examples, steps = _BUDGETS[name]
    return settings(
        max_examples=max_examples,
        stateful_step_count=steps,
        database=None if examples is None else _database(examples),
        phases=(*_FINDING, Phase.shrink) if name == "deep" else _FINDING,
        deadline=None,
        derandomize=False,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        print_blob=False,
        # What a machine raises says all; Hypothesis would print the same in its own way.
        verbosity=Verbosity.quiet,
    )


def _database(examples: str | PathLike[str]) -> ExampleDatabase:
    if not str(examples).startswith(_SHARED):
        return DirectoryBasedExampleDatabase(examples)
    return _shared(str(examples))


@functools.cache
def _shared(address: str) -> ExampleDatabase:
    # Whoever shares nothing need not have it.
    from hypothesis.extra.redis import RedisExampleDatabase
    from redis import Redis

    return RedisExampleDatabase(Redis.from_url(address), key_prefix=_KEYS)


#: The profiles by their names here; with Hypothesis they are ``persistent-conformance-quick`` ...
PROFILES: Mapping[str, settings] = {name: profile(name) for name in _BUDGETS}

for _name, _settings in PROFILES.items():
    settings.register_profile(_PREFIX + _name, _settings)
