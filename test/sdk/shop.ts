/** Serves the shop's page and the SDK to browsers, from a loopback origin of its own; types are stripped on the way. */
import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { stripTypeScriptTypes } from 'node:module';
import path from 'node:path';
import { atEnd } from '../support/database.ts';
import { freePort } from '../support/ports.ts';

const folder = path.resolve(import.meta.dirname, '../../sdk/src');

/** What the page is told. */
export interface ShopSettings {
  issuer: string;
  scope: string;
}

/**
 * Starts the shop; it is stopped after the test file.
 * @param settings what its page is told
 * @returns its origin
 */
export async function startShop(settings: ShopSettings): Promise<string> {
  const port = await freePort();
  const origin = `http://shop.localhost:${port}`;
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', origin);
    answer(pathname, response, settings).catch(() => response.writeHead(404).end());
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  atEnd(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return origin;
}

async function answer(pathname: string, response: ServerResponse, settings: ShopSettings): Promise<void> {
  const script = { 'content-type': 'text/javascript; charset=utf-8' };
  const file = /^\/sdk\/([a-z-]+\.ts)$/.exec(pathname)?.[1];
  if (file !== undefined) {
    const source = await readFile(path.join(folder, file), 'utf8');
    response.writeHead(200, script).end(stripTypeScriptTypes(source));
  } else if (pathname === '/shop.mjs') {
    response.writeHead(200, script).end(await readFile(path.join(import.meta.dirname, 'shop.mjs')));
  } else if (pathname === '/') {
    // As strict as a page can be that calls its issuer: the SDK needs nothing more.
    const policy = `default-src 'none'; img-src data:; script-src 'self'; connect-src ${settings.issuer}`;
    response
      .writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy })
      .end(
        `<!doctype html><html lang="en"><title>Shop</title><link rel="icon" href="data:,"><main></main>` +
          `<script type="application/json" id="settings">${JSON.stringify(settings)}</script>` +
          `<script type="module" src="/shop.mjs"></script></html>`,
      );
  } else response.writeHead(404).end();
}
