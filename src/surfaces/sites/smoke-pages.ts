/** The pages of a smoke journey, compared with what is configured. Pure. */
import type { BrandLook } from '../../base/http/brand-look.ts';
import type { Outcome } from '../../business/dry-runs/outcome.ts';
import { typedMethods } from '../interactions/methods.ts';
import type { LoopbackAnswer } from './loopback.ts';
import { type PageFacts, pageFacts } from './page-facts.ts';
import type { SmokeCheck } from './smoked.ts';

/** What a first visitor was shown, and what is configured. */
export interface PagesSeen {
  first: LoopbackAnswer;
  joining: LoopbackAnswer;
  /** The brand's style sheet; undefined when the page names none. */
  style: LoopbackAnswer | undefined;
  redirectUri: string;
  look: BrandLook;
  /** BCP 47 tag of a language's catalogue. */
  tag(language: string): string;
  css: string;
  /** Pairs of colours that are too close. */
  contrast: readonly string[];
  /** How many pages the registration has: the law's questions stand on the last one. */
  pages: number;
  signIn: Outcome | undefined;
  register: Outcome | undefined;
}

/**
 * Looks at the pages.
 * @param seen what was shown, and what is configured
 */
export function pageChecks(seen: PagesSeen): SmokeCheck[] {
  const { first, joining } = seen;
  const shown = first.status === 200;
  const checks = [check('sign-in', shown, `The sign-in page answers ${first.status}.`)];
  if (!shown) return checks;
  const page = pageFacts(first.text);
  return [
    ...checks,
    formActionCheck(seen),
    check('brand', page.title.includes(seen.look.name), `The title is “${page.title}”.`),
    languageCheck(seen, page),
    methodsCheck(seen, page),
    themeCheck(seen),
    check(
      'contrast',
      seen.contrast.length === 0,
      seen.contrast.length === 0
        ? 'Every pair of colours can be read.'
        : `Too close: ${seen.contrast.join(', ')}.`,
    ),
    ...(joining.status === 200
      ? [fieldsCheck(seen, pageFacts(joining.text)), legalCheck(seen, pageFacts(joining.text))]
      : [check('registration', false, `The registration page answers ${joining.status}.`)]),
  ];
}

function check(name: string, ok: boolean, detail: string): SmokeCheck {
  return { name, ok, detail };
}

/** What is expected and what is there, by name. */
function compared(
  name: string,
  expected: readonly string[],
  found: readonly string[],
  same: string,
): SmokeCheck {
  const missing = expected.filter((each) => !found.includes(each));
  const beyond = found.filter((each) => !expected.includes(each));
  const words = [
    ...(missing.length > 0 ? [`missing: ${missing.join(', ')}`] : []),
    ...(beyond.length > 0 ? [`not configured: ${beyond.join(', ')}`] : []),
  ];
  return check(name, words.length === 0, words.length === 0 ? same : `On the page ${words.join('; ')}.`);
}

function formActionCheck({ first, redirectUri }: PagesSeen): SmokeCheck {
  const policy = first.header('content-security-policy') ?? '';
  const sources = /form-action ([^;]*)/.exec(policy)?.[1]?.split(' ') ?? [];
  const { protocol, origin } = new URL(redirectUri);
  const target = /^https?:$/.test(protocol) ? origin : protocol;
  const there = sources.includes(target);
  return check(
    'way-back',
    there,
    there ? `Forms may lead back to ${target}.` : `The policy of the page lets no form lead to ${target}.`,
  );
}

function languageCheck({ signIn, tag }: PagesSeen, page: PageFacts): SmokeCheck {
  const expected = tag(signIn?.language ?? '');
  const same = page.language === expected;
  return check(
    'language',
    same,
    same ? `The page speaks ${expected}.` : `The page speaks ${page.language}; configured is ${expected}.`,
  );
}

function methodsCheck({ signIn }: PagesSeen, page: PageFacts): SmokeCheck {
  const typed: readonly string[] = typedMethods;
  const configured = signIn?.signIn?.methods ?? [];
  const expected = [
    ...(configured.some((method) => typed.includes(method)) ? ['identifier'] : []),
    ...configured.filter((method) => !typed.includes(method)),
  ];
  const found = [
    ...(page.inputs.includes('identifier') ? ['identifier'] : []),
    ...page.actions.flatMap((action) => /\/upstream\/([a-z]+)$/.exec(action)?.[1] ?? []),
  ];
  return compared('methods', expected, found, `Members sign in by ${configured.join(', ')}.`);
}

function themeCheck({ style, css }: PagesSeen): SmokeCheck {
  if (!style) return check('theme', false, 'The page names no style sheet of the brand.');
  if (style.status !== 200) return check('theme', false, `The style sheet answers ${style.status}.`);
  const same = style.text === css;
  return check(
    'theme',
    same,
    same ? 'The style sheet of the brand loads.' : 'The style sheet is another one.',
  );
}

function fieldsCheck({ register }: PagesSeen, page: PageFacts): SmokeCheck {
  const onPage = (register?.fields ?? []).filter(({ step }) => step === 1);
  const asked = page.inputs.flatMap((name) => /^field\.([^.]+)/.exec(name)?.[1] ?? []);
  // What hangs on an answer may or may not be there yet.
  const fields = onPage.filter(({ id, when }) => !when || asked.includes(id)).map(({ id }) => id);
  const password = register?.password;
  const expected = [...fields, ...(password ? [`password (at least ${password.minLength})`] : [])];
  const length = page.inputs.includes('password') ? [`password (at least ${page.passwordLength})`] : [];
  return compared(
    'registration',
    expected,
    [...new Set([...asked, ...length])],
    `The registration asks ${['e-mail', ...expected].join(', ')}.`,
  );
}

function legalCheck({ register, pages }: PagesSeen, page: PageFacts): SmokeCheck {
  if (pages > 1) {
    const detail = `They stand on the last of ${pages} pages.`;
    return { name: 'legal-texts', ok: true, skipped: true, detail };
  }
  const { legal = [], purposes = [] } = register ?? {};
  const expected = [...legal, ...purposes].map(({ id, version }) => `${id} ${version}`);
  const found = page.links.flatMap((link) => {
    const [, id, version] = /^\/legal\/([^/]+)\/([^/?]+)/.exec(link) ?? [];
    return id ? [`${id} ${version}`] : [];
  });
  const inputs = [
    ...legal.filter(({ kind }) => kind === 'terms').map(({ id }) => `terms.${id}`),
    ...purposes.map(({ id }) => `purpose.${id}`),
  ];
  const asked = page.inputs.filter((name) => /^(terms|purpose)\./.test(name));
  const same = `It shows ${expected.join(', ') || 'no legal text'}.`;
  const texts = compared('legal-texts', expected, [...new Set(found)], same);
  return texts.ok ? compared('legal-texts', inputs, asked, same) : texts;
}
