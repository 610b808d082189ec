"""How much a page weighs, and how soon it can be used: ``python benchmarks/page_speed.py PAGE``.

PAGE is what ``compare --html`` wrote. Debian's chromium loads it some times without a window; the
time is that from the start of the navigation until all of it is there and listens.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import time
from pathlib import Path

from selenium.webdriver import Chrome, ChromeOptions, ChromeService


def ready_after(driver: Chrome, page: Path) -> float:
    """The milliseconds until ``page`` can be used."""
    driver.get("about:blank")
    driver.get(page.as_uri())
    while driver.execute_script("return document.body.dataset.ready") != "true":
        time.sleep(0.01)
    return float(driver.execute_script("return performance.getEntriesByName('ready')[0].startTime"))


def main() -> None:
    """Print weight and times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("page", type=Path)
    parser.add_argument("--times", type=int, default=7)
    given = parser.parse_args()
    options = ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu"):
        options.add_argument(argument)
    driver = Chrome(options, ChromeService(shutil.which("chromedriver")))
    try:
        times = [ready_after(driver, given.page.resolve()) for _ in range(given.times)]
    finally:
        driver.quit()
    print(f"{given.page.stat().st_size / 1e6:.2f} MB")
    print(f"ready after {statistics.median(times):.0f} ms (median; {max(times):.0f} at most)")


if __name__ == "__main__":
    main()
