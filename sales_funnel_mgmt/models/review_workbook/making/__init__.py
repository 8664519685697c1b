"""Make the requested workbooks, at once or in the background."""

from . import crm_review_workbook
