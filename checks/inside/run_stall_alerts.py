"""Run the stall alerts as the scheduler does, and say so after each commit."""

from odoo.addons.sales_funnel_mgmt.models import crm_stall_alert_run

crm_stall_alert_run.BATCH_SIZE = 10
cron_class = env.registry['ir.cron']
commit_progress = cron_class._commit_progress


def commit_and_say(self, *args, **kwargs):
    result = commit_progress(self, *args, **kwargs)
    print("committed", flush=True)
    return result


cron_class._commit_progress = commit_and_say
print("ready", flush=True)
env['crm.stall.alert']._cron_run()
