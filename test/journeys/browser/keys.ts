/** What a person does with a keyboard alone; every stop on the way must be seen. */
import type { Locator, Page } from 'playwright-core';

/** What has focus, and whether it can be seen. */
export interface Focus {
  /** Such as `INPUT#email`. */
  name: string;
  /** An outline of at least 2 px, on the control or its frame. */
  ring: boolean;
  inView: boolean;
}

const focusInPage = `(() => {
  const element = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(element.closest('.choice, .reveal:has(input:focus)') ?? element);
  const box = element.getBoundingClientRect();
  return {
    name: element.tagName + '#' + element.id,
    ring: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2,
    inView: box.bottom > 0 && box.top < innerHeight,
  };
})()`;

/** More stops than any page has. */
const mostStops = 60;

/** What has focus now. */
export function focusOf(page: Page): Promise<Focus> {
  return page.evaluate<Focus>(focusInPage);
}

/**
 * Presses Tab until something has focus.
 * @param page the page
 * @param target what is to have focus
 * @throws Error when a stop on the way cannot be seen, or when the target is not reached
 */
export async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.first().waitFor();
  for (let stop = 0; stop < mostStops; stop += 1) {
    await page.keyboard.press('Tab');
    const focus = await focusOf(page);
    const outside = focus.name.startsWith('BODY');
    if (!outside && (!focus.ring || !focus.inView))
      throw new Error(`focus cannot be seen on ${JSON.stringify(focus)} of ${page.url()}`);
    if ((await target.and(page.locator(':focus')).count()) > 0) return;
  }
  throw new Error(`not reached by the keyboard on ${page.url()}: ${target}`);
}

/** Goes to something by Tab and presses Enter on it. */
export async function enterOn(page: Page, target: Locator): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press('Enter');
}

/** Goes to an input by Tab, and types over what it holds. */
export async function typeInto(page: Page, target: Locator, text: string): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.type(text);
}

/** Goes to a list by Tab, and by arrow keys to one of its values. */
export async function choose(page: Page, list: Locator, value: string): Promise<void> {
  await tabTo(page, list);
  await page.keyboard.press('Home');
  for (let step = 0; step < mostStops && (await list.inputValue()) !== value; step += 1)
    await page.keyboard.press('ArrowDown');
}
