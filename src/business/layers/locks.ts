/**
 * Locks: what a layer below may no longer say. A locked key with a stricter direction (a longer password, a shorter
 * session, a higher age) may still be tightened; any other stays as it is. What the law asks belongs to the market:
 * layers above say nothing about it, and layers below only tighten it. Pure.
 */
import { type ConfigurationFault, glimpse } from './fault.ts';
import { joinOnto, type Layer } from './join-layers.ts';
import { isObject, type Json, type JsonObject, keyPath, leavesOf, sameJson, valueAt } from './json.ts';
import { legalKeys } from './settings-shape.ts';

/** How a key is tightened: a higher number, a lower one, or fewer of the same entries. */
const stricter: Readonly<Record<string, 'higher' | 'lower' | 'fewer'>> = {
  'password.minLength': 'higher',
  'password.minStrength': 'higher',
  'session.freshSeconds': 'lower',
  'legal.minimumAge': 'higher',
  'legal.consentMaxAgeDays': 'lower',
  'signIn.methods': 'fewer',
  'languages.offered': 'fewer',
  'purposes.askAtRegistration': 'fewer',
};

/** What only a market and the layers below it may say. */
const legalKey = 'legal';

interface Lock {
  keys: readonly string[];
  by: string;
  value: Json | undefined;
}

/**
 * Every place in a chain where a layer says what a layer above has locked, or what belongs to the market.
 * @param chain from the outermost to the innermost
 */
export function lockFaults(chain: readonly Layer[]): ConfigurationFault[] {
  const faults: ConfigurationFault[] = [];
  const locks = new Map<string, Lock>();
  let joined: JsonObject = {};
  for (const layer of chain) {
    if (beforeMarket.has(layer.kind) && layer.settings.legal !== undefined) faults.push(notYours(layer));
    const next = joinOnto(joined, layer);
    for (const lock of locks.values()) faults.push(...violation(layer, lock, next));
    joined = next;
    for (const keys of locksOf(layer)) {
      const key = keyPath(keys);
      const value = valueAt(joined, keys);
      // What the law asks may be locked before a market has said it.
      if (value === undefined && !isLegal(keys)) faults.push(nothingToLock(layer, key));
      else if (!locks.has(key)) locks.set(key, { keys, by: layer.item, value });
      else locks.set(key, { ...(locks.get(key) as Lock), value });
    }
  }
  return faults;
}

function isLegal([first, second, ...more]: readonly string[]): boolean {
  return first === legalKey && (second === undefined || legalKeys.includes(second)) && more.length === 0;
}

const beforeMarket: ReadonlySet<string> = new Set(['program', 'brand', 'region']);

/** The keys a layer locks; a market and the layers below it lock what the law asks, whether or not they say so. */
function locksOf({ kind, settings }: Layer): (readonly string[])[] {
  const said = Array.isArray(settings.lock) ? settings.lock.map((key) => String(key).split('.')) : [];
  if (beforeMarket.has(kind)) return said;
  const legal = isObject(settings.legal) ? settings.legal : {};
  return [...said, ...leavesOf(legal).map(({ keys }) => [legalKey, ...keys])];
}

/** A locked object is locked in each of its parts, those not yet there included. */
function violation(layer: Layer, lock: Lock, after: JsonObject): ConfigurationFault[] {
  if (!touches(layer.settings, lock.keys)) return [];
  const key = keyPath(lock.keys);
  const now = valueAt(after, lock.keys);
  if (sameJson(lock.value, now) || isTighter(stricter[key], lock.value, now)) return [];
  const direction = stricter[key];
  return [
    {
      item: layer.item,
      key,
      code: lock.keys[0] === legalKey ? 'legal_key' : 'locked',
      expected: `${direction ? `${words[direction]} ` : ''}${glimpse(lock.value)}, locked by ${lock.by}`,
      got: glimpse(now),
    },
  ];
}

const words = { higher: 'at least', lower: 'at most', fewer: 'no more than' } as const;

function touches(settings: JsonObject, keys: readonly string[]): boolean {
  let level: Json | undefined = settings;
  for (const key of keys) {
    if (level === null) return true;
    if (!isObject(level)) return level !== undefined;
    if (!Object.hasOwn(level, key)) return false;
    level = level[key];
  }
  return level !== undefined;
}

function isTighter(direction: string | undefined, locked: Json | undefined, now: Json | undefined): boolean {
  if (direction === 'higher') return typeof now === 'number' && typeof locked === 'number' && now >= locked;
  if (direction === 'lower') return typeof now === 'number' && typeof locked === 'number' && now <= locked;
  if (direction !== 'fewer' || !Array.isArray(now) || !Array.isArray(locked)) return false;
  return now.every((entry) => locked.includes(entry));
}

function notYours({ item, settings }: Layer): ConfigurationFault {
  return {
    item,
    key: legalKey,
    code: 'legal_key',
    expected: 'what the law asks to be said by the market, and tightened below it',
    got: glimpse(settings.legal),
  };
}

function nothingToLock({ item }: Layer, key: string): ConfigurationFault {
  return {
    item,
    key: 'lock',
    code: 'locked',
    expected: 'a key that this layer or one above it says',
    got: JSON.stringify(key),
  };
}
