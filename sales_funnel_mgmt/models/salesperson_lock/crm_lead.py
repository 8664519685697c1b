"""In a stage with the lock, the salesperson stays: no route changes or empties it, whoever asks.

Two checks, one rule. `write`, through which nearly everything comes, refuses before anything has
happened. `_flush`, through which everything comes that Odoo stores, looks at what `write` has not
judged (a salesperson that another module computes, or puts among the values further down) and
compares with the database, where the opportunities are as they were.

What has been judged is noted for the transaction: this opportunity to this salesperson, nothing
wider. The one way past the lock, `_hand_over`, makes such a note. Nothing that a caller sends, the
context included, reaches the notes.
"""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..base.orm import get_cached_values, get_changed_ids
from ..base.tools import convert_to_id
from ..base.transaction_notes import get_notes_until_end, get_notes_until_flush

# Name of the notes of what has been judged and is not stored yet
SETTLED = 'sales_funnel_mgmt.settled_salespeople'
# Name of the notes of the opportunities that a locked one has been merged into
MERGED = 'sales_funnel_mgmt.merged_locked_ids'
# What the notes say of an opportunity that they do not mention; `None` says: to nobody
UNSETTLED = object()
# An error names so many opportunities at most
NAMED = 10


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
        # As it is stored, not as it is being edited: that is what the lock goes by, too.
        for lead in self:
            origin = lead._origin
            lead.is_salesperson_locked = bool(origin.user_id and origin.stage_id.lock_salesperson)

    @api.model
    def _search_is_salesperson_locked(self, operator, value):
        if operator != 'in':
            return NotImplemented
        return [('user_id', '!=', False), ('stage_id.lock_salesperson', '=', True)]

    # === CRUD METHODS === #

    def _judge_salesperson_change(self, vals):
        """Refuse a change of salesperson that the stage, as it is now, does not allow.

        :param dict vals: Values that are about to be written.
        :raise UserError: If one of the opportunities is locked and would change hands.
        """
        if 'user_id' in vals:
            self._settle_salesperson(vals['user_id'])

    @api.model
    def _judge_pending_salespeople(self):
        """Refuse what is about to be stored and has not come through `write`.

        :return: IDs of the opportunities of which the salesperson is about to be stored.
        :rtype: set[int]
        :raise UserError: If one of them is locked and would change hands.
        """
        changed_ids = get_changed_ids(self, ['user_id'])
        if changed_ids:
            self._check_salesperson_lock(changed_ids)
        return changed_ids

    @api.model
    def _forget_judged_salespeople(self, lead_ids):
        """Drop the notes about opportunities of which the salesperson is stored."""
        settled = self._get_settled_salespeople() if lead_ids else {}
        for id_ in lead_ids:
            settled.pop(id_, None)

    # === BUSINESS METHODS === #

    def _hand_over(self, vals):
        """Write values, among them the salesperson, past the lock.

        For the handover alone, which has to see to it first that a sales administrator wants it,
        and why. The access rights of the environment apply as in `write`.

        :param dict vals: As for `write`; `user_id` has to be one of them.
        """
        user_id = convert_to_id(self, 'user_id', vals['user_id'])
        # what was changed before goes by notes of its own
        self.flush_recordset(['user_id'])
        settled = self._get_settled_salespeople()
        settled.update(dict.fromkeys(self._ids, user_id))
        try:
            self.write(vals)
            self.flush_recordset(['user_id'])
        finally:
            for id_ in self._ids:
                settled.pop(id_, None)

    def _merge_opportunity(self, user_id=False, team_id=False, auto_unlink=True, max_length=5):
        """Override: merging gives no locked opportunity to another salesperson, neither at once nor
        later in the transaction, as the conversion wizards do."""
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
        """Return those of the opportunities that are locked and would change hands in a merge.

        :param int user_id: Salesperson of the merged opportunity; by default that of the most
            promising one that has any.
        """
        if not user_id:
            leads = self._sort_by_confidence_level(reverse=True)
            user_id = next((lead.user_id.id for lead in leads if lead.user_id), False)
        return self.filtered(
            lambda lead: lead._has_salesperson_lock() and lead.user_id.id != user_id
        )

    @api.model
    def _get_merged_locked_ids(self):
        """Return the IDs of the opportunities that got a locked one in this transaction."""
        return get_notes_until_end(self.env, MERGED)

    @api.model
    def _get_settled_salespeople(self):
        """Return the notes: ID of the salesperson by ID of the opportunity."""
        return get_notes_until_flush(self.env, SETTLED, make=dict)

    def _settle_salesperson(self, value):
        """Judge a change of salesperson by the stages before it, and note it.

        :param value: Salesperson to write, in one of the ways that `write` takes.
        :raise UserError: If one of the opportunities is locked and would change hands.
        """
        user_id = convert_to_id(self, 'user_id', value)
        settled = self._get_settled_salespeople()
        # In sudo mode: what may not be read is locked as well.
        changed_sudo = self.sudo().filtered(
            lambda lead: lead.id and (lead.user_id.id or None) != user_id
        )
        locked_sudo = changed_sudo.filtered(
            lambda lead: lead._has_salesperson_lock() and settled.get(lead.id, UNSETTLED) != user_id
        )
        if locked_sudo:
            self._refuse_salesperson(locked_sudo)
        settled.update(dict.fromkeys(changed_sudo._ids, user_id))

    @api.model
    def _check_salesperson_lock(self, lead_ids):
        """Compare what is about to be stored, as far as `write` has not judged it, with what is.

        :param set[int] lead_ids: Opportunities with a changed salesperson.
        :raise UserError: If one of them is locked and would change hands.
        """
        settled = self._get_settled_salespeople()
        user_by_id = get_cached_values(self, 'user_id')
        new_by_id = {id_: user_by_id.get(id_) or None for id_ in lead_ids}
        unsettled_ids = [
            id_ for id_, user_id in new_by_id.items() if settled.get(id_, UNSETTLED) != user_id
        ]
        if not unsettled_ids:
            return
        self.env['crm.stage'].flush_model(['lock_salesperson'])
        self.env.cr.execute(
            SQL(
                """
                SELECT lead.id, lead.user_id
                  FROM crm_lead lead
                  JOIN crm_stage stage ON stage.id = lead.stage_id
                 WHERE lead.id = ANY(%(lead_ids)s)
                   AND lead.user_id IS NOT NULL
                   AND (stage.lock_salesperson OR lead.id = ANY(%(merged_ids)s))
                """,
                lead_ids=unsettled_ids,
                merged_ids=list(self._get_merged_locked_ids()),
            )
        )
        locked_ids = [id_ for id_, user_id in self.env.cr.fetchall() if new_by_id[id_] != user_id]
        if locked_ids:
            self._refuse_salesperson(self.sudo().browse(locked_ids))

    def _has_salesperson_lock(self):
        """Return whether the opportunity has a salesperson who has to stay."""
        self.ensure_one()
        return bool(
            self.user_id
            and (self.stage_id.lock_salesperson or self.id in self._get_merged_locked_ids())
        )

    @api.model
    def _refuse_salesperson(self, leads_sudo):
        """Raise the error that names locked opportunities and says what to do."""
        # whoever may not change them at all learns no names
        leads_sudo.with_env(self.env).check_access('write')
        merged_sudo = leads_sudo.filtered(lambda lead: not lead.stage_id.lock_salesperson)
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
                "salesperson lock.\n\n"
                "%(opportunities)s\n\n"
                "Start a handover of these opportunities, or ask a sales administrator for one.",
                opportunities=leads_sudo._list_locked(),
            )
        )

    def _list_locked(self):
        """Return the names of opportunities, with their stages, one a line."""
        lines = [f"- {lead.display_name} ({lead.stage_id.display_name})" for lead in self[:NAMED]]
        if len(self) > NAMED:
            lines.append(self.env._("- and %(count)s more", count=len(self) - NAMED))
        return "\n".join(lines)
