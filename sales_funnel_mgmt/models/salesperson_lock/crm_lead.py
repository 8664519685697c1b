"""Lock the salesperson of opportunities in stages with the salesperson lock.

The lock depends on the stage that an opportunity had when the transaction began. An import, for
instance, can move the opportunity to another stage, change the salesperson and move it back. The file
therefore notes whether the first stage has the lock before another stage is stored.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..base.naming import list_some
from ..base.orm import get_changed_ids, recompute
from ..base.tools import match_boolean
from ..base.transaction_notes import get_notes_until_end

# Name of the notes of opportunities that a locked one was merged into
MERGED = 'sales_funnel_mgmt.merged_locked_ids'
# Name of the notes of opportunities whose stage has changed: whether the first stage had the lock
LOCK_AT_START = 'sales_funnel_mgmt.lock_at_start'


class CrmLead(models.Model):
    _name = 'crm.lead'
    _inherit = ['crm.lead', 'crm.salesperson.lock.mixin']

    is_salesperson_locked = fields.Boolean(
        string="Salesperson Locked",
        compute='_compute_is_salesperson_locked',
        search='_search_is_salesperson_locked',
        compute_sudo=True,
        help="The salesperson cannot be changed: the stage has the salesperson lock. The way "
        "through is a handover by a sales administrator. Without a salesperson, one may be chosen.",
    )

    # === COMPUTE METHODS === #

    @api.depends('user_id', 'stage_id.lock_salesperson')
    def _compute_is_salesperson_locked(self):
        # Read the stored values, not those being edited: the lock does so as well.
        for lead in self:
            origin = lead._origin
            lead.is_salesperson_locked = bool(origin.user_id and origin.stage_id.lock_salesperson)

    @api.model
    def _search_is_salesperson_locked(self, operator, value):
        if operator != 'in':
            return NotImplemented
        return match_boolean(
            value, Domain('user_id', '!=', False) & Domain('stage_id.lock_salesperson', '=', True)
        )

    # === BUSINESS METHODS === #

    def _merge_opportunity(self, user_id=False, team_id=False, auto_unlink=True, max_length=5):
        """Override to refuse merges that would change the salesperson of a locked opportunity.

        The merged opportunity stays locked until the end of the transaction: the conversion wizards
        change its salesperson after the merge.
        """
        locked = self._get_locked_against_merge(user_id)
        if locked:
            raise UserError(
                self.env._(
                    "These opportunities cannot be merged: the salesperson of some would change, "
                    "and their stage has the salesperson lock.\n\n"
                    "%(opportunities)s\n\n"
                    "Keep their salesperson for the merged opportunity, or hand them over first.",
                    opportunities=locked._list_locked(),
                )
            )
        has_lock = any(lead._has_salesperson_lock() for lead in self)
        merged = super()._merge_opportunity(
            user_id=user_id, team_id=team_id, auto_unlink=auto_unlink, max_length=max_length
        )
        if has_lock:
            self._get_merged_locked_ids().add(merged.id)
        return merged

    def _get_locked_against_merge(self, user_id=False):
        """Return the locked opportunities whose salesperson would change in a merge.

        :param int user_id: Salesperson of the merged opportunity. By default the salesperson of the
            most promising opportunity that has one.
        """
        recompute(self, ['stage_id'])
        self._note_lock_at_start()
        if not user_id:
            leads = self._sort_by_confidence_level(reverse=True)
            user_id = next((lead.user_id.id for lead in leads if lead.user_id), False)
        return self.filtered(
            lambda lead: lead._has_salesperson_lock() and lead.user_id.id != user_id
        )

    @api.model
    def _get_merged_locked_ids(self):
        """Return the IDs of opportunities that a locked one was merged into in this transaction."""
        return get_notes_until_end(self.env, MERGED)

    @api.model
    def _get_lock_at_start(self):
        """Return the notes of opportunities whose stage has changed in this transaction.

        :return: Whether the stage at the beginning had the salesperson lock, by ID of the opportunity.
            For an opportunity that the transaction has created, its first stage counts.
        :rtype: dict[int, bool]
        """
        return get_notes_until_end(self.env, LOCK_AT_START, make=dict)

    @api.model
    def _note_lock_at_start(self):
        """Note whether the stored stages of opportunities with a pending change of stage have the lock."""
        lock_at_start = self._get_lock_at_start()
        new_ids = get_changed_ids(self, ['stage_id']) - lock_at_start.keys()
        if not new_ids:
            return
        self.env['crm.stage'].flush_model(['lock_salesperson'])
        lock_at_start.update(
            self.env.execute_query(
                SQL(
                    """
                    SELECT lead.id, COALESCE(stage.lock_salesperson, FALSE)
                      FROM crm_lead lead
                 LEFT JOIN crm_stage stage ON stage.id = lead.stage_id
                     WHERE lead.id = ANY(%s)
                    """,
                    list(new_ids),
                )
            )
        )

    def _prepare_salesperson_lock(self):
        """Override to note the stages of the beginning: a salesperson can bring another stage."""
        recompute(self, ['stage_id'])
        self._note_lock_at_start()

    def _filter_salesperson_locked(self):
        """Override to read the cache, which nearly always has these values already."""
        return self.filtered(lambda lead: lead._has_salesperson_lock())

    @api.model
    def _find_salesperson_locks(self, ids):
        """Override to find the opportunities in stages that had the lock at the beginning."""
        return self.env.execute_query(
            SQL(
                """
                SELECT lead.id, lead.user_id
                  FROM crm_lead lead
             LEFT JOIN crm_stage stage ON stage.id = lead.stage_id
                 WHERE lead.id = ANY(%(ids)s)
                   AND lead.user_id IS NOT NULL
                   AND (lead.id = ANY(%(merged_ids)s) OR %(had_lock)s)
                """,
                ids=ids,
                merged_ids=list(self._get_merged_locked_ids()),
                had_lock=self._had_lock_at_start(),
            )
        )

    @api.model
    def _had_lock_at_start(self):
        """Return the SQL condition that the stage of a lead had the lock at the beginning.

        It is about rows `lead` of crm_lead, joined with their `stage`.
        """
        self.env['crm.stage'].flush_model(['lock_salesperson'])
        lock_at_start = self._get_lock_at_start()
        return SQL(
            "(lead.id = ANY(%s) OR (stage.lock_salesperson AND NOT lead.id = ANY(%s)))",
            [id_ for id_, is_locked in lock_at_start.items() if is_locked],
            list(lock_at_start),
        )

    @api.model
    def _is_customer_locked(self, customer_id):
        """Return the SQL condition that a customer has an opportunity to which the lock applies.

        Lost and archived opportunities do not count: nobody works on them any more.

        :param SQL customer_id: Expression of the ID of the customer.
        """
        self.flush_model(['customer_id', 'user_id', 'active'])
        return SQL(
            """
            EXISTS (
                SELECT FROM crm_lead lead
             LEFT JOIN crm_stage stage ON stage.id = lead.stage_id
                 WHERE lead.customer_id = %s
                   AND lead.active
                   AND lead.user_id IS NOT NULL
                   AND %s
            )
            """,
            customer_id,
            self._had_lock_at_start(),
        )

    def _has_salesperson_lock(self):
        """Return whether the opportunity has a salesperson and the lock applies."""
        self.ensure_one()
        return bool(
            self.user_id
            and (
                self._get_lock_at_start().get(self.id, self.stage_id.lock_salesperson)
                or self.id in self._get_merged_locked_ids()
            )
        )

    @api.model
    def _raise_salesperson_locked(self, records_sudo):
        """Override to list the opportunities with their stages, and to explain the lock of a merge."""
        lock_at_start = self._get_lock_at_start()
        merged_sudo = records_sudo.filtered(
            lambda lead: not lock_at_start.get(lead.id, lead.stage_id.lock_salesperson)
        )
        if merged_sudo:
            raise UserError(
                self.env._(
                    "The salesperson cannot be changed: an opportunity in a stage with the salesperson "
                    "lock has just been merged into these.\n\n"
                    "%(opportunities)s\n\n"
                    "Keep the salesperson, or hand the locked opportunity over before you merge it.",
                    opportunities=merged_sudo._list_locked(),
                )
            )
        raise UserError(
            self.env._(
                "The salesperson cannot be changed: these opportunities are in a stage with the "
                "salesperson lock, or were until this change.\n\n"
                "%(opportunities)s\n\n"
                "Start a handover of these opportunities, or ask a sales administrator for one.",
                opportunities=records_sudo._list_locked(),
            )
        )

    def _list_locked(self):
        """Return the names of opportunities, with their stages, one a line."""
        return list_some(
            self.env,
            self,
            name=lambda lead: f"{lead.display_name} ({lead.stage_id.display_name})",
        )
