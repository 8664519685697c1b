from . import crm_quota_report, crm_quota_report_mine
