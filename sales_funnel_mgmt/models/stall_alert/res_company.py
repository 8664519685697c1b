"""Define the company settings of stall alerts, and compute the moments they stand for."""

from bisect import bisect_left
from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..base.arguments import LARGEST_DAYS
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
                if not 0 <= company[name] <= LARGEST_DAYS:
                    raise ValidationError(
                        self.env._(
                            "%(field)s must be between 0, which switches it off, and %(most)s "
                            "(%(company)s).",
                            field=self._fields[name].get_description(self.env, ['string'])[
                                'string'
                            ],
                            most=LARGEST_DAYS,
                            company=company.display_name,
                        )
                    )

    # === BUSINESS METHODS === #

    def _has_working_stall_days(self):
        """Return whether stall days are working days. Without a working schedule, they are not."""
        return self.stall_calendar == 'working' and bool(self.resource_calendar_id)

    def _get_stall_cutoff(self, days):
        """Return the moment (UTC) before which a clock must have started to be over a number of days.

        Working days are counted from the one on which the clock started, or the next one, to today.
        With 5 days, an opportunity of a Monday is in its fifth on the Friday, and over the limit on the
        next Monday. One of the Saturday before is over on the same Monday.

        :param int days: Number of days.
        :rtype: datetime
        """
        self.ensure_one()
        # Odoo's own threshold of a stage knows no limit.
        days = min(days, LARGEST_DAYS)
        now = self.env.cr.now()
        if self._has_working_stall_days() and days:
            calendar = self.resource_calendar_id
            timezone = self._get_stall_zone()
            # The last working day that is one too many: what started then, or earlier, is over.
            # In sudo mode: the same days for all readers.
            first_day = calendar.sudo().plan_days(
                -days - 1,
                self._get_tonight(),
                compute_leaves=True,
                domain=self._get_stall_leave_domain(),
            )
            if first_day:
                next_day = first_day.astimezone(timezone).date() + timedelta(days=1)
                return get_midnight(next_day, timezone)
        return now - timedelta(days=days)

    def _count_stall_days(self, moments):
        """Return for how many days clocks have been running, counted as `_get_stall_cutoff` does.

        :param moments: When the clocks started (UTC).
        :rtype: dict[datetime, int]
        """
        self.ensure_one()
        if not self._has_working_stall_days():
            now = self.env.cr.now()
            return {moment: (now - moment).days for moment in moments}
        timezone = self._get_stall_zone()
        starts = {moment: pytz.utc.localize(moment).astimezone(timezone) for moment in moments}
        first_day = min(starts.values()).date()
        # In sudo mode: the same days for all readers.
        intervals = self.resource_calendar_id.sudo()._work_intervals_batch(
            timezone.localize(datetime.combine(first_day, time.min)),
            self._get_tonight(),
            domain=self._get_stall_leave_domain(),
        )[False]
        days = sorted({begin.date() for begin, _end, _attendance in intervals})
        return {
            moment: len(days) - bisect_left(days, start.date()) for moment, start in starts.items()
        }

    def _get_stall_leave_domain(self):
        """Return the domain of the days off of the company.

        Holidays of a calendar that companies share, and those of all calendars, can be of one company.
        """
        return [('time_type', '=', 'leave'), ('company_id', 'in', [self.id, False])]

    def _get_stall_zone(self):
        """Return the time zone of the working days."""
        return pytz.timezone(self.resource_calendar_id.tz or 'UTC')

    def _get_tonight(self):
        """Return the end of the day that it is in the time zone of the working days."""
        timezone = self._get_stall_zone()
        today = pytz.utc.localize(self.env.cr.now()).astimezone(timezone).date()
        return timezone.localize(datetime.combine(today, time.max))
