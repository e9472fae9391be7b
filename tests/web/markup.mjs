// What the Nu checker says of the files, and whether links between them lead anywhere.
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { walk } from './site.mjs';

const VNU = createRequire(import.meta.url).resolve('vnu-jar/build/dist/vnu.jar');

function runVnu(files, folder) {
  const options = ['-Xss4m', '-jar', VNU, '--format', 'json', '--stdout', '--exit-zero-always', '--also-check-css', '--also-check-svg'];
  return new Promise((resolve, reject) => {
    execFile('java', [...options, ...files], { cwd: folder, maxBuffer: 1 << 28 }, (error, output, complaint) => {
      error ? reject(new Error(`vnu: ${complaint}`)) : resolve(JSON.parse(output).messages);
    });
  });
}

// It takes no file for its own neighbour, whatever the page's policy says; Chromium is asked about that.
const isKnown = ({ message }) => /violates Content Security Policy.*blocked by/.test(message);

// Each thing once, with its first place and how often it is said.
function folded(messages, line) {
  const first = new Map();
  for (const message of messages) {
    const entry = first.get(message.message) ?? { line: line(message), count: 0 };
    first.set(message.message, { ...entry, count: entry.count + 1 });
  }
  return [...first.values()].map((entry) => `${entry.line} (${entry.count} times)`);
}

/** vnu: Returns: its errors, and its warnings, as lines */
export async function vnu(folder) {
  const files = walk(folder).filter((file) => /\.(html|css|svg)$/.test(file));
  const messages = await runVnu(files, folder);
  const line = ({ url, lastLine, message }) => `${url?.split(`${path.basename(folder)}/`).at(-1)}:${lastLine}: ${message}`;
  const isError = ({ type }) => type === 'error' || type === 'non-document-error';
  return {
    count: files.length,
    errors: messages.filter(isError).map(line),
    warnings: folded(messages.filter((message) => !isError(message) && !isKnown(message)), line),
  };
}

const linksOf = (page) =>
  page.evaluate(() => ({
    ids: [...document.querySelectorAll('[id]')].map((element) => element.id),
    links: [...document.querySelectorAll('[href], [src]')].map((element) => element.getAttribute('href') ?? element.getAttribute('src')),
  }));

function destination(folder, url, base) {
  const place = url.href.startsWith(base) ? url.pathname.slice(new URL(base).pathname.length)
    : path.relative(folder, decodeURIComponent(url.pathname));
  const file = path.join(folder, decodeURIComponent(place));
  return existsSync(file) && statSync(file).isDirectory() ? path.join(file, 'index.html') : file;
}

/**
 * links: every link of the pages to the site itself, be it relative or by the address of @base.
 * Returns: those that lead nowhere, or to no such place in a page
 */
export async function links(page, folder, base) {
  const seen = new Map();
  for (const file of walk(folder).filter((name) => name.endsWith('.html'))) {
    await page.setContent(readFileSync(path.join(folder, file), 'utf8'));
    seen.set(path.join(folder, file), await linksOf(page));
  }
  const problems = [];
  for (const [file, { links: found }] of seen) {
    for (const link of found) {
      const url = new URL(link, pathToFileURL(file));
      if (url.protocol !== 'file:' && !url.href.startsWith(base)) {
        continue;
      }
      const target = destination(folder, url, base);
      const ids = seen.get(target)?.ids;
      if (!existsSync(target) || (url.hash && ids && !ids.includes(decodeURIComponent(url.hash.slice(1))))) {
        problems.push(`${path.relative(folder, file)}: ${link}`);
      }
    }
  }
  return { count: seen.size, problems };
}
