"""Decide what is a contact with a customer."""

from . import crm_communication
