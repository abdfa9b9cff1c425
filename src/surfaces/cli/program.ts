/** The commands with their arguments and options, as commander reads them; says nothing about how they work. */
import { Command } from 'commander';
import type { Answer } from './answer.ts';
import { addClientCommands, addSiteCommands } from './client-commands.ts';
import { addConfigCommands } from './config-commands.ts';
import { applyMigrations, recordHashes, showMigrations } from './configuration.ts';
import { type DeliveryOptions, listDeliveries, retryDelivery } from './deliveries.ts';
import { examine } from './doctor.ts';
import { listKeys, revokeKey, rewrapKeys, rotateKey } from './keys.ts';
import { lockMember, unlockMember } from './members.ts';
import { retryOutbox, showOutbox } from './outbox.ts';
import { type EndOptions, endMemberSessions, listSessions } from './sessions.ts';
import { grantStaff, listStaff, revokeStaff, type StaffOptions } from './staff.ts';
import type { World } from './world.ts';

/**
 * Builds the command line.
 * @param world what the commands reach the rest through
 * @param show prints an answer
 */
export function createProgram(world: World, show: (answer: Answer) => void): Command {
  const program = new Command('symbolon')
    .description('Operates a Symbolon identity provider.')
    .option('--json', 'print the answer (or the error) as one JSON document')
    .helpCommand(false);
  const answer =
    <Given extends unknown[]>(work: (...given: Given) => Promise<Answer>) =>
    async (...given: Given) =>
      show(await work(...given));

  addClientCommands(
    program.command('clients').description('Relying parties: the applications members sign in to.'),
    world,
    answer,
  );
  addSiteCommands(
    program.command('sites').description('Sites: a client, its layer, and a look at it.'),
    world,
    answer,
  );
  addKeyCommands(program.command('keys').description('Signing, sealing and digest keys.'), world, answer);

  addConfigCommands(
    program.command('config').description('The configuration of process and program, and its releases.'),
    world,
    answer,
  );

  program
    .command('doctor')
    .description('Look at everything an operator would look at, and say what to do about it.')
    .action(answer(() => examine(world)));

  const migrate = program.command('migrate').description('The history of the database.');
  migrate
    .command('status', { isDefault: true })
    .description('What is applied and what is pending (the default).')
    .action(answer(() => showMigrations(world)));
  migrate
    .command('up')
    .description('Apply what is pending; waits while another process does.')
    .action(answer(() => applyMigrations(world)));

  addMemberCommands(program.command('members').description('Accounts of members.'), world, answer);

  addStaffCommands(
    program
      .command('staff')
      .description(
        "Who may act on the program's configuration, in the console and by API, and on what part.",
      ),
    world,
    answer,
  );
  addSessionCommands(program.command('sessions').description('Where members are signed in.'), world, answer);
  addDeliveryCommands(
    program.command('deliveries').description('Logout notices and pings to relying parties.'),
    world,
    answer,
  );

  const outbox = program.command('outbox').description('Durable work: mails, logout notices.');
  outbox
    .command('status', { isDefault: true })
    .description('What waits and what was given up (the default).')
    .action(answer(() => showOutbox(world)));
  outbox
    .command('retry')
    .description('Try again what was given up.')
    .action(answer(() => retryOutbox(world)));

  program
    .command('legal')
    .description('Legal texts.')
    .command('hashes')
    .description('Record the hashes of new legal texts, so that a later change of one is noticed.')
    .action(answer(() => recordHashes(world)));
  return program;
}

/** Wraps the work of a command so that its answer is printed. */
export type Answering = <Given extends unknown[]>(
  work: (...given: Given) => Promise<Answer>,
) => (...given: Given) => Promise<void>;

function addStaffCommands(staff: Command, world: World, answer: Answering): void {
  const may = 'parted by commas: read, edit, approve, publish';
  const on =
    'parted by commas: * (everything), program, brand:<id>, region:<id>, market:<id>, site:<client id>';
  staff
    .command('list')
    .description('Everybody who may act, and on what.')
    .action(answer(() => listStaff(world)));
  staff
    .command('grant')
    .description('Let a member or a client do more. A token also needs the scopes for it.')
    .argument('<who>', 'mail address or member id; with --client a client id')
    .option('--may <permissions>', may)
    .option('--on <parts>', on)
    .option('--client', 'it is a client that acts for itself')
    .option(
      '--responsible <members>',
      'with --client: everybody who holds its secret, by mail address or member id, parted by commas, in the place of those named before; none of them can approve what it drafts',
    )
    .action(answer((who: string, options: StaffOptions) => grantStaff(world, who, options)));
  staff
    .command('revoke')
    .description('Let a member or a client do less; nothing any more when neither --may nor --on is given.')
    .argument('<who>', 'mail address or member id; with --client a client id')
    .option('--may <permissions>', `only these, ${may}`)
    .option('--on <parts>', `only on these, ${on}`)
    .option('--client', 'it is a client that acts for itself')
    .action(answer((who: string, options: StaffOptions) => revokeStaff(world, who, options)));
}

function addSessionCommands(sessions: Command, world: World, answer: Answering): void {
  sessions
    .command('list')
    .description('The sessions of a member, with the clients each has signed on to.')
    .argument('<member>', 'mail address or member id')
    .action(answer((who: string) => listSessions(world, who)));
  sessions
    .command('end')
    .description(
      'Sign a member out everywhere: every session and token dies, relying parties are told. Shows it first; --yes does it.',
    )
    .argument('<member>', 'mail address or member id')
    .option('--session <id>', 'end this one session only')
    .option('--yes', 'do it')
    .action(answer((who: string, options: EndOptions) => endMemberSessions(world, who, options)));
}

function addDeliveryCommands(deliveries: Command, world: World, answer: Answering): void {
  deliveries
    .command('list')
    .description(
      'Which relying party was told of a sign-out or an answered request, and how it answered; newest first.',
    )
    .option('--client <id>', 'only those to this client')
    .option('--state <state>', 'only due, delivered, refused, failed or dropped ones')
    .action(answer((options: DeliveryOptions) => listDeliveries(world, options)));
  deliveries
    .command('retry')
    .description('Try a delivery again that failed or was refused.')
    .argument('<id>', 'the delivery, as the list names it')
    .action(answer((id: string) => retryDelivery(world, id)));
}

function addKeyCommands(keys: Command, world: World, answer: Answering): void {
  keys
    .command('list')
    .description('Every key, without material.')
    .action(answer(() => listKeys(world)));
  keys
    .command('rotate')
    .description('Make the next key of a use current. Shows the plan first; --yes does it.')
    .argument('<use>', 'what the key is for, such as ES256')
    .option('--yes', 'do it')
    .action(answer((use: string, options: { yes?: boolean }) => rotateKey(world, use, options.yes === true)));
  keys
    .command('revoke')
    .description('Take a key away at once, in an emergency. Shows what is lost first; --yes does it.')
    .argument('<key>', 'id of the key, such as ES256-3')
    .option('--yes', 'do it')
    .action(answer((key: string, options: { yes?: boolean }) => revokeKey(world, key, options.yes === true)));
  keys
    .command('rewrap')
    .description('Seal every stored key anew with the newest master key. May be broken off and repeated.')
    .action(answer(() => rewrapKeys(world)));
}

function addMemberCommands(members: Command, world: World, answer: Answering): void {
  members
    .command('lock')
    .description('Lock an account: every session and token dies, applications and the member are told.')
    .argument('<member>', 'mail address or member id')
    .option('--reason <word>', 'one word for the record', 'operator')
    .action(answer((who: string, options: { reason: string }) => lockMember(world, who, options.reason)));
  members
    .command('unlock')
    .description('Let a locked member sign in again.')
    .argument('<member>', 'mail address or member id')
    .option('--reason <word>', 'one word for the record', 'operator')
    .action(answer((who: string, options: { reason: string }) => unlockMember(world, who, options.reason)));
}
