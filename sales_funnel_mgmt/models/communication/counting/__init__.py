"""Query the communications, and update the table of them."""

from . import crm_communication
