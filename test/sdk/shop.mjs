/** A shop as one page: signs in, and draws profile, form and questions of its member itself. Runs in the browser. */
import { createAccount } from '/sdk/account.ts';
import { createDpop } from '/sdk/dpop.ts';
import { agreed, visibleFields } from '/sdk/forms.ts';
import { createSignIn } from '/sdk/sign-in.ts';

const { issuer, scope } = JSON.parse(document.getElementById('settings').textContent);
const home = `${location.origin}/`;
const dpop = createDpop();
const signIn = createSignIn({
  issuer,
  clientId: 'shop',
  redirectUri: home,
  scope,
  resource: `${issuer}/api/account`,
  store: sessionStorage,
  dpop,
});
const account = createAccount({ issuer, accessToken: signIn.accessToken, dpop, language: 'en' });
const main = document.querySelector('main');

/** An element; words stand in it as they are, never as markup. */
function element(tag, attributes = {}, ...inside) {
  const made = Object.assign(document.createElement(tag), attributes);
  made.append(...inside);
  return made;
}

function button(words, act) {
  return element('button', { type: 'button', onclick: act }, words);
}

function show(title, ...inside) {
  main.replaceChildren(element('h1', {}, title), ...inside);
}

async function showMember() {
  const { profile, etag } = await account.profile();
  const motto = element('input', { value: profile.attributes.motto ?? '' });
  const save = async () => {
    await account.changeProfile({ attributes: { motto: motto.value || null } }, { etag });
    await showMember();
  };
  show(
    `Hello ${profile.name}`,
    element('p', { className: 'motto' }, profile.attributes.motto ?? 'no motto'),
    element('label', {}, 'Motto', motto),
    button('Save', save),
    ...(await account.forms()).map(({ name, title }) => button(title, () => showForm(name))),
    button('Questions', showQuestions),
    button('Sign out', async () => location.assign(await signIn.signOut({ returnTo: home }))),
  );
}

/** The form as it stands: fields come and go with the answers. */
async function showForm(name) {
  const { form, etag } = await account.form(name);
  const attributes = { ...form.answers.attributes };
  const consents = {};
  const draw = (faults = []) => {
    const fields = visibleFields(form, attributes).map((field) =>
      field.kind === 'consent'
        ? consentOf(field, consents)
        : inputOf(field, attributes[field.name], (value) => {
            attributes[field.name] = value;
            draw();
          }),
    );
    const send = async () => {
      try {
        await account.submitForm(name, { attributes, consents }, { etag });
        await showMember();
      } catch (error) {
        draw(error.errors);
      }
    };
    const told = faults.map(({ path, code }) => element('li', {}, `${path} ${code}`));
    show(form.title, element('ul', {}, ...told), ...fields, button('Send', send));
  };
  draw();
}

function inputOf({ label, options }, value = '', changed) {
  const input = options
    ? element('select', {}, element('option', { value: '' }, '–'), ...options.map(optionOf))
    : element('input', {});
  input.value = value;
  input.onchange = () => changed(input.value === '' ? null : input.value);
  return element('label', {}, label, input);
}

function optionOf({ value, label }) {
  return element('option', { value }, label);
}

function consentOf(field, consents) {
  const choice = (words, answer) => {
    const radio = element('input', { type: 'radio', name: field.name });
    radio.onchange = () => {
      consents[field.name] = answer;
    };
    return element('label', {}, words, radio);
  };
  const text = element('a', { href: field.consent.url }, field.consent.title);
  return element(
    'fieldset',
    {},
    element('legend', {}, field.label),
    text,
    choice('Yes', agreed(field)),
    choice('No', { state: 'refused' }),
  );
}

async function showQuestions() {
  const answers = {};
  const asked = (await account.questions()).map((question) => {
    // What is left open is skipped.
    answers[question.attribute] = null;
    return inputOf(question, '', (value) => {
      answers[question.attribute] = value;
    });
  });
  const send = async () => {
    await account.answerQuestions(answers);
    await showMember();
  };
  show(`${asked.length} questions`, ...asked, button('Answer', send));
}

let refused = '';
const back = new URLSearchParams(location.search);
if (back.has('code') || back.has('error')) {
  await signIn.finish(location.href).catch((error) => {
    refused = `: ${error.code}`;
  });
  history.replaceState(null, '', home);
}
if (signIn.tokens()) await showMember();
else {
  const begin = (parameters) => async () => location.assign(await signIn.begin(parameters));
  show(
    `Nobody is here${refused}`,
    button('Sign in', begin()),
    button('Sign in silently', begin({ prompt: 'none' })),
  );
}
