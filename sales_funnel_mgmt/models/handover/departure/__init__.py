from . import mail_activity, res_users
