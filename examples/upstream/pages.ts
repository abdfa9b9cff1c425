/** The local upstream's two pages: choosing an account, and what went wrong. */
import type { Html } from '../web.ts';
import { html } from '../web.ts';
import type { UpstreamAccount } from './accounts.ts';
import { accountKey } from './accounts.ts';

const titles = { google: 'Google', facebook: 'Facebook' } as const;

/** The stylesheet of both pages. */
export const style = `
:root { color-scheme: light dark; --ink: #1c2430; --page: #f3f5f8; --card: #fff; --line: #7b8794; --accent: #1d4ed8 }
@media (prefers-color-scheme: dark) { :root { --ink: #eef1f5; --page: #12161c; --card: #1c222b; --line: #8b97a5; --accent: #8ab4ff } }
* { box-sizing: border-box }
body { margin: 0; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page) }
main { max-width: 30rem; margin: 6vh auto; padding: 2rem; background: var(--card); border-radius: 14px }
h1 { margin: 0 0 .5rem; font-size: 1.4rem }
form { margin: 0 }
button { display: block; width: 100%; min-height: 48px; margin: .5rem 0; padding: .6rem 1rem; text-align: start; font: inherit;
  color: inherit; background: none; border: 1px solid var(--line); border-radius: 10px; cursor: pointer }
button:hover { border-color: var(--accent) }
button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
button small { display: block; opacity: .8 }
.quiet { border-color: transparent; text-align: center; text-decoration: underline }
`;

/**
 * The page on which a person chooses an account or refuses.
 * @param provider whose page it is
 * @param accounts who can be chosen
 * @param query the authorization request, carried through the form's own address
 */
export function chooserPage(
  provider: 'google' | 'facebook',
  accounts: readonly UpstreamAccount[],
  query: URLSearchParams,
): Html {
  const action = `/${provider}/choose?${query}`;
  return page(
    `Sign in with ${titles[provider]} (local stand-in)`,
    html`<h1>Sign in with ${titles[provider]}</h1>
<p>This is a stand-in on your own machine. The people are invented; nothing leaves this computer.</p>
<form method="post" action="${action}">
${accounts.map(
  (account) => html`<button name="account" value="${accountKey(account)}">${account.name}
<small>${account.email && `${account.email} · `}${account.note}</small></button>`,
)}
<button class="quiet" name="refuse" value="yes">Cancel and go back</button>
</form>`,
  );
}

/** A page that says what is wrong with a request, for the developer who sent it. */
export function faultPage(message: string): Html {
  return page(
    'The request cannot be answered',
    html`<h1>The request cannot be answered</h1><p>${message}</p>`,
  );
}

function page(title: string, body: Html): Html {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title><link rel="stylesheet" href="/style.css"></head><body><main>${body}</main></body></html>`;
}
