"""Test that each table has one capability that writes it, and that one file uses the private ORM API."""

import re
from pathlib import Path

from odoo.tests import BaseCase, tagged

ADDON = Path(__file__).parents[2]
OWNERS = {
    r'(INSERT INTO|UPDATE|DELETE FROM)\s+crm_stage_history\b': 'models/stage_history',
    r'(INSERT INTO|UPDATE|DELETE FROM)\s+crm_communication\b': 'models/communication',
    r'_field_dirty|_get_cache\(|\._recompute_(model|recordset|field)\b': 'models/base',
    r'(pre|post)commit\b': 'models/base',
}


@tagged('post_install', '-at_install')
class TestOwnership(BaseCase):
    def test_one_owner(self):
        for pattern, owner in OWNERS.items():
            found = {
                str(path.relative_to(ADDON))
                for path in ADDON.rglob('*.py')
                if 'tests' not in path.parts and re.search(pattern, path.read_text())
            }
            with self.subTest(pattern=pattern):
                self.assertTrue(found)
                self.assertFalse({path for path in found if not path.startswith(f'{owner}/')})
