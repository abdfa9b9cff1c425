/** A logo as it stands on pages, drawn into one image of its own, so that no page of ours has to hold its markup. Pure. */
import type { BrandLogo, Tokens } from '../../base/http/brand-look.ts';

/** Heights in CSS pixels: as on pages and in mails, and twice that, to look at it closely. */
const heights = [32, 64] as const;
/** As wide as pages let a logo be, for one of the lower height. */
const mostWidth = 160;
const gap = 24;
/** The edge of the light ground that an image keeps in the dark. */
const plateEdge = 4;

/**
 * A picture of a logo on the ground that pages give it.
 * @param logo the logo
 * @param tokens colours of the scheme
 * @param plate colour of the ground that an image is given: the light surface
 * @returns a `data:` address
 */
export function logoPicture(logo: BrandLogo, tokens: Tokens, plate: string): string {
  const [width, height] = [gap * 3 + mostWidth * 3, gap * 2 + 64];
  let x = gap;
  const drawn = heights.map((size) => {
    const box = boxOf(logo, size);
    const at = { x, y: (height - box.height) / 2 };
    x += box.width + gap;
    return typeof logo === 'string' ? inlineAt(logo, at, box) : imageAt(logo.png, { ...at, ...box }, plate);
  });
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<rect width="${width}" height="${height}" fill="${tokens.surface}"/><g color="${tokens.brand}">`,
    ...drawn,
    '</g></svg>',
  ].join('');
  return `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
}

interface Box {
  width: number;
  height: number;
}

function boxOf(logo: BrandLogo, height: number): Box {
  const most = (mostWidth * height) / heights[0];
  if (typeof logo !== 'string') {
    const scale = Math.min(height / logo.height, most / logo.width);
    return { width: logo.width * scale, height: logo.height * scale };
  }
  const [, , , width = height, tall = height] = /viewBox="([-\d.e]+) ([-\d.e]+) ([\d.e]+) ([\d.e]+)"/
    .exec(logo)
    ?.map(Number) ?? [0, 0, 0];
  return { width: Math.min((height * width) / tall, most), height };
}

/** The size that its own markup says is that of pages without a style sheet; here the picture says it. */
function inlineAt(markup: string, { x, y }: { x: number; y: number }, { width, height }: Box): string {
  return markup.replace(
    /^<svg viewBox="([^"]*)" width="[^"]*" height="[^"]*"/,
    `<svg x="${x}" y="${y}" viewBox="$1" width="${width}" height="${height}"`,
  );
}

function imageAt(
  png: string,
  { x, y, width, height }: Box & { x: number; y: number },
  plate: string,
): string {
  const [wide, tall] = [width + 2 * plateEdge, height + 2 * plateEdge];
  return `<rect x="${x - plateEdge}" y="${y - plateEdge}" width="${wide}" height="${tall}" fill="${plate}"/><image x="${x}" y="${y}" width="${width}" height="${height}" href="data:image/png;base64,${png}"/>`;
}
