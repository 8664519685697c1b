"""Test every figure of a year of random operations against a plain-Python ledger."""

import os
import random
from datetime import date, timedelta
from statistics import median

from odoo.tests import tagged

from .figures import FiguresMixin
from .operations import BEGIN, POOL, YearCommon
from .reports import MOVEMENTS, Reports

# A long run: SFM_LEDGER_SEEDS=1-50 ./dev test sales_funnel_mgmt/tests/all_reports/test_year.py
SEEDS = os.environ.get('SFM_LEDGER_SEEDS', '1')
OPERATIONS = 240
# How often all reports are compared within the year
COMPARISONS = 2
AMOUNTS = {'expected_revenue:sum_currency': None, 'quota_amount:sum_currency': None}
COUNTS = {'__count': None, 'lead_ref:count_distinct': None}


def _median(name):
    def compute(rows):
        values = [row[name] for row in rows if row[name] is not None]
        return median(values) if values else None

    return compute


def _ratio(part, whole):
    return part / whole if whole else None


@tagged('post_install', '-at_install')
class TestYear(FiguresMixin, YearCommon):
    """All reports say what the documentation says, whatever has happened."""

    def convert(self, amount, company_id):
        """Convert an amount of a company to the currency of the first one, at today's rate."""
        return amount / self.rate if company_id == self.there.id else amount

    def test_seeds(self):
        first, _dash, last = SEEDS.partition('-')
        for seed in range(int(first), int(last or first) + 1):
            with self.subTest(seed=seed):
                savepoint = self.env.cr.savepoint()
                users, stages = self.users, self.stages
                try:
                    self._run_year(seed)
                finally:
                    savepoint.close(rollback=True)
                    self.env.invalidate_all()
                    type(self).users, type(self).stages = users, stages
                    type(self).now = BEGIN
                    self.freezer.move_to(BEGIN)

    def _run_year(self, seed):
        self._begin(random.Random(seed))
        self.differences = []
        weights = self.weights()
        once = {
            OPERATIONS * 3 // 10: self.archive_user,
            OPERATIONS * 5 // 10: self.delete_stage,
            OPERATIONS * 7 // 10: self.delete_user,
        }
        stops = {OPERATIONS * part // COMPARISONS for part in range(1, COMPARISONS + 1)}
        for number in range(1, OPERATIONS + 1):
            self._pass(minutes=self.random.choice([0, 7, 90, 1300, 2900, 5000]))
            if number in once:
                self.do(once[number])
            elif len(self.ledger.leads) < POOL and self.random.random() < 0.5:
                self.do(self.create_opportunity)
            else:
                [operation] = self.random.choices([*weights], [*weights.values()])
                self.do(operation)
            if number in stops:
                self._compare_all()
                if self.differences:
                    break
        if self.differences:
            self.fail("\n".join([*self.log, "", f"seed {seed}:", *self.differences[:60]]))
        self.assertLess(self.refused, OPERATIONS / 3, "\n".join(self.log))

    # === Each report === #

    def _report(self, name, user=None, companies=None, **context):
        companies = companies or self.companies
        return (
            self
            .env[name]
            .with_user(user or self.manager)
            .with_context(allowed_company_ids=companies.ids, tz='UTC', **context)
        )

    def _compare_all(self):
        self.env.invalidate_all()
        self.rate = self.other_currency._get_conversion_rate(
            self.here.currency_id, self.other_currency, self.here, self.now.date()
        )
        self.reports = Reports(self.ledger, self.now)
        for check in (
            self._check_stage_history,
            self._check_stage_changes,
            self._check_stage_flow,
            self._check_sales_cycle,
            self._check_quotas,
            self._check_stalled,
            self._check_salesperson_changes,
            self._check_workload,
            self._check_concentration,
            self._check_communications,
            self._check_funnel,
            self._check_observed_win_rates,
        ):
            check()

    def _check_stage_history(self):
        rows = self.reports.stage_history()
        self.compare(
            self._report('crm.stage.history'),
            rows,
            [
                [],
                ['user_id'],
                ['stage_id'],
                ['is_loss'],
                ['user_id', 'entered_at:month'],
                ['team_id', 'stage_id'],
                ['company_id', 'exit_kind'],
                ['entry_kind', 'change_kind'],
                ['is_win', 'left_at:month'],
                ['previous_stage_id', 'stage_id'],
                ['entered_by_id', 'left_by_id'],
            ],
            {
                **COUNTS,
                **AMOUNTS,
                'stage_entered_at:max': None,
                'started_at:min': None,
            },
        )

    def _check_stage_changes(self):
        self.compare(
            self._report('crm.stage.change.report'),
            self.reports.stage_changes(),
            [
                [],
                ['kind'],
                ['changed_by_id'],
                ['user_id', 'date:month'],
                ['team_id', 'stage_id'],
                ['previous_stage_id', 'stage_id'],
                ['company_id', 'kind'],
                ['previous_user_id', 'user_id'],
            ],
            {
                **COUNTS,
                **AMOUNTS,
                'customer_ref:count_distinct': None,
                'days:avg': None,
                'cycle_days:avg': None,
            },
        )

    def _periods(self):
        day = self.now.date()
        return [
            (date(2026, 1, 1), day),
            (day - timedelta(days=60), day - timedelta(days=20)),
            (date(2026, 2, 1), date(2026, 2, 28)),
            (day, day),
        ]

    def _check_stage_flow(self):
        for first, last in self._periods():
            rows = self.reports.stage_flow(first, last)
            self.compare(
                self._report(
                    'crm.stage.flow.report',
                    report_period_from=str(first),
                    report_period_to=str(last),
                ),
                rows,
                [[], ['stage_id'], ['user_id', 'stage_id'], ['company_id', 'team_id']],
                {
                    **COUNTS,
                    **AMOUNTS,
                    **{f'{name}:sum': None for name in MOVEMENTS},
                    **{f'{name}_amount:sum_currency': None for name in MOVEMENTS},
                    'stage_days:avg': _median('stage_days'),
                },
            )
            for suffix in ('', '_amount'):
                came = sum(row[f'{name}{suffix}'] for row in rows for name in MOVEMENTS[:2])
                left = sum(row[f'{name}{suffix}'] for row in rows for name in MOVEMENTS[2:])
                self.assertAlmostEqual(came, left, msg="The ledger balances")

    def _velocity(self, rows):
        wins = [row for row in rows if row['won_count']]
        cycle = sum(row['cycle_days'] for row in wins)
        if not wins or not cycle:
            return None
        lost = sum(row['lost_count'] for row in rows)
        return (
            sum(row['open_count'] for row in rows)
            * (self._sum(wins, 'won_amount') / len(wins))
            * (len(wins) / (len(wins) + lost))
            / (cycle / len(wins))
        )

    def _check_sales_cycle(self):
        self.compare(
            self._report('crm.sales.cycle.report'),
            self.reports.sales_cycle(),
            [
                [],
                ['outcome'],
                ['user_id', 'date:month'],
                ['team_id', 'stage_id'],
                ['company_id', 'outcome'],
            ],
            {
                **COUNTS,
                **AMOUNTS,
                'open_count:sum': None,
                'won_count:sum': None,
                'lost_count:sum': None,
                'won_amount:sum_currency': None,
                'win_rate:avg': lambda rows: _ratio(
                    100 * sum(row['won_count'] for row in rows),
                    sum(row['won_count'] + row['lost_count'] for row in rows),
                ),
                'cycle_days:avg': None,
                'cycle_days_median:avg': _median('cycle_days'),
                'velocity:avg': self._velocity,
            },
        )

    def _check_quotas(self):
        def sums(rows):
            return [self._sum(rows, name) or 0 for name in ('quota', 'actual', 'open_quota_amount')]

        def attainment(rows):
            quota, actual, _open = sums(rows)
            return _ratio(actual, quota)

        def coverage(rows):
            quota, actual, open_amount = sums(rows)
            return _ratio(open_amount, max(quota - actual, 0)) if quota else None

        rows = self.reports.quotas()
        measures = {
            '__count': None,
            'quota:sum_currency': None,
            'team_quota:sum_currency': None,
            'actual:sum_currency': None,
            'open_quota_amount:sum_currency': None,
            'gap:sum_currency': lambda rows: (
                sums(rows)[1] - sums(rows)[0]
                if any(name in row for row in rows for name in ('quota', 'actual'))
                else None
            ),
            'projection:sum_currency': lambda rows: (
                sums(rows)[1] + sums(rows)[2]
                if any(name in row for row in rows for name in ('actual', 'open_quota_amount'))
                else None
            ),
            'attainment:avg': attainment,
            'coverage:avg': coverage,
        }
        self.compare(
            self._report('crm.quota.report'),
            rows,
            [
                [],
                ['kind'],
                ['user_id'],
                ['user_id', 'date:month'],
                ['team_id', 'kind'],
                ['company_id', 'date:month'],
            ],
            measures,
        )
        # a reader of one company sees its figures alone
        self.compare(
            self._report('crm.quota.report', companies=self.here),
            [row for row in rows if row['company_id'] in {self.here.id, False}],
            [[], ['user_id', 'date:month']],
            measures,
        )

    def _check_stalled(self):
        def ratio(rows):
            known = [row for row in rows if row['median_days']]
            return _ratio(
                sum(row['days'] for row in known), sum(row['median_days'] for row in known)
            )

        self.compare(
            self._report('crm.stalled.report'),
            self.reports.stalled(),
            [[], ['stage_id'], ['user_id', 'stage_id'], ['company_id', 'team_id']],
            {
                **COUNTS,
                **AMOUNTS,
                'days:avg': None,
                'days_over:avg': None,
                'threshold_days:avg': None,
                'median_days:avg': None,
                'ratio:avg': ratio,
            },
        )

    def _check_salesperson_changes(self):
        if self.nina not in self.users:
            # The report takes a user who has been deleted for nobody: “removed” instead of “changed”.
            return
        self.compare(
            self._report('crm.salesperson.change.report'),
            self.reports.salesperson_changes(),
            [
                [],
                ['kind'],
                ['handover_id'],
                ['from_user_id', 'to_user_id'],
                ['to_user_id', 'date:month'],
                ['team_id', 'stage_id'],
                ['company_id', 'changed_by_id'],
            ],
            {'__count': None, 'number:sum': None, 'expected_revenue:sum_currency': None},
        )

    def _check_workload(self):
        self.compare(
            self._report('crm.workload.report'),
            self.reports.workload(),
            [
                [],
                ['user_id'],
                ['holder'],
                ['user_id', 'stage_id'],
                ['team_id', 'stage_id'],
                ['company_id', 'is_won'],
            ],
            {
                '__count': None,
                **AMOUNTS,
                'customer_count:count_distinct': None,
                'won_customer_count:count_distinct': None,
                'opportunity_count:sum': None,
                'won_revenue:sum_currency': None,
            },
        )

    def _check_concentration(self):
        self.compare(
            self._report('crm.concentration.report'),
            self.reports.concentration(),
            [['user_id', 'team_id', 'company_id']],
            {
                'won_customer_count:sum': None,
                'won_revenue:sum_currency': None,
                'customer_share:max': None,
            },
        )

    def _check_communications(self):
        self.compare(
            self._report('crm.communication.report'),
            self.reports.communications(),
            [
                [],
                ['kind'],
                ['owner_id', 'date:month'],
                ['team_id', 'stage_id'],
                ['company_id', 'user_id'],
                ['lead_id', 'direction'],
            ],
            {
                '__count': None,
                'contact_count:sum': None,
                'lead_ref:count_distinct': None,
                'customer_ref:count_distinct': None,
                'touched_customer_ref:count_distinct': None,
                'date:max': None,
            },
        )

    def _check_observed_win_rates(self):
        expected = self.reports.observed_win_rates()
        for stage in self.stages.with_user(self.manager):
            rate, cases = expected.get(stage.id, (0, 0))
            found = stage.observed_win_rate, stage.observed_case_count
            # one digit is shown
            if abs(found[0] - rate) > 0.05 or found[1] != cases:
                self.differ(f"Observed win rate of {stage.name}: {found}, expected {rate, cases}")

    # === The funnel === #

    def _check_funnel(self):
        first, last = self._periods()[1]
        for split in (None, 'user_id', 'team_id'):
            now = self.reports.funnel_now()
            self._compare_funnel(
                'now',
                split,
                now,
                previous=self.reports.open_at(first),
                stalled=lambda rows: sum(row['stalled'] for row in rows),
                days=_median('stage_days'),
            )
            flow = self.reports.stage_flow(first, last)
            self._compare_funnel(
                'flow',
                split,
                [row for row in flow if row['entered']],
                flows={name: [row for row in flow if row[name]] for name in MOVEMENTS},
            )
            cohort = self.reports.funnel_cohort(first, last)
            self._compare_funnel(
                'cohort',
                split,
                cohort,
                flows={
                    name: [row for row in cohort if row[name]]
                    for name in ('won', 'lost', 'still_open', 'other')
                },
            )

    def _compare_funnel(self, mode, split, rows, previous=None, flows=None, **figures):
        period = [str(day) for day in self._periods()[1]]
        funnel = self._report('crm.funnel.report').get_funnel([], mode, split, period)
        found = {
            (group['id'] if split else False, cell['stage_id']): cell
            for group in funnel['funnels']
            for cell in group['cells']
        }

        def grouped(rows):
            groups = {}
            for row in rows:
                key = row[split] if split else False, row['stage_id']
                groups.setdefault(key, []).append(row)
            return groups

        groups = grouped(rows)
        flow_groups = {name: grouped(part) for name, part in (flows or {}).items()}
        previous_groups = grouped(previous or [])
        keys = {*found, *groups, *(key for part in flow_groups.values() for key in part)}
        for key in sorted(keys, key=str):
            group, cell = groups.get(key, []), found.get(key)
            expected = {
                'count': len(group),
                'expected_revenue': float(self._sum(group, 'expected_revenue') or 0),
                'quota_amount': float(self._sum(group, 'quota_amount') or 0),
                'customers': len({row['customer_ref'] for row in group}),
                **{name: function(group) for name, function in figures.items()},
                **{name: len(part.get(key, [])) for name, part in flow_groups.items()},
            }
            if previous is not None:
                expected['previous'] = len(previous_groups.get(key, []))
            title = f"Funnel {mode} by {split or 'nothing'}, {self._name_cell(split, key)}"
            if cell is None:
                self.differ(f"{title}: missing, expected {expected}")
                continue
            cell = {**cell, **cell['flows'], 'previous': cell['previous']['count']}
            self._compare_group(
                title,
                {name: cell.get(name) or 0 for name in expected},
                {name: value or 0 for name, value in expected.items()},
            )

    def _name_cell(self, split, key):
        group, stage = key
        names = [self.env['crm.stage'].browse(stage or []).display_name or "unknown"]
        if split:
            model = 'res.users' if split == 'user_id' else 'crm.team'
            names.append(self.env[model].browse(group or []).display_name or "none")
        return " / ".join(names)
