"""Test the salesperson lock on each route to a new salesperson."""

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from ..common import TestSalespersonLockCommon

# keys of the context that a caller could use for an attack
FORGED = {
    'sales_funnel_mgmt.settled_salespeople': {},
    'handover': True,
    'hand_over': True,
    'skip_lock': True,
    'skip_salesperson_lock': True,
    'force_assignment': True,
    'install_mode': True,
    'import_file': True,
    'tracking_disable': True,
    'mail_notrack': True,
    'active_test': False,
    'su': True,
    'uid': 1,
    'default_user_id': 1,
    'module': 'sales_funnel_mgmt',
}


@tagged('post_install', '-at_install')
class TestSalespersonLockRoutes(TestSalespersonLockCommon):
    """Check each route with the rights of each kind of user, up to the system.

    The same route changes the salesperson of an opportunity that is not locked."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = [
            cls.owner,
            cls.user_sales_leads,
            cls.user_sales_manager,
            cls.env.ref('base.user_admin'),
            cls.env.ref('base.user_root'),
        ]
        cls.other = cls.user_sales_manager

    def assertRouteIsLocked(self, route):
        """
        :param route: Called with an opportunity, in the environment of the user: is to give it to
            `self.other`.
        """
        for user in self.users:
            for lead in (self.locked, self.free):
                for env in (lead.with_user(user).env, lead.with_user(user).sudo().env):
                    for context in ({}, FORGED):
                        with self.subTest(
                            user=user.login, su=env.su, lead=lead.name, forged=bool(context)
                        ):
                            self._try_route(route, lead.with_env(env).with_context(**context))

    def _try_route(self, route, lead):
        savepoint = self.env.cr.savepoint()
        if lead == self.locked:
            self.assertRefused(lead.with_env(self.env), lambda: route(lead))
        else:
            route(lead)
            self.env.flush_all()
            self.assertEqual(lead.user_id, self.other)
        savepoint.close(rollback=True)

    def test_write(self):
        self.assertRouteIsLocked(lambda lead: lead.write({'user_id': self.other.id}))

    def test_assignment(self):
        def route(lead):
            lead.user_id = self.other

        self.assertRouteIsLocked(route)

    def test_no_salesperson_in_every_wording(self):
        """The lock refuses every value that empties the salesperson, such as 0."""
        for nobody in (False, None, 0, 0.0, "", (), []):
            for user in self.users:
                with self.subTest(value=nobody, user=user.login):
                    self.assertRefused(
                        self.locked,
                        lambda: self.locked.with_user(user).write({'user_id': nobody}),  # noqa: B023
                    )
                    with self.env.cr.savepoint() as savepoint:
                        self.free.with_user(user).write({'user_id': nobody})
                        self.env.flush_all()
                        self.env.invalidate_all()
                        self.assertFalse(self.free.user_id)
                        savepoint.rollback()

    def test_form_and_kanban(self):
        """The lock applies to the form, the kanban and the drag of a card."""
        self.assertRouteIsLocked(lambda lead: lead.web_save({'user_id': self.other.id}, {}))

    def test_list_multi_edit(self):
        third = self._create_opportunity(user_id=self.owner.id)
        self.assertRouteIsLocked(
            lambda lead: (third.with_env(lead.env) + lead).web_save({'user_id': self.other.id}, {})
        )

    def test_stage_in_the_same_call(self):
        self.assertRouteIsLocked(
            lambda lead: lead.write({
                'stage_id': self.stage_won.id,
                'user_id': self.other.id,
            })
        )

    def test_through_the_customer(self):
        self.assertRouteIsLocked(
            lambda lead: lead.partner_id.sudo(lead.env.su).write({
                'opportunity_ids': [Command.update(lead.id, {'user_id': self.other.id})],
            })
        )

    def test_through_a_document_that_is_created(self):
        self.assertRouteIsLocked(
            lambda lead: lead.env['res.partner'].create({
                'name': "Customer",
                'opportunity_ids': [Command.update(lead.id, {'user_id': self.other.id})],
            })
        )

    def test_through_a_duplicated_lead(self):
        """The lock applies to the duplicates in the conversion wizard."""
        self.assertRouteIsLocked(
            lambda lead: lead.env['crm.lead2opportunity.partner'].create({
                'lead_id': lead.id,
                'duplicated_lead_ids': [Command.update(lead.id, {'user_id': self.other.id})],
            })
        )

    def test_server_action(self):
        """The lock applies to server actions, which automations run."""
        actions = self.env['ir.actions.server'].create([
            {
                'name': "Give away",
                'model_id': self.env['ir.model']._get_id('crm.lead'),
                'state': 'object_write',
                'update_path': 'user_id',
                'evaluation_type': 'value',
                'value': str(self.other.id),
                'resource_ref': f'res.users,{self.other.id}',
            },
            {
                'name': "Give away",
                'model_id': self.env['ir.model']._get_id('crm.lead'),
                'state': 'code',
                'code': f"records.sudo().write({{'user_id': {self.other.id}}})",
            },
        ])
        for action in actions:
            self.assertRouteIsLocked(
                lambda lead, action=action: (
                    action
                    .with_env(lead.env)
                    .sudo()
                    .with_context(
                        active_model='crm.lead',
                        active_id=lead.id,
                        active_ids=lead.ids,
                    )
                    .run()
                )
            )

    def test_handle_salesmen_assignment(self):
        """The lock applies to the method of conversions and of the assignment to partners."""
        self.assertRouteIsLocked(
            lambda lead: lead._handle_salesmen_assignment(user_ids=self.other.ids)
        )

    def test_convert_opportunity(self):
        self.assertRouteIsLocked(
            lambda lead: lead.convert_opportunity(lead.partner_id, user_ids=self.other.ids)
        )

    def test_import(self):
        for user in self.users:
            for lead in (self.locked, self.free):
                for context in ({}, FORGED):
                    with self.subTest(user=user.login, lead=lead.name, forged=bool(context)):
                        savepoint = self.env.cr.savepoint()
                        result = (
                            self
                            .env['crm.lead']
                            .with_user(user)
                            .with_context(**context)
                            .load(
                                ['.id', 'user_id/.id'],
                                [[str(lead.id), str(self.other.id)]],
                            )
                        )
                        if lead == self.locked:
                            self.assertFalse(result['ids'])
                            self.assertIn("salesperson lock", result['messages'][0]['message'])
                            self.assertEqual(lead.user_id, self.owner)
                        else:
                            self.assertEqual(lead.user_id, self.other)
                        savepoint.close(rollback=True)

    def _get_detour(self, lead):
        """The stage is left, the salesperson changes, and the stage is entered again."""
        stage_ids = (self.stage_open.id, lead.stage_id.id)
        return (
            {'stage_id': stage_ids[0]},
            {'user_id': self.other.id},
            {'stage_id': stage_ids[1]},
        )

    def test_detour_over_another_stage(self):
        """The lock of the stage at the start of the transaction applies, however the steps are stored."""

        def route(lead, flush):
            for vals in self._get_detour(lead):
                # In sudo mode: the last step would be refused because the opportunity was given away.
                lead.sudo().write(vals)
                flush(lead)

        for flush in (
            lambda lead: None,
            lambda lead: lead.flush_recordset(),
            lambda lead: (lead.env.flush_all(), lead.env.cr.flush()),
        ):
            self.assertRouteIsLocked(lambda lead, flush=flush: route(lead, flush))

    def test_detour_through_the_customer(self):
        self.assertRouteIsLocked(
            lambda lead: (
                self.contact_1
                .with_env(lead.env)
                .sudo()
                .write({
                    'opportunity_ids': [
                        Command.update(lead.id, vals) for vals in self._get_detour(lead)
                    ],
                })
            )
        )

    def test_detour_in_an_import(self):
        def route(lead):
            rows = (
                (self.stage_open, self.owner),
                (self.stage_open, self.other),
                (lead.stage_id, self.other),
            )
            result = lead.sudo().load(
                ['.id', 'stage_id/.id', 'user_id/.id'],
                [[str(lead.id), str(stage.id), str(user.id)] for stage, user in rows],
            )
            if errors := [one for one in result['messages'] if one['type'] == 'error']:
                raise UserError(errors[0]['message'])

        self.assertRouteIsLocked(route)

    def test_detour_over_another_team(self):
        """A team brings another stage: the change of stage is computed."""
        self.stage_late.team_ids = self.sales_team_1
        self.env.flush_all()
        elsewhere = self.env['crm.team'].create({'name': "Elsewhere"})

        def route(lead):
            lead.sudo().team_id = elsewhere
            lead.user_id = self.other

        self.assertRouteIsLocked(route)

    def test_emptying(self):
        for user in self.users:
            lead = self.locked.with_user(user)
            for values in (
                {'user_id': False},
                {'user_id': None},
                {'user_id': False, 'stage_id': self.stage_open.id},
                {'user_id': False, 'team_id': False},
                {'user_id': False, 'active': False},
                {'user_id': False, 'type': 'lead'},
            ):
                with self.subTest(user=user.login, values=values):
                    self.assertRefused(
                        self.locked, lambda lead=lead, values=values: lead.write(values)
                    )

    def test_the_team_changes_no_salesperson(self):
        """Changes of the team, its leader or its members do not change the salesperson."""
        team = self.env['crm.team'].create({'name': "Elsewhere", 'user_id': self.other.id})
        self.locked.team_id = team
        team.write({'member_ids': [Command.set(self.other.ids)], 'company_id': False})
        self.sales_team_1.write({'user_id': self.other.id})
        self.env.flush_all()
        self.assertEqual(self.locked.user_id, self.owner)
        team.action_archive()
        team.unlink()
        self.env.flush_all()
        self.assertEqual(self.locked.user_id, self.owner)

    def test_the_customer_changes_no_salesperson(self):
        self.locked.partner_id.user_id = self.other
        self.locked.partner_id = self.contact_2
        self.env.flush_all()
        self.assertEqual(self.locked.user_id, self.owner)

    def test_new_opportunities_are_free(self):
        for user in self.users:
            lead = (
                self
                .env['crm.lead']
                .with_user(user)
                .create({
                    'name': "New",
                    'stage_id': self.stage_late.id,
                    'user_id': self.owner.id,
                })
            )
            copy = lead.sudo().copy({'user_id': self.other.id, 'stage_id': self.stage_late.id})
            self.assertEqual(copy.user_id, self.other)

    def test_refused_and_caught(self):
        """Code that catches the error does not bypass the lock."""
        try:
            self.locked.user_id = self.other
        except UserError:
            self.locked.referred = "A friend"
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self.locked.user_id, self.owner)
        self.assertEqual(self.locked.referred, "A friend")
