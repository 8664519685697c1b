"""Send the review workbook of each month to subscribed users."""

from . import crm_review_workbook, res_users
