from . import crm_review_workbook
