"""Test the conventions of the source code: overrides, names of files, imports."""

import ast
from collections import defaultdict
from pathlib import Path

from odoo.tests import TransactionCase, tagged

ADDON = Path(__file__).resolve().parents[2]


def read_classes():
    """Yield the path of each file of the addon, tests aside, with the class and name of its models."""
    for path in sorted(ADDON.rglob('*.py')):
        if 'tests' in path.relative_to(ADDON).parts:
            continue
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef) and (name := find_model_name(node)):
                yield path.relative_to(ADDON), node, name


def find_model_name(node):
    """Return the name of the model that a class defines or extends, or None."""
    values = {
        target.id: ast.literal_eval(statement.value)
        for statement in node.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name) and target.id in ('_name', '_inherit')
    }
    return values.get('_name') or values.get('_inherit')


@tagged('post_install', '-at_install')
class TestSourceConventions(TransactionCase):
    def test_one_override_of_a_method(self):
        """One file overrides a method of a model, since the order of several overrides is hidden.

        `models/crm_lead.py` and `models/mail_activity.py` are such files.
        """
        files = defaultdict(list)
        for path, node, model in read_classes():
            for statement in node.body:
                if isinstance(statement, ast.FunctionDef):
                    files[model, statement.name].append(str(path))
        self.assertIn('models/crm_lead.py', files['crm.lead', 'write'])
        twice = {pair: paths for pair, paths in files.items() if len(paths) > 1}
        self.assertFalse(twice)

    def test_one_class_of_a_model_in_a_folder(self):
        """A folder, which is a capability or a part of one, has one class for each model."""
        folders = defaultdict(list)
        for path, _node, model in read_classes():
            folders[path.parent, model].append(path.name)
        twice = {key: names for key, names in folders.items() if len(names) > 1}
        self.assertFalse(twice)

    def test_files_are_named_after_models(self):
        for path, _node, model in read_classes():
            with self.subTest(path=path):
                self.assertEqual(path.stem, model.replace('.', '_'))

    def test_every_module_has_a_docstring(self):
        """Each module says in its docstring what it is for; manifests are not modules."""
        missing = [
            str(path.relative_to(ADDON.parent))
            for addon in sorted(ADDON.parent.glob(f'{ADDON.name}*'))
            for path in sorted(addon.rglob('*.py'))
            if path.name != '__manifest__.py' and not ast.get_docstring(ast.parse(path.read_text()))
        ]
        self.assertFalse(missing)

    def test_every_test_is_imported(self):
        """The packages import all test files: Odoo, unlike pytest, runs only imported ones."""
        for path in sorted((ADDON / 'tests').rglob('test_*.py')):
            with self.subTest(path=path.relative_to(ADDON)):
                package = ast.parse((path.parent / '__init__.py').read_text())
                imported = {
                    alias.name
                    for node in package.body
                    if isinstance(node, ast.ImportFrom)
                    for alias in node.names
                }
                self.assertIn(path.stem, imported)
