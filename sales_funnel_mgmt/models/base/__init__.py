from . import crm_system_field_mixin, period_context, periods, res_company, tools
