"""Keep the activities and the pipeline of a user who leaves sales."""

from . import mail_activity, res_users
