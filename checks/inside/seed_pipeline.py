"""Create a pipeline with all kinds of opportunities, for the installation of the addons."""

from datetime import datetime, timedelta

stages = env['crm.stage'].search([])
won = stages.filtered('is_won')[:1]
open_stages = stages - won
team = env['crm.team'].create({'name': "Seeded team"})
company = env['res.company'].create({'name': "Seeded company"})
customer = env['res.partner'].create({'name': "Seeded customer", 'is_company': True})
contact = env['res.partner'].create({'name': "Seeded contact", 'parent_id': customer.id})
user = env['res.users'].create({
    'name': "Seeded salesperson",
    'login': 'seeded_salesperson',
    'group_ids': [(4, env.ref('sales_team.group_sale_salesman').id)],
})
reason = env['crm.lost.reason'].create({'name': "Seeded reason"})
special = env['crm.stage'].create({
    'name': "Seeded stage of a team",
    'team_ids': [(4, team.id)],
    'sequence': 5,
})

Lead = env['crm.lead']
leads = Lead
for number in range(60):
    leads |= Lead.create({
        'name': f"Seeded opportunity {number}",
        'type': 'lead' if number % 10 == 9 else 'opportunity',
        'stage_id': open_stages[number % len(open_stages)].id,
        'user_id': user.id if number % 3 else False,
        'team_id': team.id if number % 4 else False,
        'partner_id': [False, customer.id, contact.id][number % 3],
        'expected_revenue': number * 1000 if number % 5 else 0,
    })
leads[:10].action_set_won()
leads[10:20].action_set_lost(lost_reason_id=reason.id)
leads[20:25].action_archive()
leads[25].write({'stage_id': special.id, 'team_id': team.id})
leads[26].write({'stage_id': False})
leads[27].write({'expected_revenue': 0, 'probability': 0})
leads[28].write({'company_id': company.id, 'team_id': False, 'user_id': False})
env.flush_all()
env.cr.execute(
    "UPDATE crm_lead SET create_date = %s, date_open = %s WHERE id = ANY(%s)",
    [datetime.now() - timedelta(days=800), datetime.now() - timedelta(days=700), leads.ids],
)
env.cr.commit()
