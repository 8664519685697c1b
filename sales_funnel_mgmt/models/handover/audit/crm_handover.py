"""Run the audit checks over the opportunities of a handover, and store the findings."""

from odoo import models
from odoo.exceptions import UserError

from ...base.naming import list_some


class CrmHandover(models.Model):
    _inherit = 'crm.handover'

    # === ACTION METHODS === #

    def action_audit(self):
        """Run the audit again."""
        self._check_may_run()
        self._check_state('draft')
        self._run_audit()
        return True

    def action_view_findings(self):
        """Open the findings of the audit."""
        self.ensure_one()
        action = self.env['ir.actions.actions']._for_xml_id(
            'sales_funnel_mgmt.crm_handover_finding_action'
        )
        return {**action, 'domain': [('handover_id', '=', self.id)]}

    # === BUSINESS METHODS === #

    def _run_audit(self):
        """Run each active check with one query for all opportunities, and update the findings.

        Waived findings stay waived. Findings that do not occur any more become fixed.
        """
        # In sudo mode: only the audit writes findings.
        handovers_sudo = self.sudo()
        lines_sudo = handovers_sudo.line_ids.filtered('lead_id')
        lines_sudo._take_snapshot()
        leads = lines_sudo.lead_id
        Finding = self.env['crm.handover.finding'].sudo()
        known = {
            (finding.line_id.id, finding.check_id.id): finding
            for finding in Finding.search([('line_id', 'in', lines_sudo.ids)])
        }
        lines_by_lead = lines_sudo.grouped('lead_id')
        values_list = []
        found = Finding
        for check in self.env['crm.pipeline.check'].sudo().search([('active', '=', True)]):
            for lead in check._find(leads) if leads else ():
                for line in lines_by_lead[lead]:
                    if finding := known.get((line.id, check.id)):
                        found += finding
                    else:
                        values_list.append({
                            'line_id': line.id,
                            'check_id': check.id,
                            'check_name': check.name,
                            'severity': check.severity,
                        })
        gone = Finding.union(*known.values()) - found
        gone.filtered(lambda finding: not finding.is_fixed).is_fixed = True
        found.filtered('is_fixed').is_fixed = False
        Finding.create(values_list)
        handovers_sudo.audited_at = self.env.cr.now()

    def _check_findings(self):
        """Check that no blocking finding is open.

        :raise UserError: If a blocking finding is neither fixed nor waived.
        """
        blocking = self.env['crm.handover.finding'].search([
            ('handover_id', 'in', self.ids),
            ('severity', '=', 'blocking'),
            ('state', '=', 'open'),
            ('line_id.to_user_id', '!=', False),
        ])
        if blocking:
            names = list_some(
                self.env,
                blocking,
                name=lambda finding: self.env._(
                    "%(lead)s: %(finding)s",
                    lead=finding.line_id.display_name,
                    finding=finding.display_name,
                ),
            )
            raise UserError(
                self.env._(
                    "The audit found what holds up the start. Please fix it, or waive it with a reason:"
                    "\n\n%(findings)s",
                    findings=names,
                )
            )
