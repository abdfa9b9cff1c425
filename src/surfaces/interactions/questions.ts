/** The attributes that a registration asks: said in the visit's language, their answers read and kept. */
import type { Clock } from '../../base/kernel/clock.ts';
import {
  type Answers,
  type FieldQuestion,
  questionIn,
  readAnswers,
} from '../../business/profiles/attribute-input.ts';
import type { ValueContext } from '../../business/profiles/attribute-values.ts';
import { dayIn } from '../../business/profiles/iso-day.ts';
import type { AttributeWrite } from '../../people/members/attributes.ts';
import type { PendingRegistration } from '../../people/members/registrations.ts';
import type { Open } from './context.ts';
import type { Fields } from './legal.ts';

/**
 * The questions beyond e-mail and password.
 * @param deps clock
 * @param open the open interaction
 */
export function registrationQuestions(deps: { clock: Clock }, open: Open): FieldQuestion[] {
  const { locale } = open.ctx.state.visit;
  return open.place.experience.fields.map((asked) => questionIn(asked, locale, contextOf(deps, open)));
}

/**
 * The answers to them.
 * @param deps clock
 * @param open the open interaction
 * @param fields the form as sent
 */
export function registrationAnswers(deps: { clock: Clock }, open: Open, fields: Fields): Answers {
  return readAnswers(open.place.experience.fields, fields, contextOf(deps, open));
}

/**
 * What a new member is made of, without what has stopped being asked while the registration waited for its proof.
 * @param open the open interaction
 * @param registration what waited
 */
export function answersToKeep(
  open: Open,
  { attributes, release }: Pick<PendingRegistration, 'attributes' | 'release'>,
): AttributeWrite {
  const definitions = open.place.experience.settings.attributes;
  const { clientId } = open.ctx.state.visit;
  return {
    // A registration that began before an update of the program has none.
    values: Object.fromEntries(
      Object.entries(attributes ?? {}).filter(([name]) => Object.hasOwn(definitions, name)),
    ),
    definitions,
    source: { by: 'member', ...(release && { release }), ...(clientId && { client: clientId }) },
  };
}

function contextOf({ clock }: { clock: Clock }, open: Open): ValueContext {
  const { country, timeZone } = open.place.experience.market;
  return { today: dayIn(clock.now(), timeZone), country };
}
