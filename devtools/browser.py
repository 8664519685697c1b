"""Find the browser of the tours and JavaScript tests: Odoo uses a Chromium in PATH."""

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
    """Refuse to take pictures without a font for Chinese."""
    if not run('fonts', ['fc-list', ':lang=zh'], "apt-get install fontconfig").strip():
        raise Fail('fonts', "no font has Chinese characters", "apt-get install fonts-noto-cjk")
