"""Lock the salesperson of opportunities in stages with the salesperson lock.

There are two checks of the same rule. The first one is made before `write`, which nearly all changes
pass. The second one is made in `_flush`, which all changes pass: it compares the database with values
that `write` has not checked, such as a salesperson that another module computes.

The lock depends on the stage that an opportunity had when the transaction began. An import, for
instance, can move the opportunity to another stage, change the salesperson and move it back. The file
therefore notes whether the first stage has the lock before another stage is stored.

A checked change is noted for the transaction, with the opportunity and its new salesperson. The handover
makes such a note by `_hand_over`, the only way around the lock. Callers cannot reach the notes.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..base.naming import list_some
from ..base.orm import get_cached_values, get_changed_ids, recompute
from ..base.tools import convert_to_id, match_boolean
from ..base.transaction_notes import get_notes_until_end, get_notes_until_flush

# Name of the notes of changes that were checked and are not stored yet
CHECKED = 'sales_funnel_mgmt.checked_salespeople'
# Name of the notes of opportunities that a locked one was merged into
MERGED = 'sales_funnel_mgmt.merged_locked_ids'
# Name of the notes of opportunities whose stage has changed: whether the first stage had the lock
LOCK_AT_START = 'sales_funnel_mgmt.lock_at_start'
# Marker of opportunities without a note. A note of None stands for no salesperson.
UNCHECKED = object()


class CrmLead(models.Model):
    _inherit = 'crm.lead'

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

    # === CRUD METHODS === #

    def _check_salesperson_change(self, vals):
        """Check a change of salesperson against the lock of the stages at the start, and note it.

        :param dict vals: Values to write.
        :raise UserError: If the salesperson of a locked opportunity would change.
        """
        if 'user_id' not in vals:
            return
        user_id = convert_to_id(self, 'user_id', vals['user_id'])
        checked = self._get_checked_salespeople()
        recompute(self, ['stage_id'])
        self._note_lock_at_start()
        # In sudo mode: opportunities that the user may not read are locked as well.
        changed_sudo = self.sudo().filtered(
            lambda lead: lead.id and (lead.user_id.id or None) != user_id
        )
        locked_sudo = changed_sudo.filtered(
            lambda lead: lead._has_salesperson_lock() and checked.get(lead.id, UNCHECKED) != user_id
        )
        if locked_sudo:
            self._raise_salesperson_locked(locked_sudo)
        checked.update(dict.fromkeys(changed_sudo._ids, user_id))

    @api.model
    def _check_pending_salespeople(self):
        """Check the pending changes of salesperson that have not passed `write`.

        :return: IDs of the opportunities with a pending change.
        :rtype: set[int]
        :raise UserError: If the salesperson of a locked opportunity would change.
        """
        self._note_lock_at_start()
        changed_ids = get_changed_ids(self, ['user_id'])
        if changed_ids:
            self._check_salesperson_lock(changed_ids)
        return changed_ids

    @api.model
    def _forget_checked_salespeople(self, lead_ids):
        """Delete the notes about opportunities whose salesperson was stored.

        :param set[int] lead_ids: IDs of the opportunities.
        """
        checked = self._get_checked_salespeople() if lead_ids else {}
        for id_ in lead_ids:
            checked.pop(id_, None)

    # === BUSINESS METHODS === #

    def _hand_over(self, vals):
        """Write values with a new salesperson, ignoring the lock.

        Only the handover may call this. It checks that a sales administrator gave a reason. Access
        rights apply as in `write`.

        :param dict vals: Values to write, with `user_id`.
        """
        user_id = convert_to_id(self, 'user_id', vals['user_id'])
        # Store earlier changes first, with their own notes.
        self.flush_recordset(['user_id'])
        checked = self._get_checked_salespeople()
        checked.update(dict.fromkeys(self._ids, user_id))
        try:
            self.write(vals)
            self.flush_recordset(['user_id'])
        finally:
            for id_ in self._ids:
                checked.pop(id_, None)

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
    def _get_checked_salespeople(self):
        """Return the notes of checked changes: ID of the new salesperson by ID of the opportunity."""
        return get_notes_until_flush(self.env, CHECKED, make=dict)

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

    @api.model
    def _check_salesperson_lock(self, lead_ids):
        """Compare pending changes of salesperson that `write` has not checked with the database.

        :param set[int] lead_ids: IDs of opportunities with a pending change.
        :raise UserError: If the salesperson of a locked opportunity would change.
        """
        checked = self._get_checked_salespeople()
        user_by_id = get_cached_values(self, 'user_id')
        new_by_id = {id_: user_by_id.get(id_) or None for id_ in lead_ids}
        unchecked_ids = [
            id_ for id_, user_id in new_by_id.items() if checked.get(id_, UNCHECKED) != user_id
        ]
        if not unchecked_ids:
            return
        self.env['crm.stage'].flush_model(['lock_salesperson'])
        lock_at_start = self._get_lock_at_start()
        self.env.cr.execute(
            SQL(
                """
                SELECT lead.id, lead.user_id
                  FROM crm_lead lead
             LEFT JOIN crm_stage stage ON stage.id = lead.stage_id
                 WHERE lead.id = ANY(%(lead_ids)s)
                   AND lead.user_id IS NOT NULL
                   AND (lead.id = ANY(%(locked_ids)s)
                        OR (stage.lock_salesperson AND NOT lead.id = ANY(%(noted_ids)s)))
                """,
                lead_ids=unchecked_ids,
                locked_ids=[
                    *self._get_merged_locked_ids(),
                    *(id_ for id_, is_locked in lock_at_start.items() if is_locked),
                ],
                noted_ids=list(lock_at_start),
            )
        )
        locked_ids = [id_ for id_, user_id in self.env.cr.fetchall() if new_by_id[id_] != user_id]
        if locked_ids:
            self._raise_salesperson_locked(self.sudo().browse(locked_ids))

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
    def _raise_salesperson_locked(self, leads_sudo):
        """Raise an error that lists locked opportunities.

        :param crm.lead leads_sudo: Locked opportunities, in sudo mode.
        :raise AccessError: If the user may not write to them.
        :raise UserError: Otherwise.
        """
        # Check the access first, so that the names are not disclosed.
        leads_sudo.with_env(self.env).check_access('write')
        lock_at_start = self._get_lock_at_start()
        merged_sudo = leads_sudo.filtered(
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
                opportunities=leads_sudo._list_locked(),
            )
        )

    def _list_locked(self):
        """Return the names of opportunities, with their stages, one a line."""
        return list_some(
            self.env,
            self,
            name=lambda lead: f"{lead.display_name} ({lead.stage_id.display_name})",
        )
