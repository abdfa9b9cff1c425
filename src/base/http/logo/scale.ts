/** Makes an image smaller by averaging the pixels that fall together. Pure. */

/** Pixels, row by row: red, green, blue and opacity of each, 0 to 255. */
export interface Pixels {
  width: number;
  height: number;
  data: Uint8ClampedArray;
}

/**
 * An image that is no larger than asked, in its own proportions; one that is small enough stays as it is.
 * @param image the pixels
 * @param most largest side, in pixels
 */
export function scaledDown(image: Pixels, most: number): Pixels {
  const factor = Math.min(1, most / Math.max(image.width, image.height));
  if (factor === 1) return image;
  const width = Math.max(1, Math.round(image.width * factor));
  const height = Math.max(1, Math.round(image.height * factor));
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y += 1) {
    const rows = span(y, height, image.height);
    for (let x = 0; x < width; x += 1) {
      data.set(average(image, span(x, width, image.width), rows), (y * width + x) * 4);
    }
  }
  return { width, height, data };
}

/** First and last pixel (exclusive) of the source that one pixel of the result stands for. */
function span(at: number, of: number, source: number): [number, number] {
  const from = Math.floor((at * source) / of);
  return [from, Math.max(from + 1, Math.floor(((at + 1) * source) / of))];
}

/** Colours count by their opacity: what cannot be seen must not tint an edge. */
function average({ width, data }: Pixels, columns: [number, number], rows: [number, number]): number[] {
  let [red, green, blue, opacity, count] = [0, 0, 0, 0, 0];
  for (let y = rows[0]; y < rows[1]; y += 1) {
    for (let x = columns[0]; x < columns[1]; x += 1) {
      const at = (y * width + x) * 4;
      const alpha = data[at + 3] ?? 0;
      red += (data[at] ?? 0) * alpha;
      green += (data[at + 1] ?? 0) * alpha;
      blue += (data[at + 2] ?? 0) * alpha;
      opacity += alpha;
      count += 1;
    }
  }
  return opacity === 0 ? [0, 0, 0, 0] : [red / opacity, green / opacity, blue / opacity, opacity / count];
}
