from . import conflicts, midnight, months, query_settings, report_period, res_company, tools
