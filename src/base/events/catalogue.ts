/** The catalogue of every event: a fact about a person or the program, recorded with the change it tells of. */

/** Every event type with what it means. Data never holds a direct identifier, a secret or a token. */
export const eventCatalogue = {
  'member.registered':
    'A registration was proven and the member exists. Data: via (password, mail-code, google, facebook), stated_age (the youngest age the law allows, where the person has stated to have reached it).',
  'member.signed_in': 'A member proved who they are. Data: method, client, new_device.',
  'member.sign_in_failed': 'A proof was wrong for a known member. Data: method.',
  'member.signed_out': 'A member ended a session. Data: everywhere.',
  'member.profile_changed': 'The name changed. Data: fields (names only).',
  'member.attributes_changed':
    'Attributes of the member were written or removed. Data: fields (names only), source (member, client, staff, import, upstream, program).',
  'member.questioned':
    'Questions of progressive profiling were put to the member. Data: answered and skipped (names of attributes only), client.',
  'member.locale_changed': 'The member chose another language. Data: locale.',
  'member.locked':
    'An operator or a rule locked the account; everything issued before is dead. Data: reason.',
  'member.unlocked': 'The account was unlocked. Data: reason.',
  'member.impersonated':
    'A support agent got a token to act as the member. Data: agent (member id), client, resource, reason (member_request, complaint, security, fault).',
  'identifier.claimed': 'A proven identifier now leads to the member. Data: type.',
  'identifier.released': 'An identifier no longer leads to the member. Data: type.',
  'password.set':
    'The member has a password now, or a new one. Data: reason (registration, change, recovery).',
  'password.rehashed': 'The stored hash was renewed with current parameters at a sign-in.',
  'password.breach_check_unavailable':
    'The breached-password service did not answer; the password was let through.',
  'recovery.started': 'Someone asked to recover an account. Data: none.',
  'recovery.completed': 'A recovery was proven; everything issued before is dead.',
  'upstream.linked': 'An upstream subject was linked. Data: provider.',
  'upstream.unlinked': 'An upstream subject was unlinked. Data: provider.',
  'session.revoked':
    'A member or an operator ended one session, all others or all. Data: scope (one, others, all).',
  'consent.recorded': 'A decision on a text or purpose was appended. Data: purpose, version, kind.',
  'device.allowed': 'A member let a waiting device sign in. Data: client.',
  'device.denied': 'A member refused a waiting device. Data: client.',
  'grant.allowed': 'A member allowed a client access. Data: client, scopes.',
  'grant.revoked': 'A member took a client\u2019s access back. Data: client.',
  'redemption.decided':
    'A member allowed or refused one payment with points. Data: client, decision (given, refused), amount, payee (a digest).',
  'authentication_request.made':
    'A client asked by backchannel to have the member authenticated; the member was told. Data: client.',
  'authentication_request.allowed': 'The member allowed a backchannel request. Data: client.',
  'authentication_request.denied':
    'The member denied a backchannel request. Data: client, reported (the member had not expected it).',
  'staff.granted':
    'A member or a machine may do more on the program’s configuration. Data: permissions, layers, and client for a machine.',
  'staff.revoked':
    'A member or a machine may do less on the program’s configuration. Data: permissions, layers, and client for a machine.',
  'staff.responsible_named':
    'A member answers for a machine: what it changes of the configuration they have changed. Data: client.',
  'staff.responsible_released': 'Members answer for a machine no longer. Data: client, released (how many).',
  'client.added': 'A relying party was registered. Data: client, and invitation when it registered itself.',
  'client.changed': 'Metadata of a relying party changed. Data: client.',
  'client.secret_rotated': 'A relying party has a new secret. Data: client.',
  'client.disabled': 'A relying party was disabled. Data: client.',
  'client.deleted': 'A relying party ended its registration and is disabled for good. Data: client.',
  'client.invited':
    'An operator issued an initial access token for relying parties. Data: invitation, brand, uses.',
  'client.uninvited': 'An operator withdrew an initial access token. Data: invitation.',
  'key.rotated':
    'The next key became current, by command or by schedule. Data: use, key (the new current one).',
  'key.revoked': 'A key was taken away in an emergency. Data: use, key (the one taken away).',
  'key.rewrapped': 'Stored keys were sealed anew with the newest master key. Data: count.',
  'configuration.published':
    'A configuration release went live. Data: release, regions and markets (both empty: everywhere), version of the head, draft.',
  'configuration.rolled_back':
    'An earlier release went live again, or the last publication was undone. Data: release, regions and markets, version of the head, undone (the publication).',
  'configuration.draft_opened':
    'Somebody began a change of the configuration. Data: draft, base (a release), regions and markets (both empty: everywhere).',
  'configuration.draft_changed':
    'The content of a draft changed; approvals of another content ended. Data: draft, items and count, or base (the release it was carried over to).',
  'configuration.draft_submitted': 'A draft was handed in for approval. Data: draft.',
  'configuration.draft_approved':
    'Somebody who had no hand in a draft approved it. Data: draft, content (a digest), approvals so far, needed.',
  'configuration.draft_sent_back': 'A draft was given back to its authors; its approvals ended. Data: draft.',
  'configuration.draft_withdrawn': 'A draft was given up. Data: draft.',
  'configuration.draft_scheduled':
    'A draft is to go live: at once, or at a time. Data: draft, at (ISO 8601, empty for at once), regions and markets.',
  'configuration.draft_unscheduled': 'A planned publication was called off. Data: draft.',
  'configuration.draft_failed': 'A draft could not go live when it should have. Data: draft, code.',
  'limit.reached': 'A throttle refused an attempt. Data: limiter.',
} as const;

/** Names an event. */
export type EventType = keyof typeof eventCatalogue;
