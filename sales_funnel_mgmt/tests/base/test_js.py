from odoo.tests import HttpCase, tagged


def hoot_id(name):
    """Return the id that Hoot gives to a suite: its name hashed as Hoot's `generateHash` does."""
    value = 0
    for char in name:
        value = ((value << 5) - value + ord(char)) & 0xFFFFFFFF
    return f'{value:08x}'


@tagged('post_install', '-at_install')
class TestJs(HttpCase):
    def test_unit_tests(self):
        # An id that matches nothing runs every suite there is and times out: a typo is loud.
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
