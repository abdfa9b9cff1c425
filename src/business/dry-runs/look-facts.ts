/** What can be told of a look without showing it: names, and fingerprints of what is drawn. Pure. */
import type { BrandLook } from '../../base/http/brand-look.ts';
import { themeCss } from '../../base/http/theme.ts';
import { digest } from '../../base/kernel/sealing.ts';
import { canonicalJson } from '../layers/json.ts';

/** A look in words and fingerprints. */
export interface LookFacts {
  name: string;
  program: string;
  /** Fingerprint of the style sheet. */
  theme: string;
  /** Fingerprint of the logo. */
  logo: string;
  supportEmail: string;
  links: BrandLook['links'];
}

/** A look never changes, and is shared by everybody who meets it. */
const known = new WeakMap<BrandLook, LookFacts>();

/**
 * A look in words and fingerprints.
 * @param look a look
 */
export function lookFacts(look: BrandLook): LookFacts {
  const facts = known.get(look) ?? {
    name: look.name,
    program: look.programName,
    theme: digest(themeCss(look)).slice(0, 12),
    logo: digest(canonicalJson(look.logo)).slice(0, 12),
    supportEmail: look.supportEmail,
    links: look.links,
  };
  known.set(look, facts);
  return facts;
}
