"""Test the report of what users hold who have left sales."""

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from ..common import TestQuotaRateCommon


@tagged('post_install', '-at_install')
class TestOrphans(TestQuotaRateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leaver = cls.user_sales_salesman
        cls.env['crm.lead'].search([('user_id', '=', cls.leaver.id)]).user_id = False
        cls.customer.user_id = cls.leaver
        cls.contact_1.user_id = cls.leaver
        cls.opportunity = cls._create_opportunity(user_id=cls.leaver.id)
        cls.lead = cls._create_opportunity(user_id=cls.leaver.id, name="Lead", type='lead')
        cls.won = cls._create_opportunity(user_id=cls.leaver.id, stage_id=cls.stage_won.id)
        cls.lost = cls._create_opportunity(user_id=cls.leaver.id)
        cls.lost.action_set_lost()
        cls.Orphan = cls.env['crm.orphan.report'].with_user(cls.user_sales_manager)

    def _get_orphans(self):
        return {
            (row.kind, row.res_model, row.res_id)
            for row in self.Orphan.search([('user_id', '=', self.leaver.id)])
        }

    def test_nobody_has_left(self):
        self.assertFalse(self._get_orphans())

    def test_each_way_of_leaving(self):
        portal = Command.set(self.env.ref('base.group_portal').ids)
        internal = Command.set(self.env.ref('base.group_user').ids)
        other_company = self.env['res.company'].create({'name': "Other"})
        held = {
            ('customer', 'res.partner', self.customer.id),
            ('contact', 'res.partner', self.contact_1.id),
            ('opportunity', 'crm.lead', self.opportunity.id),
            ('lead', 'crm.lead', self.lead.id),
        }
        ways = {
            'archived': ({'active': False}, held),
            'portal': ({'group_ids': [portal]}, held),
            'no_rights': ({'group_ids': [internal]}, held),
            # Contacts without a company belong to all companies.
            'company': (
                {
                    'company_id': other_company.id,
                    'company_ids': [Command.set(other_company.ids)],
                },
                {row for row in held if row[1] == 'crm.lead'},
            ),
        }
        for departure, (values, expected) in ways.items():
            with self.subTest(departure=departure):
                savepoint = self.env.cr.savepoint()
                self.leaver.write(values)
                self.env.invalidate_all()
                self.assertEqual(self._get_orphans(), expected)
                rows = self.Orphan.search([('user_id', '=', self.leaver.id)])
                self.assertEqual(set(rows.mapped('departure')), {departure})
                savepoint.close(rollback=True)
                self.env.invalidate_all()

    def test_values_of_a_row(self):
        self.leaver.action_archive()
        row = self.Orphan.search([('kind', '=', 'opportunity'), ('user_id', '=', self.leaver.id)])
        self.assertRecordValues(
            row,
            [
                {
                    'name': self.opportunity.name,
                    'partner_id': self.contact_1.id,
                    'customer_id': self.customer.id,
                    'team_id': self.sales_team_1.id,
                    'company_id': self.opportunity.company_id.id,
                    'display_name': self.opportunity.name,
                }
            ],
        )
        action = row.action_open_record()
        self.assertEqual((action['res_model'], action['res_id']), ('crm.lead', self.opportunity.id))

    def test_groups(self):
        self.leaver.action_archive()
        groups = self.Orphan.formatted_read_group(
            [('user_id', '=', self.leaver.id)], ['user_id', 'kind'], ['__count']
        )
        self.assertEqual([group['__count'] for group in groups], [1, 1, 1, 1])

    def test_handover(self):
        """One click makes the handover of all that somebody holds."""
        self.leaver.action_archive()
        rows = self.Orphan.search([('user_id', '=', self.leaver.id)])
        action = rows[:2].action_hand_over()
        self.assertEqual(action['res_model'], 'crm.handover.create')
        self.assertEqual(action['context'], {'default_from_user_id': self.leaver.id})
        self.user_sales_leads.action_archive()
        self._create_opportunity().user_id = self.user_sales_leads
        both = self.Orphan.search([('user_id', 'in', (self.leaver + self.user_sales_leads).ids)])
        with self.assertRaisesRegex(UserError, self.leaver.name):
            both.action_hand_over()

    def test_who_may_read(self):
        self.leaver.action_archive()
        with self.assertRaises(AccessError):
            self.env['crm.orphan.report'].with_user(self.user_sales_leads_own()).search([])
        other_company = self.env['res.company'].create({'name': "Other"})
        self.opportunity.company_id = False
        self.lead.write({'user_id': False, 'company_id': other_company.id})
        self.lead._write({'user_id': self.leaver.id})
        self.assertNotIn(('lead', 'crm.lead', self.lead.id), self._get_orphans())

    def user_sales_leads_own(self):
        return self.env['res.users'].create({
            'name': "Own Documents",
            'login': 'own_documents',
            'group_ids': [Command.set(self.env.ref('sales_team.group_sale_salesman').ids)],
        })

    def test_copies_of_opportunities_go_to_a_successor(self):
        lead = self._create_opportunity()
        lead.user_id = self.leaver
        self.assertEqual(lead.copy().user_id, self.leaver, "Not while they work in sales")
        self.leaver.group_ids = self.env.ref('base.group_user')
        leader = lead.team_id.user_id
        copies = lead.copy()
        self.assertEqual(copies.user_id, leader)
        self.assertTrue(copies.date_open)
        lead.partner_id = self.env['res.partner'].create({
            'name': "Acme",
            'user_id': self.user_sales_leads.id,
        })
        self.assertEqual(lead.copy().user_id, self.user_sales_leads)
        self.assertEqual(lead.copy({'user_id': self.leaver.id}).user_id, self.leaver, "As asked")
