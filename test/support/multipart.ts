/** Forms that bring a file, as a browser writes them (RFC 7578). */

/** A field, or a file where it has a name. */
export interface Part {
  name: string;
  value: string | Uint8Array;
  file?: string;
  type?: string;
}

const boundary = 'xxBOUNDARYxx';

/** The media type of {@link multipart}. */
export const multipartType = `multipart/form-data; boundary=${boundary}`;

/** Parts as one body. */
export function multipart(parts: readonly Part[]): Buffer<ArrayBuffer> {
  return Buffer.concat([
    ...parts.flatMap(({ name, value, file, type }) => [
      Buffer.from(
        `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file === undefined ? '' : `; filename="${file}"`}\r\n${type ? `Content-Type: ${type}\r\n` : ''}\r\n`,
      ),
      Buffer.from(value),
      Buffer.from('\r\n'),
    ]),
    Buffer.from(`--${boundary}--\r\n`),
  ]);
}
