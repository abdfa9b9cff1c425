/** What the bench asks of every peer, and what the driver must know of it. Types only, plus what all peers share. */
import type { World } from '../world.ts';
import type { Child } from './children.ts';
import type { Store } from './store.ts';

/** How the driver reaches a peer; plain data, sent to the driver's process. */
export interface Target {
  peer: string;
  issuer: string;
  world: World;
  /** Form fields of the peer's own sign-in page or pages. */
  fields: { login: string; password: string };
  /** Scopes asked for at the site and at the app. */
  scopes: { site: string; app: string };
  /** Cookies a browser keeps after sign-out and brings to the next sign-in (the known device). */
  deviceCookies: string[];
}

/** A running peer. */
export interface Peer {
  target: Target;
  /** Process ids whose CPU and memory count: the Node process, and `mongod` where there is one. */
  node: number;
  store?: Store;
  /** Whether a collection holds protocol artefacts (codes, tokens, grants, sessions, interactions). */
  isArtefact(collection: string): boolean;
  /** Milliseconds from the start of the prepared process to its first discovery answer, one per start. */
  firstAnswer: number[];
  stop(): Promise<void>;
}

/** Where a peer is in the report, and how it is started. */
export interface PeerKind {
  name: string;
  /** What the peer is, in one line of the report. */
  about: string;
  start(world: World, options: PeerOptions): Promise<Peer>;
}

/** How peers are started. */
export interface PeerOptions {
  /** Gives up the start. */
  signal: AbortSignal;
  /** How often the process is started to time its first answer; the last one stays. */
  starts: number;
}

/** The fields and scopes of the bare library's one-page interaction. */
export const libraryTarget = {
  fields: { login: 'login', password: 'password' },
  scopes: { site: 'openid email', app: 'openid email offline_access' },
  deviceCookies: [],
};

/** Starts a process and says how long its first discovery answer took. */
export interface Started {
  child: Child;
  firstAnswer: number;
}
