"""Open a window action with other filters than those of its menu."""

from odoo.fields import Domain
from odoo.tools.safe_eval import safe_eval

PREFIX = 'search_default_'


def get_filtered_action(env, name, domain=Domain.TRUE, **filters):
    """Return a window action of this module whose default filters are replaced.

    The web client adds the context of an action to the one that it is called with: a default filter of
    the action can be replaced here only.

    :param str name: External ID, without the module.
    :param Domain domain: Condition in addition to that of the action.
    :param filters: Default filters: value by name of a filter or field of the search view.
    :rtype: dict
    """
    action = env['ir.actions.act_window']._for_xml_id(f'sales_funnel_mgmt.{name}')
    context = safe_eval(action['context'], {'uid': env.uid})
    kept = {key: value for key, value in context.items() if not key.startswith(PREFIX)}
    return {
        **action,
        'domain': list(Domain(safe_eval(action['domain'] or '[]', {'uid': env.uid})) & domain),
        'context': {**kept, **{f'{PREFIX}{key}': value for key, value in filters.items()}},
    }
