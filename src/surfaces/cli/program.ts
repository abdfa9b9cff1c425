/** The commands with their arguments and options, as commander reads them; says nothing about how they work. */
import { Command, InvalidArgumentError } from 'commander';
import type { Answer } from './answer.ts';
import { type AddOptions, addClient, listClients, rotateSecret, switchClient } from './clients.ts';
import { applyMigrations, checkConfig, printConfig, recordHashes, showMigrations } from './configuration.ts';
import { type DeliveryOptions, listDeliveries, retryDelivery } from './deliveries.ts';
import { examine } from './doctor.ts';
import { listKeys, revokeKey, rewrapKeys, rotateKey } from './keys.ts';
import { lockMember, unlockMember } from './members.ts';
import { retryOutbox, showOutbox } from './outbox.ts';
import { type EndOptions, endMemberSessions, listSessions } from './sessions.ts';
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
  addKeyCommands(program.command('keys').description('Signing, sealing and digest keys.'), world, answer);

  const config = program.command('config').description('The configuration of process and program.');
  config
    .command('check')
    .description('Read the whole configuration and tell every fault at once.')
    .action(answer(() => checkConfig(world)));
  config
    .command('print')
    .description('The effective settings and where each came from; secrets are masked.')
    .action(answer(() => printConfig(world)));

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

  addSessionCommands(program.command('sessions').description('Where members are signed in.'), world, answer);
  addDeliveryCommands(
    program.command('deliveries').description('Logout notices to relying parties.'),
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

type Answering = <Given extends unknown[]>(
  work: (...given: Given) => Promise<Answer>,
) => (...given: Given) => Promise<void>;

const several = (value: string, before: string[] = []) => [...before, value];

function hours(value: string): number {
  const count = Number(value);
  if (!Number.isInteger(count) || count < 0 || count > 720)
    throw new InvalidArgumentError('A whole number from 0 to 720.');
  return count;
}

function addClientCommands(clients: Command, world: World, answer: Answering): void {
  clients
    .command('add')
    .description('Register a client and print what its application needs. The secret is shown this once.')
    .option('--from <file>', 'JSON file with the whole description; the options below are laid over it')
    .option('--id <id>', 'client id (default: a new one)')
    .option('--name <name>', 'name shown to members')
    .option('--brand <brand>', 'id of the brand whose look its visitors meet')
    .option('--market <market>', "id of its market (default: the brand's)")
    .option('--first-party', "the program's own: no scope consent")
    .option('--resource-server', 'a protected API that may introspect tokens issued to others')
    .option('--native', 'an app on the device of the person: public, PKCE alone')
    .option('--public', 'has no secret, such as a single-page application')
    .option(
      '--redirect-uri <uri>',
      'where codes are sent, compared exactly (may be given several times)',
      several,
    )
    .option(
      '--post-logout-redirect-uri <uri>',
      'where a sign-out may lead (may be given several times)',
      several,
    )
    .option('--backchannel-logout-uri <uri>', 'told when a session ends')
    .option('--initiate-login-uri <uri>', 'begins a sign-in at the application')
    .option('--client-uri <uri>', 'home page')
    .option(
      '--grant <type>',
      'authorization_code, refresh_token, client_credentials, device_code, ciba or token_exchange (may be given several times)',
      several,
    )
    .option('--scope <scopes>', 'the only scopes it may ask for, parted by spaces')
    .action(answer((options: AddOptions) => addClient(world, options)));
  clients
    .command('list')
    .description('Every client.')
    .action(answer(() => listClients(world)));
  clients
    .command('rotate-secret')
    .description('Give a client a new secret, shown this once.')
    .argument('<id>', 'client id')
    .option('--grace-hours <hours>', 'how long the secret before stays valid', hours, 24)
    .action(
      answer((id: string, options: { graceHours: number }) => rotateSecret(world, id, options.graceHours)),
    );
  clients
    .command('disable')
    .description('Let nobody sign in to a client any more.')
    .argument('<id>', 'client id')
    .action(answer((id: string) => switchClient(world, id, false)));
  clients
    .command('enable')
    .description('Take that back.')
    .argument('<id>', 'client id')
    .action(answer((id: string) => switchClient(world, id, true)));
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
    .description('Which relying party was told of a sign-out, and how it answered; newest first.')
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
