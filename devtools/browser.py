"""The browser of the tours and the JavaScript tests: Odoo takes a Chromium that is in PATH."""

import shutil

from .console import Fail

NAMES = ('google-chrome', 'chromium', 'chromium-browser', 'google-chrome-stable')


def require():
    for name in NAMES:
        path = shutil.which(name)
        if path:
            return path
    raise Fail(
        'browser',
        "there is no Chromium in PATH, which the tours and JavaScript tests run in",
        "apt-get install chromium",
    )
