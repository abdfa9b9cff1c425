/** Generated from docs/openapi/account.json by scripts/generate.mjs; edit the routes there. */

/** RFC 9457. `code` is stable; `title` is for people, in the language of `Accept-Language`. */
export type Problem = {
  /** Where the code is explained. */
  type: string;
  title: string;
  status: number;
  code: string;
  /** The same as the header `Trace-Id` and in our log. */
  trace: string;
  /** Every fault of what was sent. */
  errors?: Array<{
    /** The document, where several are judged together. */
    item?: string;
    /** JSON pointer (RFC 6901). */
    path: string;
    /** Where, when it is not the body. */
    in?: 'path' | 'query';
    code: string;
    expected?: string;
    /** Cut short, and never a secret. */
    got?: string;
  }>;
};

export type Answers = {
  /** By attribute, typed; `null` skips. What is not named waits on. */
  answers: Record<string, unknown>;
};

/** Typed as the attribute is defined; a date is yyyy-mm-dd. */
export type AttributeValue = string | number | boolean | Array<string> | Record<string, string>;

export type Consent = {
  purpose: string;
  /** `open`: never decided. `expired`: given so long ago that it does not count any more. */
  state: 'open' | 'given' | 'refused' | 'withdrawn' | 'expired';
  /** ISO 8601. */
  decidedAt: string | null;
  /** The version that was decided on. */
  decidedVersion: string | null;
  title: string;
  /** One plain sentence: the label beside the choice. */
  summary: string;
  /** The whole text; blank lines part paragraphs. */
  text: string;
  /** The version in force: the one to decide on. */
  version: string;
  /** Language of the text. */
  language: string;
  /** SHA-256 of the exact text, base64url. */
  hash: string;
};

export type ConsentDecision = {
  state: 'given';
  /** Of the text that was shown, as it was read here. */
  version: string;
  language: string;
  hash: string;
} | {
  state: 'withdrawn';
};

export type Profile = {
  /** The member, as this client knows them. */
  sub: string;
  /** What the member calls themselves. */
  name: string | null;
  /** The language the member chose. */
  locale: string;
  /** Values the client may read; one without a value is left out. */
  attributes: Record<string, AttributeValue>;
  /** Attributes the client may write with this token. */
  writable: Array<string>;
};

export type ProfileChange = {
  /** `null` removes it. */
  name?: string | null;
  locale?: string;
  /** What is named is written, `null` removes, what is not named stays. */
  attributes?: Record<string, unknown>;
};

export type Question = {
  attribute: string;
  /** It cannot be skipped. */
  required: boolean;
  type: 'text' | 'number' | 'boolean' | 'date' | 'choice' | 'choices' | 'email' | 'phone' | 'address' | 'reference';
  /** In the language of `Accept-Language`. */
  label: string;
  hint: string | null;
  options: Array<{
    value: string;
    label: string;
  }> | null;
};

export type Questions = {
  items: Array<Question>;
};

/** What goes in and what comes back, by operation. */
export interface Operations {
  /** Says who calls. */
  'account_api.whoami': {
    body: undefined;
    answer: {
      /** The client the token was issued to. */
      client: string;
      /** The member, as this client knows them; null where the client acts for itself. */
      sub: string | null;
      /** What the token opens at this moment. */
      scopes: Array<string>;
    };
  };
  /** Reads the profile. */
  'account_api.profile': {
    body: undefined;
    answer: Profile;
  };
  /** Changes the profile. */
  'account_api.profile.change': {
    body: ProfileChange;
    answer: Profile;
  };
  /** Reads what the member can agree to, and where they stand. */
  'account_api.consents': {
    body: undefined;
    answer: {
      items: Array<Consent>;
    };
  };
  /** Gives or withdraws a consent. */
  'account_api.consents.decide': {
    body: ConsentDecision;
    answer: Consent;
  };
  /** Reads the questions that wait for the member. */
  'account_api.questions': {
    body: undefined;
    answer: Questions;
  };
  /** Keeps answers, and that others were skipped. */
  'account_api.questions.answer': {
    body: Answers;
    answer: Questions;
  };
  /** Writes an attribute that the caller owns. */
  'account_api.members.attribute': {
    body: {
      /** `null` removes it. */
      value: AttributeValue | null;
    };
    answer: undefined;
  };
  /** This document. */
  'account.openapi': {
    body: undefined;
    answer: {
      openapi: string;
    };
  };
}
