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
  /** Id of the brand whose look the program's pages have for this site. */
  brand: string;
  /** Host name for browsers; every name under localhost leads to this machine. */
  host: string;
  port: number;
  /** The scopes the site asks for. */
  scope: string;
  colours: { light: SiteColours; dark: SiteColours };
  /** Inline SVG of 32 × 32, coloured by `currentColor`. */
  logo: string;
  headline: string;
  pitch: string;
  /** How the site greets a member; the name follows. */
  greeting: string;
  offers: readonly { title: string; text: string }[];
  /** What can be paid with points here; the members of the program are asked each time. */
  redemption?: { amount: number; what: string };
}

const icon = (path: string) =>
  `<svg viewBox="0 0 32 32" width="32" height="32" aria-hidden="true" focusable="false"><path fill="currentColor" d="${path}"/></svg>`;

/** Aurora Air, the airline. */
export const airline: SiteData = {
  id: 'aurora-air',
  name: 'Aurora Air',
  brand: 'aurora-air',
  host: 'airline.localhost',
  port: 4001,
  scope: 'openid profile email',
  colours: {
    light: { brand: '#0b4f8a', onBrand: '#ffffff', accent: '#e8a33d' },
    dark: { brand: '#7fb8ec', onBrand: '#06213a', accent: '#e8a33d' },
  },
  logo: icon('M2.5 19.5 29.5 5 24 27l-8-5.5-3.8 5.2-.7-7.3 10-8.7-13 8z'),
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
  brand: 'greenleaf',
  host: 'grocery.localhost',
  port: 4002,
  scope: 'openid profile email',
  colours: {
    light: { brand: '#21663a', onBrand: '#ffffff', accent: '#e4b61a' },
    dark: { brand: '#8fd3a1', onBrand: '#0a2413', accent: '#e9c64a' },
  },
  logo: icon(
    'M28 4C14 4 5 9.6 5 19c0 2 .4 3.7 1.1 5.2C9.3 17.8 14.4 13.6 21 11.5c-5.8 3.6-10.3 8.4-12.7 15.3 1.9 1 4 1.4 6.2 1.4C24.2 28.2 28 18 28 4z',
  ),
  headline: 'From the field to your table by six',
  pitch: 'What is ripe today, from farms we know by name.',
  greeting: 'Good to see you',
  redemption: { amount: 500, what: 'a market box' },
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
  brand: 'volt',
  host: 'fuel.localhost',
  port: 4003,
  scope: 'openid profile email',
  colours: {
    light: { brand: '#3a2a8c', onBrand: '#ffffff', accent: '#f2542d' },
    dark: { brand: '#b8abff', onBrand: '#1a1145', accent: '#ff7a55' },
  },
  logo: icon('M18.5 2 5 18.5h8.5L11 30l15-17.5h-9.5z'),
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
  brand: 'spring',
  host: 'drinks.localhost',
  port: 4004,
  scope: 'openid profile email',
  colours: {
    light: { brand: '#9c1f4f', onBrand: '#ffffff', accent: '#17a2a8' },
    dark: { brand: '#ff9cc0', onBrand: '#3d0a20', accent: '#4fd0d4' },
  },
  logo: icon(
    'M16 2c5 6.5 9.5 11.5 9.5 17.5a9.5 9.5 0 0 1-19 0C6.5 13.5 11 8.5 16 2zm-4.5 17a1.5 1.5 0 0 0-1.5 1.5 6 6 0 0 0 5 5.5 1.5 1.5 0 0 0 .4-3 3 3 0 0 1-2.4-2.5 1.5 1.5 0 0 0-1.5-1.5z',
  ),
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
  // A partner has no look of its own at the program.
  brand: 'aurora-air',
  host: 'partner.localhost',
  port: 4005,
  scope: 'openid profile email',
  colours: {
    light: { brand: '#5b2a6f', onBrand: '#ffffff', accent: '#b8862b' },
    dark: { brand: '#d9b3ea', onBrand: '#241029', accent: '#e6bd6a' },
  },
  logo: icon(
    'M16 3a4 4 0 0 0-1.5 7.7V13H9v3h5.5v9.8C10.3 25.1 7.5 22.3 7 18.5l2.5 1L6 13l-4 6 2.5-.7C5 25 10 29 16 29s11-4 11.5-10.7L30 19l-4-6-3.5 6.5 2.5-1c-.5 3.8-3.3 6.6-7.5 7.3V16H23v-3h-5.5v-2.3A4 4 0 0 0 16 3z',
  ),
  headline: 'A bed where the boats come in',
  pitch: 'Eleven small hotels on the quay, partners of the program.',
  greeting: 'Your key is ready',
  redemption: { amount: 1200, what: 'a night by the harbour' },
  offers: [
    { title: 'Late breakfast', text: 'Until noon, because the ferry was late.' },
    { title: 'Points for nights', text: 'Collect with your program account, if you allow it.' },
    { title: 'Harbour view', text: 'Every room has one; that is the idea.' },
  ],
};

/** The program's own four sites. */
export const programSites: readonly SiteData[] = [airline, grocery, fuel, drinks];
