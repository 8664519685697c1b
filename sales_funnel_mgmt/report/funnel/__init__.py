from . import crm_funnel_cohort_report, crm_funnel_report, figures
