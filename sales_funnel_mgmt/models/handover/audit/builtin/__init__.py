from . import crm_pipeline_check
