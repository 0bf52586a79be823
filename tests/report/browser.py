"""A Chromium to look at pages with: the system's, else Playwright's own."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
REMEDY = "install Debian's chromium, or: python -m playwright install --with-deps chromium"


def system_chromium() -> str | None:
    """Return the path of a Chromium that is on the path, or None."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def _without(reason: str) -> None:
    """Skip for want of a browser; the continuous integration must have one."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{reason}; {REMEDY}")
    pytest.skip(f"{reason}; {REMEDY}")


@contextmanager
def chromium() -> Iterator[object]:
    """Run a headless Chromium; skips the test where none can be had."""
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        _without("playwright is not installed")
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=system_chromium())
        except Error as error:
            _without(f"no browser starts: {str(error).splitlines()[0]}")
        yield browser
        browser.close()
