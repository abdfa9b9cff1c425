/** What a browser calls itself, as parts that read well in any language. Pure; only ever a hint, never a proof. */
import Bowser from 'bowser';

/** A device in words: "Chrome" on "Windows". */
export interface DeviceName {
  /** Product name of the browser or app; undefined when it says nothing usable. */
  browser: string | undefined;
  /** Product name of the system or device, such as `Windows` or `iPhone`. */
  system: string | undefined;
  kind: 'desktop' | 'phone' | 'tablet' | 'tv' | 'other';
}

/** A text of the catalogues that says a device's name. */
export interface DeviceNameText {
  key: 'device.browser_on_system' | 'device.browser' | 'device.system' | 'device.unknown';
  params: Record<string, string>;
}

const kinds: Readonly<Record<string, DeviceName['kind']>> = {
  desktop: 'desktop',
  mobile: 'phone',
  tablet: 'tablet',
  tv: 'tv',
};

/** Longest part that is kept: names come from a header that anybody can write. */
const maxLength = 40;

/**
 * Reads a `User-Agent` header.
 * @param userAgent the header, cut by the caller; undefined in jobs
 */
export function deviceName(userAgent: string | undefined): DeviceName {
  if (!userAgent) return { browser: undefined, system: undefined, kind: 'other' };
  const { browser, os, platform } = Bowser.parse(userAgent);
  const apple = ['iPhone', 'iPad'].find((model) => model === platform.model);
  return {
    browser: tidy(browser.name),
    system: tidy(apple ?? os.name),
    kind: kinds[platform.type ?? ''] ?? 'other',
  };
}

/**
 * The catalogue text for a device.
 * @param name its parts
 */
export function deviceNameText(name: Pick<DeviceName, 'browser' | 'system'>): DeviceNameText {
  const { browser, system } = name;
  if (browser && system) return { key: 'device.browser_on_system', params: { browser, system } };
  if (browser) return { key: 'device.browser', params: { browser } };
  if (system) return { key: 'device.system', params: { system } };
  return { key: 'device.unknown', params: {} };
}

/** Letters, digits and a little punctuation; what is left must say something. */
function tidy(name: string | undefined): string | undefined {
  const clean = (name ?? '').replaceAll(/[^\p{L}\p{N} .+-]/gu, '').trim();
  return clean === '' ? undefined : clean.slice(0, maxLength);
}
