from . import midnight, months, report_period, res_company, tools
