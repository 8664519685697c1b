"""Find the records that an action shows first, as the web client does."""

from ast import literal_eval

from lxml import etree

from odoo.fields import Domain
from odoo.tools.safe_eval import safe_eval

PREFIX = 'search_default_'


def get_opened(env, action):
    """Return the model, with the context, and the domain of what a window action shows first.

    Filters of a group are alternatives, and groups are cumulative. Of a filter on a `date`, the named
    periods inside it are supported, and not its months and years: no figure opens one.

    :param dict action: Window action, as a method returns it.
    :rtype: tuple[Model, Domain]
    """
    context = action.get('context') or {}
    if isinstance(context, str):
        context = safe_eval(context, {'uid': env.uid})
    defaults = {
        key.removeprefix(PREFIX): value
        for key, value in context.items()
        if key.startswith(PREFIX) and value
    }
    model = env[action['res_model']].with_context(**context)
    domain = action.get('domain') or []
    if isinstance(domain, str):
        domain = safe_eval(domain, {'uid': env.uid})
    view_id = action.get('search_view_id') or False
    if isinstance(view_id, (tuple, list)):
        view_id = view_id[0]
    root = etree.fromstring(model.get_view(view_id, 'search')['arch'])
    groups, fields = [[]], []
    for node in root.iter('filter', 'field', 'separator', 'group'):
        if node.tag in {'separator', 'group'}:
            groups.append([])
        elif node.get('name') in defaults:
            name = node.get('name')
            if node.tag == 'field':
                fields.append(Domain(name, '=', defaults.pop(name)))
                continue
            value = defaults.pop(name)
            shown = node
            if node.get('date'):
                [shown] = (option for option in node if f"custom_{option.get('name')}" == value)
            model = model.with_context(**literal_eval(shown.get('context') or '{}'))
            groups[-1].append(Domain(safe_eval(shown.get('domain') or '[]', {'uid': env.uid})))
    assert not defaults, f"{action['res_model']} has no filters {sorted(defaults)}"
    return model, Domain.AND([
        Domain(domain),
        *fields,
        *(Domain.OR(group) for group in groups if group),
    ])


def count_opened(env, action):
    """Return the number of records that an action shows first."""
    model, domain = get_opened(env, action)
    return model.search_count(domain)
