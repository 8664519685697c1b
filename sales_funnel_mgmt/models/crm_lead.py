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
        leads._bind_own_quota_rate()  # quota_rate
        leads._begin_stage_history()  # stage_history
        leads._note_new_holders()  # key_account
        return leads

    def write(self, vals):
        """Check and complete the values, write them, then update the capabilities."""
        # First: a refused change leaves no trace in the history.
        self._judge_salesperson_change(vals)  # salesperson_lock
        self._judge_closing_date(vals)  # stage_history
        self._separate_stage_changes(vals)  # stage_history
        vals = self._complete_own_quota_rate(vals)  # quota_rate
        # Read the former values: they decide which updates are needed afterwards.
        alerted = self._get_stall_alert_candidates(vals)  # stall_alert
        given = self._get_given_leads(vals)  # key_account
        closing_date = self._note_closing_date(vals)  # stage_history
        result = super().write(vals)
        self._give_closing_date(closing_date)  # stage_history
        self._bind_own_quota_rate(vals)  # quota_rate
        alerted._close_overtaken_stall_alerts()  # stall_alert
        given._note_new_holders()  # key_account
        return result

    def unlink(self):
        """Close the records that the capabilities keep about the opportunities, then delete these."""
        # Before the deletion: the stays keep the name of the opportunity.
        self._end_stage_history('deleted')  # stage_history
        lines_sudo = self._get_ongoing_handover_lines_sudo()  # handover
        result = super().unlink()
        lines_sudo._skip_deleted()  # handover
        return result

    def _merge_dependences(self, opportunities):
        """Close the records that the capabilities keep about the merged opportunities."""
        # Before Odoo moves the activities to the remaining opportunity: those of alerts stay.
        opportunities._close_stall_alerts_of_merged()  # stall_alert
        # Before Odoo moves the messages: they are known by the opportunity that they belong to.
        self._merge_communications(opportunities)  # communication
        result = super()._merge_dependences(opportunities)
        opportunities._end_stage_history('merged')  # stage_history
        return result

    def _flush(self):
        """Check and record the values that are stored, however they were changed."""
        # First: a salesperson can bring another team, a team another stage, another module another
        # salesperson. The lock and the history look at what results.
        self._recompute_for_stage_history()  # stage_history
        salesperson_ids = self._judge_pending_salespeople()  # salesperson_lock
        changes = self._get_stage_history_changes()  # stage_history
        result = super()._flush()
        self._forget_judged_salespeople(salesperson_ids)  # salesperson_lock
        self._record_stage_history(*changes)  # stage_history
        return result
