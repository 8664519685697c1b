"""Define the subcommands of ./dev."""

import argparse
import os
import shutil
import signal
import sys

from . import (
    browser,
    cleaning,
    crawling,
    odoo,
    packaging,
    postgres,
    serving,
    setup,
    static,
    testing,
    translations,
)
from .console import Fail, say
from .settings import CONF, REPO, addons

EPILOG = """\
environment:
  ODOO_HOME     an Odoo 19 that you have (the folder that holds odoo/): none is downloaded
  PGHOST, PGPORT, PGUSER, PGPASSWORD   a PostgreSQL server of yours: none is started
  SFM_CACHE     folder for downloads and database templates, shared by all checkouts
                (default: ~/.cache/sales-funnel-mgmt)
  ODOO_PYTHON   the Python (3.10 - 3.13) to make the environment with
  PG_BINDIR     the PostgreSQL programs to use; SFM_POSTGRES=wheel: those from PyPI
  ODOO_DEB_MIRROR, ODOO_DEB_SUITE      where Debian's package odoo-19 is taken from
"""


def _demo(args):
    setup.environment()
    if args.fresh:
        serving.drop_own(args.database)
    return serving.serve(args.database, args.port, demo=True)


def _serve(args):
    setup.environment()
    return serving.serve(args.database, args.port, reload=True, demo=args.database == 'demo')


def _shell(args):
    setup.environment()
    serving.ensure_database(args.database, demo=args.database == 'demo')
    _become(odoo.command('shell', '-d', args.database, *odoo.QUIET))


def _odoo(args):
    setup.environment()
    _become(odoo.command(*args.rest))


def _psql(args):
    setup.environment()
    environment = odoo.environment()
    program = shutil.which('psql', path=environment['PATH'])
    if not program:
        raise Fail('psql', "psql is not on this machine", "apt-get install postgresql-client")
    _become([program, *args.rest])


def _load(args):
    setup.environment()
    serving.ensure_database(args.database)
    # the program runs in the repository's folder, wherever this was called
    _inside('load_pipeline', '--database', args.database, os.path.abspath(args.folder))


def _bench(args):
    setup.environment()
    # the program runs in the repository's folder, wherever this was called
    _become([odoo.PYTHON, '-m', 'bench', *args.rest], REPO)


def _inside(module, *arguments):
    _become([odoo.PYTHON, '-m', f'devtools.inside.{module}', '--config', CONF, *arguments], REPO)


def _crawl(args):
    setup.for_browsing()
    options = ['--pictures', os.path.abspath(args.pictures)] if args.pictures else []
    serving.ensure_database(args.database, demo=args.database == 'demo')
    crawling.crawl(args.database, '--full', *options)


def _screenshots(_args):
    browser.require_chinese()
    setup.for_browsing()
    crawling.screenshots()


def _become(command, folder=None):
    if folder:
        os.chdir(folder)
    command = [os.fspath(part) for part in command]
    os.execve(command[0], command, odoo.environment())


def _setup(_args):
    setup.environment()
    say("ready: ./dev demo")


def _stop(_args):
    postgres.stop()


def _clean(args):
    cleaning.clean(args.cache)


def _i18n(_args):
    setup.environment()
    translations.update()


def _lint(args):
    setup.environment()
    setup.lint_tools()
    return static.run(*args.rest).returncode


def _format(_args):
    setup.lint_tools()
    return static.run('--hook-stage', 'manual').returncode


def _build(_args):
    setup.lint_tools()
    packaging.build()


def _test(args):
    return testing.run(args.rest)


def _parser():
    parser = argparse.ArgumentParser(
        prog='./dev',
        description=f"Develop {', '.join(addons())}: everything lives in .odoo/ of this checkout.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest='command', required=True, metavar='COMMAND')

    def add(name, function, text, database=None, port=False):
        command = commands.add_parser(name, help=text, description=text)
        command.set_defaults(function=function)
        if database:
            text = f"name of the database (default: {database})"
            command.add_argument('-d', '--database', default=database, help=text)
        if port:
            text = f"default: the first free one from {serving.FIRST_PORT}"
            command.add_argument('--port', type=int, help=text)
        return command

    demo = add('demo', _demo, "Odoo with the addon and demo data, at a printed URL", 'demo', True)
    demo.add_argument('--fresh', action='store_true', help="drop the database first")
    add('serve', _serve, "the same, reloading when the source changes", 'demo', True)
    add('test', _test, "all tests, or those of a PATH[::CLASS::TEST] (pytest's arguments)")
    add('lint', _lint, "the static checks only: all, or the named hook of .pre-commit-config.yaml")
    add('format', _format, "let ruff and prettier format the source")
    add('i18n', _i18n, "write the translation files from the source; translations are kept")
    load = add('load', _load, "load a sales pipeline from the CSV files of a folder", 'pipeline')
    load.add_argument('folder', metavar='DIR')
    crawl = add('crawl', _crawl, "look at every page of the addon for errors, as users do", 'demo')
    crawl.add_argument('--pictures', metavar='DIR', help="keep a picture of every page")
    add('screenshots', _screenshots, "take the pictures of the documentation")
    add('bench', _bench, "measure stock Odoo and the addon on the same data")
    add('shell', _shell, "a Python shell with `env`", 'demo')
    add('odoo', _odoo, "odoo-bin with this project's configuration and the given arguments")
    add('psql', _psql, "psql on the project's server")
    add('build', _build, "make a wheel and a zip of each addon in .odoo/dist")
    add('setup', _setup, "only make the environment")
    add('stop', _stop, "stop the project's PostgreSQL")
    clean = add('clean', _clean, "stop what runs, and remove all that ./dev made in this checkout")
    clean.add_argument('--cache', action='store_true', help="remove the shared cache folder too")
    return parser


# Arguments after these subcommands are for another program.
PASS_ON = ('test', 'lint', 'bench', 'odoo', 'psql')


def _parse(arguments):
    parser = _parser()
    command, rest = arguments[:1], []
    # The benchmark describes its own options.
    ours = command != ['bench'] and arguments[1:] in (['-h'], ['--help'])
    if command and command[0] in PASS_ON and not ours:
        arguments, rest = command, arguments[1:]
    args = parser.parse_args(arguments)
    args.rest = rest
    return args


def main():
    # Also if a script has started this in the background, where Ctrl-C is ignored.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    os.umask(0o022)
    try:
        args = _parse(sys.argv[1:])
        return args.function(args)
    except Fail as failure:
        print(failure, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted: run the same command again to go on", file=sys.stderr)
        return 130
