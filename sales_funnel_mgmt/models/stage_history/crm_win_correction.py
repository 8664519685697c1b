"""Define the corrections of wins, which count after the day of the win."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from ..base.arguments import check_day
from ..base.midnight import get_midnight


class CrmWinCorrection(models.Model):
    """A correction of the amount or of the day of a win.

    A win keeps its amount and its day. A correction of the amount counts on its own day: `recording`
    writes it when the expected revenue changes. A correction of the day takes the amount from one day and
    adds it to another: a sales administrator makes these two rows. Users have no right to write them.
    """

    _name = 'crm.win.correction'
    _description = "Correction of a Win"
    _inherit = ['crm.given.record.mixin']
    _order = 'id desc'
    _rec_name = 'stay_id'
    _log_access = False

    stay_id = fields.Many2one(
        comodel_name='crm.stage.history',
        string="Win",
        required=True,
        readonly=True,
        index=True,
        ondelete='cascade',
        help="The stay with which the opportunity was won.",
    )
    lead_id = fields.Many2one(
        related='stay_id.lead_id',
        string="Opportunity",
        help="The opportunity. Empty once it is deleted.",
    )
    user_id = fields.Many2one(related='stay_id.user_id', help="Salesperson who won.")
    company_id = fields.Many2one(related='stay_id.company_id', help="Company of the win.")
    company_currency = fields.Many2one(
        related='stay_id.company_currency', help="Currency of the amount: that of the company."
    )
    kind = fields.Selection(
        selection=[('amount', "Amount"), ('day', "Day")],
        required=True,
        readonly=True,
        help="What is corrected: the amount of the win, or the day on which it counts.",
    )
    date = fields.Datetime(required=True, readonly=True, help="When the correction counts (UTC).")
    amount = fields.Monetary(
        currency_field='company_currency',
        readonly=True,
        help="What the correction adds to the actual; below 0, what it takes away.",
    )
    corrected_at = fields.Datetime(
        required=True, readonly=True, help="When it was corrected (UTC)."
    )
    corrected_by_id = fields.Many2one(
        comodel_name='res.users', readonly=True, ondelete='set null', help="Who corrected it."
    )
    reason = fields.Char(readonly=True, help="Why the day was corrected.")

    # === BUSINESS METHODS === #

    @api.model
    def _correct_day(self, lead, day, reason):
        """Let the win of an opportunity count on another day.

        :param crm.lead lead: The opportunity, in a won stage.
        :param date day: The day, in the company of the win.
        :param str reason: Why; it is kept, and logged on the opportunity.
        :raise AccessError: If the user is no sales administrator, or may not write the opportunity.
        :raise UserError: If the opportunity is not won, the day has yet to come or is out of range, or
            there is no reason.
        """
        lead.ensure_one()
        if not self.env.user.has_group('sales_team.group_sale_manager'):
            raise AccessError(self.env._("Only sales administrators correct the day of a win."))
        lead.check_access('write')
        lead.flush_recordset()
        stay = self.env['crm.stage.history'].search([
            ('lead_id', '=', lead.id),
            ('is_win', '=', True),
        ])
        if not stay:
            raise UserError(
                self.env._(
                    "“%(name)s” is not won. Only the day of a win can be corrected.",
                    name=lead.display_name,
                )
            )
        reason = (reason or '').strip()
        if not reason:
            raise UserError(self.env._("Please say why the win counts on another day."))
        check_day(self.env, day)
        company = stay.company_id or stay.user_id.company_id or self.env.company
        if day > company._get_sales_today():
            raise UserError(
                self.env._(
                    "“%(name)s” cannot be won on a day that has yet to come. Please choose today or "
                    "an earlier day.",
                    name=lead.display_name,
                )
            )
        # In sudo mode: nobody has the right to write corrections. Who may was checked above.
        corrections_sudo = self.sudo()
        last = corrections_sudo.search([('stay_id', '=', stay.id), ('kind', '=', 'day')], limit=1)
        moment = get_midnight(day, company._get_sales_zone())
        corrections_sudo.create([
            {
                'stay_id': stay.id,
                'kind': 'day',
                'date': date,
                'amount': amount,
                'corrected_at': fields.Datetime.now(),
                'corrected_by_id': self.env.uid,
                'reason': reason,
            }
            for date, amount in (
                (last.date or stay.entered_at, -stay.won_amount),
                (moment, stay.won_amount),
            )
        ])
        lead.date_closed = moment
        lead.message_post(
            body=self.env._(
                "The win counts on %(day)s. Reason: %(reason)s",
                day=format_date(self.env, day),
                reason=reason,
            )
        )
