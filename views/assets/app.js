/**
 * What pages gain where script runs; nothing here is needed to sign in. Every text comes from the page.
 * Shows and hides passwords, tells how strong a new one looks, shows progress, warns before a code dies,
 * and writes times in the person's own zone.
 */

const secondsBeforeWarning = 120;
const busyForAtMostMs = 8000;

/** Focus belongs on the summary of errors, else on the heading; older browsers leave it nowhere. */
addEventListener('load', () => {
  if (document.activeElement === document.body && !location.hash) document.querySelector('[autofocus]')?.focus();
});

for (const button of document.querySelectorAll('[data-reveal]')) {
  const input = document.getElementById(button.dataset.reveal);
  const said = button.closest('.field').querySelector('[role=status]');
  const show = (shown) => {
    input.type = shown ? 'text' : 'password';
    button.textContent = shown ? button.dataset.hide : button.dataset.show;
  };
  button.hidden = false;
  button.addEventListener('click', () => {
    const shown = input.type === 'password';
    show(shown);
    said.textContent = shown ? button.dataset.shown : button.dataset.hidden;
  });
  // Browsers keep what was typed into text inputs; a password must be one again when it is sent.
  input.form?.addEventListener('submit', () => show(false));
}

/** A rough picture only: the server decides. Length counts most, then how many different characters there are. */
function strengthLevel(password, min) {
  const length = [...password].length;
  if (length < min) return 1;
  const different = new Set(password.toLowerCase()).size;
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\p{N}/u, /[^\p{L}\p{N}]/u].filter((kind) => kind.test(password)).length;
  const score = Math.min(length, different * 2) + kinds * 2;
  if (score < 16 || different < 6) return 2;
  return score < 21 ? 3 : 4;
}

for (const meter of document.querySelectorAll('[data-strength]')) {
  const input = document.getElementById(meter.dataset.strength);
  const text = meter.querySelector('[aria-live]');
  const texts = ['', meter.dataset.short, meter.dataset.weak, meter.dataset.fair, meter.dataset.good];
  const tell = () => {
    meter.hidden = input.value === '';
    const level = strengthLevel(input.value, Number(meter.dataset.min));
    meter.dataset.level = level;
    if (text.textContent !== texts[level]) text.textContent = texts[level];
  };
  input.addEventListener('input', tell);
}

/** Fields that count only after certain answers come and go with them. The server decides; without script all are there. */
function answersTo(form, name) {
  return [...form.elements]
    .filter((each) => each.name === name || each.name.startsWith(`${name}.`))
    .filter((each) => !each.closest('[data-when][hidden]'))
    .filter((each) => (!/^(checkbox|radio)$/.test(each.type) || each.checked) && each.value.trim() !== '')
    .map((each) => (each.name === name ? each.value : each.name.slice(name.length + 1)));
}
function holds(wanted, answers) {
  if (wanted === null) return answers.length === 0;
  return wanted.length === 0 ? answers.length > 0 : answers.some((answer) => wanted.includes(answer));
}
for (const form of document.forms) {
  const parts = [...form.querySelectorAll('[data-when]')];
  // One hangs on fields before it, so that one pass over the page settles all.
  const settle = () => {
    for (const part of parts)
      part.hidden = !holds(JSON.parse(part.dataset.wanted), answersTo(form, part.dataset.when));
  };
  for (const part of parts) part.firstElementChild.hidden = true;
  if (parts.length > 0) form.addEventListener('input', settle);
  settle();
}

/** One click is one request; the button is never dead for good. */
function rest(form) {
  delete form.dataset.sent;
  for (const button of form.querySelectorAll('[data-busy]')) delete button.dataset.busy;
}
document.addEventListener('submit', (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = 'yes';
  if (event.submitter) {
    event.submitter.dataset.busy = 'yes';
    announce(document.body.dataset.busyText);
  }
  setTimeout(() => rest(form), busyForAtMostMs);
});
addEventListener('pageshow', () => {
  for (const form of document.forms) rest(form);
});

let announcer;
function announce(text) {
  if (!announcer) {
    announcer = document.createElement('p');
    announcer.className = 'sr';
    announcer.setAttribute('role', 'status');
    document.body.append(announcer);
  }
  announcer.textContent = text;
}

for (const warning of document.querySelectorAll('[data-expires-in]')) {
  const left = Number(warning.dataset.expiresIn);
  const say = (text) => {
    warning.hidden = false;
    warning.textContent = text;
  };
  const soonIn = Math.max(0, left - secondsBeforeWarning);
  setTimeout(() => say(warning.dataset.soon), soonIn * 1000);
  setTimeout(() => say(warning.dataset.over), left * 1000);
}

// In the digits of the rest of the page: older browsers write Arabic dates in others.
const moments = new Intl.DateTimeFormat(document.documentElement.lang, {
  dateStyle: 'long',
  timeStyle: 'short',
  numberingSystem: 'latn',
});
for (const time of document.querySelectorAll('time[data-local]')) {
  time.textContent = moments.format(new Date(time.dateTime));
}

/** The language menu closes by Escape and by a click elsewhere. */
for (const menu of document.querySelectorAll('details.languages')) {
  document.addEventListener('click', (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !menu.open) return;
    menu.open = false;
    menu.querySelector('summary').focus();
  });
}
