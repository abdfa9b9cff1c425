/** What a registration asks beyond e-mail and password. Pure. */
import { checkedAs } from '../layers/json.ts';
import type { EffectiveSettings } from '../layers/settings-shape.ts';
import type { AskedAttribute } from '../profiles/attribute-input.ts';

interface RegistrationForm {
  steps?: readonly { fields?: readonly { attribute?: string; required?: boolean }[] }[];
}

/**
 * The attributes that the registration form asks, in its order.
 * @param settings what the layers say together
 */
export function registrationFields({ attributes, forms }: EffectiveSettings): AskedAttribute[] {
  const form = checkedAs<RegistrationForm | undefined>(forms.registration);
  const asked = (form?.steps ?? []).flatMap(({ fields = [] }) => fields);
  return asked.flatMap(({ attribute: name, required = false }) => {
    const definition = name && Object.hasOwn(attributes, name) ? attributes[name] : undefined;
    return name && definition ? [{ name, definition, required }] : [];
  });
}
