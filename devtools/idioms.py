"""Find idioms of Odoo before 19, which Odoo 19 ignores silently.

As a program, it checks the files in its arguments.
"""

import re
import sys

from .source import report

# pattern, files, replacement
OLD = (
    (r'_sql_constraints', 'py', "models.Constraint / models.UniqueIndex"),
    (r'<tree\b|</tree>', 'xml', "<list>"),
    (r'\bview_mode\b.*\btree\b', 'py xml', "list"),
    (r'\battrs\s*=', 'xml', "invisible=, readonly=, required= with an expression"),
    (r'\bstates\s*=', 'xml', "invisible= with an expression"),
    (r'\bgroups_id\b', 'py xml csv', "group_ids (users, menus), all_group_ids"),
    (r'\bnumbercall\b|\bdoall\b', 'py xml', "nothing: the fields of ir.cron are gone"),
    (r'kanban-box', 'xml js', '<t t-name="card">'),
    (r'oe_chatter', 'xml', "<chatter/>"),
    (r'\bt-esc\b|\bt-raw\b', 'xml', "t-out"),
    (r'\bgroup_operator\b', 'py', "aggregator"),
    (r'\bosv\b.*\bexpression\b', 'py', "from odoo.fields import Domain"),
    (r'\bname_get\(', 'py', "_compute_display_name"),
    (r'\._cr\b|\._uid\b|\._context\b', 'py', "env.cr, env.uid, env.context"),
    (r'(?<![_\w])read_group\(', 'py', "_read_group or formatted_read_group"),
    (r'\bcr\.commit\(', 'py', "nothing in a model: the caller commits"),
    (r'\btype\s*=\s*["\']json["\']', 'py', "type='jsonrpc'"),
    (r'useService\(\s*["\'](user|rpc)["\']\s*\)', 'js', "import user from @web/core/user, rpc"),
    (r'@odoo-module', 'js', "nothing: every file in static/src is a module"),
    (r'<group[^>]*\bexpand\s*=', 'xml', "<group> alone in a search view"),
    (r'\bauto_join\b', 'py', "bypass_search_access"),
    (r'row_number\(\)', 'py', "an id that stays the same: the report's rows are opened by it"),
)


def findings(name, text):
    """Return `file:line: replacement` for each old idiom in a file."""
    ending = name.rpartition('.')[2]
    for number, line in enumerate(text.splitlines(), 1):
        for pattern, endings, instead in OLD:
            if ending in endings.split() and re.search(pattern, line):
                yield f"{name}:{number}: {line.strip()}\n    pre-19; now: {instead}"


if __name__ == '__main__':
    sys.exit(report(findings, sys.argv[1:]))
