"""Suites of released packages, run against the packages as they are stored in a database.

Each package is taken from its source distribution, imported with ``modules import``,
and taken away from the path: ``import`` finds it in the database alone.  The same
suite runs with the package as plain files.  Ends with 1 if a test passes plainly
and is not named below with the reason why it cannot pass from a database.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

TOP = Path(__file__).parents[1]


@dataclass(frozen=True)
class Release:
    """A pinned release: what it installs, what its suite needs, and what cannot pass, with why.

    ``cannot`` maps a regular expression of test ids to a reason.
    """

    name: str
    packages: tuple[str, ...]
    needs: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    cannot: Mapping[str, str] = field(default_factory=dict)


RELEASES = (
    # Its distribution has a part of the suite, and one file of that needs another part.
    Release(
        "dacite==1.9.2",
        ("dacite",),
        ("pytest-benchmark",),
        arguments=("--ignore=tests/test_types.py",),
    ),
    Release("marshmallow==3.26.1", ("marshmallow",), ("simplejson",)),
    Release(
        "jinja2==3.1.6",
        ("jinja2",),
        ("markupsafe", "trio"),
        cannot={"test_package_loader_no_dir": "it looks for a folder of templates in jinja2"},
    ),
    Release(
        "structlog==25.4.0",
        ("structlog",),
        ("freezegun", "pretend", "pytest-asyncio", "simplejson", "time-machine", "twisted"),
    ),
    Release("attrs==25.3.0", ("attr", "attrs"), ("hypothesis", "cloudpickle", "pympler")),
    # One of its modules can be executed on Windows only.
    Release(
        "click==8.1.8",
        ("click",),
        exclude=("click._winconsole",),
        cannot={"test_light_imports": "it starts another interpreter, without the database"},
    ),
    Release(
        "werkzeug==3.1.3",
        ("werkzeug",),
        ("markupsafe", "pytest-timeout", "watchdog", "cryptography", "ephemeral-port-reserve"),
    ),
)


def main() -> int:
    """Run the suites that are named, all by default, and show what differs."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.package_suites", description=__doc__
    )
    parser.add_argument("names", nargs="*", help="packages (default: all)")
    parser.add_argument("--work", type=Path, help="a folder to keep, for another run")
    parser.add_argument("--sdists", type=Path, help="a folder with source distributions")
    options = parser.parse_args()
    chosen = [each for each in RELEASES if each.name.partition("==")[0] in options.names]
    with tempfile.TemporaryDirectory() as temporary:
        work = options.work or Path(temporary)
        print("| release | tests | pass plainly | pass stored | cannot | lost |")
        print("|---" * 6 + "|")
        lost = [_judge(release, work, options.sdists) for release in chosen or RELEASES]
    return int(any(lost))


def _judge(release: Release, work: Path, sdists: Path | None) -> bool:
    """Run one suite both ways and print its row; return whether something is lost."""
    folder = work / release.name.replace("==", "-")
    source = _unpacked(release, folder, sdists)
    tree = folder / "tree"
    database = folder / "data.fs"
    if not database.exists():
        excluded = [part for name in release.exclude for part in ("--exclude", name)]
        arguments = ["import", f"file:{database}", str(tree), "--create", *excluded]
        _run([sys.executable, "-m", "conformance", "modules", *arguments])
    plain = _suite(release, source, folder, [tree], "plain", {})
    stored = _suite(release, source, folder, [], "stored", {"STORED_PACKAGE": str(database)})
    passed = {name for name, outcome in plain.items() if outcome == "passed"}
    gone = sorted(name for name in passed if stored.get(name) != "passed")
    cannot = [name for name in gone if _reason(release, name)]
    unexplained = [name for name in gone if not _reason(release, name)]
    kept = sum(outcome == "passed" for outcome in stored.values())
    cells = (release.name, len(plain), len(passed), kept, len(cannot), len(unexplained))
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)
    for name in unexplained:
        print(f"lost: {name}", file=sys.stderr)
    return bool(unexplained) or not passed


def _reason(release: Release, name: str) -> str | None:
    return next((why for what, why in release.cannot.items() if re.search(what, name)), None)


def _unpacked(release: Release, folder: Path, sdists: Path | None) -> Path:
    """Return the unpacked distribution; its packages are in ``tree``, installed are the rest."""
    if not (folder / "site").exists():
        folder.mkdir(parents=True, exist_ok=True)
        pip = [sys.executable, "-m", "pip", "-q"]
        place = sdists or folder
        if not list(_archives(release, place)):
            _run(
                [
                    *pip,
                    "download",
                    "--no-deps",
                    "--no-binary",
                    ":all:",
                    "-d",
                    str(place),
                    release.name,
                ]
            )
        archive = next(_archives(release, place))
        with tarfile.open(archive) as file:
            file.extractall(folder, filter="data")
        if release.needs:
            _run([*pip, "install", *release.needs])
        site = folder / "site"
        _run([*pip, "install", "--no-deps", "--target", str(site), str(archive)])
        for package in release.packages:
            shutil.rmtree(folder / "tree" / package, ignore_errors=True)
            shutil.copytree(site / package, folder / "tree" / package)
            shutil.rmtree(site / package)
    return next(path for path in folder.iterdir() if (path / "PKG-INFO").exists())


def _archives(release: Release, folder: Path) -> Iterator[Path]:
    name, _, version = release.name.partition("==")
    for path in folder.glob(f"*-{version}.tar.gz"):
        if path.name.lower().startswith(name):
            yield path


def _suite(
    release: Release,
    source: Path,
    folder: Path,
    path: Sequence[Path],
    kind: str,
    environment: Mapping[str, str],
) -> dict[str, str]:
    """Return the outcome of each test."""
    report = folder / f"{kind}.xml"
    report.unlink(missing_ok=True)
    plugin = ["-p", "benchmarks.stored_package"] if environment else []
    copied = folder / kind
    shutil.rmtree(copied, ignore_errors=True)
    shutil.copytree(source / "tests", copied / "tests")
    for name in ("pyproject.toml", "conftest.py", "examples", "setup.cfg", "tox.ini"):
        if (source / name).is_file():
            shutil.copy(source / name, copied / name)
    paths = [TOP, folder / "site", *path]
    with (folder / f"{kind}.log").open("w") as log:
        subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"),
                *plugin,
                *(
                    f"--junit-xml={report}",
                    "--import-mode=importlib",
                    "-W",
                    "default",
                    "--tb=short",
                ),
                *(*release.arguments, "tests"),
            ],
            cwd=copied,
            env={**os.environ, **environment, "PYTHONPATH": os.pathsep.join(map(str, paths))},
            stdout=log,
            stderr=subprocess.STDOUT,
            check=False,
        )
    return dict(_outcomes(report)) if report.exists() else {}


def _outcomes(report: Path) -> Iterator[tuple[str, str]]:
    for case in ElementTree.parse(report).iter("testcase"):
        # Some names have the time in them.
        parameters = re.sub(r"\d\d+[-:]\d+[-:]\d+", "time", case.get("name") or "")
        name = f"{case.get('classname')}::{parameters}"
        kinds = {child.tag for child in case} & {"failure", "error", "skipped"}
        yield name, "passed" if not kinds else min(kinds)


def _run(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, cwd=TOP, env={**os.environ, "PYTHONPATH": str(TOP)})


if __name__ == "__main__":
    sys.exit(main())
