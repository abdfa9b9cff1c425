/**
 * A browser without JavaScript: keeps cookies by path and host, follows redirects step by step, reads forms and
 * submits them as a person would. Sends what a browser sends (`Origin`, `Sec-Fetch-Site`).
 */

/** A form found on a page. */
export interface PageForm {
  action: string;
  method: string;
  fields: Record<string, string>;
}

/** A page as the agent sees it. */
export interface Page {
  url: string;
  status: number;
  headers: Headers;
  text: string;
  /** Every form, in order. */
  forms: PageForm[];
  title: string;
}

interface Cookie {
  name: string;
  value: string;
  path: string;
  host: string;
}

/** The agent. */
export class Agent {
  readonly base: string;
  readonly cookies: Cookie[] = [];
  readonly #headers: Record<string, string>;

  constructor(base: string, headers: Record<string, string> = {}) {
    this.base = base;
    this.#headers = headers;
  }

  /** One request, without following redirects. */
  async request(
    target: string,
    init: {
      method?: string;
      form?: Record<string, string>;
      body?: string | Uint8Array<ArrayBuffer>;
      headers?: Record<string, string>;
    } = {},
  ): Promise<Page> {
    const url = new URL(target, this.base);
    const cookie = this.cookies
      .filter((each) => each.host === url.hostname && url.pathname.startsWith(each.path))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
    const method = init.method ?? (init.form || init.body !== undefined ? 'POST' : 'GET');
    const body = init.form ? new URLSearchParams(init.form).toString() : init.body;
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      headers: {
        accept: 'text/html,application/xhtml+xml',
        ...(cookie && { cookie }),
        ...(body !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
        ...(method === 'POST' && { origin: url.origin, 'sec-fetch-site': 'same-origin' }),
        ...this.#headers,
        ...init.headers,
      },
      ...(body !== undefined && { body }),
    });
    this.#keep(url, response.headers.getSetCookie());
    const text = await response.text();
    return {
      url: url.href,
      status: response.status,
      headers: response.headers,
      text,
      forms: readForms(text, url.href),
      title: /<title>([^<]*)/.exec(text)?.[1] ?? '',
    };
  }

  /** Follows redirects until a page, or until a redirect leaves for an address that `stopAt` accepts. */
  async open(
    target: string,
    init: Parameters<Agent['request']>[1] = {},
    stopAt = (url: URL) => url.origin !== new URL(this.base).origin,
  ): Promise<Page> {
    let page = await this.request(target, init);
    for (let hops = 0; hops < 12; hops += 1) {
      const location = page.headers.get('location');
      if (!location || page.status < 300 || page.status > 399) return page;
      const next = new URL(location, page.url);
      if (stopAt(next)) return { ...page, url: next.href };
      page = await this.request(next.href);
    }
    throw new Error('too many redirects');
  }

  /** Submits a form of a page with the given values over its own. */
  submit(page: Page, values: Record<string, string> = {}, which: number | string = 0): Promise<Page> {
    const form =
      typeof which === 'number' ? page.forms[which] : page.forms.find(({ action }) => action.includes(which));
    if (!form) throw new Error(`no form ${which} on ${page.title} (${page.status})`);
    const fields = { ...form.fields, ...values };
    if (form.method === 'GET') return this.open(`${form.action}?${new URLSearchParams(fields)}`);
    return this.open(form.action, { form: fields });
  }

  #keep(url: URL, lines: readonly string[]): void {
    for (const line of lines) {
      const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
      const equals = pair.indexOf('=');
      const name = pair.slice(0, equals);
      const value = pair.slice(equals + 1);
      const path = attributes.find((part) => part.toLowerCase().startsWith('path='))?.slice(5) ?? '/';
      const gone =
        value === '' ||
        attributes.some((part) => /^expires=thu, 01 jan 1970/i.test(part) || /^max-age=0$/i.test(part));
      const known = this.cookies.findIndex(
        (each) => each.name === name && each.path === path && each.host === url.hostname,
      );
      if (known >= 0) this.cookies.splice(known, 1);
      if (!gone) this.cookies.push({ name, value, path, host: url.hostname });
    }
  }
}

function readForms(html: string, base: string): PageForm[] {
  return [...html.matchAll(/<form\b([^>]*)>([\s\S]*?)<\/form>/g)].map(([, head = '', body = '']) => ({
    action: new URL(decode(attribute(head, 'action') ?? ''), base).href,
    method: (attribute(head, 'method') ?? 'get').toUpperCase(),
    fields: readFields(body),
  }));
}

function readFields(body: string): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [, head = ''] of body.matchAll(/<input\b([^>]*)>/g)) {
    const name = attribute(head, 'name');
    const type = attribute(head, 'type') ?? 'text';
    if (!name || type === 'submit') continue;
    if ((type === 'checkbox' || type === 'radio') && !/\bchecked\b/.test(head)) continue;
    fields[decode(name)] = decode(attribute(head, 'value') ?? '');
  }
  for (const [, head = '', options = ''] of body.matchAll(/<select\b([^>]*)>([\s\S]*?)<\/select>/g)) {
    const name = attribute(head, 'name');
    const selected =
      /<option\b([^>]*\bselected\b[^>]*)>([^<]*)/.exec(options) ?? /<option\b([^>]*)>([^<]*)/.exec(options);
    // Without a value an option stands for its words.
    const [, tag = '', said = ''] = selected ?? [];
    if (name) fields[decode(name)] = decode(attribute(tag, 'value') ?? said.trim());
  }
  for (const [, head = '', text = ''] of body.matchAll(/<textarea\b([^>]*)>([\s\S]*?)<\/textarea>/g)) {
    const name = attribute(head, 'name');
    // As a browser reads it: one line break at the beginning does not count.
    if (name) fields[decode(name)] = decode(text.replace(/^\r?\n/, ''));
  }
  return fields;
}

function attribute(head: string, name: string): string | undefined {
  return new RegExp(`\\b${name}="([^"]*)"`).exec(head)?.[1];
}

function decode(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&#34;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
