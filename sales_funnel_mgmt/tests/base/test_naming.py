"""Test the names of records in messages."""

from odoo.tests import TransactionCase, tagged

from ...models.base.naming import list_some, list_some_html, name_some


@tagged('post_install', '-at_install')
class TestNaming(TransactionCase):
    def test_first_names_and_how_many_more(self):
        partners = self.env['res.partner'].create([{'name': name} for name in "ABCDE"])
        self.assertEqual(name_some(self.env, partners[:2]), "A, B")
        self.assertEqual(name_some(self.env, partners, 3), "A, B, C and 2 more")
        self.assertEqual(list_some(self.env, partners, 1), "- A\n- and 4 more")
        self.assertEqual(list_some(self.env, partners[:1]), "- A")

    def test_text_is_escaped_in_html(self):
        html = list_some_html(self.env, ["<b>", "c"], 1, name=str)
        self.assertEqual(html, "<ul><li>&lt;b&gt;</li><li>and 1 more</li></ul>")
