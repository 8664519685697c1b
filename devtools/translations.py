"""Translations: the template and zh_CN made from the source (./dev i18n), and their checks.

As a program, in Odoo's venv (it has polib):  merge POT PO  |  check POT PO
"""

import re
import subprocess
import sys
from pathlib import Path

from . import database, odoo, templates
from .console import Fail, say
from .settings import LANGUAGE, REPO, addons

# `%(name)s` and `{name}` must survive translation; so must the tags of an HTML text
PLACEHOLDER = re.compile(r'%\(\w+\)[a-z]|%[sd]|\{\w*\}')
# header lines that change with every export
DATES = re.compile(r'^"(POT-Creation-Date|PO-Revision-Date): .*\n', re.MULTILINE)


def files(addon):
    folder = REPO / addon / 'i18n'
    return folder / f'{addon}.pot', folder / f'{LANGUAGE}.po'


def export(addon, target, source):
    """Write the translation template of an addon, from a database that has it installed."""
    arguments = ('i18n', 'export', '-d', source, '-o', target, addon)
    odoo.call(f'export the texts of {addon}', *arguments)
    return DATES.sub('', target.read_text())


def update():
    """Write anew every .pot, and merge it into the .po: translations stay, obsolete ones go."""
    for addon in addons():
        with database.throwaway('i18n') as source:
            templates.copy_with_addons(source, _together_with(addon))
            pot, po = files(addon)
            pot.parent.mkdir(exist_ok=True)
            before = DATES.sub('', pot.read_text()) if pot.exists() else ''
            fresh = pot.with_suffix('.new.pot')
            try:
                if export(addon, fresh, source) != before:
                    fresh.replace(pot)
            finally:
                fresh.unlink(missing_ok=True)
            say(_program('merge', pot, po).strip())


def _together_with(addon):
    """The addons to install for the texts of one: bridges would replace some of its texts."""
    ours = templates.core_addons()
    return ours if addon in ours else addons()


def check_pot(addon):
    """Complain when the template is not what the source gives."""
    pot, _po = files(addon)
    if not pot.exists():
        raise Fail('translations', f"{pot.relative_to(REPO)} is missing", "./dev i18n")
    with database.throwaway('i18n') as source:
        templates.copy_with_addons(source, _together_with(addon))
        fresh = database.RUN / f'{source}.pot'
        try:
            text = export(addon, fresh, source)
        finally:
            fresh.unlink(missing_ok=True)
    if text != DATES.sub('', pot.read_text()):
        raise Fail('translations', f"{pot.relative_to(REPO)} is not up to date", "./dev i18n")


def check_po(addon):
    pot, po = files(addon)
    for path in (pot, po):
        if not path.exists():
            raise Fail('translations', f"{path.relative_to(REPO)} is missing", "./dev i18n")
    return _program('check', pot, po)


def _program(*arguments):
    done = subprocess.run(
        [odoo.PYTHON, '-m', 'devtools.translations', *arguments],
        capture_output=True,
        text=True,
        cwd=REPO,
        check=False,
    )
    if done.returncode:
        raise Fail('translations', done.stderr.strip(), "./dev i18n, then translate what is empty")
    return done.stdout


def complaints(pot, po):
    """What is wrong with a translation (polib files), in words."""
    wanted = {entry.msgid for entry in pot}
    for entry in po:
        if entry.obsolete or entry.msgid not in wanted:
            yield f"not in the source any more: {entry.msgid!r}"
        elif entry.fuzzy:
            yield f"fuzzy: {entry.msgid!r}"
        elif not entry.msgstr:
            yield f"not translated: {entry.msgid!r}"
        elif _placeholders(entry.msgid) != _placeholders(entry.msgstr):
            yield f"other placeholders than the original: {entry.msgstr!r}"
        wanted.discard(entry.msgid)
    for msgid in sorted(wanted):
        yield f"missing: {msgid!r}"


def _placeholders(text):
    return sorted(PLACEHOLDER.findall(text))


def _main(action, pot_path, po_path):
    import polib

    pot, path = polib.pofile(pot_path), Path(po_path)
    if action == 'check':
        found = list(complaints(pot, polib.pofile(po_path)))
        if found:
            sys.exit(f"{path.name}: {len(found)} texts are not right\n" + '\n'.join(found))
        return
    po = polib.pofile(po_path) if path.exists() else polib.POFile()
    if not path.exists():
        po.metadata = {
            **pot.metadata,
            'Language': LANGUAGE,
            'Plural-Forms': 'nplurals=1; plural=0;',
        }
    po.wrapwidth = pot.wrapwidth = 78
    po.merge(pot)
    for entry in po.obsolete_entries():
        po.remove(entry)
    empty = sum(1 for entry in po if not entry.msgstr)
    po.save(po_path)
    print(f"{path.parent.parent.name}/{path.name}: {len(po)} texts, {empty} not translated")


if __name__ == '__main__':
    _main(*sys.argv[1:])
