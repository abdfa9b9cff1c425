/** The commands of `symbolon clients` with their arguments and options. */
import { type Command, InvalidArgumentError } from 'commander';
import type { AddOptions, UpdateOptions } from './client-options.ts';
import { addClient, listClients, rotateSecret, showClient, switchClient, updateClient } from './clients.ts';
import { type InviteOptions, inviteClient, listInvitations, withdrawInvitation } from './invitations.ts';
import type { Answering } from './program.ts';
import { addSite, checkSite, type SiteOptions } from './sites.ts';
import type { World } from './world.ts';

const several = (value: string, before: string[] = []) => [...before, value];
const listed = (value: string) => value.split(/[\s,]+/).filter((part) => part !== '');

function between(least: number, most: number): (value: string) => number {
  return (value) => {
    const count = Number(value);
    if (!Number.isInteger(count) || count < least || count > most)
      throw new InvalidArgumentError(`A whole number from ${least} to ${most}.`);
    return count;
  };
}

/**
 * Adds the commands.
 * @param clients the parent command
 * @param world what the commands reach the rest through
 * @param answer prints an answer
 */
export function addClientCommands(clients: Command, world: World, answer: Answering): void {
  describing(
    clients
      .command('add')
      .description('Register a client and print what its application needs. The secret is shown this once.')
      .option('--from <file>', 'JSON file with the whole description; the options below are laid over it')
      .option('--id <id>', 'client id (default: a new one)')
      .option('--native', 'an app on the device of the person: public, PKCE alone')
      .option('--public', 'has no secret, such as a single-page application'),
  ).action(answer((options: AddOptions) => addClient(world, options)));
  clients
    .command('list')
    .description('Every client.')
    .action(answer(() => listClients(world)));
  clients
    .command('show')
    .description('Everything about a client, without secrets.')
    .argument('<id>', 'client id')
    .action(answer((id: string) => showClient(world, id)));
  describing(
    clients
      .command('update')
      .description('Change what the options name; the rest of the client stays. It takes effect at once.')
      .argument('<id>', 'client id')
      .option('--from <file>', 'JSON file with what is to change; the options below are laid over it'),
  )
    .option('--no-first-party', 'a third party')
    .option('--no-resource-server', 'may introspect its own tokens only')
    .option('--no-pkce-exempt', 'must use PKCE')
    .option(
      '--unset <metadata>',
      'metadata to take away, such as jwks_uri (may be given several times)',
      several,
    )
    .action(answer((id: string, options: UpdateOptions) => updateClient(world, id, options)));
  clients
    .command('rotate-secret')
    .description('Give a client a new secret, shown this once.')
    .argument('<id>', 'client id')
    .option('--grace-hours <hours>', 'how long the secret before stays valid', between(0, 720), 24)
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
  addInvitationCommands(clients, world, answer);
}

/**
 * Adds the commands of sites.
 * @param sites the parent command
 * @param world what the commands reach the rest through
 * @param answer prints an answer
 */
export function addSiteCommands(sites: Command, world: World, answer: Answering): void {
  describing(
    sites
      .command('add')
      .description(
        'Register the client of a new site, put its own layer live, and try it as its first visitor: one call.',
      )
      .option(
        '--from <file>',
        'JSON file with the description of the client; the options below are laid over it',
      )
      .option('--id <id>', 'client id (default: a new one)')
      .option('--origin <origin>', 'origin of the site; redirect addresses that are not named are made of it')
      .option('--layer <file>', 'JSON or YAML file: what the site says differently from its brand and market')
      .option('--message <text>', 'why, for the history of the configuration')
      .option('--no-smoke', 'do not try it')
      .option('--native', 'an app on the device of the person: public, PKCE alone')
      .option('--public', 'has no secret, such as a single-page application'),
  ).action(answer((options: SiteOptions) => addSite(world, options)));
  sites
    .command('check')
    .description('Try a site as its first visitor: pages, endpoints, look, texts. Signs nobody in.')
    .argument('<id>', 'client id')
    .action(answer((id: string) => checkSite(world, id)));
}

/** The options that describe a client, whether new or changed. */
function describing(command: Command): Command {
  return command
    .option('--name <name>', 'name shown to members')
    .option('--brand <brand>', 'id of the brand whose look its visitors meet')
    .option('--market <market>', "id of its market (default: the brand's)")
    .option('--first-party', "the program's own: no scope consent")
    .option('--resource-server', 'a protected API that may introspect tokens issued to others')
    .option('--profile <profile>', 'baseline, or fapi2: the rules of the FAPI 2.0 Security Profile')
    .option('--pkce-exempt', 'may leave PKCE out when it sends a nonce; confidential clients only')
    .option(
      '--refresh-leeway <seconds>',
      'for how long a rotated refresh token may be presented once more (0 to 60)',
      between(0, 60),
    )
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
    .option('--logo-uri <uri>', 'picture; kept for other readers, never loaded by our pages')
    .option('--policy-uri <uri>', 'privacy notice, linked on the consent page')
    .option('--tos-uri <uri>', 'terms, linked on the consent page')
    .option(
      '--grant <type>',
      'authorization_code, refresh_token, client_credentials, device_code, ciba or token_exchange (may be given several times)',
      several,
    )
    .option('--scope <scopes>', 'the only scopes it may ask for, parted by spaces')
    .option(
      '--auth-method <method>',
      'how it proves who it is: client_secret_basic, client_secret_post, private_key_jwt, tls_client_auth, self_signed_tls_client_auth or none',
    )
    .option('--jwks-uri <uri>', 'where its public keys are')
    .option('--jwks <file>', 'JSON file with its public keys (a key set, or one key)')
    .option('--response-mode <mode>', 'an allowed response mode (may be given several times)', several)
    .option('--subject-type <type>', 'public, or pairwise: a subject of its own')
    .option('--sector-identifier-uri <uri>', 'names every address that shares the pairwise subject');
}

function addInvitationCommands(clients: Command, world: World, answer: Answering): void {
  clients
    .command('invite')
    .description('Let a client register itself: print an initial access token, this once.')
    .option('--brand <brand>', 'brand of the clients registered with it')
    .option('--market <market>', "their market (default: the brand's)")
    .option('--first-party', "the program's own: no scope consent")
    .option('--profile <profile>', 'baseline, or fapi2: the rules of the FAPI 2.0 Security Profile')
    .option('--pkce-exempt', 'confidential clients need no PKCE, but then must send a nonce')
    .option('--public-subject', 'a third party may ask for the public subject; its usual one is pairwise')
    .option('--uses <n>', 'how many clients may register with it (default: 1)', between(1, 1000))
    .option('--expires-hours <h>', 'how long it can be used (default: 168)', between(1, 2160))
    .option(
      '--grants <list>',
      'grants they may have, parted by commas (default: authorization_code, refresh_token)',
      listed,
    )
    .option(
      '--scopes <list>',
      'scopes they may have, parted by commas (default: openid, profile, email, offline_access)',
      listed,
    )
    .option(
      '--redirect-hosts <list>',
      'hosts (and private-use schemes such as com.example.app:) that redirect addresses may have (default: all)',
      listed,
    )
    .action(answer((options: InviteOptions) => inviteClient(world, options)));
  clients
    .command('invitations')
    .description('Every invitation, without its token.')
    .action(answer(() => listInvitations(world)));
  clients
    .command('uninvite')
    .description('Take an invitation back. Clients that registered with it stay.')
    .argument('<id>', 'the invitation, as the list names it')
    .action(answer((id: string) => withdrawInvitation(world, id)));
}
