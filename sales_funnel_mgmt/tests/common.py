"""Provide the users, teams and stages that tests of several capabilities share."""

from functools import wraps

from odoo.exceptions import UserError

from odoo.addons.crm.tests.common import TestCrmCommon


def undone(test):
    """Roll back the changes of each of the `users` of a test before the next one's turn."""

    @wraps(test)
    def undone_test(self):
        savepoint = self.env.cr.savepoint()
        try:
            test(self)
        finally:
            savepoint.close(rollback=True)

    return undone_test


class TestQuotaRateCommon(TestCrmCommon):
    """A funnel of one team, with the users and the customer of Odoo's own CRM tests.

    STAGE----------RATE----TEAM
    stage_open     20 %    all
    stage_late     60 %    all
    stage_won     100 %    all (won)

    USER---------------------ROLE
    user_sales_manager       sales administrator, leads sales_team_1
    user_sales_leads         all documents, member of sales_team_1
    user_sales_salesman      own documents

    contact_1 is a contact of the customer contact_company_1.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, 'tracking_disable': True})
        cls.env.company.sales_tz = 'UTC'
        Stage = cls.env['crm.stage']
        cls.stage_open = Stage.create({'name': "Negotiation", 'sequence': 10, 'quota_rate': 20})
        cls.stage_late = Stage.create({'name': "Quotation", 'sequence': 20, 'quota_rate': 60})
        cls.stage_won = cls.stage_gen_won
        cls.customer = cls.contact_company_1

    @classmethod
    def _create_opportunity(cls, **values):
        return cls.env['crm.lead'].create({
            'name': "Spaceship",
            'type': 'opportunity',
            'user_id': cls.user_sales_leads.id,
            'team_id': cls.sales_team_1.id,
            'partner_id': cls.contact_1.id,
            'stage_id': cls.stage_open.id,
            'expected_revenue': 5_000_000,
            **values,
        })

    @classmethod
    def _create_company_abroad(cls, name, rate, since='2020-01-01'):
        """Return a company with a currency of its own, of which `rate` make one of ours."""
        currency = cls.env['res.currency'].create({
            'name': 'TQC',
            'symbol': 'T',
            'rounding': 0.01,
        })
        cls.env['res.currency.rate'].create({
            'currency_id': currency.id,
            'company_id': cls.env.company.id,
            'name': since,
            'rate': rate,
        })
        return cls.env['res.company'].create({'name': name, 'currency_id': currency.id})

    @classmethod
    def _create_rate(cls, rate, stage=None, **values):
        return cls.env['crm.quota.rate'].create({
            'stage_id': (stage or cls.stage_open).id,
            'rate': rate,
            **values,
        })

    def _run_scheduled_action(self):
        cron = self.env.ref('sales_funnel_mgmt.ir_cron_refresh_quota_rates')
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def assertQuota(self, lead, rate, origin, amount):
        self.assertRecordValues(
            lead,
            [
                {'quota_rate': rate, 'quota_rate_origin': origin, 'quota_amount': amount},
            ],
        )


class TestSalespersonLockCommon(TestQuotaRateCommon):
    """stage_late has the salesperson lock.

    LEAD------STAGE--------SALESPERSON
    free      stage_open   user_sales_salesman (owner)
    locked    stage_late   user_sales_salesman (owner)

    other is user_sales_leads.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stage_late.lock_salesperson = True
        cls.owner = cls.user_sales_salesman
        cls.other = cls.user_sales_leads
        cls.free = cls._create_opportunity(user_id=cls.owner.id, name="Free")
        cls.locked = cls._create_opportunity(
            user_id=cls.owner.id, name="Locked", stage_id=cls.stage_late.id
        )
        cls.env.flush_all()

    def _begin_transaction(self):
        """Store what is pending, and forget what the transaction has noted, as a commit does."""
        self.env.flush_all()
        self.env.cr.flush()
        self.env.cr.postcommit.clear()

    def assertRefused(self, leads, attempt):
        """Assert that the lock refuses a change with its message, and that no salesperson changes."""
        before = [(lead, lead.user_id) for lead in leads]
        with self.assertRaises(UserError) as caught, self.env.cr.savepoint():
            attempt()
            self.env.flush_all()
        self.assertIs(type(caught.exception), UserError, caught.exception)
        self.assertIn("salesperson lock", str(caught.exception))
        for lead, user in before:
            self.assertIn(lead.name, str(caught.exception))
            self.assertEqual(lead.user_id, user)
