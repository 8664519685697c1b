"""Run the JavaScript unit tests of the addon."""

from odoo.tests import HttpCase, tagged


def hoot_id(name):
    """Return the id of a suite in Hoot: its name, hashed as in Hoot's `generateHash`."""
    value = 0
    for char in name:
        value = ((value << 5) - value + ord(char)) & 0xFFFFFFFF
    return f'{value:08x}'


@tagged('post_install', '-at_install')
class TestJs(HttpCase):
    def test_unit_tests(self):
        # An unknown id runs all the suites and times out, so that a typo does not stay unnoticed.
        self.browser_js(
            '/web/tests?headless&loglevel=2&preset=desktop&timeout=15000'
            f'&id={hoot_id("@sales_funnel_mgmt")}',
            "",
            "",
            login='admin',
            timeout=300,
            success_signal='[HOOT] Test suite succeeded',
            error_checker=lambda message: '[HOOT]' not in message,
        )
