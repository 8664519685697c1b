"""Let handovers pass the lock of customers, opportunities and quotations."""

from odoo import api, models


class CrmBook(models.AbstractModel):
    _inherit = 'crm.book'

    @api.model
    def _change_salesperson(self, kind, records, values):
        """Override to pass the lock, for models that have one."""
        if self._has_lock(kind):
            records._hand_over(values)
        else:
            super()._change_salesperson(kind, records, values)

    @api.model
    def _filter_locked(self, kind, records):
        """Override to find the locked records of models that have a lock."""
        if self._has_lock(kind):
            return records._filter_salesperson_locked()
        return super()._filter_locked(kind, records)

    @api.model
    def _has_lock(self, kind):
        """Return whether the model of a kind has the salesperson lock."""
        return issubclass(
            self.env.registry[kind.model], self.env.registry['crm.salesperson.lock.mixin']
        )
