from . import months, report_period, res_company, tools
