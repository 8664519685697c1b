"""The system's Chromium, driven by playwright, and the errors that its pages report."""

import contextlib

from playwright.sync_api import sync_playwright

from devtools import browser

# milliseconds, as playwright counts: a page that shows nothing for so long is broken
TIMEOUT = 180_000
# playwright's own switches already keep Chromium from calling its maker in the background
SWITCHES = ['--disable-gpu', '--disable-quic', '--disable-sync']
# what Chromium says of a document without an icon
HARMLESS = ('/favicon.ico',)


@contextlib.contextmanager
def running():
    """The browser, for the thread that starts it: playwright serves no other."""
    with sync_playwright() as playwright:
        # closed with playwright, which also ends it when this process is killed
        yield playwright.chromium.launch(executable_path=browser.require(), args=SWITCHES)


@contextlib.contextmanager
def context(chromium, size, url=None):
    """A context with cookies of its own, so that several users can be logged in at once."""
    width, height = size
    # below Bootstrap's `md` Odoo shows what it has for phones, which are touched
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
    """Collects what goes wrong in a page, in words."""

    def __init__(self, page):
        self._found = []
        page.on('console', self._console)
        page.on('pageerror', lambda error: self._note(error.stack or error.message))
        page.on('response', self._response)

    def take(self):
        """The errors since the last time; those up to the page's last answer have arrived."""
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
