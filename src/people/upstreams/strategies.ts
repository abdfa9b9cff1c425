/**
 * The passport strategies, driven directly: no passport, no express, no session. A strategy lives for one step of
 * one sign-in; its state and PKCE verifier are handed in and out by the caller instead of being kept anywhere.
 */
import { Strategy as FacebookStrategy } from 'passport-facebook';
import { Strategy as GoogleStrategy } from 'passport-google-oauth20';
import { z } from 'zod';
import type { FacebookConfig, GoogleConfig } from '../../base/config/load.ts';
import { DomainError } from '../../base/kernel/errors.ts';
import type { ProviderId, UpstreamProfile } from './profile.ts';
import { readFacebookProfile, readGoogleProfile } from './profile.ts';
import type { Limits } from './transport.ts';
import { requestJson } from './transport.ts';

/** Where a provider is met: the browser by `authorization`, our server by `token` and `profile`. */
interface Endpoints {
  authorization: string;
  token: string;
  profile: string;
}

/** One step's place for state and verifier: begin fills in the verifier, finish brings it back. */
export interface StateSlot {
  state: string;
  verifier: string | undefined;
}

/** What a strategy said to one step. */
export type Outcome = { kind: 'redirect'; to: string } | { kind: 'profile'; profile: UpstreamProfile };

/** What one step needs besides the provider's own configuration. */
export interface StepContext {
  callbackUrl: string;
  slot: StateSlot;
  limits: Limits;
}

/** A provider, ready to run steps. */
export interface Provider {
  id: ProviderId;
  label: string;
  /** Origins the browser is sent to, for the pages' `form-action`. */
  browserOrigins: readonly string[];
  /** Runs one step: without a `code` in the query it asks for the redirect, with one it reads the profile. */
  step(query: Record<string, string>, options: object, context: StepContext): Promise<Outcome>;
}

/**
 * Google by `passport-google-oauth20` (OpenID Connect userinfo).
 * @param config client id and secret, endpoints
 */
export function googleProvider(config: GoogleConfig): Provider {
  const endpoints: Endpoints = {
    authorization: config.authorizationUrl ?? 'https://accounts.google.com/o/oauth2/v2/auth',
    token: config.tokenUrl ?? 'https://oauth2.googleapis.com/token',
    profile: config.userinfoUrl ?? 'https://www.googleapis.com/oauth2/v3/userinfo',
  };
  return {
    id: 'google',
    label: 'Google',
    browserOrigins: [new URL(endpoints.authorization).origin],
    step(query, options, context) {
      const strategy = new BoundedGoogle(
        {
          ...commonOptions(config, endpoints, context),
          userProfileURL: endpoints.profile,
          scope: ['openid', 'email', 'profile'],
        },
        (_access, _refresh, profile, done) => done(null, profile._json),
      );
      const requests = boundedRequests(config, endpoints, context.limits);
      return drive(strategy, requests, { query, options, read: readGoogleProfile });
    },
  };
}

/**
 * Facebook by `passport-facebook`, with the proof of the app secret on every Graph call.
 * @param config app id and secret, Graph version, endpoints
 */
export function facebookProvider(config: FacebookConfig): Provider {
  const graph = `https://graph.facebook.com/${config.graphVersion}`;
  const client: ClientPair = { clientId: config.appId, clientSecret: config.appSecret };
  const endpoints: Endpoints = {
    authorization: config.authorizationUrl ?? `https://www.facebook.com/${config.graphVersion}/dialog/oauth`,
    token: config.tokenUrl ?? `${graph}/oauth/access_token`,
    profile: config.userinfoUrl ?? `${graph}/me`,
  };
  const origin = new URL(endpoints.authorization).origin;
  return {
    id: 'facebook',
    label: 'Facebook',
    // Facebook sends phones on to its mobile host while the form's navigation is still under way.
    browserOrigins: config.authorizationUrl ? [origin] : [origin, 'https://m.facebook.com'],
    step(query, options, context) {
      const strategy = new BoundedFacebook(
        {
          ...commonOptions(client, endpoints, context),
          profileURL: endpoints.profile,
          graphAPIVersion: config.graphVersion,
          enableProof: true,
          profileFields: ['id', 'displayName', 'emails'],
          scope: ['public_profile', 'email'],
        },
        (_access, _refresh, profile, done) => done(null, profile._json),
      );
      const requests = boundedRequests(client, endpoints, context.limits);
      return drive(strategy, requests, { query, options, read: readFacebookProfile });
    },
  };
}

class BoundedGoogle extends GoogleStrategy {
  /** Puts our own bounded requests in the place of the library's. */
  replaceRequests(make: RequestMaker, fail: Fail): void {
    Object.assign(this._oauth2, make(fail));
  }
}

class BoundedFacebook extends FacebookStrategy {
  /** Puts our own bounded requests in the place of the library's. */
  replaceRequests(make: RequestMaker, fail: Fail): void {
    Object.assign(this._oauth2, make(fail));
  }
}

interface ClientPair {
  clientId: string;
  clientSecret: string;
}

function commonOptions(client: ClientPair, endpoints: Endpoints, context: StepContext) {
  return {
    clientID: client.clientId,
    clientSecret: client.clientSecret,
    authorizationURL: endpoints.authorization,
    tokenURL: endpoints.token,
    callbackURL: context.callbackUrl,
    pkce: true,
    state: true,
    store: slotStore(context.slot),
  };
}

/**
 * The strategy's state store over the caller's slot. The library picks a calling convention by the number of
 * parameters (five and three for PKCE), which its type declarations do not know; hence the optional ones.
 */
function slotStore(slot: StateSlot) {
  return {
    store(_request: unknown, verifier: unknown, _state?: unknown, _meta?: unknown, done?: unknown): void {
      if (typeof verifier !== 'string' || typeof done !== 'function') throw new TypeError('no PKCE verifier');
      slot.verifier = verifier;
      done(null, slot.state);
    },
    // The state itself has been compared before the strategy was asked; here the verifier goes back.
    verify(_request: unknown, _state: unknown, done: unknown): void {
      if (typeof done !== 'function') throw new TypeError('no callback');
      done(null, slot.verifier ?? false, undefined);
    },
  };
}

/** Ends the step with a fault; whatever it is, the step turns it into one of our codes. */
type Fail = (error: unknown) => void;

/** The library's two ways out, as the strategies call them. */
interface Requests {
  getOAuthAccessToken(code: string, params: Record<string, string>, done: TokenDone): void;
  get(url: string, accessToken: string, done: ReadDone): void;
}
type TokenDone = (error: null, token: string, refreshToken: undefined, results: object) => void;
type ReadDone = (error: null, body: string) => void;
type RequestMaker = (fail: Fail) => Requests;

const tokenAnswer = z.object({ access_token: z.string().min(1).max(8192) });

/**
 * The two requests a strategy makes, bounded. A fault ends the step directly instead of going through the
 * strategy, which would wrap it; so does an exception the strategy throws while it reads an answer.
 */
function boundedRequests(client: ClientPair, endpoints: Endpoints, limits: Limits): RequestMaker {
  const json = { accept: 'application/json' };
  return (fail) => ({
    getOAuthAccessToken(code, params, done) {
      const body = new URLSearchParams({
        ...params,
        code,
        client_id: client.clientId,
        client_secret: client.clientSecret,
      });
      requestJson(endpoints.token, { method: 'POST', headers: json, body }, limits)
        .then((answer) => {
          const read = tokenAnswer.safeParse(answer.json);
          if (!read.success) throw new DomainError('upstream.invalid_answer');
          done(null, read.data.access_token, undefined, {});
        })
        .catch(fail);
    },
    get(url, accessToken, done) {
      // The token travels in a header, never in the address (RFC 6750 section 2.3).
      const headers = { ...json, authorization: `Bearer ${accessToken}` };
      requestJson(url, { headers }, limits)
        .then((answer) => done(null, answer.text))
        .catch(fail);
    },
  });
}

interface StepInput {
  query: Record<string, string>;
  options: object;
  read: (answer: unknown) => UpstreamProfile;
}

interface Driven {
  authenticate(request: { query: Record<string, unknown> }, options?: object): void;
}

/** Calls the strategy once and waits for the one method by which it answers. */
function drive(
  strategy: BoundedGoogle | BoundedFacebook,
  requests: RequestMaker,
  input: StepInput,
): Promise<Outcome> {
  return new Promise<Outcome>((resolve, reject) => {
    const fail: Fail = (error) =>
      reject(error instanceof DomainError ? error : new DomainError('upstream.invalid_answer'));
    strategy.replaceRequests(requests, fail);
    const driven: Driven = Object.assign(strategy, {
      redirect: (to: string) => resolve({ kind: 'redirect', to }),
      success: (user: unknown) => {
        try {
          resolve({ kind: 'profile', profile: input.read(user) });
        } catch (error) {
          fail(error);
        }
      },
      fail: () => reject(new DomainError('upstream.refused')),
      error: fail,
      pass: fail,
    });
    driven.authenticate({ query: input.query }, input.options);
  });
}
