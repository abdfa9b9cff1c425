/** Serves every scene in every look and language to a browser, with the policy the product sends. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { assets } from './render-all.ts';
import { sceneHtml } from './scenes.ts';

/** A server of scenes. */
export interface PageServer {
  /**
   * Where a scene is.
   * @param look id of the look
   * @param locale code of the language
   * @param scene id of the scene
   */
  address(look: string, locale: string, scene: string): string;
  /** How many forms were sent so far. */
  posts(): number;
  stop(): Promise<void>;
}

const policy =
  "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; frame-src 'self'";

const framed = '<!doctype html><html lang="en"><title>Framed</title><p>Framed</p></html>';

/** Starts the server on a free port of loopback. */
export async function startPageServer(): Promise<PageServer> {
  let posts = 0;
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (request.method === 'POST') {
      posts += 1;
      // No content: the browser stays on the page, as while it waits for an answer.
      response.writeHead(204).end();
      return;
    }
    const asset = assets.read(pathname);
    if (asset) {
      response
        .setHeader('content-type', asset.type)
        .setHeader('cache-control', 'max-age=3600')
        .end(asset.body);
      return;
    }
    const [, look = '', locale = '', ...scene] = pathname.split('/');
    // What the preview of the console frames is a page of its own, and judged as such.
    const html = look === 'console' ? framed : sceneHtml(scene.join('/'), look, locale);
    response
      .setHeader('content-type', 'text/html; charset=utf-8')
      .setHeader('content-security-policy', policy);
    response.writeHead(html === undefined ? 404 : 200).end(html);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    address: (look, locale, scene) => `${origin}/${look}/${locale}/${scene}`,
    posts: () => posts,
    async stop() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
