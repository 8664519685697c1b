"""Send users a weekly digest of communications."""

from . import res_users
