/** The demo's sites as plain data: what differs between an airline and a grocery chain is only this. */

/** Colours of one scheme, `#rrggbb`; `onBrand` is text on `brand`. */
export interface SiteColours {
  brand: string;
  onBrand: string;
  accent: string;
}

/** One relying-party site. */
export interface SiteData {
  id: string;
  name: string;
  /** Host name for browsers; every name under localhost leads to this machine. */
  host: string;
  port: number;
  /** The scopes the site asks for. */
  scope: string;
  colours: { light: SiteColours; dark: SiteColours };
  /** Inline SVG of 24 × 24, coloured by `currentColor`. */
  logo: string;
  headline: string;
  pitch: string;
  /** How the site greets a member; the name follows. */
  greeting: string;
  offers: readonly { title: string; text: string }[];
}

const icon = (path: string) =>
  `<svg viewBox="0 0 24 24" width="28" height="28" aria-hidden="true" focusable="false"><path fill="currentColor" d="${path}"/></svg>`;

/** Aurora Air, the airline. */
export const airline: SiteData = {
  id: 'aurora-air',
  name: 'Aurora Air',
  host: 'airline.localhost',
  port: 4001,
  scope: 'openid profile email',
  colours: {
    light: { brand: '#1b3a8f', onBrand: '#ffffff', accent: '#f28c28' },
    dark: { brand: '#9db8ff', onBrand: '#0b1636', accent: '#ffb066' },
  },
  logo: icon('M2 14 22 4l-6 18-4-7-6 3 3-6z'),
  headline: 'See the north light up',
  pitch: 'Forty cities, one small blue aircraft family, and points on every mile.',
  greeting: 'Welcome aboard',
  offers: [
    { title: 'Window seats', text: 'Members choose theirs when they book, on every fare.' },
    { title: 'Northern nights', text: 'Three nights under the aurora, from 18 000 points.' },
    { title: 'Carry-on calm', text: 'Your bag rides along, always included.' },
  ],
};

/** Greenleaf Markets, the grocery chain. */
export const grocery: SiteData = {
  id: 'greenleaf-markets',
  name: 'Greenleaf Markets',
  host: 'grocery.localhost',
  port: 4002,
  scope: 'openid profile email',
  colours: {
    light: { brand: '#1f6b3b', onBrand: '#ffffff', accent: '#d79b00' },
    dark: { brand: '#8fd6a5', onBrand: '#08210f', accent: '#f2c94c' },
  },
  logo: icon('M20 3C9 3 4 8 4 14c0 2 .5 3.5 1 4.5L3 21l1.5 1 2-2.5c1 .5 2.5 .5 3.5 .5 8 0 11-7 10-17z'),
  headline: 'From the field to your table by six',
  pitch: 'What is ripe today, from farms we know by name.',
  greeting: 'Good to see you',
  offers: [
    { title: 'Basket of the week', text: 'Beets, leeks and a recipe that needs just these.' },
    { title: 'Morning bread', text: 'Order until midnight, collect it warm at seven.' },
    { title: 'Double points', text: 'On everything without a wrapper.' },
  ],
};

/** Volt Fuel, the fuel stations. */
export const fuel: SiteData = {
  id: 'volt-fuel',
  name: 'Volt Fuel',
  host: 'fuel.localhost',
  port: 4003,
  scope: 'openid profile email',
  colours: {
    light: { brand: '#a8380a', onBrand: '#ffffff', accent: '#f5c400' },
    dark: { brand: '#ffb38a', onBrand: '#2b0d00', accent: '#ffd84d' },
  },
  logo: icon('M13 2 4 14h6l-1 8 10-13h-7z'),
  headline: 'Charge, fill up, roll on',
  pitch: 'Nine hundred stations along every motorway, fast chargers at each one.',
  greeting: 'Ready to roll',
  offers: [
    { title: 'Coffee with the charge', text: 'Twenty minutes at the charger, one on the house.' },
    { title: 'Premium Sundays', text: 'The better fuel for the price of the plain one.' },
    { title: 'Clean car', text: 'Every fifth wash is free for members.' },
  ],
};

/** Spring Drinks, the beverage maker. */
export const drinks: SiteData = {
  id: 'spring-drinks',
  name: 'Spring Drinks',
  host: 'drinks.localhost',
  port: 4004,
  scope: 'openid profile email',
  colours: {
    light: { brand: '#006a74', onBrand: '#ffffff', accent: '#e0567a' },
    dark: { brand: '#7fdbe3', onBrand: '#00252a', accent: '#ff9db5' },
  },
  logo: icon('M12 2c4 6 7 9 7 13a7 7 0 0 1-14 0c0-4 3-7 7-13z'),
  headline: 'Water, fruit, nothing to hide',
  pitch: 'Bottled at the spring; every crown cap is worth points.',
  greeting: 'Cheers',
  offers: [
    { title: 'Quince and mint', text: 'The season is short; so is the list of ingredients.' },
    { title: 'Bring back ten', text: 'Ten empty bottles make one full one.' },
    { title: 'Vending machines', text: 'Show your card, skip the coins.' },
  ],
};

/** Harbour Hotels, a partner outside the program: it knows members by another subject and needs their consent. */
export const partner: SiteData = {
  id: 'harbour-hotels',
  name: 'Harbour Hotels',
  host: 'partner.localhost',
  port: 4005,
  scope: 'openid profile email',
  colours: {
    light: { brand: '#5b2a6f', onBrand: '#ffffff', accent: '#b8862b' },
    dark: { brand: '#d9b3ea', onBrand: '#241029', accent: '#e6bd6a' },
  },
  logo: icon(
    'M11 7.8A3 3 0 1 1 13 7.8V10h4v2h-4v7.9c3-.4 5-2.4 5.5-4.9l-2 .5 3-4.5 2.5 5-1.7-.5C20 19.5 16.5 22 12 22s-8-2.5-8.3-7L2 15.5l2.5-5 3 4.5-2-.5c.5 2.5 2.5 4.5 5.5 4.9V12H7v-2h4z',
  ),
  headline: 'A bed where the boats come in',
  pitch: 'Eleven small hotels on the quay, partners of the program.',
  greeting: 'Your key is ready',
  offers: [
    { title: 'Late breakfast', text: 'Until noon, because the ferry was late.' },
    { title: 'Points for nights', text: 'Collect with your program account, if you allow it.' },
    { title: 'Harbour view', text: 'Every room has one; that is the idea.' },
  ],
};

/** The program's own four sites. */
export const programSites: readonly SiteData[] = [airline, grocery, fuel, drinks];
