"""Order the steps that run when opportunities are created, written, merged and deleted.

The capabilities define the steps. Only this file overrides the methods, and calls the steps. Comments
say where the order matters, and why.
"""

from odoo import api, models


class CrmLead(models.Model):
    _name = 'crm.lead'
    _inherit = ['crm.lead', 'crm.system.field.mixin']

    @api.model_create_multi
    def create(self, vals_list):
        """Create the opportunities and the records that the capabilities keep about them."""
        leads = super().create(vals_list)
        # Before the history counts them. Defaults of the context can give closing dates as well.
        leads._judge_closing_dates([lead.date_closed for lead in leads])  # stage_history
        leads._store_stage_of_own_quota_rate()  # quota_rate
        leads._begin_stage_history()  # stage_history
        leads._schedule_novice_warning()  # key_account
        return leads

    def write(self, vals):
        """Check and complete the values, write them, then update the capabilities."""
        # Before the values are written: these steps read the former ones, or prepare the new ones.
        self._check_salesperson_change(vals)  # salesperson_lock
        self._judge_closing_date(vals)  # stage_history
        self._separate_stage_changes(vals)  # stage_history
        reassigned = self._get_reassigned_leads(vals)  # key_account
        vals = self._complete_own_quota_rate(vals)  # quota_rate
        closing_date = self._note_closing_date(vals)  # stage_history
        result = super().write(vals)
        # After the values are written: these steps read the new ones.
        self._restore_closing_date(closing_date)  # stage_history
        self._store_stage_of_own_quota_rate(vals)  # quota_rate
        self._close_ended_stall_alerts(vals)  # stall_alert
        reassigned._schedule_novice_warning()  # key_account
        return result

    def unlink(self):
        """Close the records that the capabilities keep about the opportunities, then delete these."""
        # Before the deletion: the stays keep the name of the opportunity. The tasks of a handover, which
        # Odoo deletes as well, would count as cancelled.
        self._end_stage_history('deleted')  # stage_history
        self._skip_handover_lines()  # handover
        return super().unlink()

    def _merge_dependences(self, opportunities):
        """Close the records that the capabilities keep about the merged opportunities."""
        opportunities._close_stall_alerts_of_merged()  # stall_alert
        # Before Odoo moves the messages: a communication keeps the opportunity that it belonged to.
        communications = self.env['crm.communication']._get_merge_update(self, opportunities)
        opportunities._end_stage_history('merged', communications)  # stage_history, communication
        return super()._merge_dependences(opportunities)

    def _flush(self):
        """Check and record the values that are stored, however they were changed."""
        # First: a salesperson can bring another team, a team another stage, another module another
        # salesperson. The lock and the history look at what results.
        self._recompute_for_stage_history()  # stage_history
        # Before the rows are stored: the lock compares with the database, and afterwards it is unknown
        # what has changed.
        salesperson_ids = self._check_pending_salespeople()  # salesperson_lock
        changes = self._get_stage_history_changes()  # stage_history
        result = super()._flush()
        # After the rows are stored: the history compares them with the stays.
        self._record_stage_history(*changes)  # stage_history
        self._forget_checked_salespeople(salesperson_ids)  # salesperson_lock
        return result
