"""Keep the activities and the pipeline of a user who is archived."""

from . import mail_activity, res_users
