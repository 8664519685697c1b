"""Test that the code answers questions of callers with their rights, or gives a reason for sudo mode."""

import ast
from pathlib import Path

from odoo.tests import BaseCase, tagged

from .test_source_conventions import ADDON

ADDONS = (ADDON, ADDON.parent / 'sales_funnel_mgmt_sale')
# Methods that find, link or read what their arguments say
QUESTIONS = frozenset((
    'browse',
    'create',
    'fetch',
    'filtered_domain',
    'mapped',
    'read',
    'read_group',
    'search',
    'search_count',
    'search_fetch',
    'write',
    '_read_group',
    '_search',
))
# Function with a question that depends on its arguments, in sudo mode: why it tells a caller nothing
ALLOWED = {
    'sales_funnel_mgmt/models/base/crm_given_record_mixin.py:_collect_ids': (
        "Compares the stored IDs with the given ones. The answer is whether to check the access."
    ),
    'sales_funnel_mgmt/models/communication/digest/res_users.py:_prepare_silent_customers': (
        "The scheduled action asks for its readers. The customers are those that each may read."
    ),
    'sales_funnel_mgmt/models/communication/mail_thread.py:_is_own_list': (
        "Looks for the domains of an incoming e-mail. The sender gets no answer."
    ),
    'sales_funnel_mgmt/models/communication/res_users.py:create': (
        "Browses users that the caller has just created."
    ),
    'sales_funnel_mgmt/models/book/crm_book.py:_query_held': (
        "Builds a query. The report on orphans, which runs it, has access rights and rules of its own."
    ),
    'sales_funnel_mgmt/models/handover/book/crm_handover.py:_add_documents': (
        "Creates documents for records that `_find_own_documents` has found."
    ),
    'sales_funnel_mgmt/models/handover/book/crm_handover.py:_find_own_documents': (
        "What a salesperson holds in the companies of a sales administrator, who makes a handover of it."
    ),
    'sales_funnel_mgmt/models/handover/undo/crm_handover.py:_undo': (
        "Filters the lines and documents of a handover that a sales administrator may run."
    ),
    'sales_funnel_mgmt/models/handover/crm_handover.py:_create_lines': (
        "Creates lines for opportunities whose access the callers have checked."
    ),
    'sales_funnel_mgmt/models/key_account/crm_team_member.py:_get_novices': (
        "Reads since when users are members of teams. The callers name users of their own records."
    ),
    'sales_funnel_mgmt/models/quota_rate/crm_quota_rate.py:_find_by_lead': (
        "A rate applies whoever looks. The callers have written, or may read, the opportunities."
    ),
    'sales_funnel_mgmt/models/quota_rate/propagation/crm_lead.py:_propagate_quota_rates': (
        "The domain is that of a stage, a team, a customer or a rate that was written."
    ),
    'sales_funnel_mgmt/models/quota_rate/propagation/crm_lead.py:_refresh_quota_rates': (
        "The domain is that of `_propagate_quota_rates`. Nothing is answered."
    ),
    'sales_funnel_mgmt/models/review_workbook/book/book.py:get_company_currency': (
        "The companies are those of rows that were read with the rights of the requester."
    ),
    'sales_funnel_mgmt/models/review_workbook/book/names.py:_load': (
        "Names of records in rows that were read with the rights of the requester."
    ),
    'sales_funnel_mgmt/models/sales_quota/crm_sales_quota.py:_find_teams': (
        "The sales team of a salesperson whom a readable quota names, in the company of the quota."
    ),
    'sales_funnel_mgmt/models/sales_quota/crm_sales_quota.py:revise': (
        "Creates the revisions of quotas that the caller may write. The team is checked before."
    ),
    'sales_funnel_mgmt/models/sales_quota/grid/crm_sales_quota.py:get_grid': (
        "Names of the owners of quotas that the caller may read."
    ),
    'sales_funnel_mgmt/models/salesperson_lock/crm_salesperson_lock_mixin.py:'
    '_check_salesperson_lock': (
        "Records that the transaction has written. Their names are told after a check."
    ),
    'sales_funnel_mgmt/models/stall_alert/crm_lead.py:_count_stall_days': (
        "Companies of opportunities that the callers read. The answer is a number of days."
    ),
    'sales_funnel_mgmt/models/stage_history/crm_win_correction.py:_correct_day': (
        "Corrects the win of an opportunity that the caller, a sales administrator, may write."
    ),
    'sales_funnel_mgmt/models/territory_plan/apply/crm_territory_plan.py:'
    '_check_pipeline_unchanged': "Opportunities of a plan that a sales administrator applies.",
    'sales_funnel_mgmt/report/funnel/view/arrangement.py:_name_groups': (
        "Names of groups that were read with the rights of the caller."
    ),
    'sales_funnel_mgmt/report/overview/crm_sales_overview.py:_name_people': (
        "Names of salespeople in rows that were read with the rights of the caller."
    ),
}


def is_sudo(node):
    """Return whether an expression is a recordset in sudo mode, by a call or by its name."""
    for part in ast.walk(node):
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute):
            is_off = any(isinstance(arg, ast.Constant) and arg.value is False for arg in part.args)
            if part.func.attr == 'sudo' and not is_off:
                return True
        if isinstance(part, ast.Name) and part.id.endswith('_sudo'):
            return True
    return False


def get_names(node):
    """Return the names that an expression uses."""
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def is_given(node, given):
    """Return whether an expression depends on what a caller gives: arguments, context, conditions."""
    return bool(get_names(node) & given) or any(
        (isinstance(part, ast.Attribute) and part.attr in ('context', 'domain'))
        or (isinstance(part, ast.Name) and part.id == 'safe_eval')
        or (isinstance(part, ast.Attribute) and part.attr == '_get_domain')
        for part in ast.walk(node)
    )


def find_given_names(function):
    """Return the arguments of a function, and the variables that it makes of them."""
    arguments = function.args
    given = {
        argument.arg
        for argument in (
            *arguments.posonlyargs,
            *arguments.args,
            *arguments.kwonlyargs,
            *filter(None, (arguments.vararg, arguments.kwarg)),
        )
    } - {'self', 'cls'}
    for _pass in range(3):
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and is_given(node.value, given):
                for target in node.targets:
                    given |= get_names(target)
            elif isinstance(node, (ast.For, ast.comprehension)) and is_given(node.iter, given):
                given |= get_names(node.target)
    return given - {'self'}


def find_questions(function):
    """Yield the questions of a function in sudo mode that depend on what a caller gives."""
    given = find_given_names(function)
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            values = [*node.args, *(keyword.value for keyword in node.keywords)]
            asked = node.func.attr in QUESTIONS and is_sudo(node.func.value)
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            values, asked = [node.slice], is_sudo(node.value)
        else:
            continue
        if asked and any(is_given(value, given) for value in values):
            yield node


def find_functions():
    """Yield the name of each method and function of the addons, tests aside, and its syntax tree."""
    for addon in ADDONS:
        for path in sorted(addon.rglob('*.py')):
            relative = path.relative_to(addon.parent)
            if 'tests' in relative.parts:
                continue
            for node in ast.walk(ast.parse(Path(path).read_text())):
                if isinstance(node, ast.FunctionDef):
                    yield f'{relative}:{node.name}', node


@tagged('post_install', '-at_install')
class TestSudoConventions(BaseCase):
    def test_who_chooses_what_is_asked_in_sudo_mode(self):
        """A domain, an ID or a field that a caller gives is looked up with the caller's rights.

        Where it is not, the list says why that tells the caller nothing.
        """
        found = {name for name, function in find_functions() if any(find_questions(function))}
        self.assertEqual(found, set(ALLOWED))
        self.assertFalse([name for name, reason in ALLOWED.items() if not reason.strip()])

    def test_what_the_search_finds(self):
        for source, expected in (
            ("def f(self, ids): return self.env['a'].sudo().browse(ids)", True),
            ("def f(self, domain): return self.records_sudo.sudo().search(domain)", True),
            ("def f(self, name): records_sudo = self.sudo(); return records_sudo[name]", True),
            ("def f(self, a): b = [('id', '=', a)]; return self.sudo().search(b)", True),
            ("def f(self): return self.sudo().search(self._get_domain())", True),
            ("def f(self): return self.sudo().browse(self.env.context['active_id'])", True),
            ("def f(self, ids): return self.browse(ids)", False),
            ("def f(self, ids): return self.sudo(False).browse(ids)", False),
            ("def f(self, ids): return self.sudo().search([('id', '=', 1)])", False),
        ):
            with self.subTest(source=source):
                [function] = ast.parse(source).body
                self.assertEqual(any(find_questions(function)), expected)
