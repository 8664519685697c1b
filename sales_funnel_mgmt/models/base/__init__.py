from . import conflicts, midnight, months, naming, query_settings, report_period, res_company, tools
