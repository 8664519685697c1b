"""Check changes of a locked salesperson, on records of any model that has a salesperson.

There are two checks of the same rule. The first one is made before `write`, which nearly all changes
pass. The second one is made in `_flush`, which all changes pass: it compares the database with values
that `write` has not checked, such as a salesperson that another module computes.

A change that was checked is noted for the transaction, with the record and its new salesperson. The
handover makes such a note by `_hand_over`, the only way around the lock. Callers cannot reach the
notes, by the context or otherwise.
"""

from odoo import api, models

from ..base.orm import get_cached_values, get_changed_ids
from ..base.tools import convert_to_id
from ..base.transaction_notes import get_notes_until_flush

# Beginning of the name of the notes of changes that were checked and are not stored yet
CHECKED = 'sales_funnel_mgmt.checked_salespeople'
# Marker of records without a note. A note of None stands for no salesperson.
UNCHECKED = object()


class CrmSalespersonLockMixin(models.AbstractModel):
    """Define the checks of a model whose records have a salesperson, `user_id`.

    The model calls `_check_salesperson_change` before it writes, `_check_pending_salespeople` before
    it flushes, and `_forget_checked_salespeople` afterwards.
    """

    _name = 'crm.salesperson.lock.mixin'
    _description = "Salesperson Lock"

    # === CRUD METHODS === #

    def _check_salesperson_change(self, vals):
        """Check a change of salesperson against the lock.

        :param dict vals: Values to write.
        :raise UserError: If the salesperson of a locked record would change.
        """
        if 'user_id' in vals:
            self._check_salesperson(vals['user_id'])

    @api.model
    def _check_pending_salespeople(self):
        """Check the pending changes of salesperson that have not passed `write`.

        :return: IDs of the records with a pending change.
        :rtype: set[int]
        :raise UserError: If the salesperson of a locked record would change.
        """
        self._prepare_salesperson_lock()
        changed_ids = get_changed_ids(self, ['user_id'])
        if changed_ids:
            self._check_salesperson_lock(changed_ids)
        return changed_ids

    @api.model
    def _forget_checked_salespeople(self, ids):
        """Delete the notes about records whose salesperson was stored.

        :param set[int] ids: IDs of the records.
        """
        checked = self._get_checked_salespeople() if ids else {}
        for id_ in ids:
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

    @api.model
    def _get_checked_salespeople(self):
        """Return the notes of checked changes: ID of the new salesperson by ID of the record."""
        return get_notes_until_flush(self.env, f'{CHECKED}.{self._name}', make=dict)

    def _check_salesperson(self, value):
        """Check a change of salesperson against the lock, and note it.

        :param value: New salesperson, in one of the forms that `write` accepts.
        :raise UserError: If the salesperson of a locked record would change.
        """
        user_id = convert_to_id(self, 'user_id', value)
        checked = self._get_checked_salespeople()
        self._prepare_salesperson_lock()
        # In sudo mode: records that the user may not read are locked as well.
        changed_sudo = self.sudo().filtered(
            lambda record: record.id and (record.user_id.id or None) != user_id
        )
        locked_sudo = changed_sudo.filtered(
            lambda record: checked.get(record.id, UNCHECKED) != user_id
        )._filter_salesperson_locked()
        if locked_sudo:
            self._refuse_salesperson(locked_sudo)
        checked.update(dict.fromkeys(changed_sudo._ids, user_id))

    @api.model
    def _check_salesperson_lock(self, ids):
        """Compare pending changes of salesperson that `write` has not checked with the database.

        :param set[int] ids: IDs of records with a pending change.
        :raise UserError: If the salesperson of a locked record would change.
        """
        checked = self._get_checked_salespeople()
        user_by_id = get_cached_values(self, 'user_id')
        new_by_id = {id_: user_by_id.get(id_) or None for id_ in ids}
        unchecked_ids = [
            id_ for id_, user_id in new_by_id.items() if checked.get(id_, UNCHECKED) != user_id
        ]
        if not unchecked_ids:
            return
        locked_ids = [
            id_
            for id_, user_id in self._find_salesperson_locks(unchecked_ids)
            if new_by_id[id_] != user_id
        ]
        if locked_ids:
            # In sudo mode: records that the user may not read are locked as well.
            self._refuse_salesperson(self.sudo().browse(locked_ids))

    @api.model
    def _refuse_salesperson(self, records_sudo):
        """Raise the error about locked records, or one about access if the user may not write to them.

        :param records_sudo: Locked records, in sudo mode.
        :raise AccessError: If the user may not write to them.
        :raise UserError: Otherwise.
        """
        # Check the access first, so that the names are not disclosed.
        records_sudo.with_env(self.env).check_access('write')
        self._raise_salesperson_locked(records_sudo)

    # === HOOKS === #

    @api.model
    def _prepare_salesperson_lock(self):
        """Store or note what decides about the lock. By default nothing is needed."""

    def _filter_salesperson_locked(self):
        """Return the records with a salesperson to which the lock applies. In sudo mode."""
        return self.browse(id_ for id_, _user_id in self._find_salesperson_locks(self.ids))

    @api.model
    def _find_salesperson_locks(self, ids):
        """Find, in the database, the records with a salesperson to which the lock applies.

        :param list[int] ids: IDs of records.
        :return: Pairs of an ID of a locked record and the ID of its stored salesperson.
        :rtype: list[tuple[int, int]]
        """
        raise NotImplementedError

    @api.model
    def _raise_salesperson_locked(self, records_sudo):
        """Raise an error that lists locked records and tells the way out.

        :param records_sudo: Locked records that the user may write to, in sudo mode.
        :raise UserError: Always.
        """
        raise NotImplementedError
