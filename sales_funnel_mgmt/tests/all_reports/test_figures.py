"""Open what each figure counts, and compare."""

from datetime import datetime, timedelta
from unittest.mock import patch

from lxml import etree

from odoo import Command, fields
from odoo.fields import Domain
from odoo.tests import freeze_time, tagged

from ...report.funnel.view.crm_funnel_report import MODES, SPLITS
from ...report.overview.crm_sales_overview import REPORTS
from ..sales_quota.common import NOW, TestSalesQuotaCommon
from .opened import count_opened, get_opened

# numbers that count days, not records
DURATIONS = {'days_in_stage'}


@tagged('post_install', '-at_install')
class TestFigures(TestSalesQuotaCommon):
    """Every figure that can be clicked opens exactly what it counts.

    The figures are found by themselves: the parts of the overview, the modes and kinds of the funnel,
    the links of cards and forms that show a number. A new one is compared from the first day on.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Stays begin at the time of the transaction.
        cls.startClassPatcher(patch.object(cls.env.cr, 'now', fields.Datetime.now))
        cls.env['res.company'].search([]).write({'stall_age_days': 30, 'stall_silence_days': 14})
        cls.manager = cls.user_sales_manager
        cls.elsewhere = cls.env['crm.team'].create({'name': "Elsewhere"})
        teams = (cls.sales_team_1, cls.elsewhere)
        # Odoo's own test data has opportunities of the team.
        cls.env['crm.lead'].with_context(active_test=False).search([]).unlink()
        with freeze_time(NOW - timedelta(days=60)):
            cls.old = cls._create_opportunity(name="Stuck and silent")
            cls._create_opportunity(name="Nobody's", user_id=False)
            cls._create_opportunity(name="Elsewhere", team_id=cls.elsewhere.id)
            cls.moved = cls._create_opportunity(name="Silent only")
            cls.contacted = cls._create_opportunity(name="Stuck only", user_id=cls.other_seller.id)
            cls.env.flush_all()
        with freeze_time(NOW - timedelta(days=20)):
            cls.moved.stage_id = cls.stage_late
            cls.env.flush_all()
        with freeze_time(NOW - timedelta(days=1)):
            cls._contact(cls.contacted)
            cls._contact(cls.old, 'mail.mail_activity_data_todo')
            cls._create_opportunity(name="New")
            cls.env.flush_all()
        for team, user in zip(teams, (cls.seller, cls.other_seller), strict=True):
            cls._create_quota(1000, month='2026-07-01', user=user, team_id=team.id)
            cls._create_quota(500, month='2026-02-01', user=user, team_id=team.id)
            cls._win(700, datetime(2026, 7, 3), user_id=user.id, team_id=team.id)
            cls._win(300, datetime(2026, 1, 3), user_id=user.id, team_id=team.id)
        cls._create_opportunity(name="Lost", team_id=cls.elsewhere.id).action_set_lost()
        gone = cls.seller.copy({'login': 'figures_gone', 'name': "Gone"})
        cls._create_opportunity(name="Left behind", user_id=gone.id)
        gone.action_archive()
        for lead in (cls.old, cls.env['crm.lead'].search([('name', '=', "Elsewhere")])[:1]):
            handover = cls.env['crm.handover'].create({
                'from_user_id': cls.seller.id,
                'receiver_ids': [Command.create({'user_id': cls.other_seller.id})],
                'line_ids': [
                    Command.create({'lead_id': lead.id, 'to_user_id': cls.other_seller.id})
                ],
            })
            handover.state = 'in_progress'
        cls.env.flush_all()

    @classmethod
    def _contact(cls, lead, type_name='mail.mail_activity_data_call'):
        user = lead.user_id
        lead.with_user(user).activity_schedule(type_name, user_id=user.id).with_user(
            user
        ).action_feedback()

    def _get_number(self, overview, part):
        """Return the figure of a part, as the page shows it at its top."""
        if part == 'funnel':
            return overview['stalled']['open']
        if part == 'concentration':
            return {team['id'] for team in overview['concentration']}
        figures = overview[part]
        if part == 'attainment':
            return {name: figures['total'][name] for name in ('quota', 'actual')}
        return figures['count']

    def _get_opened_number(self, action, part):
        env = self.env(user=self.manager)
        model, domain = get_opened(env, action)
        if part == 'funnel':
            cells = env['crm.funnel.report'].get_funnel(list(domain))['funnels']
            return sum(cell['count'] for funnel in cells for cell in funnel['cells'])
        if part == 'concentration':
            return set(model.search(domain).team_id.ids)
        if part == 'attainment':
            [sums] = model._read_group(domain, [], ['quota:sum', 'actual:sum'])
            return dict(zip(('quota', 'actual'), sums, strict=True))
        return model.search_count(domain)

    def test_overview(self):
        Overview = self.env['crm.sales.overview'].with_user(self.manager)
        for team in (self.sales_team_1, self.elsewhere, self.env['crm.team']):
            overview = Overview.get_overview(team.id)
            parts = overview.keys() - {'teams', 'team_id', 'currency_id', 'setup'}
            self.assertEqual(parts, REPORTS.keys(), "Each part opens something")
            for part in parts:
                with self.subTest(part=part, team=team.name):
                    number = self._get_number(overview, part)
                    opened = self._get_opened_number(Overview.action_open(part, team.id), part)
                    if part == 'concentration':
                        self.assertLessEqual(number, opened)
                    else:
                        self.assertEqual(opened, number)

    def test_overview_rows(self):
        """A row opens the records of its salesperson, that of nobody included."""
        Overview = self.env['crm.sales.overview'].with_user(self.manager)
        for team in (self.sales_team_1, self.env['crm.team']):
            overview = Overview.get_overview(team.id)
            for part in REPORTS.keys() - {'funnel', 'concentration', 'handovers'}:
                self.assertTrue(overview[part]['rows'], part)
                for row in overview[part]['rows']:
                    with self.subTest(part=part, team=team.name, row=row['name']):
                        action = Overview.action_open(part, team.id, row['id'])
                        opened = self._get_opened_number(action, part)
                        if part == 'attainment':
                            self.assertEqual(opened, {name: row[name] for name in opened})
                        else:
                            self.assertEqual(opened, row['count'])

    def test_my_quota(self):
        Report = self.env['crm.quota.report'].with_user(self.seller)
        figures = Report.get_my_quota()
        self.assertTrue(any(row['actual'] for row in figures['periods']))
        for row in figures['periods'] + figures['months']:
            with self.subTest(label=row['label']):
                action = Report.action_open_my_quota(row['date_from'], row['date_to'])
                model, domain = get_opened(Report.env, action)
                names = ('quota', 'actual', 'open_quota_amount')
                [sums] = model._read_group(domain, [], [f'{name}:sum' for name in names])
                self.assertEqual(
                    {name: value or 0 for name, value in zip(names, sums, strict=True)},
                    {name: row[name] for name in names},
                )

    def test_funnel(self):
        Funnel = self.env['crm.funnel.report'].with_user(self.manager)
        env = Funnel.env
        domain = [('type', '=', 'opportunity')]
        for mode, model in MODES.items():
            kinds = {'stalled', *self.env[model]._funnel_kinds}
            for split in (None, *SPLITS):
                given = (domain, mode, split, 'this_year')
                found = Funnel.get_funnel(*given)
                for funnel in found['funnels']:
                    for cell in funnel['cells']:
                        numbers = {None: cell['count']}
                        numbers |= {kind: cell['flows'].get(kind, 0) for kind in kinds}
                        numbers['stalled'] = cell['stalled']
                        for kind, number in numbers.items():
                            with self.subTest(mode=mode, split=split, kind=kind, cell=cell):
                                action = Funnel.action_open_records(
                                    *given, funnel['id'], cell['stage_id'], kind
                                )
                                self.assertEqual(count_opened(env, action), number or 0)

    def test_stalled_is_one_number(self):
        """Overview, report, funnel, list, team card and digest count the same opportunities."""
        env = self.env(user=self.manager)
        team = ('team_id', '=', self.sales_team_1.id)
        expected = env['crm.lead'].search_count([team, ('is_stalled', '=', True)])
        self.assertTrue(expected)
        overview = env['crm.sales.overview'].get_overview(self.sales_team_1.id)
        self.assertEqual(overview['stalled']['count'], expected)
        rows = env['crm.stalled.report'].search([team])
        self.assertEqual(
            sorted((row.lead_id.name, row.reason) for row in rows),
            [
                ("Nobody's", 'both'),
                ("Silent only", 'silence'),
                ("Stuck and silent", 'both'),
                ("Stuck only", 'age'),
            ],
        )
        funnel = env['crm.funnel.report'].get_funnel([('type', '=', 'opportunity'), team])
        cells = [cell for funnel in funnel['funnels'] for cell in funnel['cells']]
        self.assertEqual(sum(cell['stalled'] for cell in cells), expected)
        self.assertEqual(self.sales_team_1.with_user(self.manager).stalled_count, expected)

    def test_digest(self):
        """The digest counts opportunities, not clocks, and its links open as many."""
        Alert = self.env['crm.stall.alert']
        cron = self.env.ref('sales_funnel_mgmt.ir_cron_stall_alerts')
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()
        manager = self.sales_team_1.user_id
        alerts = Alert.search([('manager_id', '=', manager.id), ('state', '!=', 'closed')])
        self.assertTrue(alerts)
        groups = Alert._get_digest_groups(manager, alerts.ids, [])
        for group in groups:
            with self.subTest(user=group['name']):
                name = 'user' if group['user_id'] else 'unassigned'
                action = self.env['ir.actions.act_window']._for_xml_id(
                    f'sales_funnel_mgmt.crm_lead_stalled_{name}_action'
                )
                action['domain'] = action['domain'].replace('active_id', str(group['user_id']))
                model, domain = get_opened(self.env(user=manager), action)
                of_manager = Domain('team_id.user_id', '=', manager.id)
                self.assertEqual(group['new'], model.search_count(domain & of_manager))

    def test_links_with_a_number(self):
        """The links of forms and cards that show a number: views are searched for them."""
        checked = set()
        for model, method, field in self._get_links():
            for record in self.env[model].with_user(self.manager).search([]):
                number = record[field]
                if not number:
                    continue
                checked.add(field)
                with self.subTest(model=model, method=method, record=record.display_name):
                    action = getattr(record, method)()
                    self.assertEqual(count_opened(record.env, action), number)
        self.assertIn('stalled_count', checked)

    def _get_links(self):
        """Return model, method and field of the links of our views that show an integer."""
        names = self.env['ir.model.data'].search([
            ('module', '=', 'sales_funnel_mgmt'),
            ('model', '=', 'ir.ui.view'),
        ])
        for view in self.env['ir.ui.view'].browse(names.mapped('res_id')):
            if view.type not in {'form', 'kanban'} or view.model not in self.env:
                continue
            for node in etree.fromstring(view.arch_db).iter('button', 'a'):
                method = node.get('name') or ''
                if node.get('type') != 'object' or not method.startswith('action_'):
                    continue
                for field in node.iter('field'):
                    definition = self.env[view.model]._fields.get(field.get('name'))
                    if (
                        definition
                        and definition.type == 'integer'
                        and definition.name not in DURATIONS
                    ):
                        yield view.model, method, definition.name
