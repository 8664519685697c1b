from . import crm_communication
