"""Export the translation templates, update zh_CN (`./dev i18n`), and check both.

As a program, in a venv with polib:  merge  |  check
"""

import re
import sys

from . import database, odoo, templates
from .console import run, say
from .settings import LANGUAGE, REPO, addons

# placeholders and HTML tags, which a translation has to keep
PLACEHOLDER = re.compile(r'%\(\w+\)[a-z]|%[sd]|\{\w*\}')
# header lines that change with each export
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
    """Write each .pot and merge it into the .po: translations stay, obsolete ones are removed."""
    for addon in addons():
        with database.throwaway('i18n') as source:
            templates.copy_with_addons(source, together_with(addon))
            pot, _po = files(addon)
            pot.parent.mkdir(exist_ok=True)
            before = DATES.sub('', pot.read_text()) if pot.exists() else ''
            fresh = pot.with_suffix('.new.pot')
            try:
                if export(addon, fresh, source) != before:
                    fresh.replace(pot)
            finally:
                fresh.unlink(missing_ok=True)
    program = [odoo.PYTHON, '-m', 'devtools.translations', 'merge']
    say(run('merge the texts', program, cwd=REPO).strip())


def together_with(addon):
    """Return the addons to install for the export of one: bridges would replace some of its texts."""
    ours = templates.core_addons()
    return ours if addon in ours else addons()


def complaints(pot, po):
    """Return the problems of a translation (polib files) as texts."""
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


def _check(addon):
    import polib

    pot, po = files(addon)
    for path in (pot, po):
        if not path.exists():
            yield f"{path.relative_to(REPO)} is missing: ./dev i18n"
            return
    for text in complaints(polib.pofile(str(pot)), polib.pofile(str(po))):
        yield f"{po.relative_to(REPO)}: {text}"


def _merge(addon):
    import polib

    pot_path, path = files(addon)
    pot = polib.pofile(str(pot_path))
    po = polib.pofile(str(path)) if path.exists() else polib.POFile()
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
    po.save(str(path))
    print(f"{addon}/{path.name}: {len(po)} texts, {empty} not translated")


def _main(action):
    if action == 'merge':
        for addon in addons():
            _merge(addon)
        return 0
    found = [text for addon in addons() for text in _check(addon)]
    print('\n'.join(found))
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(_main(sys.argv[1]))
