"""A browser for the tests of pages: Debian's chromium, without a window or a network."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from selenium.webdriver import Chrome
    from selenium.webdriver.remote.webelement import WebElement

#: Screenshots stay here, to be looked at.
ARTIFACTS = Path(__file__).parents[4] / "build" / "browser"
AXE = "axe-core@4.10.3"
#: Seconds within which a page answers; far more than it takes, since others use this machine too.
PATIENCE = 300.0
#: What axe calls a violation that keeps somebody from using the page.
SERIOUS = ("serious", "critical")


class Browser:
    """A page in the browser, by selectors."""

    def __init__(self, driver: Chrome, axe: Callable[[], str]) -> None:
        self.driver = driver
        self._axe = axe

    def open(self, page: Path, fragment: str = "") -> None:
        """Load ``page`` anew, from its file."""
        self.driver.get("about:blank")
        self.driver.get(page.as_uri() + fragment)

    def all(self, selector: str) -> list[WebElement]:
        """The elements that ``selector`` finds."""
        return self.driver.find_elements("css selector", selector)

    def one(self, selector: str) -> WebElement:
        """The only element that ``selector`` finds."""
        (found,) = self.all(selector)
        return found

    def wait_for(self, selector: str) -> None:
        """Wait until ``selector`` finds something; fail with what the page has to say."""
        deadline = time.monotonic() + PATIENCE
        while not self.all(selector):
            assert time.monotonic() < deadline, (selector, self.texts("[role=status]"))
            time.sleep(0.02)

    def run(self, script: str, *arguments: Any) -> Any:
        """What a script returns."""
        return self.driver.execute_script(script, *arguments)

    def texts(self, selector: str) -> list[str]:
        """The texts of the elements that ``selector`` finds, shown or not."""
        return list(
            self.run(
                "return [...document.querySelectorAll(arguments[0])]"
                ".map((each) => each.textContent.toWellFormed())",
                selector,
            )
        )

    def press(self, selector: str) -> None:
        """Press the only element that ``selector`` finds, wherever it is on the page."""
        self.run("arguments[0].click()", self.one(selector))

    def choose(self, selector: str, value: str) -> None:
        """Choose a value of a list."""
        self.run(
            "arguments[0].value = arguments[1];"
            "arguments[0].dispatchEvent(new Event('change', { bubbles: true }))",
            self.one(selector),
            value,
        )

    def dark(self, wanted: bool) -> None:
        """Whether the user likes it dark."""
        value = "dark" if wanted else "light"
        self.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia",
            {"features": [{"name": "prefers-color-scheme", "value": value}]},
        )

    def width(self, pixels: int) -> None:
        """How wide the window is."""
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": pixels, "height": 1000, "deviceScaleFactor": 1, "mobile": False},
        )

    def keep(self, name: str) -> None:
        """Keep a picture of the whole page."""
        ARTIFACTS.mkdir(parents=True, exist_ok=True)
        size = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {
                "width": int(size["width"]),
                "height": min(3000, int(size["height"])),
                "deviceScaleFactor": 1,
                "mobile": False,
            },
        )
        assert self.driver.save_screenshot(str(ARTIFACTS / f"{name}.png"))

    def violations(self) -> list[str]:
        """The serious violations that axe finds on the page as it is now."""
        self.run(self._axe())
        found = self.driver.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            "axe.run(document, { preload: false }).then((r) => done(r.violations))"
        )
        return [
            f"{each['id']}: {each['nodes'][0]['html']}: {each['nodes'][0]['failureSummary']}"
            for each in found
            if each["impact"] in SERIOUS
        ]

    def complaints(self) -> list[str]:
        """What the browser logged since the last time: errors, refused loads."""
        return [json.dumps(each["message"]) for each in self.driver.get_log("browser")]


@pytest.fixture(scope="session")
def axe(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], str]:
    """The source of axe-core, from npm; once for all runs where pytest has its cache."""

    def source() -> str:
        cache = getattr(request.config, "cache", None)
        folder: Path = cache.mkdir(AXE) if cache else tmp_path_factory.getbasetemp() / AXE
        script = folder / "node_modules" / "axe-core" / "axe.min.js"
        if not script.exists():
            if shutil.which("npm") is None:
                pytest.skip("npm, which fetches axe-core, is not installed")
            command = ["npm", "install", "--silent", "--no-save", "--prefix", str(folder), AXE]
            if subprocess.run(command, capture_output=True, check=False).returncode:
                pytest.skip("npm could not fetch axe-core")
        return script.read_text(encoding="utf-8")

    return source


@pytest.fixture(scope="session")
def browser(axe: Callable[[], str]) -> Iterator[Browser]:
    """One browser for all tests; nothing that it asks the network for is answered."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="needs the extra 'browser'")
    chromium, chromedriver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or chromedriver is None:
        pytest.skip("chromium and chromedriver are not installed (apt-get install chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--host-resolver-rules=MAP * ~NOTFOUND",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(chromedriver))
    driver.execute_cdp_cmd("Network.enable", {})
    driver.execute_cdp_cmd(
        "Network.emulateNetworkConditions",
        {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0},
    )
    try:
        yield Browser(driver, axe)
    finally:
        driver.quit()


@pytest.fixture
def window(browser: Browser) -> Browser:
    """The browser in light, on a wide screen, with nothing logged."""
    browser.dark(False)
    browser.width(1400)
    browser.driver.get_log("browser")
    return browser
