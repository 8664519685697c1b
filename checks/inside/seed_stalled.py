"""Create opportunities of several teams that both clocks find stalled."""

MANAGERS = 30

groups = [env.ref('base.group_user').id, env.ref('sales_team.group_sale_salesman_all_leads').id]
people = (
    env['res.users']
    .with_context(no_reset_password=True)
    .create([
        {
            'name': f"Person {number}",
            'login': f'person{number}',
            'email': f"person{number}@example.com",
            'group_ids': [(6, 0, groups)],
        }
        for number in range(MANAGERS + 4)
    ])
)
teams = env['crm.team'].create([
    {'name': f"Team {leader.name}", 'user_id': leader.id, 'company_id': False}
    for leader in people[:MANAGERS]
])
stage = env['crm.stage'].search([('is_won', '=', False)], limit=1)
leads = env['crm.lead'].create([
    {
        'name': f"Stalled {number}",
        'type': 'opportunity',
        'stage_id': stage.id,
        'user_id': people[MANAGERS + number % 4].id,
        'team_id': teams[number % MANAGERS].id,
    }
    for number in range(150)
])
env['res.company'].search([]).write({'stall_open_alerts_max': 0})
env.flush_all()
env.cr.execute(
    """
    UPDATE crm_stage_history
       SET started_at = started_at - interval '100 days',
           stage_entered_at = stage_entered_at - interval '100 days',
           entered_at = entered_at - interval '100 days'
     WHERE lead_id = ANY(%s)
    """,
    [leads.ids],
)
env.cr.commit()
