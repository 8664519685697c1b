"""Report on the changes of salesperson."""

from . import crm_salesperson_change_report
