"""Run the audit checks over the opportunities and customers of a handover, and store the findings."""

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...base.arguments import check_one
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
        check_one(self)
        action = self.env['ir.actions.actions']._for_xml_id(
            'sales_funnel_mgmt.crm_handover_finding_action'
        )
        return {**action, 'domain': [('handover_id', '=', self.id)]}

    # === BUSINESS METHODS === #

    def _run_audit(self):
        """Run each active check with one query for all opportunities or customers, and update the findings.

        Waived findings stay waived. Findings that do not occur any more become fixed. A check that
        does not work is skipped: a finding says so, which does not hold up anything.
        """
        # In sudo mode: only the audit writes findings.
        handovers_sudo = self.sudo()
        handovers_sudo.line_ids.filtered('lead_id')._take_snapshot()
        for env, audited in self._group_by_reader():
            audited.sudo()._audit(env)
        handovers_sudo.audited_at = self.env.cr.now()

    def _group_by_reader(self):
        """Group handovers by the environment with whose rights the checks are carried out.

        This is the user who runs the audit. Where the system runs it, because a user is archived for
        instance, it is the responsible user of the handover, in the company of the handover.

        :return: Pairs of an environment and handovers.
        """
        if not self.env.su:
            return [(self.env, self)]
        return [
            (
                handovers.with_user(user).with_context(allowed_company_ids=company.ids).env,
                handovers,
            )
            for (user, company), handovers in self.grouped(
                lambda handover: (handover.user_id, handover.company_id)
            ).items()
        ]

    def _audit(self, reader_env):
        """Run the checks with the rights of a reader, and store what they find. In sudo mode.

        :param reader_env: Environment of the reader.
        """
        lines = self.line_ids.filtered('lead_id')
        customers = self.customer_ids.filtered('customer_id')
        Finding = self.env['crm.handover.finding']
        # Findings at opportunities and customers that were deleted or merged count as fixed.
        known = {
            finding._get_key(): finding
            for finding in Finding.search([('handover_id', 'in', self.ids)])
        }
        wanted = {}
        for check in self.env['crm.pipeline.check'].search([('active', '=', True)]):
            subjects, path = (
                (customers, 'customer_id') if check._is_about_customers() else (lines, 'lead_id')
            )
            if not subjects:
                continue
            found, problem = check._find_or_explain(subjects[path].with_env(reader_env))
            if problem:
                # The first of each handover says that the check does not work.
                bad = subjects.filtered(
                    lambda one, check=check: (one._finding_field, one.id, check.id) in known
                ).union(*(own[0] for own in subjects.grouped('handover_id').values()))
            else:
                bad = subjects.filtered(
                    lambda one, path=path, ids=set(found.ids): one[path].id in ids
                )
            for subject in bad:
                wanted[subject._finding_field, subject.id, check.id] = {
                    'check_name': check.name,
                    'severity': 'warning' if problem else check.severity,
                    'problem': problem or False,
                }
        gone = Finding.union(*(known[key] for key in known.keys() - wanted.keys()))
        gone.filtered(lambda finding: not finding.is_fixed).is_fixed = True
        Finding._update_found(known, wanted)

    def _check_findings(self):
        """Check that no blocking finding is open.

        :raise UserError: If a blocking finding is neither fixed nor waived.
        """
        blocking = self.env['crm.handover.finding'].search([
            ('handover_id', 'in', self.ids),
            ('severity', '=', 'blocking'),
            ('state', '=', 'open'),
            *(
                Domain('line_id', 'any', [('state', '=', 'draft'), ('to_user_id', '!=', False)])
                | Domain('handover_customer_id.to_user_id', '!=', False)
            ),
        ])
        if blocking:
            names = list_some(
                self.env,
                blocking,
                name=lambda finding: self.env._(
                    "%(subject)s: %(finding)s",
                    subject=finding.subject,
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
