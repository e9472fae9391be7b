// What a built site holds: its pages by kind, its files.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** walk: Returns: the paths of all files below @folder, relative to it, sorted */
export function walk(folder) {
  const found = readdirSync(folder, { withFileTypes: true, recursive: false }).flatMap((entry) =>
    entry.isDirectory() ? walk(path.join(folder, entry.name)).map((name) => `${entry.name}/${name}`) : [entry.name]);
  return found.sort();
}

function count(text, pattern) {
  return text.match(pattern)?.length ?? 0;
}

function richness(folder, file) {
  const text = readFileSync(path.join(folder, file), 'utf8');
  return { file, headings: count(text, /<h[23]/g), parts: count(text, /<(blockquote|li|h[23])/g) };
}

/**
 * pageKinds: a page of each kind that readers meet, as a path in the site; undefined where the site has none. The story with
 * the most kinds of parts stands for the full ones, the one with the fewest for the thin ones.
 */
export function pageKinds(folder) {
  const files = walk(folder).filter((file) => file.endsWith('.html'));
  const first = (pattern) => files.filter((file) => pattern.test(file));
  const richest = (pattern) =>
    first(pattern).map((file) => richness(folder, file)).sort((a, b) => b.headings - a.headings || b.parts - a.parts);
  const stories = richest(/^posts\/[^/]+\/index\.html$/);
  return {
    home: 'index.html',
    'home, page 2': first(/^page\/2\/index\.html$/)[0],
    story: stories[0]?.file,
    'thin story': stories.at(-1)?.file,
    topic: richest(/^topics\/[^/]+\/index\.html$/)[0]?.file,
    topics: first(/^topics\/index\.html$/)[0],
    archive: first(/^archive\/index\.html$/)[0],
    search: first(/^search\/index\.html$/)[0],
    'not found': first(/^404\.html$/)[0],
  };
}
