"""The browser of the tours and the JavaScript tests: Odoo takes a Chromium that is in PATH."""

import shutil

from .console import Fail, run

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


def require_chinese():
    """Refuse to take pictures in which boxes stand for Chinese."""
    if not run('fonts', ['fc-list', ':lang=zh'], "apt-get install fontconfig").strip():
        raise Fail('fonts', "no font has Chinese characters", "apt-get install fonts-noto-cjk")
