"""Test what each report shows of an opportunity in each state, and that everybody can read it."""

from odoo.tests import tagged

from .states import StatesCommon, get_reports

YEAR = {'report_period_from': '2026-01-01', 'report_period_to': '2026-07-15'}

# What each report shows: the text, and the states in which it shows it
EXPECTED = {
    'crm.communication.report': {
        'call seller open': '''
            archived
            archived_lost
            back_to_lead
            customer_archived
            lead
            lead_converted
            lost
            lost_restored
            lost_stage_unknown
            merged
            moved_to_another_company
            negative
            no_company
            no_customer
            open
            restored
            salesperson_archived
            salesperson_removed
            stage_deleted
            stage_unknown
            team_archived
            team_deleted
            won
            won_archived
            won_archived_moved_back
            won_back_to_lead
            won_corrected
            won_handed_over
            won_moved_back
            won_moved_to_another_company
            won_reopened_lost
            zero
        ''',
        '': '''
            deleted
            won_deleted
        ''',
        'call heir open': '''
            in_another_company
        ''',
        'call nobody open': '''
            nobody
            nobody_no_company
            salesperson_deleted
            won_salesperson_deleted
        ''',
    },
    'crm.concentration.report': {
        '': '''
            archived
            archived_lost
            back_to_lead
            customer_archived
            deleted
            in_another_company
            lead
            lead_converted
            lost
            lost_restored
            lost_stage_unknown
            merged
            moved_to_another_company
            negative
            no_company
            no_customer
            nobody
            nobody_no_company
            open
            restored
            salesperson_archived
            salesperson_deleted
            salesperson_removed
            stage_deleted
            stage_unknown
            team_archived
            team_deleted
            won_archived
            won_archived_moved_back
            won_back_to_lead
            won_deleted
            won_moved_back
            won_reopened_lost
            zero
        ''',
        'seller 1 1000': '''
            won
        ''',
        'seller 1 1300': '''
            won_corrected
        ''',
        'heir 1 1000': '''
            won_handed_over
            won_moved_to_another_company
        ''',
        'nobody 1 1000': '''
            won_salesperson_deleted
        ''',
    },
    'crm.customer.report': {
        '': '''
            archived
            archived_lost
            back_to_lead
            deleted
            lead
            lost
            lost_stage_unknown
            won_archived_moved_back
            won_back_to_lead
            won_deleted
            won_reopened_lost
        ''',
        'seller open 1000 + 0': '''
            customer_archived
            lead_converted
            lost_restored
            no_company
            no_customer
            open
            restored
            salesperson_archived
            team_archived
            team_deleted
            won_moved_back
        ''',
        'heir open 1000 + 0': '''
            in_another_company
            moved_to_another_company
        ''',
        'seller late 500 + 0': '''
            merged
        ''',
        'seller open -1000 + 0': '''
            negative
        ''',
        'nobody open 1000 + 0': '''
            nobody
            nobody_no_company
            salesperson_deleted
            salesperson_removed
        ''',
        'seller late 1000 + 0': '''
            stage_deleted
        ''',
        'seller unknown 1000 + 0': '''
            stage_unknown
        ''',
        'seller won 0 + 1000': '''
            won
            won_archived
        ''',
        'seller won 0 + 1300': '''
            won_corrected
        ''',
        'heir won 0 + 1000': '''
            won_handed_over
            won_moved_to_another_company
        ''',
        'nobody won 0 + 1000': '''
            won_salesperson_deleted
        ''',
        'seller open 0 + 0': '''
            zero
        ''',
    },
    'crm.funnel.cohort.report': {
        'open: other': '''
            archived
            back_to_lead
            deleted
            won_archived_moved_back
            won_back_to_lead
        ''',
        'open: lost': '''
            archived_lost
            lost
            lost_stage_unknown
            won_reopened_lost
        ''',
        'open: still_open': '''
            customer_archived
            in_another_company
            lead_converted
            lost_restored
            moved_to_another_company
            negative
            no_company
            no_customer
            nobody
            nobody_no_company
            open
            restored
            salesperson_archived
            salesperson_deleted
            salesperson_removed
            stage_unknown
            team_archived
            team_deleted
            won_moved_back
            zero
        ''',
        '': '''
            lead
        ''',
        'open middle late: still_open': '''
            merged
        ''',
        'open late: still_open': '''
            stage_deleted
        ''',
        'open middle late won: won': '''
            won
            won_archived
            won_corrected
            won_deleted
            won_handed_over
            won_moved_to_another_company
            won_salesperson_deleted
        ''',
    },
    'crm.funnel.report': {
        '': '''
            archived
            archived_lost
            back_to_lead
            deleted
            lead
            lost
            lost_stage_unknown
            won
            won_archived
            won_archived_moved_back
            won_back_to_lead
            won_corrected
            won_deleted
            won_handed_over
            won_moved_to_another_company
            won_reopened_lost
            won_salesperson_deleted
        ''',
        'seller open': '''
            customer_archived
            lead_converted
            lost_restored
            negative
            no_company
            no_customer
            open
            restored
            salesperson_archived
            team_archived
            team_deleted
            won_moved_back
            zero
        ''',
        'heir open': '''
            in_another_company
            moved_to_another_company
        ''',
        'seller late': '''
            merged
            stage_deleted
        ''',
        'nobody open': '''
            nobody
            nobody_no_company
            salesperson_deleted
            salesperson_removed
        ''',
        'seller unknown': '''
            stage_unknown
        ''',
    },
    'crm.handover.progress.report': {
        '': '''
            archived
            archived_lost
            back_to_lead
            customer_archived
            deleted
            in_another_company
            lead
            lead_converted
            lost
            lost_restored
            lost_stage_unknown
            merged
            moved_to_another_company
            negative
            no_company
            no_customer
            nobody
            nobody_no_company
            open
            restored
            salesperson_archived
            salesperson_deleted
            salesperson_removed
            stage_deleted
            stage_unknown
            team_archived
            team_deleted
            won
            won_archived
            won_archived_moved_back
            won_back_to_lead
            won_corrected
            won_deleted
            won_handed_over
            won_moved_back
            won_moved_to_another_company
            won_reopened_lost
            won_salesperson_deleted
            zero
        ''',
    },
    'crm.orphan.report': {
        '': '''
            archived
            archived_lost
            back_to_lead
            customer_archived
            deleted
            in_another_company
            lead
            lead_converted
            lost
            lost_restored
            lost_stage_unknown
            merged
            moved_to_another_company
            negative
            no_company
            no_customer
            nobody
            nobody_no_company
            open
            restored
            salesperson_deleted
            salesperson_removed
            stage_deleted
            stage_unknown
            team_archived
            team_deleted
            won
            won_archived
            won_archived_moved_back
            won_back_to_lead
            won_corrected
            won_deleted
            won_handed_over
            won_moved_back
            won_moved_to_another_company
            won_reopened_lost
            won_salesperson_deleted
            zero
        ''',
        'opportunity seller archived': '''
            salesperson_archived
        ''',
    },
    'crm.level.change.report': {
        'new; gone': '''
            archived
            archived_lost
            back_to_lead
            deleted
            lost
        ''',
        'new': '''
            customer_archived
            in_another_company
            lead_converted
            moved_to_another_company
            negative
            no_company
            no_customer
            nobody
            nobody_no_company
            open
            salesperson_archived
            salesperson_deleted
            salesperson_removed
            team_archived
            team_deleted
            zero
        ''',
        '': '''
            lead
        ''',
        'new; gone; back': '''
            lost_restored
            restored
        ''',
        'new; down; gone': '''
            lost_stage_unknown
        ''',
        'new; new; gone': '''
            merged
        ''',
        'new; down; up': '''
            stage_deleted
        ''',
        'new; down': '''
            stage_unknown
        ''',
        'new; won': '''
            won
            won_archived
            won_corrected
            won_deleted
            won_handed_over
            won_moved_to_another_company
            won_salesperson_deleted
        ''',
        'new; won; gone': '''
            won_archived_moved_back
            won_back_to_lead
        ''',
        'new; won; down': '''
            won_moved_back
        ''',
        'new; won; down; gone': '''
            won_reopened_lost
        ''',
    },
    'crm.quota.report': {
        '': '''
            archived
            archived_lost
            back_to_lead
            deleted
            lead
            lost
            lost_stage_unknown
            won_archived_moved_back
            won_back_to_lead
            won_reopened_lost
        ''',
        'open 31 Aug seller 200': '''
            customer_archived
            lead_converted
            lost_restored
            no_company
            no_customer
            open
            restored
            salesperson_archived
            team_archived
            team_deleted
            won_moved_back
        ''',
        'open 31 Aug heir 200': '''
            in_another_company
            moved_to_another_company
        ''',
        'open 31 Aug seller 300': '''
            merged
        ''',
        'open 31 Aug seller -200': '''
            negative
        ''',
        'open 31 Aug nobody 200': '''
            nobody
            nobody_no_company
            salesperson_deleted
            salesperson_removed
        ''',
        'open 31 Aug seller 600': '''
            stage_deleted
        ''',
        'open 31 Aug seller 0': '''
            stage_unknown
            zero
        ''',
        'won 14 May seller 1000': '''
            won
            won_archived
            won_deleted
            won_handed_over
            won_moved_to_another_company
        ''',
        'won 14 May seller 1000; correction 24 May seller 300': '''
            won_corrected
        ''',
        'won 14 May nobody 1000': '''
            won_salesperson_deleted
        ''',
    },
    'crm.sales.cycle.report': {
        '': '''
            archived
            back_to_lead
            deleted
            lead
            won_archived_moved_back
            won_back_to_lead
        ''',
        'lost seller 1000': '''
            archived_lost
            lost
            lost_stage_unknown
            won_reopened_lost
        ''',
        'open seller 1000': '''
            customer_archived
            lead_converted
            lost_restored
            no_company
            no_customer
            open
            restored
            salesperson_archived
            stage_deleted
            stage_unknown
            team_archived
            team_deleted
            won_moved_back
        ''',
        'open heir 1000': '''
            in_another_company
            moved_to_another_company
        ''',
        'open seller 500': '''
            merged
        ''',
        'open seller -1000': '''
            negative
        ''',
        'open nobody 1000': '''
            nobody
            nobody_no_company
            salesperson_deleted
            salesperson_removed
        ''',
        'won seller 1000': '''
            won
            won_archived
            won_corrected
            won_deleted
            won_handed_over
            won_moved_to_another_company
        ''',
        'won nobody 1000': '''
            won_salesperson_deleted
        ''',
        'open seller 0': '''
            zero
        ''',
    },
    'crm.salesperson.change.report': {
        '': '''
            archived
            archived_lost
            back_to_lead
            customer_archived
            deleted
            in_another_company
            lead
            lead_converted
            lost
            lost_restored
            lost_stage_unknown
            merged
            negative
            no_company
            no_customer
            nobody
            nobody_no_company
            open
            restored
            salesperson_archived
            salesperson_deleted
            stage_deleted
            stage_unknown
            team_archived
            team_deleted
            won
            won_archived
            won_archived_moved_back
            won_back_to_lead
            won_corrected
            won_deleted
            won_moved_back
            won_reopened_lost
            won_salesperson_deleted
            zero
        ''',
        'changed seller > heir': '''
            moved_to_another_company
            won_handed_over
            won_moved_to_another_company
        ''',
        'removed seller > nobody': '''
            salesperson_removed
        ''',
    },
    'crm.stage.change.report': {
        'created; archived': '''
            archived
            back_to_lead
        ''',
        'created; lost': '''
            archived_lost
            lost
        ''',
        'created': '''
            customer_archived
            in_another_company
            lead_converted
            negative
            no_company
            no_customer
            nobody
            nobody_no_company
            open
            salesperson_archived
            salesperson_deleted
            team_archived
            team_deleted
            zero
        ''',
        'created; deleted': '''
            deleted
        ''',
        '': '''
            lead
        ''',
        'created; lost; reopened': '''
            lost_restored
        ''',
        'created; moved_back; lost': '''
            lost_stage_unknown
        ''',
        'created; created; merged': '''
            merged
        ''',
        'created; handed_over': '''
            moved_to_another_company
            salesperson_removed
        ''',
        'created; archived; reopened': '''
            restored
        ''',
        'created; advanced; advanced': '''
            stage_deleted
        ''',
        'created; moved_back': '''
            stage_unknown
        ''',
        'created; won': '''
            won
            won_corrected
            won_salesperson_deleted
        ''',
        'created; won; archived': '''
            won_archived
            won_archived_moved_back
            won_back_to_lead
        ''',
        'created; won; deleted': '''
            won_deleted
        ''',
        'created; won; handed_over': '''
            won_handed_over
            won_moved_to_another_company
        ''',
        'created; won; moved_back': '''
            won_moved_back
        ''',
        'created; won; moved_back; lost': '''
            won_reopened_lost
        ''',
    },
    'crm.stage.flow.report': {
        'entered 1 (1000); archived 1 (1000)': '''
            archived
            back_to_lead
        ''',
        'entered 1 (1000); lost 1 (1000)': '''
            archived_lost
            lost
        ''',
        'entered 1 (1000); open_end 1 (1000)': '''
            customer_archived
            in_another_company
            lead_converted
            no_company
            no_customer
            nobody
            nobody_no_company
            open
            salesperson_archived
            salesperson_deleted
            team_archived
            team_deleted
        ''',
        'entered 1 (1000); deleted 1 (1000)': '''
            deleted
        ''',
        '': '''
            lead
        ''',
        'entered 2 (2000); lost 1 (1000); open_end 1 (1000)': '''
            lost_restored
        ''',
        'entered 2 (2000); moved_back 1 (1000); lost 1 (1000)': '''
            lost_stage_unknown
        ''',
        'entered 2 (1500); merged 1 (1000); open_end 1 (500)': '''
            merged
        ''',
        'entered 2 (2000); handed_over 1 (1000); open_end 1 (1000)': '''
            moved_to_another_company
            salesperson_removed
        ''',
        'entered 1 (-1000); open_end 1 (-1000)': '''
            negative
        ''',
        'entered 2 (2000); archived 1 (1000); open_end 1 (1000)': '''
            restored
        ''',
        'entered 3 (3000); advanced 2 (2000); open_end 1 (1000)': '''
            stage_deleted
        ''',
        'entered 2 (2000); moved_back 1 (1000); open_end 1 (1000)': '''
            stage_unknown
        ''',
        'entered 2 (2000); won 1 (1000); open_end 1 (1000)': '''
            won
            won_salesperson_deleted
        ''',
        'entered 2 (2000); won 1 (1000); archived 1 (1000)': '''
            won_archived
            won_archived_moved_back
            won_back_to_lead
        ''',
        'entered 2 (2300); won 1 (1000); open_end 1 (1300)': '''
            won_corrected
        ''',
        'entered 2 (2000); won 1 (1000); deleted 1 (1000)': '''
            won_deleted
        ''',
        'entered 3 (3000); won 1 (1000); handed_over 1 (1000); open_end 1 (1000)': '''
            won_handed_over
            won_moved_to_another_company
        ''',
        'entered 3 (3000); won 1 (1000); moved_back 1 (1000); open_end 1 (1000)': '''
            won_moved_back
        ''',
        'entered 3 (3000); won 1 (1000); moved_back 1 (1000); lost 1 (1000)': '''
            won_reopened_lost
        ''',
        'entered 1 (0); open_end 1 (0)': '''
            zero
        ''',
    },
    'crm.stalled.report': {
        '': '''
            archived
            archived_lost
            back_to_lead
            deleted
            lead
            lost
            lost_stage_unknown
            stage_unknown
            won
            won_archived
            won_archived_moved_back
            won_back_to_lead
            won_corrected
            won_deleted
            won_handed_over
            won_moved_to_another_company
            won_reopened_lost
            won_salesperson_deleted
        ''',
        'seller open 72': '''
            customer_archived
            lost_restored
            negative
            no_company
            no_customer
            open
            restored
            salesperson_archived
            team_archived
            team_deleted
            zero
        ''',
        'heir open 72': '''
            in_another_company
            moved_to_another_company
        ''',
        'seller open 62': '''
            lead_converted
        ''',
        'seller late 62': '''
            merged
        ''',
        'nobody open 72': '''
            nobody
            nobody_no_company
            salesperson_deleted
            salesperson_removed
        ''',
        'seller late 52': '''
            stage_deleted
        ''',
        'seller open 52': '''
            won_moved_back
        ''',
    },
    'crm.workload.report': {
        '': '''
            archived
            archived_lost
            back_to_lead
            deleted
            lead
            lost
            lost_stage_unknown
            won_archived
            won_archived_moved_back
            won_back_to_lead
            won_deleted
            won_reopened_lost
        ''',
        'seller active open 1000': '''
            customer_archived
            lead_converted
            lost_restored
            no_company
            no_customer
            open
            restored
            team_archived
            team_deleted
            won_moved_back
        ''',
        'heir active open 1000': '''
            in_another_company
            moved_to_another_company
        ''',
        'seller active late 500': '''
            merged
        ''',
        'seller active open -1000': '''
            negative
        ''',
        'nobody nobody open 1000': '''
            nobody
            nobody_no_company
            salesperson_deleted
            salesperson_removed
        ''',
        'seller archived open 1000': '''
            salesperson_archived
        ''',
        'seller active late 1000': '''
            stage_deleted
        ''',
        'seller active unknown 1000': '''
            stage_unknown
        ''',
        'seller active won 1000': '''
            won
        ''',
        'seller active won 1300': '''
            won_corrected
        ''',
        'heir active won 1000': '''
            won_handed_over
            won_moved_to_another_company
        ''',
        'nobody nobody won 1000': '''
            won_salesperson_deleted
        ''',
        'seller active open 0': '''
            zero
        ''',
    },
    'funnel': {
        'now: none; flow: open 1; cohort: open 1': '''
            archived
            archived_lost
            back_to_lead
            deleted
            lost
        ''',
        'now: open 1; flow: open 1; cohort: open 1': '''
            customer_archived
            in_another_company
            lead_converted
            negative
            no_company
            no_customer
            nobody
            nobody_no_company
            open
            salesperson_archived
            salesperson_deleted
            team_archived
            team_deleted
            zero
        ''',
        'now: none; flow: none; cohort: none': '''
            lead
        ''',
        'now: open 1; flow: open 2; cohort: open 1': '''
            lost_restored
            moved_to_another_company
            restored
            salesperson_removed
        ''',
        'now: none; flow: open 1, unknown 1; cohort: open 1': '''
            lost_stage_unknown
        ''',
        'now: late 1; flow: open 1, late 1; cohort: open 1, middle 1, late 1': '''
            merged
        ''',
        'now: late 1; flow: open 1, late 1, unknown 1; cohort: open 1, late 1': '''
            stage_deleted
        ''',
        'now: unknown 1; flow: open 1, unknown 1; cohort: open 1': '''
            stage_unknown
        ''',
        'now: none; flow: open 1, won 1; cohort: open 1, middle 1, late 1, won 1': '''
            won
            won_archived
            won_corrected
            won_deleted
            won_salesperson_deleted
        ''',
        'now: none; flow: open 1, won 1; cohort: open 1': '''
            won_archived_moved_back
            won_back_to_lead
        ''',
        'now: none; flow: open 1, won 2; cohort: open 1, middle 1, late 1, won 1': '''
            won_handed_over
            won_moved_to_another_company
        ''',
        'now: open 1; flow: open 2, won 1; cohort: open 1': '''
            won_moved_back
        ''',
        'now: none; flow: open 2, won 1; cohort: open 1': '''
            won_reopened_lost
        ''',
    },
    'overview': {
        'funnel 0; stalled 0 of 0': '''
            archived
            archived_lost
            back_to_lead
            deleted
            lead
            lost
            lost_stage_unknown
            won
            won_archived
            won_archived_moved_back
            won_back_to_lead
            won_corrected
            won_deleted
            won_handed_over
            won_moved_to_another_company
            won_reopened_lost
            won_salesperson_deleted
        ''',
        'funnel 1; stalled 1 of 1': '''
            customer_archived
            in_another_company
            lead_converted
            lost_restored
            merged
            moved_to_another_company
            negative
            no_company
            no_customer
            nobody
            nobody_no_company
            open
            restored
            salesperson_archived
            salesperson_deleted
            salesperson_removed
            stage_deleted
            team_archived
            team_deleted
            won_moved_back
            zero
        ''',
        'funnel 1; stalled 0 of 1': '''
            stage_unknown
        ''',
    },
    'my_quota': {
        '': '''
            archived
            archived_lost
            back_to_lead
            deleted
            lead
            lost
            lost_stage_unknown
            nobody
            nobody_no_company
            salesperson_archived
            salesperson_deleted
            salesperson_removed
            stage_unknown
            won_archived_moved_back
            won_back_to_lead
            won_reopened_lost
            won_salesperson_deleted
            zero
        ''',
        'seller 0 + 200': '''
            customer_archived
            lead_converted
            lost_restored
            no_company
            no_customer
            open
            restored
            team_archived
            team_deleted
            won_moved_back
        ''',
        'heir 0 + 200': '''
            in_another_company
            moved_to_another_company
        ''',
        'seller 0 + 300': '''
            merged
        ''',
        'seller 0 + -200': '''
            negative
        ''',
        'seller 0 + 600': '''
            stage_deleted
        ''',
        'seller 1000 + 0': '''
            won
            won_archived
            won_deleted
            won_handed_over
            won_moved_to_another_company
        ''',
        'seller 1300 + 0': '''
            won_corrected
        ''',
    },
}


@tagged('post_install', '-at_install')
class TestStates(StatesCommon):
    """A table of states and reports. A cell is what `_show_...` says of a report."""

    def _report(self, name, user=None, companies=None, **context):
        user = user or self.manager
        companies = companies or user.company_ids
        return (
            self
            .env[name]
            .with_user(user)
            .with_context(allowed_company_ids=companies.ids, tz='UTC', **context)
        )

    def _read(self, name, order='id', **context):
        return self._report(name, **context).search([], order=order).sudo()

    def _user(self, user):
        names = {
            self.seller.id: "seller",
            self.heir.id: "heir",
            self.manager.id: "manager",
        }
        return names.get(user.id, "nobody")

    def _stage(self, stage):
        names = {
            self.stage_open.id: "open",
            self.middle.id: "middle",
            self.stage_late.id: "late",
            self.stage_won.id: "won",
        }
        return names.get(stage.id, "unknown")

    def _show(self, report):
        return "; ".join(getattr(self, f"_show_{report.replace('.', '_')}")())

    # === What is said of a report === #

    def _show_crm_stage_change_report(self):
        for row in self._read('crm.stage.change.report', 'date, id'):
            yield row.kind

    def _show_crm_stage_flow_report(self):
        """Each movement, with its amount in the currency of the first company."""
        report = self._report('crm.stage.flow.report', **YEAR)
        names = [name for name in report._fields if f'{name}_amount' in report._fields]
        specs = [
            *(f'{name}:sum' for name in names),
            *(f'{name}_amount:sum_currency' for name in names),
        ]
        [sums] = report._read_group([], [], specs)
        for name, count, amount in zip(names, sums[: len(names)], sums[len(names) :], strict=True):
            if count:
                yield f"{name} {count} ({amount:.0f})"

    def _show_crm_sales_cycle_report(self):
        for row in self._read('crm.sales.cycle.report'):
            amount = row.won_amount if row.outcome == 'won' else row.expected_revenue
            yield f"{row.outcome} {self._user(row.user_id)} {amount:.0f}"

    def _show_crm_stalled_report(self):
        for row in self._read('crm.stalled.report'):
            yield f"{self._user(row.user_id)} {self._stage(row.stage_id)} {row.days:.0f}"

    def _show_crm_quota_report(self):
        for row in self._read('crm.quota.report', 'date, id'):
            amount = row.open_quota_amount if row.kind == 'open' else row.actual
            yield f"{row.kind} {row.date:%d %b} {self._user(row.user_id)} {amount:.0f}"

    def _show_crm_salesperson_change_report(self):
        for row in self._read('crm.salesperson.change.report', 'date, id'):
            yield (f"{row.kind} {self._user(row.from_user_id)} > {self._user(row.to_user_id)}")

    def _show_crm_workload_report(self):
        for row in self._read('crm.workload.report'):
            yield (
                f"{self._user(row.user_id)} {row.holder} {self._stage(row.stage_id)}"
                f" {row.expected_revenue:.0f}"
            )

    def _show_crm_concentration_report(self):
        for row in self._read('crm.concentration.report'):
            yield f"{self._user(row.user_id)} {row.won_customer_count} {row.won_revenue:.0f}"

    def _show_crm_customer_report(self):
        for row in self._read('crm.customer.report'):
            yield (
                f"{self._user(row.user_id)} {self._stage(row.level_id)}"
                f" {row.expected_revenue:.0f} + {row.won_revenue:.0f}"
            )

    def _show_crm_level_change_report(self):
        for row in self._read('crm.level.change.report', 'date, id'):
            yield row.kind

    def _show_crm_communication_report(self):
        for row in self._read('crm.communication.report'):
            yield f"{row.kind} {self._user(row.owner_id)} {self._stage(row.stage_id)}"

    def _show_crm_funnel_report(self):
        for row in self._read('crm.funnel.report'):
            yield f"{self._user(row.user_id)} {self._stage(row.stage_id)}"

    def _show_crm_funnel_cohort_report(self):
        rows = self._read('crm.funnel.cohort.report', **YEAR)
        for _lead, rows_of_lead in rows.grouped('lead_ref').items():
            stages = rows_of_lead.stage_id.sorted('sequence')
            outcomes = (
                [
                    name
                    for name in ('won', 'lost', 'still_open', 'other')
                    if any(rows_of_lead.mapped(name))
                ]
                if 'other' in rows._fields
                else [
                    name for name in ('won', 'lost', 'still_open') if any(rows_of_lead.mapped(name))
                ]
            )
            reached = " ".join(map(self._stage, stages or [stages]))
            yield f"{reached}: {' '.join(outcomes) or 'other'}"

    def _show_crm_handover_progress_report(self):
        return []

    def _show_crm_orphan_report(self):
        for row in self._read('crm.orphan.report'):
            yield f"{row.kind} {self._user(row.user_id)} {row.departure}"

    def _show_funnel(self):
        """Each mode: the stages with their numbers."""
        for mode in ('now', 'flow', 'cohort'):
            result = self._report('crm.funnel.report').get_funnel(
                [], mode, None, [YEAR['report_period_from'], YEAR['report_period_to']]
            )
            cells = [
                f"{self._stage(self.env['crm.stage'].browse(cell['stage_id'] or []))}"
                f" {cell['count']}"
                for group in result['funnels']
                for cell in group['cells']
                if cell['count']
            ]
            yield f"{mode}: {', '.join(cells) or 'none'}"

    def _show_overview(self):
        overview = self._report('crm.sales.overview').get_overview(False)
        count = sum(
            cell['count'] for group in overview['funnel']['funnels'] for cell in group['cells']
        )
        stalled = overview['stalled']
        yield f"funnel {count}"
        yield f"stalled {stalled['count']} of {stalled['open']}"

    def _show_my_quota(self):
        """Actual and open amount of the year, for each who has some."""
        for user in self.seller + self.heir:
            if not user.exists() or not user.active:
                continue
            for company in user.company_ids:
                result = self._report('crm.quota.report', user, company).get_my_quota()
                [year] = [period for period in result['periods'] if period['kind'] == 'year']
                if year['actual'] or year['open_quota_amount']:
                    yield (
                        f"{self._user(user)} {year['actual']:.0f} + {year['open_quota_amount']:.0f}"
                    )

    def test_each_state_in_each_report(self):
        """A new report, or a new state, has no row yet and fails."""
        reports = [*get_reports(self.env), 'funnel', 'overview', 'my_quota']
        self.assertEqual(sorted(EXPECTED), sorted(reports))
        for state in self._get_states():
            savepoint = self.env.cr.savepoint()
            self._bring_about(state)
            for report in reports:
                with self.subTest(state=state, report=report):
                    expected = [
                        text for text, states in EXPECTED[report].items() if state in states.split()
                    ]
                    self.assertEqual(expected, [self._show(report)])
            savepoint.close(rollback=True)
            self.env.invalidate_all()
