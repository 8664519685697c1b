"""Manage the sales funnel: stages that count towards quota, sales quotas, contacts and handovers."""

from . import models, report, wizard
from .hooks import post_init_hook, pre_init_hook, uninstall_hook
