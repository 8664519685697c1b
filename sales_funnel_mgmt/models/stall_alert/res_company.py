"""Define the company settings of stall alerts, and compute the moments they stand for."""

from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..base.midnight import get_midnight

DAY_FIELDS = (
    'stall_age_days',
    'stall_silence_days',
    'stall_escalation_days',
    'stall_grace_days',
    'stall_open_alerts_max',
)


class ResCompany(models.Model):
    _inherit = 'res.company'

    stall_age_days = fields.Integer(
        string="Days in a Stage",
        default=30,
        help="An opportunity that is in its stage for longer than this many days is stalled, unless "
        "the stage has a threshold of its own. 0: only stages with a threshold of their own count.",
    )
    stall_silence_days = fields.Integer(
        string="Days of Silence",
        default=14,
        help="An opportunity without a contact with the customer for longer than this many days is "
        "stalled, unless the stage has a threshold of its own. 0: only stages with a threshold of "
        "their own count.",
    )
    stall_calendar = fields.Selection(
        selection=[('calendar', "Calendar Days"), ('working', "Working Days")],
        string="Stall Days Are",
        default='calendar',
        required=True,
        help="Calendar days, or the days on which the company works: those of its working schedule, "
        "without its public holidays.",
    )
    stall_escalation_days = fields.Integer(
        string="Escalation After (Days)",
        default=7,
        help="Days after an alert, counted like the thresholds, until the manager gets an activity "
        "of their own if the salesperson has not reacted. 0: never.",
    )
    stall_grace_days = fields.Integer(
        string="Grace for Planned Activities (Days)",
        default=7,
        help="An activity or a meeting planned within this many calendar days holds an alert back, "
        "once, until its date. 0: it does not.",
    )
    stall_open_alerts_max = fields.Integer(
        string="Most Open Alerts per Salesperson",
        default=20,
        help="Nobody gets more open alerts than this: the longest stalled opportunities come first, "
        "the others wait until some are settled; the manager's digest says how many. 0: no limit.",
    )
    stall_fallback_user_id = fields.Many2one(
        comodel_name='res.users',
        string="Manager Without a Team Leader",
        ondelete='set null',
        domain=[('share', '=', False)],
        help="Gets digests and escalations of sales teams without a leader who may see all their "
        "opportunities, and of opportunities without a team. Empty: the sales administrator who has "
        "been one of the company's users the longest.",
    )

    # === CONSTRAINT METHODS === #

    @api.constrains(*DAY_FIELDS)
    def _check_stall_days(self):
        for company in self:
            for name in DAY_FIELDS:
                if company[name] < 0:
                    raise ValidationError(
                        self.env._(
                            "%(field)s cannot be negative: 0 switches it off (%(company)s).",
                            field=self._fields[name].get_description(self.env, ['string'])[
                                'string'
                            ],
                            company=company.display_name,
                        )
                    )

    # === BUSINESS METHODS === #

    def _get_stall_cutoff(self, days):
        """Return the moment (UTC) that is a number of days ago, in calendar or working days.

        Working days count as whole days: with 5 days, the moment on a Monday is the start of the
        Tuesday before, so that an opportunity of the Monday before is over the limit. Without a
        working schedule, all days are working days.

        :param int days: Number of days.
        :rtype: datetime
        """
        self.ensure_one()
        now = self.env.cr.now()
        calendar = self.resource_calendar_id
        if self.stall_calendar == 'working' and calendar and days:
            timezone = pytz.timezone(calendar.tz or 'UTC')
            today = pytz.utc.localize(now).astimezone(timezone).date()
            tonight = timezone.localize(datetime.combine(today, time.max))
            # In sudo mode: the same days for all readers. Holidays of a calendar that companies share,
            # and those of all calendars, can be of one company.
            first_day = calendar.sudo().plan_days(
                -days,
                tonight,
                compute_leaves=True,
                domain=[('time_type', '=', 'leave'), ('company_id', 'in', [self.id, False])],
            )
            if first_day:
                return get_midnight(first_day.astimezone(timezone).date(), timezone)
        return now - timedelta(days=days)
