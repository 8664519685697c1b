"""Keep the contacts with customers, and report them."""

from . import (
    calendar_event,
    crm_communication,
    mail_activity,
    mail_activity_type,
    mail_message,
    mail_notification,
    mail_thread,
    res_company,
    res_users,
    contact,
    counting,
    digest,
)
