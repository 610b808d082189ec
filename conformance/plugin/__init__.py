"""The pytest plugin: ``pytest --pyargs conformance --target TARGET`` makes a test of each check.

Without ``--target`` it does nothing and imports nothing else, so that it can be installed beside
any other tests.
"""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare our options."""
    group = parser.getgroup("persistent-conformance", "conformance of persistent objects")
    group.addoption("--target", help="the implementation that --pyargs conformance judges")
    group.addoption("--target-python", metavar="INTERPRETER", help="run the target there")
    group.addoption("--target-baseline", metavar="FILE", help="what is known to fail")
    group.addoption(
        "--target-accepted",
        metavar="TARGET[@INTERPRETER]",
        help="what this implementation does too is known",
    )
    group.addoption(
        "--target-strict", action="store_true", help="a failing SHOULD clause fails its test too"
    )
    group.addoption("--target-timeout", type=float, default=10.0, help="CPU seconds for a check")


def pytest_configure(config: pytest.Config) -> None:
    """Start judging, if there is a target."""
    target = config.getoption("--target")
    if target is None:
        if config.getoption("--pyargs") and "conformance" in config.invocation_params.args:
            raise pytest.UsageError("--pyargs conformance judges a target: give --target TARGET")
        return
    from conformance.own_package import ForeignPackage, require_own_packages

    try:
        require_own_packages()
    except ForeignPackage as error:
        raise pytest.UsageError(str(error)) from error
    from conformance.plugin.items import Judge

    config.pluginmanager.register(Judge(config, target), "persistent-conformance-judge")
