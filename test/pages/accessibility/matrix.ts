/**
 * Every scene in every look and every language, judged in one Chromium with several windows. Owns what the matrix is and
 * who judges what; never what is asked of a page, nor how it is told.
 */
import { availableParallelism } from 'node:os';
import { type Browser, chromium } from 'playwright-core';
import {
  axeVersion,
  createJudge,
  type Expectation,
  type Judge,
  type Judgement,
} from '../../support/accessibility/judge.ts';
import { startPageServer } from '../page-server.ts';
import { i18n, looks } from '../render-all.ts';
import { type Scene, sceneHtml, scenes } from '../scenes.ts';
import { openMemory } from './memory.ts';

/** One document of the matrix. */
export interface Place {
  scene: Scene;
  /** Id of the look. */
  look: string;
  /** Code of the language. */
  locale: string;
}

/** A document and what was found on it. */
export interface Judged extends Place {
  judgement: Judgement;
}

/** Who judged, and what. */
export interface MatrixResult {
  judged: readonly Judged[];
  /** Version of Chromium. */
  chromium: string;
  /** Version of axe-core. */
  axe: string;
}

/** Which part of the matrix is asked for; each a part of an id, absent for all. */
export interface MatrixPart {
  scene?: string | undefined;
  look?: string | undefined;
  locale?: string | undefined;
  /** How many documents of each scene, chosen so that every look and language comes by in turn. */
  turns?: number | undefined;
}

/** Scenes of the product: pages for those who work on it are looked at by the tests only. */
export const productScenes = scenes.filter(({ view }) => !view.name.startsWith('dev/'));

/**
 * The documents of the matrix: each page as it is and as it is refused in every look and language; its variants,
 * whose parts are the same, in every language, each time in the next look.
 */
export function placesOf(part: MatrixPart = {}): Place[] {
  const has = (id: string, wanted?: string) => wanted === undefined || id.includes(wanted);
  return productScenes
    .filter(({ id }) => has(id, part.scene))
    .flatMap((scene) => {
      const places = placesOfScene(scene).filter(
        ({ look, locale }) => has(look, part.look) && has(locale, part.locale),
      );
      return part.turns === undefined ? places : someOf(places, part.turns, productScenes.indexOf(scene));
    });
}

function placesOfScene(scene: Scene): Place[] {
  const at = productScenes.indexOf(scene);
  return i18n.locales.flatMap(({ code }, turn): Place[] => {
    const inTurn = looks.filter((_, index) => index === (at + turn) % looks.length);
    return (scene.kind === 'variant' ? inTurn : looks).map((look) => ({
      scene,
      look: look.id,
      locale: code,
    }));
  });
}

/** Some of the places, far from each other, beginning elsewhere for each scene. */
function someOf(places: readonly Place[], count: number, turn: number): Place[] {
  const stride = Math.max(1, Math.floor(places.length / count));
  return places.filter((_, at) => (at + turn * 7) % stride === 0).slice(0, count);
}

/** What the matrix is judged with. */
export interface MatrixRun {
  places: readonly Place[];
  /** Path of Chromium. */
  executablePath: string;
  /** How many windows judge at the same time; as many as the machine has cores. */
  windows?: number | undefined;
  /** Told after each document. */
  progress?: (done: number) => void;
}

/**
 * Judges documents, in their order.
 * @param run which, where, and how many at a time
 */
export async function judgeMatrix(run: MatrixRun): Promise<MatrixResult> {
  const args = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'];
  const server = await startPageServer();
  const browser = await chromium.launch({ executablePath: run.executablePath, args });
  try {
    const memory = openMemory([browser.version(), axeVersion]);
    const judged: Judged[] = [];
    const waiting = run.places.entries();
    let done = 0;
    const judgeSome = async () => {
      const judge = await openJudge(browser);
      for (const [at, place] of waiting) {
        const { tag, dir } = i18n.locale(place.locale);
        const address = server.address(place.look, place.locale, place.scene.id);
        const html = `${sceneHtml(place.scene.id, place.look, place.locale)}`;
        const expected = { lang: tag, dir };
        const known = memory.recall(html);
        const judgement = known ?? (await judgeWell(judge, address, expected));
        if (!known) memory.keep(html, judgement);
        judged[at] = { ...place, judgement };
        done += 1;
        run.progress?.(done);
      }
    };
    await Promise.all(Array.from({ length: run.windows ?? Math.max(2, availableParallelism()) }, judgeSome));
    return { judged, chromium: browser.version(), axe: axeVersion };
  } finally {
    await browser.close();
    await server.stop();
  }
}

/** A fault of the page is found again; what a busy machine did to the browser is not. */
async function judgeWell(judge: Judge, address: string, expected: Expectation): Promise<Judgement> {
  const judgement = await judge.judge(address, expected);
  return judgement.findings.length === 0 ? judgement : judge.judge(address, expected);
}

async function openJudge(browser: Browser) {
  const context = await browser.newContext();
  return createJudge(await context.newPage());
}
