"""Read the names of the records in the rows, by batches of rows."""

from odoo.tools import SQL

# models with many records, whose names are dropped after each batch
FLEETING = ('crm.lead', 'res.partner', 'crm.handover.line')


class Names:
    """The names of records by model and ID. Names that occur twice get the ID as a suffix.

    They are read in sudo mode: as everywhere in Odoo, users see the names of the records that theirs
    refer to.
    """

    def __init__(self, env):
        self.env = env
        self._names = {}
        self._taken = {}

    def get(self, model, id_):
        """Return the name of a loaded record; None without a record."""
        return self._names[model].get(id_) if id_ else None

    def of(self, records):
        """Return the names of records, by ID."""
        self._load(records._name, set(records._ids))
        return {id_: self.get(records._name, id_) for id_ in records._ids}

    def load(self, fields, rows):
        """Load the names of all records in the rows, and set `lead` of each row."""
        wanted = {}
        for field in fields:
            if field.type == 'many2one':
                ids = wanted.setdefault(field.comodel_name, set())
                ids.update(row[field.name] for row in rows if row[field.name])
        for model, ids in wanted.items():
            if model == 'crm.lead':
                self._load_leads(ids)
            else:
                self._load(model, ids)
        leads = self._leads if 'crm.lead' in wanted else {}
        for row in rows:
            row['lead'] = leads.get(row.get('lead_id'))

    def _load(self, model, ids):
        if model in FLEETING:
            self._names[model] = {}
        names = self._names.setdefault(model, {})
        missing = ids - names.keys()
        if not missing:
            return
        records_sudo = self.env[model].sudo().with_context(active_test=False).browse(missing)
        for record_sudo in records_sudo.exists():
            name = record_sudo.display_name or '-'
            if model not in FLEETING:
                taken = self._taken.setdefault(model, set())
                if name.lower() in taken:
                    name = f'{name} (#{record_sudo.id})'
                taken.add(name.lower())
            names[record_sudo.id] = name
        if model in FLEETING:
            records_sudo.invalidate_recordset(flush=False)

    def _load_leads(self, ids):
        """Set the names of opportunities and their customers.

        The cache of the ORM is bypassed, since there can be a million of them."""
        lead, partner = self.env['crm.lead']._fields, self.env['res.partner']._fields
        rows = self.env.execute_query(
            SQL(
                "SELECT lead.id, %s, %s FROM crm_lead lead"
                " LEFT JOIN res_partner customer ON customer.id = %s WHERE lead.id = ANY(%s)",
                SQL.identifier('lead', 'name', to_flush=lead['name']),
                SQL.identifier('customer', 'name', to_flush=partner['name']),
                SQL.identifier('lead', 'customer_id', to_flush=lead['customer_id']),
                list(ids),
            )
        )
        self._leads = {id_: (name, customer) for id_, name, customer in rows}
        self._names['crm.lead'] = {id_: name for id_, name, _customer in rows}
