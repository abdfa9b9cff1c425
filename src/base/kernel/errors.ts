/**
 * The kernel's domain errors. One code is at once the i18n key (`error.<code>`), the metric label, the audit
 * reason and the anchor in docs/errors.md. Never carries a secret or a personal value.
 */

/** Every stable error code with the HTTP status it answers. Add here, in the catalogues and nowhere else. */
export const errorCodes = {
  // input at the edge
  'input.invalid': 422,
  'input.malformed': 400,
  'input.too_large': 413,
  'input.unsupported_type': 415,
  'csrf.refused': 403,
  'route.not_found': 404,
  'route.method_not_allowed': 405,
  'host.unknown': 421,
  // what programs that call an API are told
  'token.missing': 401,
  'token.invalid': 401,
  'token.insufficient': 403,
  'token.proof_invalid': 401,
  'token.proof_needs_nonce': 401,
  'permission.missing': 403,
  'origin.refused': 403,
  'cursor.invalid': 422,
  'precondition.failed': 412,
  'precondition.required': 428,
  'idempotency.required': 400,
  'idempotency.in_flight': 409,
  'idempotency.mismatch': 422,
  // what is missing or must be chosen
  'email.required': 422,
  'email.invalid': 422,
  'password.required': 422,
  'password.too_short': 422,
  'password.too_long': 422,
  'password.too_weak': 422,
  'password.breached': 422,
  'password.same_as_old': 422,
  'terms.required': 422,
  'answers.required': 422,
  'age.required': 422,
  'field.required': 422,
  'field.too_long': 422,
  'field.too_young': 422,
  'field.invalid': 422,
  'field.too_short': 422,
  'field.number_invalid': 422,
  'field.not_whole': 422,
  'field.too_small': 422,
  'field.too_large': 422,
  'field.off_step': 422,
  'field.date_invalid': 422,
  'field.too_early': 422,
  'field.too_late': 422,
  'field.phone_invalid': 422,
  'field.choose_more': 422,
  'field.choose_fewer': 422,
  'field.unknown': 422,
  'choice.required': 422,
  'place.required': 422,
  'theme.contrast': 422,
  // files
  'logo.too_large': 422,
  'logo.unsupported': 422,
  'logo.unreadable': 422,
  'logo.unsafe': 422,
  'attribute.unknown': 422,
  // proof
  'credentials.invalid': 401,
  'code.required': 422,
  'code.invalid': 422,
  'code.expired': 422,
  'code.exhausted': 422,
  'user_code.malformed': 422,
  'user_code.unknown': 422,
  'link.invalid': 410,
  // limits
  'limit.reached': 429,
  overloaded: 503,
  // interactions
  'interaction.expired': 400,
  'interaction.unknown': 400,
  'interaction.finished': 409,
  'client.unknown': 400,
  'client.disabled': 400,
  'client.exists': 409,
  'client.has_no_secret': 409,
  'client.ended': 409,
  'invitation.unknown': 404,
  'redirect_uri.invalid': 400,
  'request.invalid': 400,
  'authentication_request.over': 409,
  // members
  'member.unavailable': 403,
  'member.unknown': 404,
  'identifier.taken': 409,
  'link.taken': 409,
  'link.last_way_in': 409,
  'session.not_found': 404,
  'consent.not_withdrawable': 409,
  'consent.text_changed': 409,
  'sign_in.required': 401,
  'reauthentication.required': 403,
  // configuration
  'release.unknown': 404,
  'release.ambiguous': 409,
  'form.unknown': 404,
  'release.legal_text_changed': 409,
  'configuration.changed': 409,
  'configuration.refused': 422,
  'item.unknown': 404,
  'target.unknown': 422,
  'draft.unknown': 404,
  'draft.changed': 412,
  'draft.closed': 409,
  'draft.empty': 409,
  'draft.conflicts': 409,
  'draft.not_submitted': 409,
  'draft.not_approved': 409,
  'draft.approval_refused': 403,
  'draft.nobody_responsible': 409,
  'draft.contents_gone': 410,
  'draft.time_past': 422,
  'draft.outside_target': 409,
  'draft.places_differ': 409,
  'release.never_live': 409,
  'release.fewer_approvals': 403,
  'publication.not_last': 409,
  // upstreams
  'upstream.unknown': 404,
  'upstream.refused': 400,
  'upstream.unavailable': 502,
  'upstream.state_mismatch': 400,
  'upstream.invalid_answer': 502,
  // the house itself
  'storage.unavailable': 503,
  draining: 503,
  internal: 500,
} as const;

/** A stable error code. */
export type ErrorCode = keyof typeof errorCodes;

/** Values shown in an error's text, such as `{ minutes: 5 }`: never a secret or personal value. */
export type ErrorParams = Readonly<Record<string, string | number>>;

/** A refusal the product means: its code is stable, its status follows from the code. */
export class DomainError extends Error {
  readonly code: ErrorCode;
  readonly params: ErrorParams;
  /** Seconds after which trying again makes sense (`Retry-After`), where that is known. */
  readonly retryAfter: number | undefined;

  /**
   * @param code stable code
   * @param options `params` for the text; `retryAfter` in seconds; `cause` for the operator's log only
   */
  constructor(code: ErrorCode, options: { params?: ErrorParams; retryAfter?: number; cause?: unknown } = {}) {
    super(code, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'DomainError';
    this.code = code;
    this.params = options.params ?? {};
    this.retryAfter = options.retryAfter;
  }

  /** The HTTP status that belongs to the code. */
  get status(): number {
    return errorCodes[this.code];
  }
}

/** One field's fault, as a form shows it beside the input and in the summary. */
export interface FieldFault {
  field: string;
  code: ErrorCode;
  params?: ErrorParams;
}

/** A form that was refused: every fault at once, each tied to its field. */
export class FormError extends DomainError {
  readonly faults: readonly FieldFault[];

  /** @param faults at least one fault, in the order of the form's fields */
  constructor(faults: readonly FieldFault[]) {
    super(faults[0]?.code ?? 'input.invalid');
    this.name = 'FormError';
    this.faults = faults;
  }
}

/** One fault of a document or request that a program has sent. */
export interface DocumentFault {
  /** The document, where several are judged together. */
  item?: string;
  /** JSON pointer (RFC 6901) to the fault; empty for the whole document. */
  path: string;
  /** Where it stands, when it is not the body. */
  in?: 'path' | 'query';
  /** An error code, or a finer one of whoever judged the document. */
  code: string;
  /** What is right there, in English, for a developer. */
  expected?: string;
  /** What was found: cut short, never a secret or a personal value. */
  got?: string;
}

/** A document that was refused as a whole, with every fault at once. */
export class DocumentError extends DomainError {
  readonly faults: readonly DocumentFault[];

  /**
   * @param faults at least one fault, in the order of the document
   * @param code what is wrong with the whole (default `input.invalid`)
   */
  constructor(faults: readonly DocumentFault[], code: ErrorCode = 'input.invalid') {
    super(code);
    this.name = 'DocumentError';
    this.faults = faults;
  }
}
