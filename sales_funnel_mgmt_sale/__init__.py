"""Compare sales quotas with sales orders or invoices."""

from . import models, report
