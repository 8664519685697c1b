"""Choose the receivers of the opportunities of a handover."""

from . import allocate, crm_handover
