/**
 * Sign-out at a relying party's wish of a session that was used at many: the request and its confirmation are timed,
 * the notices that are owed to the others are awaited (OpenID Connect RP-Initiated and Back-Channel Logout 1.0).
 */
import { authorize } from '../browser.ts';
import { type CookieJar, createCookieJar } from '../cookie-jar.ts';
import { readForms } from '../forms.ts';
import { send } from '../http.ts';
import { awaitNotices } from '../notices.ts';
import { type Slot, type Step, stocked } from './operation.ts';
import { fullSignIn, visitOf } from './sign-ins.ts';

/** Sessions made ahead, in all slots together: each needs a sign-in and a visit to every relying party. */
const mostSessions = 16;

interface Live {
  jar: CookieJar;
  idToken: string;
}

/** One sign-out, from the relying party's request to the way back to it. */
export async function signOut(slot: Slot): Promise<Step> {
  const { parties } = slot.target.world;
  const notices = await awaitNotices(slot.target.world.logoutUri);
  let jar = createCookieJar();
  const make = async (): Promise<Live> => {
    const [first, ...others] = parties;
    if (first === undefined) throw new Error('no relying parties');
    jar = jar.only(slot.target.deviceCookies);
    const { id_token } = await fullSignIn(slot, first, { jar });
    for (const client of others) await authorize({ ...visitOf(slot, client), jar, prompt: 'none' });
    return { jar, idToken: id_token ?? '' };
  };
  const use = async (live: Live) => {
    await leave(slot, live);
    notices.expect(parties.length);
  };
  return { ...stocked(mostSessions, make, use), settled: notices.settled };
}

async function leave({ target, endpoints }: Slot, { jar, idToken }: Live): Promise<void> {
  const url = new URL(endpoints.end_session_endpoint);
  url.searchParams.set('id_token_hint', idToken);
  url.searchParams.set('post_logout_redirect_uri', target.world.redirectUri);
  url.searchParams.set('state', 'bench');
  const page = await send({ url: url.href, jar });
  const form = readForms(page.body, page.url).find(({ values }) => 'xsrf' in values);
  if (form?.button === undefined) throw new Error(`no question to answer, status ${page.status}`);
  const values = { ...form.values, [form.button.name]: form.button.value };
  const headers = { origin: url.origin, 'sec-fetch-site': 'same-origin' };
  const done = await send({ url: form.action, method: 'POST', headers, form: values, jar });
  if (done.headers.location !== `${target.world.redirectUri}?state=bench`)
    throw new Error(`not led back to the relying party, status ${done.status}`);
}
