"""Drive the system's Chromium by playwright, and collect the errors of its pages."""

import contextlib

from playwright.sync_api import sync_playwright

from devtools import browser

# milliseconds after which a page without a result counts as broken
TIMEOUT = 180_000
# Playwright's own switches already suppress background connections to Chromium's vendor.
SWITCHES = ['--disable-gpu', '--disable-quic', '--disable-sync']
# Chromium's error for a document without an icon
HARMLESS = ('/favicon.ico',)


@contextlib.contextmanager
def running():
    """Run the browser for the current thread: playwright does not serve other threads."""
    with sync_playwright() as playwright:
        # Playwright closes the browser, even if this process is killed.
        yield playwright.chromium.launch(executable_path=browser.require(), args=SWITCHES)


@contextlib.contextmanager
def context(chromium, size, url=None):
    """Open a context with separate cookies, so that several users can be logged in at once."""
    width, height = size
    # Below Bootstrap's `md`, Odoo shows its layout for phones with touch screens.
    phone = width < 768
    found = chromium.new_context(
        base_url=url,
        viewport={'width': width, 'height': height},
        is_mobile=phone,
        has_touch=phone,
        reduced_motion='reduce',
    )
    found.set_default_timeout(TIMEOUT)
    try:
        yield found
    finally:
        found.close()


class Errors:
    """Collects the error messages of a page."""

    def __init__(self, page):
        self._found = []
        page.on('console', self._console)
        page.on('pageerror', lambda error: self._note(error.stack or error.message))
        page.on('response', self._response)

    def take(self):
        """Return the errors since the last call, up to the last response of the page."""
        found, self._found = self._found, []
        return found

    def _note(self, text):
        if not any(part in text for part in HARMLESS):
            self._found.append(text)

    def _console(self, message):
        if message.type in {'error', 'assert'}:
            self._note(f"console: {message.text} {message.location['url']}")

    def _response(self, response):
        if response.status >= 400:
            self._note(f"HTTP {response.status}: {response.url}")
