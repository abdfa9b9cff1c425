/** SVG as logo: written anew from what is allowed; and files that want something else. */
import { describe, expect, it } from '@jest/globals';
import { createLogoReencoder, servableLogo } from '../../../../src/base/http/logo/logo.ts';
import { cleanSvg } from '../../../../src/base/http/logo/svg.ts';
import { looks } from '../../../pages/render-all.ts';

const clean = (svg: string) => cleanSvg(Buffer.from(svg));
const faultOf = (svg: string) => {
  const cleaned = clean(svg);
  return 'fault' in cleaned ? cleaned.fault : 'accepted';
};
function markupOf(svg: string): { markup: string; dropped: string[] } {
  const cleaned = clean(svg);
  if ('fault' in cleaned) throw new Error(cleaned.fault);
  return cleaned;
}
const ns = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"';
const svg = (inside: string, more = '') => `<svg ${ns} viewBox="0 0 10 10" ${more}>${inside}</svg>`;
const dot = '<path d="M0 0h1v1z"/>';

describe('an SVG', () => {
  it('is written anew with its shapes, for a place of its own in a page', () => {
    const { markup, dropped } = markupOf(
      `\ufeff<?xml version="1.0" encoding="UTF-8"?><!-- by a program -->${svg(
        '<title>Logo</title><g fill="currentColor" transform="translate(1 2) scale(.5)"><path d="M2.5 19.5 29.5 5z" opacity=".6"/><circle cx="1" cy="2" r="3"/></g>',
        'width="200" height="100" data-name="Layer 1" aria-label="x"',
      )}`,
    );
    expect(markup).toBe(
      '<svg viewBox="0 0 10 10" width="32" height="32" aria-hidden="true" focusable="false"><g fill="currentColor" transform="translate(1 2) scale(.5)"><path d="M2.5 19.5 29.5 5z" opacity=".6"/><circle cx="1" cy="2" r="3"/></g></svg>',
    );
    expect(dropped).toEqual([]);
  });

  it('stays in its box: nothing of its root lets it lie over the page', () => {
    const said =
      'overflow="visible" transform="scale(90)" style="overflow:visible;display:flow-root" fill="red"';
    const { markup, dropped } = markupOf(svg(dot, said));
    expect(markup).toBe(
      `<svg viewBox="0 0 10 10" width="32" height="32" aria-hidden="true" focusable="false" fill="red">${dot}</svg>`,
    );
    expect(dropped).toEqual([]);
  });

  it('stays what it is when it is written anew again', () => {
    const gradients = svg(
      '<defs><linearGradient id="a"><stop offset="0" stop-color="#fff"/></linearGradient><linearGradient id="b" xlink:href="#a"/></defs><rect width="4" height="4" fill="url(#b) red"/>',
    );
    for (const source of [
      gradients,
      ...looks.flatMap(({ logo }) => (typeof logo === 'string' ? [logo] : [])),
    ]) {
      const once = markupOf(source).markup;
      expect(markupOf(once).markup).toBe(once);
      expect(servableLogo(once)).toEqual({ logo: once });
    }
  });

  it('has ids of its own, the same for the same logo and others for another', () => {
    const with_ = (id: string, colour: string) =>
      markupOf(
        svg(
          `<clipPath id="${id}"><path d="M0 0h5v5z"/></clipPath><path id="unused" clip-path="url('#${id}')" fill="${colour}" d="M0 0h9v9z"/>`,
        ),
      ).markup;
    const one = with_('SVGID_1_', '#fff');
    expect(one).toMatch(/<clipPath id="l[A-Za-z0-9]{8}-1">.*clip-path="url\(#l[A-Za-z0-9]{8}-1\)"/);
    expect(one).not.toMatch(/SVGID|unused/);
    expect(with_('main', '#fff')).toBe(one);
    expect(with_('main', '#000')).not.toBe(one);
  });

  it('keeps what drawing programs say in style sheets, as attributes that no policy forbids', () => {
    const { markup, dropped } = markupOf(
      svg(
        '<style type="text/css"><![CDATA[ /* export */ .st0{fill:#1D1D1B;stroke:none} .st1,.st2{fill:url(#g);font-family:Arial;-inkscape-x:1} ]]></style><linearGradient id="g"><stop style="stop-color:#f00;stop-opacity:.5" offset="50%"/></linearGradient><path class="st0 other" fill="red" d="M0 0h1z"/><path class="st1" style="fill-rule:evenodd !important" d="M0 0h2z"/>',
      ),
    );
    expect(markup).not.toMatch(/style|class/);
    expect(markup).toContain('<path fill="#1D1D1B" d="M0 0h1z" stroke="none"/>');
    expect(markup).toMatch(/<path d="M0 0h2z" fill="url\(#l\w+-1\)" fill-rule="evenodd"\/>/);
    expect(markup).toContain('<stop offset="50%" stop-color="#f00" stop-opacity=".5"/>');
    expect(dropped).toEqual([]);
  });

  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf'])(
    'has no attribute %s, which every object of the language has',
    (name) => {
      const path = `<path ${name}="1" style="${name}:1" d="M0 0h1z"/>`;
      const { markup, dropped } = markupOf(svg(`<style>.a{${name}:1}</style>${path}`, `${name}="1"`));
      expect(markup).toContain('><path d="M0 0h1z"/></svg>');
      expect(markup).not.toContain(name);
      expect(dropped).toEqual(expect.arrayContaining([name]));
    },
  );

  it.each([
    ['0 0 200 50', '128', '32'],
    ['0 0 50 200', '8', '32'],
    ['0,0,1000,10', '320', '32'],
  ])('of %s is as wide as its height of 32 pixels asks for, within limits', (box, width, height) => {
    const { markup } = markupOf(`<svg viewBox="${box}">${dot}</svg>`);
    expect(markup).toContain(` width="${width}" height="${height}" `);
  });

  it('without a box takes its size for one', () => {
    expect(markupOf(`<svg width="60px" height="30">${dot}</svg>`).markup).toContain(
      'viewBox="0 0 60 30" width="64"',
    );
    expect(faultOf(`<svg>${dot}</svg>`)).toBe('logo.unreadable');
    expect(faultOf(`<svg viewBox="0 0 0 10">${dot}</svg>`)).toBe('logo.unreadable');
    expect(faultOf(`<svg viewBox="0 0 Infinity 10">${dot}</svg>`)).toBe('logo.unreadable');
  });
});

describe('what an SVG loses', () => {
  it.each<[string, string, string[]]>([
    ['scripts', '<script>alert(1)</script><script href="//evil.example/x.js"/>', ['script']],
    [
      'scripts of other namespaces',
      '<h:script xmlns:h="http://www.w3.org/1999/xhtml">alert(1)</h:script>',
      [],
    ],
    [
      'pages',
      '<foreignObject><body xmlns="http://www.w3.org/1999/xhtml"><img src="x" onerror="alert(1)"/></body></foreignObject>',
      ['foreignObject'],
    ],
    [
      'events',
      '<path d="M0 0h1z" onload="alert(1)" onclick="alert(1)" OnMouseOver="x"/>',
      ['OnMouseOver', 'onclick', 'onload'],
    ],
    [
      'animations',
      '<animate attributeName="href" to="javascript:alert(1)"/><set attributeName="onload" to="alert(1)"/>',
      ['animate', 'set'],
    ],
    [
      'links',
      '<a href="javascript:alert(1)" xlink:href="https://evil.example"><path d="M0 0h1z"/></a>',
      ['a'],
    ],
    [
      'images',
      '<image href="https://evil.example/pixel.png"/><image xlink:href="data:image/svg+xml;base64,PHN2Zy8+"/>',
      ['image'],
    ],
    ['fonts and words', '<text x="1" y="1">Logo</text><font/>', ['font', 'text']],
    [
      'filters',
      '<filter id="f"><feImage href="https://evil.example/x"/></filter><path filter="url(#f)" d="M0 0h1z"/>',
      ['filter'],
    ],
    [
      'references to elsewhere',
      '<use href="https://evil.example/a.svg#b"/><use xlink:href="data:image/svg+xml,x#y"/><use href=" JaVaScRiPt:alert(1)"/>',
      ['href'],
    ],
    [
      'paint from elsewhere',
      '<path d="M0 0h1z" fill="url(https://evil.example/#a)" stroke="url(data:x#y)" clip-path="url(//e/#a)"/>',
      ['clip-path', 'fill', 'stroke'],
    ],
    [
      'addresses in styles',
      '<path d="M0 0h1z" style="fill:url(https://evil.example/#a);background:url(x);behavior:url(y)"/>',
      ['style background', 'style behavior', 'style fill'],
    ],
    ['imports', '<style>@import url("https://evil.example/x.css"); .a{fill:red}</style>', ['style']],
    [
      'rules that are not of a class',
      '<style>svg{background:url(x)} path{fill:red} .a{fill:blue}</style>',
      ['style'],
    ],
    [
      'values that are none',
      '<path d="M0 0&quot;&gt;&lt;script&gt;" fill="expression(alert(1))" transform="matrix(1) url(x)"/>',
      ['d', 'fill', 'transform'],
    ],
    [
      'instructions',
      '<?xml-stylesheet href="https://evil.example/x.css"?><?php echo 1 ?>',
      ['php', 'xml-stylesheet'],
    ],
    ['an SVG in it', '<svg onload="alert(1)"><path d="M0 0h1z"/></svg>', ['svg']],
    [
      'names that are no names',
      `<${'x'.repeat(60)}/><path d="M0 0h1z" ${'y'.repeat(60)}="1"/>`,
      ['an unknown part'],
    ],
  ])('%s', (_, inside, dropped) => {
    const cleaned = markupOf(svg(`${inside}${dot}`));
    expect(cleaned.dropped).toEqual(dropped);
    expect(cleaned.markup).not.toMatch(
      /script|alert|evil|javascript|data:|onload|onclick|http|foreign|image|<\?|<!|style|@import|&gt;&lt;/i,
    );
    if (dropped.length > 0)
      expect(servableLogo(svg(`${inside}${dot}`))).toEqual({ expected: `SVG without ${dropped.join(', ')}` });
  });

  it.each([
    ['a comment that ends sooner in a page', '<!--><script>alert(1)</script>-->'],
    ['an instruction that ends sooner in a page', '<?x ><script>alert(1)</script>?>'],
    [
      'text that a page would read otherwise',
      '<desc><![CDATA[</desc><script>alert(1)</script>]]></desc><title>&lt;script&gt;alert(1)&lt;/script&gt;</title>',
    ],
    [
      'a style that a page would read otherwise',
      '<style><![CDATA[</style><script>alert(1)</script>]]></style>',
    ],
  ])('%s', (_, inside) => {
    expect(markupOf(svg(`${inside}${dot}`)).markup).not.toMatch(/script|alert|<!|<\?/);
  });
});

describe('an SVG that is refused', () => {
  const laughs = `<!DOCTYPE svg [<!ENTITY a "lol">${Array.from({ length: 9 }, (_, n) => `<!ENTITY a${n} "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">`).join('')}]>`;
  const chain = (levels: number) =>
    Array.from(
      { length: levels },
      (_, n) => `<g id="g${n}">${n === 0 ? dot : `<use href="#g${n - 1}"/>`.repeat(10)}</g>`,
    ).join('');

  it.each<[string, string, string]>([
    [
      'for an external entity',
      `<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>${svg('<path d="&x;"/>')}`,
      'logo.unsafe',
    ],
    ['for entities that multiply', `${laughs}${svg('<title>&a8;</title>')}`, 'logo.unsafe'],
    [
      'for any document type',
      `<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">${svg(dot)}`,
      'logo.unsafe',
    ],
    ['for parts that multiply', svg(chain(6)), 'logo.unsafe'],
    [
      'for parts that go in a circle',
      svg(`<g id="a">${dot}<use href="#b"/></g><g id="b"><use href="#a"/></g>`),
      'logo.unsafe',
    ],
    ['for a part that refers to itself', svg(`<g id="a">${dot}<use href="#a"/></g>`), 'logo.unsafe'],
    [
      'for masks that multiply',
      svg(
        `${Array.from({ length: 6 }, (_, n) => `<mask id="m${n}">${`<path d="M0 0h1z" mask="url(#m${n - 1})"/>`.repeat(10)}</mask>`).join('')}<path d="M0 0h1z" mask="url(#m5)"/>`,
      ),
      'logo.unsafe',
    ],
    ['for too many elements', svg(dot.repeat(3_001)), 'logo.too_large'],
    ['for too much depth', svg(`${'<g>'.repeat(100)}${dot}${'</g>'.repeat(100)}`), 'logo.too_large'],
    ['for an unknown entity', svg('<title>&nbsp;</title>'), 'logo.unreadable'],
    ['for broken markup', svg('<path d="M0 0h1z">'), 'logo.unreadable'],
    ['for an attribute said twice', svg('<path d="M0 0" d="M1 1"/>'), 'logo.unreadable'],
    ['for what follows its end', `${svg(dot)}<script>alert(1)</script>`, 'logo.unreadable'],
    ['for drawing nothing', svg('<defs/><title>Nothing</title>'), 'logo.unreadable'],
    ['for being a page', '<html><body><svg/></body></html>', 'logo.unsupported'],
    ['for being another language', `<svg xmlns="http://evil.example/">${dot}</svg>`, 'logo.unsupported'],
    ['for another encoding', `<?xml version="1.0" encoding="UTF-7"?>${svg(dot)}`, 'logo.unreadable'],
  ])('%s', (_, source, fault) => {
    expect(faultOf(source)).toBe(fault);
  });

  it('in bytes that are no UTF-8', () => {
    expect(cleanSvg(Buffer.from([...Buffer.from('<svg viewBox="0 0 1 1">'), 0xc3, 0x28]))).toEqual({
      fault: 'logo.unreadable',
    });
  });

  it('for more than 64 KiB of shapes', async () => {
    const source = Buffer.from(svg(`<path d="${'M0 0h1z'.repeat(12_000)}"/>`));
    expect(await createLogoReencoder()(source, 'image/svg+xml; charset=utf-8')).toEqual({
      ok: false,
      fault: 'logo.too_large',
    });
  });

  it.each([
    ['digits', `<path d="M0 0h1z" opacity="${'1'.repeat(200_000)}x"/>`],
    ['transforms', `<path d="M0 0h1z" transform="${'scale(1) '.repeat(20_000)}!"/>`],
    ['spaces', `<path d="M0 0h1z" fill="url(#a)${' '.repeat(200_000)}!"/>`],
    ['comments of styles', `<style>${'/*'.repeat(100_000)}</style>`],
    [
      'rules',
      `<style>${'.a{fill:red}'.repeat(20_000)}</style>${'<path class="a" d="M0 0h1z"/>'.repeat(300)}`,
    ],
    ['classes', `<style>.a{fill:red}</style><path class="${'a '.repeat(100_000)}" d="M0 0h1z"/>`],
    ['attributes', `<path ${Array.from({ length: 20_000 }, (_, n) => `a${n}=""`).join(' ')}/>`],
  ])('or read without delay, however many %s it has', (_, inside) => {
    const began = process.cpuUsage();
    clean(svg(`${inside}${dot}`));
    const { user } = process.cpuUsage(began);
    // It takes milliseconds; work that grows with the square of the length takes minutes, however busy the machine is.
    expect(user).toBeLessThan(15e6);
  });
});
