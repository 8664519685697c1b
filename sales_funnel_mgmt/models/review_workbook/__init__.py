"""Review a period in an Excel workbook.

`book` writes the file, `making` decides when and with whose rights it is made, and `monthly` sends it to
subscribed users each month.
"""

from . import crm_review_workbook, book, making, monthly
