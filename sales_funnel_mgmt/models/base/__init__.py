from . import period_context, periods, res_company, tools
