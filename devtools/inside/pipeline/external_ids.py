"""External identifiers: how a second run finds what an earlier one has created."""

from .rows import match_key

MODULE = 'crm_sales_opportunities'


class ExternalIds:
    """The records that carry an identifier of ours, and the giving of new ones.

    Identifiers are read once; a record deleted in the meantime counts as not there.
    """

    def __init__(self, env):
        self.env = env
        known = env['ir.model.data'].search_fetch(
            [('module', '=', MODULE)],
            ['name', 'model', 'res_id'],
        )
        ids_by_model = {}
        for data in known:
            ids_by_model.setdefault(data.model, set()).add(data.res_id)
        existing = {
            model: set(env[model].browse(ids).exists().ids)
            for model, ids in ids_by_model.items()
            if model in env
        }
        self.ids = {
            data.name: data.res_id for data in known if data.res_id in existing.get(data.model, ())
        }

    @staticmethod
    def name(kind, *parts):
        """An identifier such as `user_mosesfrase`: as many as there are names in the files."""
        return '_'.join([kind, *map(match_key, parts)])

    def find(self, model, name):
        """The record of that identifier, or an empty recordset."""
        return self.env[model].browse(self.ids.get(name))

    def give(self, records_by_name):
        """Give identifiers; `noupdate`, since they belong to no module that could update them."""
        self.env['ir.model.data']._update_xmlids([
            {'xml_id': f'{MODULE}.{name}', 'record': record, 'noupdate': True}
            for name, record in records_by_name.items()
        ])
        self.ids.update({name: record.id for name, record in records_by_name.items()})

    def ensure(self, model, values_by_name, reuse=None):
        """Create what has no identifier yet: {name: record} of all, and how many were new.

        `reuse(values)` may return an existing record to be taken instead of a new one.
        """
        records = {name: self.find(model, name) for name in values_by_name}
        found = {
            name: reuse(values)
            for name, values in values_by_name.items()
            if reuse and not records[name]
        }
        found = {name: record for name, record in found.items() if record}
        new_names = [name for name in values_by_name if not records[name] and name not in found]
        created = self.env[model].create([values_by_name[name] for name in new_names])
        given = {**found, **dict(zip(new_names, created, strict=True))}
        self.give(given)
        return {**records, **given}, len(new_names)
