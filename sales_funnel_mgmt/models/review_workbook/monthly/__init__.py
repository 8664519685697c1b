from . import crm_review_workbook, res_users
