"""Run the stall alerts as the scheduler does, and print a line after each commit and before each digest.

A header of each digest lists all its alerts, since its text names only some of the opportunities.
"""

from odoo.addons.sales_funnel_mgmt.models.stall_alert.run import crm_stall_alert

crm_stall_alert.BATCH_SIZE = 10
cron_class = env.registry['ir.cron']
alert_class = env.registry['crm.stall.alert']
commit_progress = cron_class._commit_progress
send_digest = alert_class._send_digest


def commit_and_say(self, *args, **kwargs):
    result = commit_progress(self, *args, **kwargs)
    print("committed", flush=True)
    return result


def say_and_send(self, manager, new_ids, escalated_ids):
    print("digest", flush=True)
    mails_before = self.env['mail.mail'].search([])
    send_digest(self, manager, new_ids, escalated_ids)
    mail = self.env['mail.mail'].search([]) - mails_before
    mail.ensure_one().headers = repr({'X-Stall-Alerts': " ".join(map(str, sorted(new_ids)))})


cron_class._commit_progress = commit_and_say
alert_class._send_digest = say_and_send
print("ready", flush=True)
env['crm.stall.alert']._cron_run()
