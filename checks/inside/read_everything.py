"""Read every field of every opportunity and stage, in English and in Chinese, as a manager."""

manager = env.ref('base.user_admin')
for language in ('en_US', 'zh_CN'):
    there = env(user=manager, context={'lang': language, 'active_test': False})
    for model in ('crm.lead', 'crm.stage', 'crm.team'):
        records = there[model].search([])
        assert records, f"{model} is empty"
        records.read()
        for kind in ('list', 'form', 'kanban', 'search', 'pivot', 'graph'):
            if kind in ('list', 'form', 'search') or model == 'crm.lead':
                there[model].get_views([(False, kind)])
    for model in ('crm.sales.quota', 'crm.sales.quota.line', 'crm.quota.report'):
        there[model].search([]).read()
        there[model].get_views([(False, 'list'), (False, 'search'), (False, 'pivot')])
    assert there['crm.quota.report'].search_count([]), "no quota, win or open opportunity"
    there['crm.sales.quota'].get_grid()
    there['crm.quota.report'].get_my_quota()
