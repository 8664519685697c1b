"""What happens when opportunities are created, written, merged and deleted, and in which order.

The capabilities supply the steps; this file alone overrides the methods and calls them. A comment says
where the order matters and why.
"""

from odoo import api, models


class CrmLead(models.Model):
    _name = 'crm.lead'
    _inherit = ['crm.lead', 'crm.system.field.mixin']

    @api.model_create_multi
    def create(self, vals_list):
        """Override to begin what the capabilities keep of an opportunity."""
        leads = super().create(vals_list)
        leads._bind_own_quota_rate()  # quota_rate
        leads._begin_stage_history()  # stage_history
        leads._note_new_holders()  # key_account
        return leads

    def write(self, vals):
        """Override to judge, complete and follow up what is written."""
        # First: what is refused leaves no trace in the history.
        self._judge_salesperson_change(vals)  # salesperson_lock
        self._separate_stage_changes(vals)  # stage_history
        vals = self._complete_own_quota_rate(vals)  # quota_rate
        # The values before tell what there is to follow up.
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
        """Override to end what the capabilities keep of an opportunity."""
        # While there still is one: its stays keep its name.
        self._end_stage_history('deleted')  # stage_history
        lines_sudo = self._get_ongoing_handover_lines_sudo()  # handover
        result = super().unlink()
        lines_sudo._skip_deleted()  # handover
        return result

    def _merge_dependences(self, opportunities):
        """Override to end what the capabilities keep of the opportunities that are merged."""
        # Before Odoo moves activities on to the merged opportunity: those of alerts do not move.
        opportunities._close_stall_alerts_of_merged()  # stall_alert
        result = super()._merge_dependences(opportunities)
        opportunities._end_stage_history('merged')  # stage_history
        return result

    def _flush(self):
        """Override to look at what is stored, by whichever way it came."""
        # First: a salesperson can bring another team, a team another stage, another module another
        # salesperson. The lock and the history look at what results.
        self._recompute_for_stage_history()  # stage_history
        salesperson_ids = self._judge_pending_salespeople()  # salesperson_lock
        changes = self._get_stage_history_changes()  # stage_history
        result = super()._flush()
        self._forget_judged_salespeople(salesperson_ids)  # salesperson_lock
        self._record_stage_history(*changes)  # stage_history
        return result
