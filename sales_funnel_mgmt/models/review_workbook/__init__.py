"""The review workbook: what is asked for; `book` writes the file, `making` says when and in whose name
it is made, `monthly` sends it to those who want one each month."""

from . import crm_review_workbook, book, making, monthly
