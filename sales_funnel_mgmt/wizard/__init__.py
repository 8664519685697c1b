from . import customer, handover, sales_quota, stall_alert
