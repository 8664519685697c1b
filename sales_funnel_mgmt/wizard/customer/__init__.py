"""Keep the quota rates of customers that are merged."""

from . import base_partner_merge_automatic_wizard
