/** Faults for a page on which everything was entered wrongly: one at each field, as its type is refused. Pure. */
import type { FieldFault } from '../../base/kernel/errors.ts';

/** What can be wrong with an input, by its type. */
const faultOf: Readonly<Record<string, Omit<FieldFault, 'field'>>> = {
  email: { code: 'email.invalid' },
  password: { code: 'password.too_short', params: { min: 8 } },
  checkbox: { code: 'terms.required' },
  radio: { code: 'choice.required' },
};
const anyFault: Omit<FieldFault, 'field'> = { code: 'input.invalid' };

/**
 * The faults of a page on which everything was entered wrongly; none where no form can be refused.
 * @param html the page
 */
export function faultsAtEveryField(html: string): FieldFault[] {
  const forms = html.match(/<form\b[^>]*\bnovalidate\b[\s\S]*?<\/form>/g) ?? [];
  const inputs = forms.flatMap((form) => form.match(/<(?:input|select|textarea)\b[^>]*>/g) ?? []);
  const found = new Map<string, FieldFault>();
  for (const tag of inputs) {
    const said = (name: string) => new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
    const field = said('name');
    const isSeen = said('type') !== 'hidden' && said('class') !== 'sr';
    if (field === undefined || !isSeen || found.has(field)) continue;
    found.set(field, { field, ...(faultOf[said('type') ?? 'text'] ?? anyFault) });
  }
  return [...found.values()];
}
