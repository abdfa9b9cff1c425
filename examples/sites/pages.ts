/** The sites' pages: the welcome, the signed-in page with everything the tokens say, and troubles in words. */
import type { Html } from '../web.ts';
import { html, trusted } from '../web.ts';
import type { Notice, SignedIn } from './sessions.ts';
import type { SiteData } from './sites.ts';

/** Another site of the program, to step over to. */
export interface Sibling {
  name: string;
  url: string;
}

/** What every page of a site shares. */
export interface PageFrame {
  site: SiteData;
  siblings: readonly Sibling[];
  /** The member's own pages at the program. */
  accountUrl: string;
  notice: Notice | undefined;
}

/** The page for a visitor nobody knows yet. */
export function welcomePage(frame: PageFrame): Html {
  const { site } = frame;
  return page(
    { ...frame, title: site.name },
    html`<div class="hero"><div class="wide">
<h1>${site.headline}</h1><p>${site.pitch}</p>
<ul class="actions">
<li><a class="button" href="/login">Sign in</a></li>
<li><a class="button quiet" href="/join">Join</a></li>
</ul>
<p><a href="/check">Am I signed in at another brand already?</a></p>
</div></div>
<div class="wide grid">${site.offers.map(
      (offer) => html`<section class="card"><h2>${offer.title}</h2><p>${offer.text}</p></section>`,
    )}</div>`,
  );
}

/** The page for a signed-in member. */
export function memberPage(frame: PageFrame, member: SignedIn): Html {
  const { site } = frame;
  const name = nameOf(member);
  return page(
    { ...frame, title: `Your account – ${site.name}` },
    html`<div class="hero"><div class="wide">
<h1>${site.greeting}${name ? html`, ${name}` : ''}</h1>
<p>You are signed in with your program account.</p>
<ul class="actions">
<li>${button('/logout', 'Sign out everywhere')}</li>
<li>${button('/leave', 'Sign out of this site only', 'quiet')}</li>
<li><a class="button quiet" href="${frame.accountUrl}">Your program account</a></li>
</ul>
</div></div>
<div class="wide grid">
${stepCard(frame)}
<section class="card" aria-labelledby="try"><h2 id="try">Try it</h2>
<ul class="actions">
<li>${button('/refresh', 'Refresh tokens', 'quiet')}</li>
<li>${button('/userinfo', 'Call userinfo', 'quiet')}</li>
<li><a class="button quiet" href="/check">Check single sign-on</a></li>
${site.redemption && html`<li>${button('/redeem', `Pay ${site.redemption.amount} points for ${site.redemption.what}`, 'quiet')}</li>`}
</ul></section>
</div>
<div class="wide grid">
${claimsCard('id-claims', 'What the ID token says', member.claims)}
${claimsCard('userinfo-claims', 'What userinfo says', member.userinfo)}
</div>
<div class="wide">${tokensCard(member)}</div>`,
  );
}

/** A page for something that went wrong, with a way back. */
export function troublePage(
  frame: PageFrame,
  trouble: { title: string; text: string; code?: string | undefined },
): Html {
  return page(
    { ...frame, title: `${trouble.title} – ${frame.site.name}` },
    html`<div class="hero"><div class="wide">
<h1>${trouble.title}</h1><p>${trouble.text}</p>
<ul class="actions">
<li><a class="button" href="/login">Try to sign in again</a></li>
<li><a class="button quiet" href="/">Back to ${frame.site.name}</a></li>
</ul>
${trouble.code && html`<p>For the developer: <code>${trouble.code}</code></p>`}
</div></div>`,
  );
}

/** The short pages that the program's own pages link to. */
export const leaflets = {
  help: {
    title: 'Help',
    text: 'This site is invented, so nobody sits at its desk. What works is everything around your account: signing in, signing out, and the pages on which you see and change what the program knows of you.',
  },
  privacy: {
    title: 'Privacy',
    text: 'This site keeps what the program told it about you until you sign out or it is stopped, in memory only. A real brand says here what it keeps, why and for how long.',
  },
  terms: {
    title: 'Terms',
    text: 'Nothing is sold here. A real brand has its terms of use on this page.',
  },
};

/** A page of a heading and a few words. */
export function leafletPage(frame: PageFrame, leaflet: { title: string; text: string }): Html {
  return page(
    { ...frame, title: `${leaflet.title} – ${frame.site.name}` },
    html`<div class="hero"><div class="wide"><h1>${leaflet.title}</h1><p>${leaflet.text}</p>
<ul class="actions"><li><a class="button quiet" href="/">Back to ${frame.site.name}</a></li></ul></div></div>`,
  );
}

function page(frame: PageFrame & { title: string }, body: Html): Html {
  const { site, siblings, notice } = frame;
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${frame.title}</title><link rel="stylesheet" href="/style.css"><link rel="icon" href="/favicon.svg" type="image/svg+xml"></head>
<body><a class="skip" href="#main">Skip to the content</a>
<header class="band"><div class="wide"><a class="name" href="/">${trusted(site.logo)} ${site.name}</a></div></header>
<main id="main">
${notice && html`<div class="wide"><div class="notice ${notice.tone}" role="status"><p>${notice.text}</p></div></div>`}
${body}
</main>
<footer><div class="wide"><nav aria-label="Other sites of the program"><ul>
${siblings.map((sibling) => html`<li><a href="${sibling.url}">${sibling.name}</a></li>`)}
</ul></nav></div></footer>
</body></html>`;
}

function stepCard({ siblings }: PageFrame): Html {
  return html`<section class="card" aria-labelledby="step"><h2 id="step">Step over to another site</h2>
<p>One account for all of them: you arrive signed in.</p>
<ul class="actions">
${siblings.map((sibling) => html`<li><a class="button quiet" href="${sibling.url}/login">Go to ${sibling.name}</a></li>`)}
</ul></section>`;
}

function claimsCard(id: string, title: string, claims: Readonly<Record<string, unknown>> | undefined): Html {
  return html`<section class="card" aria-labelledby="${id}"><h2 id="${id}">${title}</h2>
${
  claims === undefined
    ? html`<p>Not asked yet. Choose “Call userinfo” to ask.</p>`
    : html`<table>${Object.entries(claims).map(
        ([claim, value]) =>
          html`<tr><th scope="row"><code>${claim}</code></th><td data-claim="${claim}">${claimText(claim, value)}</td></tr>`,
      )}</table>`
}</section>`;
}

function tokensCard(member: SignedIn): Html {
  const [header, payload] = member.idToken.split('.');
  return html`<section class="card" aria-labelledby="tokens"><h2 id="tokens">Your tokens</h2>
<p>Shortened: a token is a key, so a real site would not show any. Times refreshed: <span data-refreshed="${member.refreshed}">${member.refreshed}</span>.</p>
<table>
<tr><th scope="row">Access token</th><td data-token="access"><code>${shorten(member.accessToken)}</code></td></tr>
<tr><th scope="row">Refresh token</th><td data-token="refresh">${member.refreshToken ? html`<code>${shorten(member.refreshToken)}</code>` : 'none was issued'}</td></tr>
<tr><th scope="row">ID token</th><td data-token="id"><code>${shorten(member.idToken)}</code></td></tr>
</table>
<details><summary>The ID token, decoded</summary>
<h3>Header</h3><pre tabindex="0">${decode(header)}</pre>
<h3>Payload</h3><pre tabindex="0">${decode(payload)}</pre>
</details></section>`;
}

function button(action: string, label: string, look = ''): Html {
  return html`<form method="post" action="${action}"><button class="button ${look}">${label}</button></form>`;
}

function nameOf({ claims, userinfo }: SignedIn): string | undefined {
  const name = userinfo?.given_name ?? claims.given_name ?? userinfo?.name ?? claims.name;
  return typeof name === 'string' ? name : undefined;
}

const times = new Set(['iat', 'exp', 'auth_time', 'updated_at']);

function claimText(claim: string, value: unknown): string {
  if (times.has(claim) && typeof value === 'number')
    return `${value} (${new Date(value * 1000).toUTCString()})`;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function shorten(token: string): string {
  return token.length > 24 ? `${token.slice(0, 10)}…${token.slice(-6)}` : `${token.slice(0, 4)}…`;
}

function decode(part: string | undefined): string {
  try {
    return JSON.stringify(JSON.parse(Buffer.from(part ?? '', 'base64url').toString()), null, 2);
  } catch {
    return '(not readable)';
  }
}
