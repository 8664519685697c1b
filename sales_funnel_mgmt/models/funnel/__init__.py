"""Add the funnel to the view types, to show the stays as funnels."""

from . import ir_actions_act_window_view, ir_ui_view
