/**
 * Runs inside a page of a real browser and says what of it a person could not read, reach or hit. Every question
 * answers with how many things were looked at and, in words, which of them are at fault. Nothing here changes the page
 * but its focus. axe-core judges the rest; what it leaves undecided about contrast is decided here.
 */
globalThis.symbolonJudge = (() => {
  /** Links within a sentence may be as low as their line (WCAG 2.5.8); anything else is a target for a thumb. */
  const smallestTarget = 44;
  const smallestInline = 24;
  const smallestText = 16;
  /** Half a pixel: browsers round. */
  const rounding = 0.5;

  const isShown = (element) =>
    element.getClientRects().length > 0 && element.checkVisibility({ visibilityProperty: true });
  /** For assistive technology or shown with focus only. */
  const isAside = (element) => element.closest('.sr, .skip') !== null;
  const isTick = (element) => element.matches('[type=checkbox],[type=radio]');
  const interactive =
    'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex], iframe, [contenteditable]';

  /** A short name of an element that tells it from its neighbours. */
  function nameOf(element) {
    const words = (element.getAttribute('aria-label') ?? element.textContent ?? '')
      .trim()
      .replace(/\s+/g, ' ');
    const id = element.id ? `#${element.id}` : '';
    const kind =
      element.className && typeof element.className === 'string'
        ? `.${element.className.split(' ').join('.')}`
        : '';
    return `${element.tagName.toLowerCase()}${id}${kind} “${words.slice(0, 40)}”`;
  }

  /** What the keyboard must reach, in the order of the document. */
  const controls = () =>
    [...document.querySelectorAll(interactive)].filter(
      (element) => isShown(element) && !element.disabled && element.tabIndex >= 0,
    );

  /** Controls to be seen and hit, each with the box that takes the click. */
  const targets = () =>
    controls()
      .filter((element) => !isAside(element))
      .map((element) => ({
        element,
        box: isTick(element) ? (element.closest('label') ?? element) : element,
      }));

  /** What shows the edge and the focus of a control. */
  const frameOf = (element) =>
    element.closest('.choice') ?? ((element.matches('input') && element.closest('.reveal')) || element);

  const isInline = (element) => getComputedStyle(element).display === 'inline';
  const answer = (checked, faults) => ({ checked, faults: [...new Set(faults)] });

  /** Every control is high and wide enough, and text in inputs is large enough that phones do not zoom. */
  function size() {
    const found = targets();
    const small = found.filter(({ box }) => {
      if (isInline(box))
        return Math.min(...[...box.getClientRects()].map(({ height }) => height)) < smallestInline;
      const { width, height } = box.getBoundingClientRect();
      return Math.min(width, height) < smallestTarget - rounding;
    });
    const typed = found.filter(
      ({ element }) => element.matches('input, select, textarea') && !isTick(element),
    );
    const tiny = typed.filter(
      ({ element }) => Number.parseFloat(getComputedStyle(element).fontSize) < smallestText,
    );
    return answer(found.length, [
      ...small.map(({ element, box }) => {
        const { width, height } = box.getBoundingClientRect();
        return `target of ${width.toFixed(0)}×${height.toFixed(0)} px: ${nameOf(element)}`;
      }),
      ...tiny.map(({ element }) => `text under ${smallestText} px in ${nameOf(element)}`),
    ]);
  }

  /** Nothing stands beyond the window's sides, is cut off, or lies over a control. */
  function fit() {
    const faults = [];
    if (document.documentElement.scrollWidth > innerWidth) faults.push('the page scrolls sideways');
    const elements = [...document.body.querySelectorAll('*')].filter(
      (element) => isShown(element) && !isAside(element),
    );
    for (const element of elements) {
      const { left, right, width } = element.getBoundingClientRect();
      if (width > 0 && (left < -rounding || right > innerWidth + rounding) && !element.closest('svg *'))
        faults.push(`beyond the window: ${nameOf(element)}`);
      const { overflowX, overflowY } = getComputedStyle(element);
      if (element.matches('input, select, textarea, svg, svg *')) continue;
      const [wide, high] = [
        element.scrollWidth - element.clientWidth > 1,
        element.scrollHeight - element.clientHeight > 1,
      ];
      if (wide && (overflowX === 'auto' || overflowX === 'scroll'))
        faults.push(`scrolls sideways: ${nameOf(element)}`);
      if ((wide && overflowX === 'hidden') || (high && overflowY === 'hidden'))
        faults.push(`cut off: ${nameOf(element)}`);
      if (wide && element.matches('.button, button, td, th, .badge'))
        faults.push(`runs over: ${nameOf(element)}`);
    }
    return answer(elements.length, [...faults, ...overlaps()]);
  }

  /** Controls that lie over each other. */
  function overlaps() {
    const boxes = targets().filter(
      ({ box }) => !isInline(box) && !box.closest('details[open] > :not(summary)'),
    );
    const faults = [];
    for (const [index, one] of boxes.entries()) {
      for (const other of boxes.slice(index + 1)) {
        if (one.box.contains(other.box) || other.box.contains(one.box)) continue;
        const [a, b] = [one.box.getBoundingClientRect(), other.box.getBoundingClientRect()];
        const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        if (across > 1 && down > 1) faults.push(`${nameOf(other.element)} lies over ${nameOf(one.element)}`);
      }
    }
    return faults;
  }

  /** Document, title, headings and landmarks. */
  function structure({ lang, dir }) {
    const count = (selector) => [...document.querySelectorAll(selector)].filter(isShown).length;
    const first = controls()[0];
    const expectations = [
      [document.documentElement.lang === lang, `lang is ${document.documentElement.lang}, not ${lang}`],
      [document.documentElement.dir === dir, `dir is ${document.documentElement.dir}, not ${dir}`],
      [document.title.trim() !== '', 'there is no title'],
      [count('h1') === 1, `there are ${count('h1')} first headings`],
      [count('main') === 1, `there are ${count('main')} main landmarks`],
      [document.querySelectorAll('main main, main footer').length === 0, 'landmarks are nested'],
      [
        first?.matches('.skip') && document.querySelector(first.getAttribute('href')) !== null,
        'no skip link comes first',
      ],
      [document.querySelector('main h1') !== null, 'the first heading is not in main'],
      [
        document.querySelectorAll('[tabindex]:not([tabindex="0"],[tabindex="-1"])').length === 0,
        'tabindex changes the order',
      ],
      [document.querySelectorAll('[autofocus]').length <= 1, 'two things ask for the first focus'],
    ];
    return answer(
      expectations.length,
      expectations.filter(([good]) => !good).map(([, words]) => words),
    );
  }

  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  const colours = new Map();
  /** Red, green, blue and opacity of any colour the style sheet can compute. */
  function rgba(colour) {
    if (!colours.has(colour)) {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
      colours.set(colour, [red, green, blue, alpha / 255]);
    }
    return colours.get(colour);
  }
  const over = ([r, g, b, a], under) => [r, g, b].map((channel, at) => channel * a + under[at] * (1 - a));
  const luminance = (rgb) => {
    const [red, green, blue] = rgb.map((channel) => {
      const part = channel / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one, other) => {
    const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  const gradientColours = /(?:rgba?|color|oklab|oklch|hsla?|lab|lch)\([^()]*\)/g;

  /** Every colour that can stand behind an element: more than one where there is a gradient. */
  function behind(element) {
    if (element === null)
      return [[...over(rgba(getComputedStyle(document.documentElement).backgroundColor), [255, 255, 255])]];
    const { backgroundColor, backgroundImage } = getComputedStyle(element);
    const own = rgba(backgroundColor);
    const stops = element.matches('select') ? [] : (backgroundImage.match(gradientColours) ?? []).map(rgba);
    const under =
      own[3] === 1 ? [own.slice(0, 3)] : behind(element.parentElement).map((each) => over(own, each));
    return stops.length === 0
      ? under
      : [...under, ...stops.flatMap((stop) => under.map((each) => over(stop, each)))];
  }
  const leastContrast = (colour, backgrounds) =>
    Math.min(...backgrounds.map((each) => contrast(over(rgba(colour), each), each)));

  /** Contrast of texts that axe left undecided, against every colour of the gradient behind them. */
  function undecided(selectors) {
    const faults = [];
    for (const selector of selectors) {
      const element = document.querySelector(selector);
      if (!element) {
        faults.push(`undecided and gone: ${selector}`);
        continue;
      }
      const { color, fontSize, fontWeight } = getComputedStyle(element);
      const pixels = Number.parseFloat(fontSize);
      const large = pixels >= 24 || (pixels >= 18.66 && Number(fontWeight) >= 700);
      const ratio = leastContrast(color, behind(element));
      if (ratio < (large ? 3 : 4.5)) faults.push(`contrast ${ratio.toFixed(2)}: ${nameOf(element)}`);
    }
    return answer(selectors.length, faults);
  }

  /** Every control that is more than words has an edge that stands out, 3:1 (WCAG 1.4.11). */
  function edges() {
    const framed = targets().filter(
      ({ element, box }) => !isInline(box) && element.matches('button, .button, input, select, textarea'),
    );
    const faults = framed.filter(({ element }) => {
      // The browser draws its own ticks, and these stand out by its own rules; words that are underlined need no edge.
      const underlined = getComputedStyle(element).textDecorationLine.includes('underline');
      if (isTick(element) || underlined || element.matches('.inner')) return false;
      const frame = frameOf(element);
      const around = behind(frame.parentElement);
      const { borderTopColor, borderTopWidth, borderTopStyle, backgroundColor } = getComputedStyle(frame);
      const hasBorder = Number.parseFloat(borderTopWidth) >= 1 && borderTopStyle !== 'none';
      const best = Math.max(
        hasBorder ? leastContrast(borderTopColor, around) : 1,
        leastContrast(backgroundColor, around),
      );
      return best < 3;
    });
    return answer(
      framed.length,
      faults.map(({ element }) => `no edge stands out: ${nameOf(element)}`),
    );
  }

  /** With focus, every control shows a ring of 2 px and 3:1, within the window and under nothing (WCAG 2.4.7, 2.4.11). */
  function focus() {
    const faults = [];
    const found = controls();
    for (const control of found) {
      control.focus({ focusVisible: true });
      if (document.activeElement !== control) {
        faults.push(`does not take focus: ${nameOf(control)}`);
        continue;
      }
      const ringed = frameOf(control);
      const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(ringed);
      if (outlineStyle === 'none' || Number.parseFloat(outlineWidth) < 2)
        faults.push(`no ring: ${nameOf(control)}`);
      else if (leastContrast(outlineColor, behind(ringed.parentElement)) < 3)
        faults.push(`faint ring: ${nameOf(control)}`);
      if (!isInSight(control)) faults.push(`focus out of sight: ${nameOf(control)}`);
    }
    document.activeElement?.blur();
    scrollTo(0, 0);
    return answer(found.length, faults);
  }

  /** A link may go on in another line: one part in sight is enough. */
  const isInSight = (control) => [...control.getClientRects()].some((box) => isSeen(control, box));

  function isSeen(control, box) {
    const [left, right] = [Math.max(0, box.left), Math.min(innerWidth, box.right)];
    const [top, bottom] = [Math.max(0, box.top), Math.min(innerHeight, box.bottom)];
    if (right - left < 1 || bottom - top < 1) return false;
    const topmost = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    return (
      topmost !== null &&
      (control.contains(topmost) || topmost.contains(control) || topmost.matches('.inner'))
    );
  }

  /** In forced colours every control keeps an edge or a line under its words, and what is chosen still looks it. */
  function forced() {
    const found = targets();
    const faults = found.flatMap(({ element }) => {
      if (isTick(element)) return [];
      const style = getComputedStyle(frameOf(element));
      const bordered = Number.parseFloat(style.borderTopWidth) >= 1 && style.borderTopStyle !== 'none';
      const underlined = style.textDecorationLine.includes('underline');
      const words = element.matches('a, summary');
      return bordered || underlined || words ? [] : [`no edge in forced colours: ${nameOf(element)}`];
    });
    const chosen = [
      ...document.querySelectorAll('[aria-pressed=true], [aria-current]:not([aria-current=false])'),
    ].filter(isShown);
    const unseen = chosen.filter((element) => getComputedStyle(element).outlineStyle === 'none');
    return answer(found.length + chosen.length, [
      ...faults,
      ...unseen.map((element) => `chosen by colour alone: ${nameOf(element)}`),
    ]);
  }

  /** Nothing moves for people who asked for that. */
  function stillness() {
    const all = [...document.querySelectorAll('*')];
    const longest = (durations) => Math.max(...durations.split(',').map((each) => Number.parseFloat(each)));
    const moving = all.filter((element) =>
      [null, '::before', '::after'].some((pseudo) => {
        const style = getComputedStyle(element, pseudo);
        const moves = style.animationName !== 'none' && longest(style.animationDuration) > 0;
        return moves || longest(style.transitionDuration) > 0 || style.scrollBehavior === 'smooth';
      }),
    );
    return answer(
      all.length,
      moving.map((element) => `moves: ${nameOf(element)}`),
    );
  }

  /** A stop of the keyboard: one control, or one group of radio buttons. */
  const stopOf = (control) =>
    control.type === 'radio' ? `${[...document.forms].indexOf(control.form)} ${control.name}` : control;

  /** Day, month, year and calendar are stops within one input. */
  const pressesInDate = 8;

  let walked = [];
  /** A window that comes to the front tells of the same focus again. */
  const note = ({ target }) => {
    if (target !== walked.at(-1)) walked.push(target);
  };

  /**
   * Begins to note where Tab leads. It goes on from the last control: the first press leaves the page at its end, and
   * the others lead through it from the top. Answers how many presses there should be: one to spare, for the browser
   * may keep one for itself on the way back into the page.
   */
  function beginWalk() {
    const found = controls();
    found.at(-1)?.focus();
    document.activeElement?.blur();
    walked = [];
    document.addEventListener('focusin', note);
    const dates = found.filter(({ type }) => /^(?:date|time|month|week|datetime-local)$/.test(type));
    return new Set(found.map(stopOf)).size + 2 + dates.length * pressesInDate;
  }

  /** Whether Tab led to every control, in the order of the document, which is the order to the eye. */
  function endWalk() {
    document.removeEventListener('focusin', note);
    const found = controls();
    const expected = [...new Set(found.map(stopOf))];
    const seen = walked.map(stopOf);
    const missed = found.filter((control) => !seen.includes(stopOf(control)));
    const faults = missed.map((control) => `not reached by Tab: ${nameOf(control)}`);
    walked.length = Math.min(walked.length, expected.length);
    const late = walked.find((control, at) => stopOf(control) !== expected[at]);
    if (missed.length === 0 && late) faults.push(`out of order: ${nameOf(late)}`);
    const rightToLeft = document.documentElement.dir === 'rtl';
    for (const [at, element] of walked.entries()) {
      const next = walked[at + 1];
      if (next && !follows(element, next, rightToLeft))
        faults.push(`${nameOf(next)} stands before ${nameOf(element)}`);
    }
    return answer(expected.length, faults);
  }

  const landmark = (element) => element.closest('main, nav, header, footer, aside, .skip');

  /** Whether the eye comes to the other later: further down, further on in the line, or in the next column. */
  function follows(one, other, rightToLeft) {
    if (landmark(one) !== landmark(other)) return true;
    const [a, b] = [one.getClientRects()[0], other.getClientRects()[0]];
    if ((b.top + b.bottom) / 2 >= a.bottom) return true;
    const sideways = rightToLeft ? a.right - b.right : b.left - a.left;
    const apart = rightToLeft ? b.right <= a.left : b.left >= a.right;
    return apart || (b.bottom > a.top && sideways >= 0);
  }

  /** Opens or closes what folds. Answers how many there are. */
  function unfold(open) {
    const folded = [...document.querySelectorAll('details')];
    for (const each of folded) each.open = open;
    return folded.length;
  }

  /** Lines, words and letters as far apart as WCAG 1.4.12 lets people have them; off again with `false`. */
  function spaceOut(on) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(
      '*{line-height:1.5!important;letter-spacing:.12em!important;word-spacing:.16em!important}p{margin-block-end:2em!important}',
    );
    document.adoptedStyleSheets = on ? [sheet] : [];
  }

  return {
    size,
    fit,
    structure,
    undecided,
    edges,
    focus,
    forced,
    stillness,
    beginWalk,
    endWalk,
    unfold,
    spaceOut,
  };
})();
