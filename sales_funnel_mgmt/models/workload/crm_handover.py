"""Warn of handovers that overload their receivers."""

from odoo import api, fields, models


class CrmHandover(models.Model):
    _inherit = 'crm.handover'

    workload_warning = fields.Text(
        compute='_compute_workload_warning',
        compute_sudo=True,
        help="Receivers who would hold more of a sales team's won customers than the concentration "
        "limit allows, or more customers than they can look after, and key accounts for novices.",
    )

    # === COMPUTE METHODS === #

    # Not dependent on the lines: the form would recompute the warning with each edited cell.
    @api.depends('state')
    @api.depends_context('lang')
    def _compute_workload_warning(self):
        for handover in self:
            handover.workload_warning = handover.state in ('draft', 'in_progress') and "\n".join(
                handover._get_workload_warnings()
            )

    # === BUSINESS METHODS === #

    def _get_workload_warnings(self):
        """Return the warnings about the workload of the receivers after the handover."""
        self.ensure_one()
        lines = self.line_ids.filtered(
            lambda line: (
                line.lead_id and line.to_user_id and line.to_user_id != line.lead_id.user_id
            )
        )
        if not lines:
            return []
        return self.env['crm.team.member']._get_novice_sentences(
            (line.lead_id.customer_id, line.to_user_id) for line in lines
        ) + self._get_limit_warnings(lines)

    def _get_limit_warnings(self, lines):
        """Return a warning for each limit that the transfer of the lines would exceed."""
        Report = self.env['crm.workload.report']
        receivers = lines.to_user_id
        held = dict(
            Report._read_group(
                [('user_id', 'in', receivers.ids)], ['user_id'], ['customer_id:array_agg_distinct']
            )
        )
        capacity = dict(self.env.execute_query(self.env['crm.team.member']._query_capacity()))
        sentences = []
        for user, own_lines in lines.grouped('to_user_id').items():
            customers = set(held.get(user, ())) | set(own_lines.lead_id.customer_id.ids)
            most = capacity.get(user.id)
            if most and len(customers - {None}) > most:
                sentences.append(
                    self.env['crm.team.member']._get_capacity_sentence(
                        user.name, len(customers - {None}), most
                    )
                )
        company = self.company_id
        won_by_team_and_user = {
            (team, user): set(ids)
            for team, user, ids in Report._read_group(
                [
                    ('is_won', '=', True),
                    ('team_id', 'in', lines.lead_id.team_id.ids),
                    ('company_id', 'in', [company.id, False]),
                ],
                ['team_id', 'user_id'],
                ['won_customer_count:array_agg_distinct'],
            )
        }
        for team, team_lines in (
            lines
            .filtered('lead_id.stage_id.is_won')
            .grouped(lambda line: line.lead_id.team_id)
            .items()
        ):
            won = {
                user: ids
                for (own_team, user), ids in won_by_team_and_user.items()
                if own_team == team
            }
            for line in team_lines:
                key = line.lead_id._get_customer_key()
                won.get(line.lead_id.user_id, set()).discard(key)
                won.setdefault(line.to_user_id, set()).add(key)
            total = len(set().union(*won.values()))
            if total < company.concentration_min_customers or len(team.crm_team_member_ids) < 2:
                continue
            sentences += [
                self.env._(
                    "%(user)s would hold %(share)s%% of the won customers of %(team)s; the limit is "
                    "%(limit)s%%.",
                    user=user.name,
                    share=f"{100 * len(won[user]) / total:.0f}",
                    team=team.name,
                    limit=f"{company.concentration_limit:g}",
                )
                for user in team_lines.to_user_id
                if 100 * len(won[user]) > company.concentration_limit * total
            ]
        return sentences
