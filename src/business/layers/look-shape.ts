/** The shape of a brand's look in a configuration. */
import { z } from 'zod';
import { maxLogoPixels, servableLogo } from '../../base/http/logo/logo.ts';

const colour = z.string().regex(/^#[0-9a-f]{6}$/i, 'a colour as #rrggbb');

/** Colour roles of one scheme. */
export const tokensShape = {
  brand: colour,
  onBrand: colour,
  accent: colour,
  surface: colour,
  page: colour,
  text: colour,
  mutedText: colour,
  border: colour,
  danger: colour,
  success: colour,
  focus: colour,
};

/** How a brand's parts are cut. */
export const shapeShape = {
  /** Corners of controls and cards. */
  radius: z.enum(['sharp', 'soft', 'round']),
  /** Height of controls, and the space around things. */
  density: z.enum(['compact', 'regular', 'roomy']),
  /** Letters of headings and of the brand's name. */
  heading: z.enum(['sans', 'serif']),
};

/** An absolute address that a page may link to: https, or http on this machine in development. */
const pageUrl = z
  .string()
  .max(500)
  .refine((value) => {
    if (!URL.canParse(value)) return false;
    const url = new URL(value);
    if (url.username || url.password) return false;
    return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname));
  }, 'an absolute https address (http only on localhost)');

const side = z.int().min(1).max(maxLogoPixels);

/** A logo as it is kept: inline SVG of shapes only, or a PNG of pixels only, in base64. */
export const logo = z
  .union([
    z.string().max(100_000),
    z.strictObject({ png: z.base64().max(400_000), width: side, height: side }),
  ])
  .superRefine((value, context) => {
    const judged = servableLogo(value);
    if ('expected' in judged) context.addIssue({ code: 'custom', message: judged.expected });
  });

/** Addresses that pages link to. */
export const linksShape = { home: pageUrl, help: pageUrl, privacy: pageUrl, terms: pageUrl };

/** Whether a host name always means this machine (RFC 6761 section 6.3, RFC 8252 section 7.3). */
export function isLoopbackHost(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '127.0.0.1' ||
    hostname === '[::1]'
  );
}
