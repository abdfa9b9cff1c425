/**
 * Reads a message as our own transport writes it: headers with encoded words (RFC 2047) and one level of
 * multipart/alternative with quoted-printable or base64 parts (RFC 2045, 2046). For the development mailbox only.
 */

/** What a mailbox shows of a message. */
export interface ReadMessage {
  messageId: string;
  from: string;
  subject: string;
  text: string;
  html: string;
  /** Every header as it came, names in lower case. */
  headers: Readonly<Record<string, string>>;
}

/**
 * Reads a raw message.
 * @param raw the bytes between DATA and the final dot
 */
export function readMessage(raw: Buffer): ReadMessage {
  const root = splitPart(raw.toString('latin1'));
  const boundary = /boundary="?([^";]+)"?/i.exec(root.headers['content-type'] ?? '')?.[1];
  const parts = boundary === undefined ? [root] : splitParts(root.body, boundary);
  const bodyOf = (type: string) => {
    const part = parts.find((one) => (one.headers['content-type'] ?? 'text/plain').startsWith(type));
    return part ? decodeBody(part).replaceAll('\r\n', '\n') : '';
  };
  return {
    messageId: root.headers['message-id'] ?? '',
    from: decodeWords(root.headers.from ?? ''),
    subject: decodeWords(root.headers.subject ?? ''),
    text: bodyOf('text/plain'),
    html: bodyOf('text/html'),
    headers: root.headers,
  };
}

interface Part {
  headers: Record<string, string>;
  body: string;
}

function splitPart(source: string): Part {
  const end = source.indexOf('\r\n\r\n');
  const head = end < 0 ? source : source.slice(0, end);
  const headers: Record<string, string> = {};
  for (const line of head.replace(/\r\n[ \t]+/g, ' ').split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { headers, body: end < 0 ? '' : source.slice(end + 4) };
}

function splitParts(body: string, boundary: string): Part[] {
  return body
    .split(`--${boundary}`)
    .slice(1)
    .filter((part) => !part.startsWith('--'))
    .map((part) => splitPart(part.replace(/^\r\n/, '').replace(/\r\n$/, '')));
}

function decodeBody(part: Part): string {
  const encoding = (part.headers['content-transfer-encoding'] ?? '7bit').toLowerCase();
  if (encoding === 'base64') return Buffer.from(part.body, 'base64').toString('utf8');
  if (encoding !== 'quoted-printable') return Buffer.from(part.body, 'latin1').toString('utf8');
  return fromQuotedPrintable(part.body.replace(/=[ \t]*\r\n/g, ''));
}

function fromQuotedPrintable(text: string): string {
  const bytes = text.replace(/=([0-9A-F]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** Encoded words; the space between two of them is not part of the text. */
function decodeWords(value: string): string {
  return value
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, kind: string, text: string) =>
      kind.toLowerCase() === 'b'
        ? Buffer.from(text, 'base64').toString('utf8')
        : fromQuotedPrintable(text.replaceAll('_', ' ')),
    );
}
