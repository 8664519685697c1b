from . import orm, period_context, periods, res_company, tools, transaction_notes
