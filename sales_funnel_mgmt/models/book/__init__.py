"""Know what a salesperson holds: customers, opportunities, leads and documents."""

from . import crm_book, crm_lead, res_users
