"""Read schema, metadata and pipeline of a database as sets of rows, for comparison."""

from devtools.sql import query

# query of the names of each kind of object
SCHEMA = {
    'column': "SELECT table_name, column_name, data_type, is_nullable "
    "FROM information_schema.columns WHERE table_schema = 'public'",
    'index': "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    'constraint': "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) "
    "FROM pg_constraint WHERE connamespace = 'public'::regnamespace",
    'sequence': "SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'",
    'trigger': "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE NOT tgisinternal",
    'function': "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
}
RECORDS = {
    # The list of modules changes with each update of it.
    'external id': "SELECT module, name, model FROM ir_model_data "
    "WHERE model <> 'ir.module.module'",
    'model': "SELECT model FROM ir_model",
    'field': "SELECT model, name, ttype FROM ir_model_fields",
    'selection': "SELECT f.model, f.name, s.value FROM ir_model_fields_selection s "
    "JOIN ir_model_fields f ON f.id = s.field_id",
    'model constraint': "SELECT name FROM ir_model_constraint",
    'relation': "SELECT name FROM ir_model_relation",
    'view': "SELECT id, name, model FROM ir_ui_view",
    'menu': "SELECT id, parent_path FROM ir_ui_menu",
    'action': "SELECT id, type FROM ir_actions",
    'server action': "SELECT id, name->>'en_US' FROM ir_act_server",
    'scheduled action': "SELECT id, cron_name FROM ir_cron",
    'parameter': "SELECT key FROM ir_config_parameter",
    'record rule': "SELECT id, name FROM ir_rule",
    'access right': "SELECT id, name FROM ir_model_access",
    'group': "SELECT id, name->>'en_US' FROM res_groups",
    'default': "SELECT id, field_id FROM ir_default",
    'filter': "SELECT id, name FROM ir_filters",
    'asset': "SELECT id, path FROM ir_asset",
    'mail template': "SELECT id, name->>'en_US' FROM mail_template",
    'message subtype': "SELECT id, name->>'en_US' FROM mail_message_subtype",
    'activity type': "SELECT id, name->>'en_US' FROM mail_activity_type",
    'user': "SELECT id, login FROM res_users",
    'team': "SELECT id, name->>'en_US' FROM crm_team",
    'stage': "SELECT id, name->>'en_US' FROM crm_stage",
    'opportunity': "SELECT id, name FROM crm_lead",
    'customer': "SELECT id, name FROM res_partner",
}
PIPELINE = (
    "SELECT id, name, type, active, stage_id, user_id, team_id, partner_id, expected_revenue, "
    "probability, date_closed FROM crm_lead"
)


def take(database):
    found = set()
    for kind, statement in {**SCHEMA, **RECORDS}.items():
        found |= {(kind, *row) for row in query(database, statement)}
    return found


def pipeline(database):
    """Return the opportunities with the fields of Odoo's own CRM."""
    return {tuple(row) for row in query(database, PIPELINE)}


def difference(before, after):
    """Return the added (+) and the removed (-) rows."""
    found = [f"+ {' '.join(map(str, row))}" for row in sorted(after - before)]
    return found + [f"- {' '.join(map(str, row))}" for row in sorted(before - after)]
