/** The sites' stylesheet: one for all, in each site's colours. */
import type { SiteColours, SiteData } from './sites.ts';

const variables = ({ brand, onBrand, accent }: SiteColours) =>
  `--brand: ${brand}; --on-brand: ${onBrand}; --accent: ${accent};`;

/** The stylesheet of one site. */
export function styleOf(site: SiteData): string {
  return `
:root { color-scheme: light dark; ${variables(site.colours.light)}
  --page: #f5f6f8; --card: #ffffff; --ink: #1a2027; --muted: #515c68; --line: #78838f; --hair: #dde2e8; --good: #1b6b3a; --bad: #a3231c }
@media (prefers-color-scheme: dark) { :root { ${variables(site.colours.dark)}
  --page: #101419; --card: #1a2027; --ink: #edf1f5; --muted: #abb5c0; --line: #7e8995; --hair: #2d3640; --good: #7fd39b; --bad: #ff9a91 } }
* { box-sizing: border-box }
body { margin: 0; font: 1rem/1.55 system-ui, sans-serif; color: var(--ink); background: var(--page) }
a { color: var(--brand); padding-block: .25rem }
h1, h2, h3 { line-height: 1.2; letter-spacing: -.01em; margin: 0 0 .75rem }
h1 { font-size: clamp(1.9rem, 5vw, 2.8rem) }
h2 { font-size: 1.25rem }
h3 { font-size: 1rem; margin-bottom: .25rem }
p { margin: 0 0 1rem; max-width: 62ch }
.wide { width: min(68rem, 100% - 2.5rem); margin-inline: auto }
.band { background: var(--brand); color: var(--on-brand) }
.band .wide { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 1rem; min-height: 64px; padding-block: .5rem }
.name { display: inline-flex; align-items: center; min-height: 44px; gap: .6rem; font-weight: 650; font-size: 1.1rem; color: inherit; text-decoration: none }
.hero { padding-block: clamp(2.5rem, 8vw, 5rem) 2.5rem; border-bottom: 4px solid var(--accent); background: var(--card) }
.hero p { font-size: 1.15rem; color: var(--muted) }
main { padding-bottom: 3rem }
main > .wide { margin-top: 2rem }
.grid { display: grid; gap: 1.25rem; grid-template-columns: repeat(auto-fit, minmax(min(18rem, 100%), 1fr)) }
.card { background: var(--card); border-radius: 14px; padding: 1.5rem; box-shadow: 0 1px 3px rgb(0 0 0 / .12); min-width: 0 }
.card > :last-child { margin-bottom: 0 }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; margin: 0 0 1rem; padding: 0; list-style: none }
.button { display: inline-flex; align-items: center; justify-content: center; min-height: 48px; padding: .5rem 1.25rem; border-radius: 12px;
  border: 1px solid var(--brand); background: var(--brand); color: var(--on-brand); font: inherit; font-weight: 600; text-decoration: none; cursor: pointer }
.button.quiet { background: none; color: var(--brand); border-color: var(--line) }
.band .button { background: none; color: inherit; border-color: currentColor }
.button:hover { text-decoration: underline }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; border-radius: 6px }
.band :focus-visible { outline-color: currentColor }
.notice { padding: 1rem 1.25rem; border-radius: 12px; background: var(--card); border: 1px solid var(--line); border-inline-start: 6px solid var(--line) }
.notice.good { border-inline-start-color: var(--good) }
.notice.bad { border-inline-start-color: var(--bad) }
.notice p { margin: 0 }
.wide:has(> .notice) { margin-bottom: 2rem }
table { width: 100%; border-collapse: collapse; font-size: .95rem }
th, td { text-align: start; vertical-align: top; padding: .45rem .75rem .45rem 0; border-bottom: 1px solid var(--hair); overflow-wrap: anywhere }
th { width: 9rem; font-weight: 600; color: var(--muted) }
pre { overflow: auto; margin: 0 0 1rem; padding: 1rem; border-radius: 10px; background: var(--page); font-size: .85rem }
code { font-size: .9em; overflow-wrap: anywhere }
summary { cursor: pointer; min-height: 44px; align-content: center }
footer { padding-block: 1.5rem 3rem; color: var(--muted); border-top: 1px solid var(--hair) }
footer a { display: inline-flex; align-items: center; min-width: 44px; min-height: 44px }
footer ul { display: flex; flex-wrap: wrap; gap: 0 1.5rem; margin: 0; padding: 0; list-style: none }
.skip { position: absolute; inset-inline-start: -999rem } .skip:focus { position: static; display: inline-block; padding: .75rem }
`;
}

/** The icon of a site: its logo on its colour. */
export function faviconOf(site: SiteData): string {
  const { brand, onBrand } = site.colours.light;
  const logo = site.logo.replace('<svg ', '<svg x="16" y="16" ');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64" color="${onBrand}"><rect width="64" height="64" rx="14" fill="${brand}"/>${logo}</svg>`;
}
