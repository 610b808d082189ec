"""Sessions for contributors and CI: ``nox --list`` shows them."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import nox

nox.options.default_venv_backend = "venv"
nox.options.sessions = ["tests", "lint", "types", "docs"]
nox.options.reuse_existing_virtualenvs = True

UPSTREAM = "persistent==6.9"
#: What upstream's own suites need, in the releases whose tests we count.
SUITES = (UPSTREAM, "ZODB==6.4", "BTrees==6.5", "zope.testrunner", "manuel", "zope.testing")
#: Where one baseline is held to in several; PyPy only if it is there.
INTERPRETERS = ("python3.8", "python3.9", "python3.10", "python3.12", "python3.13", "pypy3")
#: Names the script that runs other projects' suites with an implementation swapped in.
RUNNER = "UPSTREAM_RUNNER"


@nox.session
def tests(session: nox.Session) -> None:
    """Everything that a contributor needs, in parallel."""
    session.install("-e", ".[test]")
    session.run("pytest", "-n", "2", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """ruff, formatting included."""
    session.install("-e", ".[lint]")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """mypy, strict, on the four packages."""
    session.install("-e", ".[lint]")
    session.run("mypy")


@nox.session
def docs(session: nox.Session) -> None:
    """The documentation, without warnings."""
    session.install("-e", ".[docs,test]")
    session.run("python", "docs/generate.py", "--check")
    session.run(
        *("persistent-conformance", "compare", "ref", "persistent-c", "persistent-py", "--quiet"),
        *("--html", "docs/_pages/compared.html"),
        success_codes=[1],
    )
    session.run(
        *("persistent-conformance", "teach", "persistent-c", "persistent-py"),
        *("-o", "docs/_pages/teach.html"),
    )
    session.run("python", "-m", "docs.wrong", "docs/_pages/wrong")
    session.run("sphinx-build", "-W", "-q", "-b", "html", "docs", "docs/_build/html")


@nox.session
@nox.parametrize("target", ["ref", "persistent-c", "persistent-py"])
def targets(session: nox.Session, target: str) -> None:
    """Judge a built-in target; upstream's against the baselines in this repository."""
    session.install("-e", ".", UPSTREAM)
    known = [] if target == "ref" else ["--baseline", f"tests/baselines/{target}.toml"]
    session.run("persistent-conformance", "check", target, "--quiet", *known)


@nox.session
@nox.parametrize("target", ["persistent-c", "persistent-py"])
def interpreters(session: nox.Session, target: str) -> None:
    """One baseline for several interpreters, PyPy among them: written, then held to in each."""
    session.install("-e", ".")
    found = {}
    for name in INTERPRETERS:
        # The C implementation is not there on PyPy.
        if name == "pypy3" and (target == "persistent-c" or not shutil.which(name)):
            continue
        folder = Path(session.create_tmp()) / name
        session.run(name, "-m", "venv", str(folder), external=True)
        python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
        session.run(str(python), "-m", "pip", "install", "-q", "persistent", external=True)
        found[name] = str(python)
    known = Path(session.create_tmp()) / f"{target}.toml"
    shutil.copy(f"tests/baselines/{target}.toml", known)
    everywhere = [word for python in found.values() for word in ("--python", python)]
    session.run(
        *("persistent-conformance", "baseline", target, "--quiet", "-o", str(known), *everywhere)
    )
    for python in found.values():
        one = ("--python", python, "--baseline", str(known))
        session.run("persistent-conformance", "check", target, "--quiet", *one)


@nox.session
def releases(session: nox.Session) -> None:
    """Judge released versions of persistent in environments that are made and kept (slow).

    What is stored already is kept; `-- 6.9 --again` judges one again.
    """
    session.install("-e", ".[test]")
    session.run("python", "docs/releases.py", *session.posargs)
    session.run("python", "docs/fixes.py")
    session.run("python", "docs/generate.py")


@nox.session
def field(session: nox.Session) -> None:
    """Judge what else can be installed: the targets with an adapter."""
    session.install("-e", ".")
    python = Path(session.create_tmp()) / "field"
    session.run(sys.executable, "-m", "venv", str(python), external=True)
    interpreter = str(python / ("Scripts" if sys.platform == "win32" else "bin") / "python")
    session.run(
        *(interpreter, "-m", "pip", "install", "-q", "Persistence", "BTrees", "Durus"),
        *("pjpersist", "ZODB", "RelStorage"),
        external=True,
    )
    targets = ("btrees-c", "btrees-py", "buckets-c", "buckets-py", "Persistence", "durus")
    session.run(
        *("python", "docs/field.py", interpreter, *targets, "pjpersist", "zodb", "relstorage")
    )
    session.run("python", "docs/generate.py")


@nox.session
def partial(session: nox.Session) -> None:
    """The reference without each part and each pair of parts: nothing may fail or differ."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "tests.partial")


@nox.session
def modules(session: nox.Session) -> None:
    """Persistent modules: each implementation over ZEO, and two Pythons on one database."""
    session.install("-e", ".[test]")
    session.run(
        *("pytest", "tests/persistent_ref/modules"),
        env={
            "MODULES_IMPLEMENTATIONS": "persistent-c,persistent-py,ref",
            "MODULES_ORDERS_STEP": "1",
        },
    )
    pythons = []
    for version in ("3.10", "3.13"):
        folder = Path(session.create_tmp()) / f"modules-{version}"
        session.run(f"python{version}", "-m", "venv", str(folder), external=True)
        python = folder / ("Scripts" if sys.platform == "win32" else "bin") / "python"
        session.run(str(python), "-m", "pip", "install", "-q", "ZODB", "ZEO", external=True)
        pythons.append(str(python))
    session.run(
        *("pytest", "tests/persistent_ref/modules/test_zeo.py"),
        env={"MODULES_PYTHONS": os.pathsep.join(pythons)},
    )


@nox.session
def packages(session: nox.Session) -> None:
    """Suites of released packages, with the packages in a database, and as plain files.

    Arguments are the names of packages; all of them by default.
    """
    session.install("-e", ".[test]")
    session.run("python", "-m", "benchmarks.package_suites", *session.posargs)


@nox.session
def upstream(session: nox.Session) -> None:
    """The test suites that others wrote, with the reference swapped in.

    The environment variable UPSTREAM_RUNNER is the path of the script that runs them.
    """
    runner = Path(os.environ.get(RUNNER, ""))
    if not runner.is_file():
        session.skip(f"set {RUNNER} to the path of run_upstream.py, which runs the suites")
    session.install(*SUITES)
    tmp = Path(session.create_tmp())
    session.run(
        *("pip", "download", "-q", "--no-deps", "--no-binary", ":all:", UPSTREAM, "-d", str(tmp))
    )
    archive = next(tmp.glob("persistent-*.tar.gz"))
    session.run("python", "-m", "tarfile", "-e", str(archive), str(tmp))
    session.run(
        "python",
        str(runner),
        *("--impl", "persistent_ref", "--path", "."),
        *("--suite", "persistent,persistent-docs,zodb"),
        *("--docs", str(tmp / archive.name.removesuffix(".tar.gz") / "docs" / "api")),
        *session.posargs,
    )


@nox.session
def matrix(session: nox.Session) -> None:
    """Everything that each wrong implementation breaks (slow)."""
    session.install("-e", ".[test]")
    session.run("python", "-m", "tests.wrong", *session.posargs)


@nox.session
def sensitivity(session: nox.Session) -> None:
    """How many single-operator changes of upstream's code the checks notice (slow)."""
    session.install("-e", ".[test,sensitivity]")
    session.run("python", "benchmarks/sensitivity.py", *session.posargs)


@nox.session
def faults(session: nox.Session) -> None:
    """Which single faults in upstream's code are noticed beside it, and with a file (slow)."""
    session.install("-e", ".", UPSTREAM)
    session.run("python", "benchmarks/faults.py", *session.posargs)


@nox.session
def speed(session: nox.Session) -> None:
    """The reference beside upstream's pure-Python implementation."""
    session.install("-e", ".", UPSTREAM)
    session.run("python", "benchmarks/reference_speed.py")
