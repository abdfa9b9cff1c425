/** Finds a Chromium on this machine. */
import { accessSync, constants } from 'node:fs';
import path from 'node:path';

/**
 * The Chromium for tests in a browser: the one named in SYMBOLON_CHROMIUM, else an installed one.
 * @returns {string | undefined} path of the binary, or nothing when there is none
 */
export function findChromium() {
  if (process.env.SYMBOLON_CHROMIUM) return process.env.SYMBOLON_CHROMIUM;
  const folders = ['/usr/bin', ...(process.env.PATH ?? '').split(path.delimiter)];
  const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
  const onMac = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';
  return [...names.flatMap((name) => folders.map((folder) => path.join(folder, name))), onMac].find(
    (file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    },
  );
}
