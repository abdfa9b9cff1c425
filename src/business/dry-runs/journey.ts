/** Journeys: what somebody sets out to do at a place, and what is known of them. Plain facts. */
import type { AttributeValue } from '../profiles/attribute-values.ts';

/** What a person, or the app on their behalf, sets out to do. */
export const journeyKinds = ['register', 'sign-in', 'recover', 'account', 'consent', 'token'] as const;

/** What a person, or the app on their behalf, sets out to do. */
export type JourneyKind = (typeof journeyKinds)[number];

/** What is known of the person; what is not said is not known. */
export interface JourneyPerson {
  /** Home market; the visit's own when undefined. */
  market?: string | undefined;
  /** How often they have signed in, this time included. */
  signIns?: number | undefined;
  /** Attributes that have a value. */
  answered?: Readonly<Record<string, AttributeValue>> | undefined;
  /** Age in whole years: the youngest and the oldest it may be. */
  age?: readonly [from: number, to: number] | undefined;
  /** Ids of purposes that they have agreed to. */
  given?: readonly string[] | undefined;
  /** Versions of required terms that they have agreed to, as `id version`; all that are asked when undefined. */
  agreed?: readonly string[] | undefined;
}

/** One journey. */
export interface Journey {
  kind: JourneyKind;
  brand: string;
  market: string;
  /** The client that sends the person; no client's own layer counts when undefined. */
  clientId?: string | undefined;
  /** Whether the client is the program's own. */
  firstParty: boolean;
  /** What the browser asks for, BCP 47. */
  locale: string;
  scopes: readonly string[];
  /** The way the person takes: `password`, `mail-code` or an upstream's id. */
  method: string;
  person: JourneyPerson;
}

/** What many people's journeys have in common. Each value is from a closed set; nothing is of a person. */
export interface RecordedShape {
  kind: 'register' | 'sign-in' | 'recover';
  brand: string;
  market: string;
  /** Client id; empty for the program's own pages. */
  client: string;
  /** The way that was taken. */
  method: string;
  /** Language of the pages. */
  locale: string;
}

/**
 * A journey in one line, the same for the same journey.
 * @param journey the journey
 */
export function journeyName({ kind, brand, market, clientId, locale, method }: Journey): string {
  const at = clientId === undefined ? `${brand} in ${market}` : `${clientId} (${brand} in ${market})`;
  const by = kind === 'token' || kind === 'account' || kind === 'consent' ? '' : ` by ${method}`;
  return `${kind}${by} at ${at}, ${locale}`;
}
