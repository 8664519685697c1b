"""Provide the funnel of a departing salesperson for the tests of handovers."""

from odoo.fields import Command

from odoo.addons.mail.tests.common import mail_new_test_user

from ..common import TestQuotaRateCommon


class TestHandoverCommon(TestQuotaRateCommon):
    """Common class with the funnel of a departing salesperson and two receivers.

    STAGE----------WAVE----PLAN
    stage_late      1      plan_visit: the outgoing one briefs, the incoming one visits
    stage_open      2      plan_call: the incoming one calls; a letter is not mandatory
    stage_won       1      none

    USER---------------------ROLE
    user_sales_manager       sales administrator, leads sales_team_1: runs the handovers
    user_sales_leads         all documents, member of sales_team_1
    leaver                   own documents, member of sales_team_1
    heir, other_heir         own documents, members of sales_team_1
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leaver, cls.heir, cls.other_heir = (
            mail_new_test_user(
                cls.env,
                login=login,
                name=name,
                email=f'{login}@test.example.com',
                groups='sales_team.group_sale_salesman',
                notification_type='inbox',
            )
            for login, name in (
                ('leaver', "Lea Leaver"),
                ('heir', "Henry Heir"),
                ('other_heir', "Olga Other"),
            )
        )
        cls.env['crm.team.member'].create([
            {'user_id': user.id, 'crm_team_id': cls.sales_team_1.id}
            for user in cls.leaver + cls.heir + cls.other_heir
        ])
        cls.kind_visit = cls.env.ref('sales_funnel_mgmt.mail_activity_type_visit')
        cls.kind_call = cls.env.ref('sales_funnel_mgmt.mail_activity_type_handover_call')
        cls.kind_email = cls.env.ref('sales_funnel_mgmt.mail_activity_type_introduction_email')
        cls.plan_visit = cls._create_plan(
            "Visit",
            (cls.kind_call, "Brief", 'handover_outgoing', True),
            (cls.kind_visit, "See them", 'handover_incoming', True),
        )
        cls.plan_call = cls._create_plan(
            "Call",
            (cls.kind_call, "Call them", 'handover_incoming', True),
            (cls.kind_email, "Write", 'handover_incoming', False),
        )
        cls.stage_late.write({'handover_plan_id': cls.plan_visit.id, 'handover_wave': 1})
        cls.stage_open.write({'handover_plan_id': cls.plan_call.id, 'handover_wave': 2})
        cls.stage_won.write({'handover_plan_id': False, 'handover_wave': 1})
        # The audit has its own tests.
        cls.checks = cls.env['crm.pipeline.check'].search([])
        cls.checks.active = False

    @classmethod
    def _create_plan(cls, name, *tasks):
        return cls.env['mail.activity.plan'].create({
            'name': name,
            'res_model': 'crm.lead',
            'company_id': False,
            'template_ids': [
                Command.create({
                    'activity_type_id': kind.id,
                    'summary': summary,
                    'responsible_type': responsible,
                    'delay_count': 3,
                    'delay_from': 'after_plan_date',
                    'is_handover_mandatory': is_mandatory,
                })
                for kind, summary, responsible, is_mandatory in tasks
            ],
        })

    @classmethod
    def _create_customer(cls, name):
        return cls.env['res.partner'].create({'name': name, 'is_company': True})

    @classmethod
    def _create_leaver_opportunity(cls, name, **values):
        """Create an opportunity of the leaver, with its own customer."""
        if 'partner_id' not in values:
            values['partner_id'] = cls._create_customer(name).id
        return cls._create_opportunity(name=name, user_id=cls.leaver.id, **values)

    def _create_handover(self, leads, receivers=None, **values):
        """Create a draft of the sales administrator, allocated to the receivers."""
        receivers = self.heir if receivers is None else receivers
        return (
            self
            .env['crm.handover']
            .with_user(self.user_sales_manager)
            ._create_from_leads(
                leads.with_user(self.user_sales_manager),
                receiver_ids=[Command.create({'user_id': user.id}) for user in receivers],
                **values,
            )
        )

    def _line(self, handover, lead):
        return handover.line_ids.filtered(lambda line: line.lead_id == lead)

    def _tasks(self, records, active_test=True):
        """Return the tasks of handover lines or of opportunities."""
        field = 'handover_line_id' if records._name == 'crm.handover.line' else 'res_id'
        return (
            self
            .env['mail.activity']
            .with_context(active_test=active_test)
            .search(
                [
                    (field, 'in', records.ids),
                    ('res_model', '=', 'crm.lead'),
                    ('handover_line_id', '!=', False),
                ],
                order='id',
            )
        )

    def _do(self, tasks):
        """Mark each task as done, as the user it is assigned to."""
        for task in tasks:
            task.with_user(task.user_id).action_feedback(feedback="Done.")
        self.env.invalidate_all()
