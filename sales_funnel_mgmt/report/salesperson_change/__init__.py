from . import crm_salesperson_change_report
