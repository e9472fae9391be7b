// Serves a folder as a plain host for static files would: usage: serve.mjs FOLDER PREFIX. Prints where it listens. The
// folder need not be there yet; what is not found is answered with its 404.html.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const TYPES = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.xml': 'application/xml',
};

function find(folder, prefix, url) {
  const place = decodeURIComponent(new URL(url, 'http://site').pathname);
  const file = path.join(folder, path.normalize(`/${place.slice(prefix.length)}`));
  return place.startsWith(prefix) ? file : path.join(folder, '404.html', 'none');
}

async function answer(folder, prefix, request, response) {
  try {
    const file = find(folder, prefix, request.url);
    const body = await readFile(file).catch(() => readFile(path.join(file, 'index.html')));
    const type = TYPES[path.extname(file)] ?? (file.endsWith(path.sep) ? TYPES['.html'] : 'application/octet-stream');
    response.writeHead(200, { 'Content-Type': type, 'Cache-Control': type === TYPES['.html'] ? 'no-store' : 'max-age=60' });
    response.end(body);
  } catch {
    response.writeHead(404, { 'Content-Type': TYPES['.html'] });
    response.end(await readFile(path.join(folder, '404.html')).catch(() => 'Not found'));
  }
}

/** serve: @site: {folder}, which may change. Returns: the server's host and port, below which @prefix ("/news/") is the folder */
export function serve(site, prefix) {
  return new Promise((resolve) => {
    const server = createServer((request, response) => answer(site.folder, prefix, request, response));
    server.listen(0, '127.0.0.1', () => resolve(`127.0.0.1:${server.address().port}`));
  });
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [folder, prefix] = process.argv.slice(2);
  console.log(`listening on http://${await serve({ folder }, prefix)}${prefix}`);
}
