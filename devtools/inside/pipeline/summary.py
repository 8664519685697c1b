"""What is in the database afterwards, beside what was in the files."""

from .rows import ENGAGING, LOST, PROSPECTING, STAGES, WON, match_key, opportunity_name


def totals_of_rows(folder):
    """{stage: (number, sum of the expected revenue)} of the good rows."""
    return {
        stage: (len(amounts), sum(amounts))
        for stage in STAGES
        for amounts in [[row.amount for row in folder.opportunities.values() if row.stage == stage]]
    }


def totals_of_database(leads, records):
    """The same from Odoo: lost and won by Odoo's own status, open ones by their stage."""
    domains = {
        PROSPECTING: [
            ('won_status', '=', 'pending'),
            ('stage_id', '=', records.stages[PROSPECTING].id),
        ],
        ENGAGING: [('won_status', '=', 'pending'), ('stage_id', '=', records.stages[ENGAGING].id)],
        WON: [('won_status', '=', 'won')],
        LOST: [('won_status', '=', 'lost')],
    }
    model = leads.with_context(active_test=False)
    return {
        stage: model._read_group(
            [('id', 'in', leads.ids), *domain],
            aggregates=['__count', 'expected_revenue:sum'],
        )[0]
        for stage, domain in domains.items()
    }


def loaded_leads(env, folder, external_ids):
    """The opportunities of the folder that are in the database."""
    names = map(opportunity_name, folder.opportunities.values())
    ids = [external_ids.ids[name] for name in names if name in external_ids.ids]
    return env['crm.lead'].with_context(active_test=False).browse(ids)


def differences(leads, folder, external_ids):
    """[(identifier, what differs)] of opportunities whose row says something else by now.

    They are left as they are: somebody may have worked on them in Odoo since.
    """
    leads.fetch(['stage_id', 'won_status', 'user_id', 'partner_id', 'expected_revenue'])
    leads_by_id = {lead.id: lead for lead in leads}
    found = []
    for row in folder.opportunities.values():
        lead = leads_by_id.get(external_ids.ids.get(opportunity_name(row)))
        if not lead:
            continue
        pairs = {
            'stage': (row.stage, stage_of(lead)),
            'salesperson': (row.salesperson, lead.user_id.name or ''),
            'account': (row.account, lead.partner_id.name or ''),
            'amount': (f"{row.amount:g}", f"{lead.expected_revenue:g}"),
        }
        texts = [
            f"{label} {ours!r} in the file, {theirs!r} in Odoo"
            for label, (ours, theirs) in pairs.items()
            if match_key(ours) != match_key(theirs)
        ]
        if texts:
            found.append((row.identifier, ", ".join(texts)))
    return found


def stage_of(lead):
    """The word of the file for the state of an opportunity."""
    outcome = {'won': WON, 'lost': LOST}.get(lead.won_status)
    return outcome or lead.stage_id.name


def quota_totals(leads):
    """The quota amount over opportunities, salespeople and stages; None without our addon."""
    if 'quota_amount' not in leads._fields:
        return None
    domain = [('id', 'in', leads.ids)]
    return {
        label: sum(
            amount for *_group, amount in leads._read_group(domain, groupby, ['quota_amount:sum'])
        )
        for label, groupby in (
            ("opportunities", []),
            ("salespeople", ['user_id']),
            ("stages", ['stage_id']),
        )
    }
