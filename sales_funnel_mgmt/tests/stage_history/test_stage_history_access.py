"""Test who reads which stays, and that nobody writes them."""

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged, users

from ..common import TestQuotaRateCommon

REPORTS = (
    'crm.stage.history',
    'crm.stage.change.report',
    'crm.stage.flow.report',
    'crm.sales.cycle.report',
    'crm.funnel.report',
    'crm.funnel.cohort.report',
    'crm.salesperson.change.report',
    'crm.stalled.report',
)


@tagged('post_install', '-at_install')
class TestStageHistoryAccess(TestQuotaRateCommon):
    """Users read the history of the opportunities that they may read, and nobody writes it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mine = cls._create_opportunity(user_id=cls.user_sales_salesman.id)
        cls.nobodys = cls._create_opportunity(user_id=False)
        cls.others = cls._create_opportunity(user_id=cls.user_sales_leads.id)
        cls.elsewhere = cls.env['res.company'].create({'name': "Elsewhere"})
        cls.env.flush_all()
        cls.all_leads = cls.mine + cls.nobodys + cls.others

    def _read(self):
        return self.env['crm.stage.history'].search([('lead_ref', 'in', self.all_leads.ids)])

    @users('user_sales_salesman')
    def test_salesperson_reads_their_own(self):
        self.assertEqual(self._read().lead_id, self.mine + self.nobodys)

    @users('user_sales_leads', 'user_sales_manager')
    def test_all_documents_reads_all(self):
        self.assertEqual(self._read().lead_id, self.all_leads)

    @users('user_sales_salesman')
    def test_history_moves_with_the_opportunity(self):
        """The new salesperson reads the earlier stays, and the former one no longer."""
        self.others.sudo().user_id = self.env.user
        self.mine.sudo().user_id = self.user_sales_leads
        self.env.flush_all()
        self.assertEqual(len(self._read().filtered(lambda stay: stay.lead_id == self.others)), 2)
        self.assertNotIn(self.mine, self._read().lead_id)

    @users('user_sales_salesman')
    def test_lost_and_archived_as_well(self):
        self.mine.action_set_lost()
        self.assertIn(self.mine, self._read().with_context(active_test=False).lead_id)

    @users('user_sales_salesman')
    def test_deleted_ones_by_who_had_them(self):
        deleted = self.mine + self.nobodys + self.others
        deleted.sudo().unlink()
        self.assertEqual(self._read().mapped('lead_ref'), [self.mine.id])

    @users('user_sales_salesman')
    def test_company(self):
        self.env.cr.execute(
            "UPDATE crm_stage_history SET company_id = %s WHERE lead_id = %s",
            [self.elsewhere.id, self.mine.id],
        )
        self.env.invalidate_all()
        self.assertNotIn(self.mine, self._read().lead_id)

    def test_a_past_without_company_is_not_for_other_companies(self):
        eva = self.env['res.users'].create({
            'name': "Eva",
            'login': 'eva_elsewhere',
            'group_ids': [
                Command.link(self.env.ref('sales_team.group_sale_salesman_all_leads').id)
            ],
            'company_id': self.elsewhere.id,
            'company_ids': [Command.set(self.elsewhere.ids)],
        })
        lead = self._create_opportunity(user_id=False, team_id=False, company_id=False)
        self.env.flush_all()
        lead.user_id = self.user_sales_salesman
        self.env.flush_all()
        self.assertEqual(lead.company_id, self.env.company)
        for model in REPORTS:
            rows = self.env[model].with_user(eva).search([('lead_id', '=', lead.id)])
            self.assertFalse(rows, model)

    def test_names_for_who_may_read_the_row(self):
        """A stay keeps its company when the opportunity goes to another one."""
        lead = self._create_opportunity(
            user_id=self.user_sales_leads.id, company_id=self.env.company.id
        )
        lead.stage_id = self.stage_late
        self.env.flush_all()
        lead.write({'company_id': self.elsewhere.id, 'user_id': False})
        self.env.flush_all()
        self.env.invalidate_all()
        for model in REPORTS:
            rows = (
                self.env[model].with_user(self.user_sales_leads).search([('lead_id', '=', lead.id)])
            )
            self.assertEqual(set(rows.mapped('display_name')) - {lead.name}, set(), model)

    @users('user_sales_salesman', 'user_sales_leads', 'user_sales_manager', 'admin')
    def test_nobody_writes(self):
        History = self.env['crm.stage.history']
        stay = self.mine.sudo().stage_history_ids.with_env(self.env)
        attempts = [
            lambda: stay.write({'expected_revenue': 1}),
            stay.unlink,
            stay.copy,
            lambda: History.create({'lead_ref': self.mine.id, 'entry_kind': 'created'}),
            lambda: History.with_context(install_mode=True).create({'lead_ref': 1}),
            lambda: self.mine.with_env(self.env).write({
                'stage_history_ids': [(1, stay.id, {'is_win': True})],
            }),
            lambda: self.mine.with_env(self.env).write({'stage_history_ids': [(2, stay.id, 0)]}),
            lambda: self.mine.with_env(self.env).write({'stage_history_ids': [(5, 0, 0)]}),
            lambda: self.mine.with_env(self.env).write({'stage_history_ids': [(3, stay.id, 0)]}),
            lambda: self.others.with_env(self.env).write({'stage_history_ids': [(4, stay.id, 0)]}),
        ]
        for number, attempt in enumerate(attempts):
            with (
                self.subTest(attempt=number),
                self.assertRaises(AccessError),
                self.env.cr.savepoint(),
            ):
                attempt()
                self.env.flush_all()

    @users('user_sales_salesman')
    def test_import_writes_none(self):
        result = self.env['crm.stage.history'].load(
            ['lead_ref', 'entry_kind'], [[str(self.mine.id), 'created']]
        )
        self.assertFalse(result['ids'])
        self.assertTrue(result['messages'])

    def test_without_sales_rights(self):
        portal = self.env['res.users'].create({'name': "Stranger", 'login': 'stranger'})
        with self.assertRaises(AccessError):
            self.env['crm.stage.history'].with_user(portal).search([])
        with self.assertRaises(AccessError):
            self.mine.with_user(portal).read(['stage_history_ids'])
