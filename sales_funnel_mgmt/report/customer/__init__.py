"""Report on customers, and on the changes of their level."""

from . import crm_customer_report, crm_level_change_report
