/**
 * Rich authorization requests (RFC 9396). There is one type, `points_redemption`: a member lets a client pay somebody
 * once with points. Every request asks again; what was allowed is bound to the one code and the one access token that
 * follow, and to nothing else: neither the grant nor a refresh token hands it on.
 */
import {
  type AuthorizationDetail,
  type AuthorizationDetailsForAccessToken,
  type AuthorizationDetailsForGrantSource,
  type AuthorizationDetailsForIntrospection,
  type Client,
  errors,
  interactionPolicy,
  type KoaContextWithOIDC,
} from 'oidc-provider';
import { z } from 'zod';
import { digest } from '../../base/kernel/sealing.ts';
import { type Resource, redemptionType } from '../../business/layers/layer-shapes.ts';

/** What redemptions ask other modules. */
export interface RedemptionDeps {
  resources(): readonly Resource[];
  /** The program's name: a redemption names it, so that no other program's points can be meant. */
  programName(): string;
}

/** Points that a member lets a client pay, once. */
export interface Redemption {
  /** Whole points. */
  amount: number;
  /** Who is paid, in the client's words. */
  payee: string;
  program: string;
}

/** A larger payment than any reward; it keeps a slip of the pen from becoming a request. */
const mostPoints = 1_000_000;
const longestPayee = 100;

/** Printable, without marks that turn the direction of text or hide in it, and without leading or trailing blanks. */
const printable = /^(?! )[^\p{C}\p{Zl}\p{Zp}]+(?<! )$/u;

const shape = z.strictObject({
  type: z.literal(redemptionType),
  amount: z.int().min(1).max(mostPoints),
  payee: z
    .string()
    .regex(printable)
    .refine((payee) => [...payee].length <= longestPayee),
  program: z.string(),
});

/** What is wrong with a field, in words a developer can act on; nothing of the request is repeated. */
const faults: Readonly<Record<string, string>> = {
  amount: `amount must be a whole number from 1 to ${mostPoints}`,
  payee: `payee must be 1 to ${longestPayee} printable characters`,
  program: 'program must be the name of this program',
};

/** An approval as it travels in the answer to an interaction: of one member, for these very details. */
const approvalSchema = z.object({ memberId: z.string(), details: z.string() });

type Approval = z.output<typeof approvalSchema>;

/**
 * Builds the library's feature; it is off while no API of the program takes redemptions.
 * @param deps the program's resources and name
 */
export function richAuthorizationRequests(deps: RedemptionDeps) {
  const takers = new Set(
    deps
      .resources()
      .filter(({ authorizationDetails }) => authorizationDetails.includes(redemptionType))
      .map(({ indicator }) => indicator),
  );
  const authorizationDetailsForGrantSource: AuthorizationDetailsForGrantSource = (ctx) =>
    isApproved(ctx) ? detailsOf(ctx) : undefined;
  const authorizationDetailsForAccessToken: AuthorizationDetailsForAccessToken = (
    _ctx,
    token,
    source,
    grantType,
  ) =>
    grantType === 'authorization_code' && takers.has(token.resourceServer?.identifier() ?? '')
      ? source?.rar
      : undefined;
  const authorizationDetailsForIntrospection: AuthorizationDetailsForIntrospection = (_ctx, token) =>
    token.kind === 'AccessToken' ? token.rar : undefined;
  return {
    enabled: takers.size > 0,
    types: {
      [redemptionType]: {
        validate(ctx: KoaContextWithOIDC, detail: AuthorizationDetail, client: Client) {
          validate(ctx, detail, { deps, client, takers });
        },
      },
    },
    authorizationDetailsForGrantSource,
    authorizationDetailsForAccessToken,
    authorizationDetailsForIntrospection,
  };
}

/** Where a redemption can be asked for: a person must see it, in a browser, before anything is issued. */
const askedAt = new Set(['authorization', 'pushed_authorization_request']);

function validate(
  ctx: KoaContextWithOIDC,
  detail: AuthorizationDetail,
  { deps, client, takers }: { deps: RedemptionDeps; client: Client; takers: ReadonlySet<string> },
): void {
  const refuse = (description: string): never => {
    throw new errors.InvalidAuthorizationDetails(description);
  };
  if (!askedAt.has(ctx.oidc.route)) refuse(`${redemptionType} is taken in authorization requests only`);
  if (!client.authorizationDetailsTypes?.includes(redemptionType))
    refuse(`authorization details type '${redemptionType}' is not allowed for this client`);
  if (detailsOf(ctx).length !== 1) refuse(`one ${redemptionType} can be asked for at a time`);
  const parsed = shape.safeParse(detail);
  if (!parsed.success) {
    const field = String(parsed.error.issues[0]?.path[0] ?? '');
    refuse(faults[field] ?? 'only type, amount, payee and program may be given');
  }
  if (parsed.data?.program !== deps.programName()) refuse(faults.program ?? '');
  const { resource } = ctx.oidc.params ?? {};
  if (![resource].flat().some((asked) => typeof asked === 'string' && takers.has(asked)))
    throw new errors.InvalidTarget(`${redemptionType} needs the resource of the points API`);
}

function detailsOf(ctx: KoaContextWithOIDC): AuthorizationDetail[] {
  const text = ctx.oidc.params?.authorization_details;
  return typeof text === 'string' ? JSON.parse(text) : [];
}

/**
 * The redemption that a checked authorization request asks for.
 * @param params the request's parameters, as checked by the library
 */
export function redemptionOf(params: Readonly<Record<string, unknown>>): Redemption | undefined {
  const text = params.authorization_details;
  if (typeof text !== 'string') return undefined;
  const [details] = z.array(shape).parse(JSON.parse(text));
  return details && { amount: details.amount, payee: details.payee, program: details.program };
}

/**
 * What the answer to an interaction keeps of a member's yes.
 * @param memberId who said it
 * @param params the request's parameters
 */
export function approvalOf(
  memberId: string,
  params: Readonly<Record<string, unknown>>,
): Approval | undefined {
  const text = params.authorization_details;
  return typeof text === 'string' ? { memberId, details: digest(text) } : undefined;
}

/** Whether the member who is signed in has allowed these very details while this request was answered. */
function isApproved(ctx: KoaContextWithOIDC): boolean {
  const approval = approvalSchema.safeParse(ctx.oidc.result?.consent?.redemption);
  const expected = approvalOf(ctx.oidc.session?.accountId ?? '', ctx.oidc.params ?? {});
  return (
    approval.success &&
    expected !== undefined &&
    approval.data.memberId === expected.memberId &&
    approval.data.details === expected.details
  );
}

/**
 * Puts the question of a redemption in the place of the library's own, which any earlier answer would satisfy.
 * @param consent the prompt
 */
export function askForRedemption(consent: interactionPolicy.Prompt): void {
  consent.checks.remove('rar_prompt');
  consent.checks.add(
    new interactionPolicy.Check(
      'redemption',
      'a redemption must be allowed each time',
      'consent_required',
      (ctx) => ctx.oidc.params?.authorization_details !== undefined && !isApproved(ctx),
    ),
  );
}
