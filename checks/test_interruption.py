"""Test that killed and concurrent scheduled actions leave no missing or duplicate records.

The actions run in processes that get SIGKILL, which a test in one transaction cannot simulate.
"""

import os
import random
import signal
import subprocess
import time
from pathlib import Path

from devtools import odoo, templates
from devtools.settings import REPO
from devtools.sql import query

SCRIPTS = Path(__file__).parent / 'inside'
KILLS = 5
DIGEST_KILLS = 4
OPPORTUNITIES = 150
# an alert of each clock
ALERTS = 2 * OPPORTUNITIES
MANAGERS = 30


def test_kill_stall_alerts(name):
    seed = int.from_bytes(os.urandom(4), 'big')
    dice = random.Random(seed)
    templates.copy_with_addons(name)
    odoo.shell('seed stalled opportunities', name, (SCRIPTS / 'seed_stalled.py').read_text())
    progress = [_open_alerts(name)]
    for number in range(KILLS):
        # At any point: at first while alerts are recorded, later between and within batches. A run
        # commits four times before its first batch; 30 batches are to be done, then the digests.
        _run_and_kill(name, commits=number and dice.randint(5, 11), delay=dice.uniform(0, 0.1))
        progress.append(_open_alerts(name))
        assert _problems(name) == [], f"after each run: {progress} (seed {seed})"
    assert any(0 < count < ALERTS for count in progress), (
        f"no run was killed halfway: {progress} (seed {seed})"
    )
    digests = [_digests(name)]
    for _number in range(DIGEST_KILLS):
        # While the second digest of the run is made or committed, or while the next one begins: one
        # at least is sent, and after all of the runs some managers still wait.
        _run_and_kill(name, digests=2, delay=dice.uniform(0, 0.1))
        progress.append(_open_alerts(name))
        digests.append(_digests(name))
        assert _problems(name) == [], f"after each run: {progress}, {digests} (seed {seed})"
    assert 0 < digests[-1] < MANAGERS, f"no digest was interrupted: {digests} (seed {seed})"
    _run_two(name)
    progress.append(_open_alerts(name))
    digests.append(_digests(name))
    so_far = f"after each run: {progress}, {digests} (seed {seed})"
    assert progress[-1] == ALERTS, f"alerts are missing {so_far}"
    undigested = query(
        name,
        "SELECT count(*) FROM crm_stall_alert WHERE digested_at IS NULL AND manager_id IS NOT NULL",
    )
    assert undigested == [[0]], f"alerts are in no digest {so_far}"
    assert _problems(name) == [], so_far


def _start(name):
    # The pipe carries only the printed lines: the log is dropped.
    process = subprocess.Popen(
        odoo.command('shell', '-d', name, *odoo.QUIET),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=odoo.environment(),
        cwd=REPO,
        start_new_session=True,
    )
    process.stdin.write((SCRIPTS / 'run_stall_alerts.py').read_text())
    process.stdin.close()
    return process


def _run_and_kill(name, delay, commits=0, digests=0):
    """Kill a run a number of seconds after its n-th commit or digest, or else after its start."""
    process = _start(name)
    try:
        awaited = ["ready", *["committed"] * commits, *["digest"] * digests]
        for line in process.stdout:
            if line.strip() == awaited[0]:
                awaited.pop(0)
                if not awaited:
                    break
        time.sleep(delay)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
    # PostgreSQL rolls the transaction back once it notices the lost connection.
    for _attempt in range(100):
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        if query(name, others) == [[1]]:
            return
        time.sleep(0.1)
    raise AssertionError("the killed process is still connected to the database")


def _run_two(name):
    for process in [_start(name), _start(name)]:
        output = process.stdout.read()
        process.stdout.close()
        assert process.wait() == 0, f"a run beside another one failed: {output}"


def _open_alerts(name):
    return query(name, "SELECT count(*) FROM crm_stall_alert WHERE state = 'open'")[0][0]


def _digests(name):
    return query(name, "SELECT count(*) FROM mail_mail WHERE headers LIKE '%X-Stall-Alerts%'")[0][0]


def _problems(name):
    """Return the violated conditions, which must hold after any interruption."""
    statements = {
        "activities without an alert, or two for one": """
            SELECT count(*) FROM mail_activity activity
             WHERE activity_type_id = (
                   SELECT res_id FROM ir_model_data WHERE name = 'mail_activity_type_stalled')
               AND 1 <> (SELECT count(*) FROM crm_stall_alert alert
                          WHERE alert.activity_id = activity.id AND alert.state = 'open')""",
        "open alerts without an activity": """
            SELECT count(*) FROM crm_stall_alert WHERE state = 'open' AND activity_id IS NULL""",
        # The subject of a digest counts opportunities, which can have an alert by either clock.
        "opportunities that were told twice, or a digest that was not sent": """
            SELECT (SELECT COALESCE(sum(substring(subject FROM '[0-9]+')::int), 0)
                      FROM mail_message WHERE subject LIKE 'Stalled opportunities:%'
                       AND message_type = 'user_notification')
                   - (SELECT count(DISTINCT (manager_id, digested_at, lead_id))
                        FROM crm_stall_alert WHERE digested_at IS NOT NULL)""",
        # The checked run adds the header to each e-mail.
        "alerts that their manager was not told of once, or somebody else was": """
            WITH sent AS (
                SELECT recipient.res_partner_id AS partner_id,
                       unnest(string_to_array(
                           substring(mail.headers FROM '[0-9][0-9 ]*'), ' '
                       ))::int
                       AS alert_id
                  FROM mail_mail mail
                  JOIN mail_mail_res_partner_rel recipient ON recipient.mail_mail_id = mail.id
                 WHERE mail.headers LIKE '%X-Stall-Alerts%'
            ),
            marked AS (
                SELECT manager.partner_id, alert.id AS alert_id
                  FROM crm_stall_alert alert
                  JOIN res_users manager ON manager.id = alert.manager_id
                 WHERE alert.digested_at IS NOT NULL
            )
            SELECT count(*)
              FROM ((TABLE sent EXCEPT ALL TABLE marked)
                    UNION ALL (TABLE marked EXCEPT ALL TABLE sent)) AS difference""",
    }
    return [what for what, statement in statements.items() if query(name, statement) != [[0]]]
