"""Test that every row of every report can be read by those who may, and tells nothing to others."""

import json

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .states import StatesCommon, get_reports

PERIOD = {'report_period_from': '2026-01-01', 'report_period_to': '2026-12-31'}
# Stored, with rows of the same opportunities
TABLES = ['crm.stage.history', 'crm.win.correction', 'crm.sales.quota']

# Salespeople who see their own opportunities only may not read these
FOR_ALL_DOCUMENTS = {'crm.orphan.report'}


@tagged('post_install', '-at_install')
class TestReadable(StatesCommon):
    """Opportunities in all states at once, each with the state in its name and its customer's."""

    def _bring_about_all(self):
        shared = self.seller, self.team, self.middle, self.contact_1, self.contact_company_1
        for state in self._get_states():
            self.state = state
            # What is archived or deleted in a state is its own.
            if 'salesperson' in self.state:
                self.seller = self._create_user(self.state, self.here, 'group_sale_salesman')
            if 'team' in self.state:
                self.team = self.team.copy({'name': f"Team {self.state}"})
            self.middle = self.middle.copy({'name': f"Stage {self.state}"})
            self.contact_company_1 = self.contact_company_1.copy({'name': f"Customer {self.state}"})
            self.contact_1 = self.contact_1.copy({'parent_id': self.contact_company_1.id})
            self._bring_about(self.state)
            self.seller, self.team, self.middle, self.contact_1, self.contact_company_1 = shared

    def _hand_over(self):
        """Hand an opportunity over to heir, with one task."""
        self.stage_open.handover_plan_id = self.env['mail.activity.plan'].create({
            'name': "Call",
            'res_model': 'crm.lead',
            'company_id': False,
            'template_ids': [
                Command.create({
                    'activity_type_id': self.call.id,
                    'summary': "Introduce yourself",
                    'responsible_type': 'handover_incoming',
                })
            ],
        })
        manager = self.env(user=self.manager.id)
        self.state = 'handed_over'
        handover = manager['crm.handover']._create_from_leads(
            self._new().with_env(manager),
            receiver_ids=[Command.create({'user_id': self.heir.id})],
            reason='rebalancing',
        )
        handover.action_start()

    def _new(self, **values):
        return super()._new(**{**values, 'name': f"Opportunity {self.state}"})

    def test_every_row(self):
        self._bring_about_all()
        self._hand_over()
        self.env['crm.sales.quota'].create({
            'user_id': self.seller.id,
            'team_id': self.team.id,
            'company_id': self.here.id,
            'month': '2026-07-01',
            'amount': 100,
        })
        seller_there = self._create_user('seller_there', self.there, 'group_sale_salesman')
        self._store()
        own = self.seller + seller_there
        for reader in self.seller, self.wide, self.manager, self.stranger, seller_there:
            leads = self.env['crm.lead'].with_user(reader).with_context(active_test=False)
            hidden = {
                state
                for state in self._get_states()
                if not leads.search_count([('name', '=', f"Opportunity {state}")])
            }
            for name in [*get_reports(self.env), *TABLES]:
                with self.subTest(report=name, reader=reader.name):
                    report = (
                        self
                        .env[name]
                        .with_user(reader)
                        .with_context(
                            allowed_company_ids=reader.company_ids.ids, tz='UTC', **PERIOD
                        )
                    )
                    if name in FOR_ALL_DOCUMENTS and reader in own:
                        with self.assertRaises(AccessError):
                            report.search([])
                        continue
                    told = json.dumps(
                        [self._read_list(report), self._read_all(report), self._group(report)],
                        default=str,
                    )
                    if reader.company_id == self.there:
                        for state in hidden:
                            self.assertNotIn(f" {state}\"", told)
                            self.assertNotIn(f" {state},", told)
                    elif reader != self.seller:
                        self.assertGreater(report.search_count([]), 0)

    def _read_list(self, report):
        """As the web client does for the list, with all its columns."""
        view = report.get_views([[False, 'list']])
        fields = report.fields_get()
        specification = {
            name: {'fields': {'display_name': {}}}
            if fields[name]['type'] in ('many2one', 'many2many', 'one2many')
            else {}
            for name in view['models'][report._name]['fields']
            if name in fields
        }
        return report.web_search_read([], specification)['records']

    def _read_all(self, report):
        return report.search([]).read()

    def _group(self, report):
        """By everything that one can group by, with all measures."""
        fields = report.fields_get()
        measures = [
            f"{name}:{field['aggregator']}"
            for name, field in fields.items()
            if field.get('aggregator') and field.get('store') is not False and name != 'id'
        ]
        groups = []
        for name, field in fields.items():
            if field.get('groupable'):
                spec = f'{name}:month' if field['type'] in ('date', 'datetime') else name
                groups.append(report.formatted_read_group([], [spec], ['__count', *measures]))
        groups.append(report.formatted_read_group([], [], ['__count', *measures]))
        return groups
