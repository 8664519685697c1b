"""Keep new invoices from salespeople who have left."""

from odoo import models


class AccountMove(models.Model):
    _inherit = 'account.move'

    # === COMPUTE METHODS === #

    def _compute_invoice_default_sale_person(self):
        """Override so that no new invoice goes to the salesperson of a customer who has left.

        An invoice of a sales order keeps the salesperson of the order, who earned it.
        """
        given = self.filtered('invoice_user_id')
        result = super()._compute_invoice_default_sale_person()
        Book = self.env['crm.book']
        for move in self - given:
            user = move.invoice_user_id
            if user and user != self.env.user and not user._works_in_sales(move.company_id):
                move.invoice_user_id = (
                    Book._find_successor(
                        user, move.partner_id, self.env['crm.team'], move.company_id
                    )
                    or self.env.user
                )
        return result
