"""Bring an opportunity into each state that it can be in."""

from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.fields import Command
from odoo.tests import freeze_time

from odoo.addons.mail.tests.common import mail_new_test_user

from ..common import TestQuotaRateCommon

BEGIN = datetime(2026, 5, 4, 9)
NOW = datetime(2026, 7, 15, 10)
ADDONS = {'sales_funnel_mgmt', 'sales_funnel_mgmt_sale'}


def get_reports(env):
    """Return the names of the reports of both addons that are queries in SQL."""
    return sorted(
        name
        for name, Model in env.registry.items()
        if Model._original_module in ADDONS
        and not Model._abstract
        and not Model._transient
        and not Model._auto
    )


class StatesCommon(TestQuotaRateCommon):
    """An opportunity of 1,000 that seller has got from the beginning, on 4 May 2026.

    It is to be closed on 31 August. It has been in stage_open, in which it counts 20 %, and is
    stalled after 30 days. Seller has called the customer on 5 May. What makes the state happens from
    14 May on, a step every ten days. Now it is 15 July.

    USER------COMPANY------------RIGHTS
    manager   here and there     sales administrator
    seller    here               own documents
    heir      here and there     own documents
    wide      here               all documents
    stranger  there              all documents
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.freezer = cls.startClassPatcher(freeze_time(BEGIN))
        cls.startClassPatcher(patch.object(cls.env.cr, 'now', datetime.now))
        cls.env = cls.env(context={**cls.env.context, 'lang': 'en_US', 'tz': 'UTC'})
        for model in ('crm.lead', 'crm.sales.quota'):
            cls.env[model].with_context(active_test=False).search([]).unlink()
        cls.env.flush_all()
        # what was there before is none of this
        cls.env.cr.execute("DELETE FROM crm_stage_history")
        cls.env['crm.pipeline.check'].search([]).active = False
        cls.here = cls.env.company
        currency = cls.env['res.currency'].create({
            'name': "QQQ",
            'symbol': "Q",
            'rounding': 1,
            'rate_ids': [Command.create({'name': '2020-01-01', 'rate': 100})],
        })
        cls.there = cls.env['res.company'].create({
            'name': "There",
            'currency_id': currency.id,
            'sales_tz': 'UTC',
        })
        cls.companies = cls.here + cls.there
        cls.companies.write({'stall_age_days': 30, 'stall_silence_days': 0})
        cls.env.user.company_ids = [Command.link(cls.there.id)]
        cls.manager = cls._create_user('manager', cls.companies, 'group_sale_manager')
        cls.seller = cls._create_user('seller', cls.here, 'group_sale_salesman')
        cls.heir = cls._create_user('heir', cls.companies, 'group_sale_salesman')
        cls.wide = cls._create_user('wide', cls.here, 'group_sale_salesman_all_leads')
        cls.stranger = cls._create_user('stranger', cls.there, 'group_sale_salesman_all_leads')
        Team = cls.env['crm.team']
        cls.team = Team.create({'name': "Team", 'company_id': cls.here.id})
        cls.team_there = Team.create({'name': "Team there", 'company_id': cls.there.id})
        cls.env['crm.team.member'].create([
            {'user_id': user.id, 'crm_team_id': team.id}
            for user, team in (
                (cls.seller, cls.team),
                (cls.heir, cls.team),
                (cls.stranger, cls.team_there),
            )
        ])
        stages = cls.stage_open + cls.stage_late + cls.stage_won
        elsewhere = Team.create({'name': "Elsewhere"})
        (cls.env['crm.stage'].search([]) - stages).write({
            'team_ids': elsewhere.ids,
            'sequence': 9999,
        })
        cls.middle = cls.env['crm.stage'].create({
            'name': "Middle",
            'sequence': 15,
            'quota_rate': 40,
        })
        cls.call = cls.env.ref('mail.mail_activity_data_call')

    @classmethod
    def _create_user(cls, login, companies, group):
        return mail_new_test_user(
            cls.env,
            login=f'states_{login}',
            name=login.title(),
            email=f'{login}@test.example.com',
            company_id=companies[0].id,
            company_ids=[Command.set(companies.ids)],
            groups=f'sales_team.{group},base.group_partner_manager',
        )

    # === The story of every opportunity === #

    @classmethod
    def _get_states(cls):
        prefix = 'become_'
        return [name.removeprefix(prefix) for name in dir(cls) if name.startswith(prefix)]

    def _bring_about(self, state):
        """Bring an opportunity into a state, and let it be now."""
        self.freezer.move_to(BEGIN)
        for number, _step in enumerate(self._tell(getattr(self, f'become_{state}'))):
            self._store()
            self.freezer.move_to(BEGIN + timedelta(days=10 * number or 1))
        self._store()
        self.freezer.move_to(NOW)

    def _store(self):
        self.env.flush_all()
        self.env.invalidate_all()

    def _tell(self, become):
        values = {}
        story = become(values)
        # up to the first `yield`, it says what the opportunity begins as
        next(story)
        self.lead = self._new(**values)
        yield
        self._before_the_story()
        user = self.lead.user_id or self.manager
        activity = self.lead.activity_schedule(activity_type_id=self.call.id, user_id=user.id)
        activity.with_user(user).sudo().action_feedback(feedback="Done")
        yield
        yield from story

    def _before_the_story(self):
        """For another class, in which more happens at the beginning."""

    def _new(self, **values):
        return self.env['crm.lead'].create({
            'name': "The opportunity",
            'type': 'opportunity',
            'user_id': self.seller.id,
            'team_id': self.team.id,
            'company_id': self.here.id,
            'partner_id': self.contact_1.id,
            'stage_id': self.stage_open.id,
            'expected_revenue': 1000,
            'probability': 50,
            'date_deadline': '2026-08-31',
            **values,
        })

    # === The states: what happens step by step; before the first `yield`, what it begins as === #

    def become_open(self, values):
        yield

    def become_archived(self, values):
        yield
        self.lead.action_archive()

    def become_restored(self, values):
        yield
        self.lead.action_archive()
        yield
        self.lead.action_unarchive()

    def become_lost(self, values):
        yield
        self.lead.action_set_lost()

    def become_lost_restored(self, values):
        yield
        self.lead.action_set_lost()
        yield
        self.lead.action_unarchive()

    def become_archived_lost(self, values):
        yield
        self.lead.action_archive()
        yield
        self.lead.probability = 0

    def become_won(self, values):
        yield
        self.lead.action_set_won()

    def become_won_corrected(self, values):
        yield
        self.lead.action_set_won()
        yield
        self.lead.expected_revenue = 1300

    def become_won_archived(self, values):
        yield
        self.lead.action_set_won()
        yield
        self.lead.action_archive()

    def become_won_moved_back(self, values):
        yield
        self.lead.action_set_won()
        yield
        self.lead.stage_id = self.stage_open

    def become_won_archived_moved_back(self, values):
        yield
        self.lead.action_set_won()
        yield
        self.lead.action_archive()
        yield
        self.lead.stage_id = self.stage_open

    def become_won_reopened_lost(self, values):
        yield
        self.lead.action_set_won()
        yield
        self.lead.stage_id = self.stage_open
        yield
        self.lead.action_set_lost()

    def become_won_handed_over(self, values):
        yield
        self.lead.action_set_won()
        yield
        self.lead.user_id = self.heir

    def become_won_deleted(self, values):
        yield
        self.lead.action_set_won()
        yield
        self.lead.unlink()

    def become_deleted(self, values):
        yield
        self.lead.unlink()

    def become_stage_deleted(self, values):
        """Its past, from 14 to 24 May, was in a stage that is gone."""
        yield
        self.lead.stage_id = self.middle
        yield
        self.lead.stage_id = self.stage_late
        yield
        self.middle.unlink()

    def become_stage_unknown(self, values):
        yield
        self.lead.stage_id = False

    def become_lost_stage_unknown(self, values):
        yield
        self.lead.stage_id = False
        yield
        self.lead.action_set_lost()

    def become_nobody(self, values):
        values['user_id'] = False
        yield

    def become_salesperson_removed(self, values):
        yield
        self.lead.user_id = False

    def become_salesperson_archived(self, values):
        yield
        self.seller.action_archive()

    def become_salesperson_deleted(self, values):
        yield
        self.seller.unlink()

    def become_won_salesperson_deleted(self, values):
        yield
        self.lead.action_set_won()
        yield
        self.seller.unlink()

    def become_no_company(self, values):
        values.update(company_id=False, team_id=False)
        yield

    def become_nobody_no_company(self, values):
        values.update(company_id=False, team_id=False, user_id=False, partner_id=False)
        yield

    def become_no_customer(self, values):
        values['partner_id'] = False
        yield

    def become_customer_archived(self, values):
        yield
        self.lead.partner_id.action_archive()
        self.contact_company_1.action_archive()

    def become_merged(self, values):
        """Merged into another one of 500, that is as old."""
        yield
        other = self._new(name="The survivor", expected_revenue=500, stage_id=self.stage_late.id)
        yield
        survivor = (self.lead + other).merge_opportunity()
        self.assertEqual(survivor, other)

    def become_lead(self, values):
        values['type'] = 'lead'
        yield

    def become_lead_converted(self, values):
        values['type'] = 'lead'
        yield
        self.lead.convert_opportunity(self.lead.partner_id)

    def become_back_to_lead(self, values):
        yield
        self.lead.type = 'lead'

    def become_won_back_to_lead(self, values):
        yield
        self.lead.action_set_won()
        yield
        self.lead.type = 'lead'

    def become_team_archived(self, values):
        yield
        self.team.action_archive()

    def become_team_deleted(self, values):
        yield
        self.team.unlink()

    def become_in_another_company(self, values):
        """Also in another currency: its 1,000 are 10."""
        values.update(user_id=self.heir.id, team_id=self.team_there.id, company_id=self.there.id)
        yield

    def become_moved_to_another_company(self, values):
        yield
        self.lead.write({
            'user_id': self.heir.id,
            'team_id': self.team_there.id,
            'company_id': self.there.id,
        })

    def become_won_moved_to_another_company(self, values):
        yield
        self.lead.action_set_won()
        yield
        self.lead.write({
            'user_id': self.heir.id,
            'team_id': self.team_there.id,
            'company_id': self.there.id,
        })

    def become_negative(self, values):
        values['expected_revenue'] = -1000
        yield

    def become_zero(self, values):
        values['expected_revenue'] = 0
        yield
