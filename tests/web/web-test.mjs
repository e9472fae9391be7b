// Checks a built site as readers meet it: usage: web-test.mjs FOLDER ADDRESS SHOTS FEEDS. ADDRESS is where FOLDER is served and
// what its pages take for their own; pictures for people to look at are left in SHOTS; FEEDS is the program feeds.py.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { launch, watch } from './browser.mjs';
import { scores } from './lighthouse.mjs';
import { axe, LOOKS, print, reaches, skips, tabs, widths, zoom } from './looks.mjs';
import { links, vnu } from './markup.mjs';
import { searchFinds, searchLists } from './search.mjs';
import { pageKinds, walk } from './site.mjs';
import { Tally } from './tally.mjs';

const [folder, base, shots, feeds] = process.argv.slice(2);
const onDisk = pathToFileURL(`${path.resolve(folder)}/`).href;
const places = {
  served: { base, isOwn: (url) => url.startsWith(base) },
  'from disk': { base: onDisk, isOwn: (url) => url.startsWith(onDisk) },
};
const tally = new Tally();
const kinds = pageKinds(folder);
const found = Object.entries(kinds).filter(([, file]) => file !== undefined);

// The page for what is not found is met at any depth, and never on disk.
function address(kind, place) {
  return places[place].base + (kind === 'not found' ? 'no/such/page/' : kinds[kind]);
}

async function open(context, kind, place = 'served', waitUntil = 'load') {
  const page = await context.newPage();
  const complaints = watch(page, places[place].isOwn);
  page.expectsMissing = kind === 'not found' ? address(kind, place) : undefined;
  await page.goto(address(kind, place), { waitUntil });
  return { page, complaints };
}

async function each(browser, options, pages, check) {
  const context = await browser.newContext(options);
  for (const [kind] of pages) {
    await tally.attempt(kind, () => check(context, kind));
  }
  await context.close();
}

function checkKinds() {
  for (const [kind, file] of Object.entries(kinds)) {
    tally.check(`there is a page of the kind: ${kind}`, file ? [] : ['none']);
  }
}

async function checkQuiet(browser) {
  for (const place of Object.keys(places)) {
    for (const javaScriptEnabled of [true, false]) {
      const name = `${place}, ${javaScriptEnabled ? 'with' : 'without'} JavaScript`;
      const met = found.filter(([kind]) => place === 'served' || kind !== 'not found');
      await each(browser, { javaScriptEnabled }, met, async (context, kind) => {
        const { page, complaints } = await open(context, kind, place, 'networkidle');
        await page.close();
        tally.check(`${kind} is quiet ${name}`, complaints);
      });
    }
  }
}

async function checkLooks(browser) {
  for (const [look, options] of Object.entries(LOOKS)) {
    await each(browser, options, found, async (context, kind) => {
      const { page } = await open(context, kind);
      const { grave, others } = await axe(page);
      tally.check(`${kind}, ${look}: no serious finding of axe`, grave);
      others.forEach((line) => console.log(`axe: ${kind}, ${look}: ${line}`));
      await page.close();
    });
  }
  const checks = { 'fits every width': widths, 'fits with text of twice the size': zoom, 'can be printed': print,
                   'can be walked through by keyboard': tabs, 'can be skipped to the text': skips };
  for (const [name, check] of Object.entries(checks)) {
    await each(browser, LOOKS.light, found, async (context, kind) => {
      const { page } = await open(context, kind);
      tally.check(`${kind} ${name}`, await check(page));
      await page.close();
    });
  }
  await each(browser, LOOKS.light, [['home']], async (context, kind) => {
    const { page } = await open(context, kind);
    tally.check('the first story is near by keyboard', await reaches(page));
  });
}

function storiesToFind() {
  return walk(folder).filter((file) => /^posts\/[^/]+\/index\.html$/.test(file)).map((file) => file.split('/')[1]);
}

async function about(page, slug, place) {
  await page.goto(`${places[place].base}posts/${slug}/index.html`);
  const topics = await page.$$eval('main a[href*="topics/"]', (anchors) => anchors.map((anchor) => anchor.textContent.trim()));
  return { slug, headline: await page.innerText('h1'), topic: topics[0] };
}

async function checkSearch(browser) {
  if (!kinds.search) {
    return;
  }
  const slugs = storiesToFind();
  const chosen = [slugs[0], slugs[slugs.length >> 1], slugs.at(-1)];
  for (const place of Object.keys(places)) {
    await each(browser, LOOKS.light, [['search']], async (context, kind) => {
      const { page, complaints } = await open(context, kind, place, 'networkidle');
      const reading = await context.newPage();
      const stories = [];
      for (const slug of chosen) {
        stories.push(await about(reading, slug, place));
      }
      tally.check(`search finds, ${place}`, [...(await searchFinds(page, stories)), ...complaints]);
    });
  }
  await each(browser, { javaScriptEnabled: false }, [['search']], async (context, kind) => {
    const { page } = await open(context, kind);
    tally.check('search lists all stories without JavaScript', await searchLists(page, slugs.length));
  });
}

async function checkMarkup(browser) {
  const { count, errors, warnings } = await vnu(folder);
  tally.check(`${count} files are without an error for vnu`, count > 0 ? errors : ['no files']);
  warnings.forEach((line) => console.log(`vnu warns: ${line}`));
  const page = await (await browser.newContext({ javaScriptEnabled: false, offline: true })).newPage();
  const checked = await links(page, folder, base);
  tally.check(`the links of ${checked.count} pages lead somewhere`, checked.problems);
}

function checkFeeds() {
  const { status, stdout, stderr } = spawnSync(feeds, [folder, base], { encoding: 'utf8' });
  tally.check('the feeds, read by feedparser', status === 0 ? [] : `${stdout}${stderr}`.trim().split('\n'));
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function checkScores() {
  const port = await freePort();
  const browser = await launch([`--remote-debugging-port=${port}`]);
  for (const kind of ['home', 'story']) {
    await tally.attempt(kind, async () => {
      const { scores: told, lost, problems } = await scores(address(kind, 'served'), port);
      [told, ...lost].forEach((line) => console.log(`Lighthouse: ${kind}: ${line}`));
      tally.check(`Lighthouse's scores of the page: ${kind}`, problems);
    });
  }
  await browser.close();
}

async function takeShots(browser) {
  mkdirSync(shots, { recursive: true });
  const looks = { ...LOOKS, print: { ...LOOKS.light, viewport: { width: 794, height: 1123 } } };
  const shown = ['home', 'story', 'topic', 'search'].filter((kind) => kinds[kind]).map((kind) => [kind]);
  for (const [look, options] of Object.entries(looks)) {
    await each(browser, options, shown, async (context, kind) => {
      const { page } = await open(context, kind);
      await page.emulateMedia({ media: look === 'print' ? 'print' : 'screen' });
      await page.screenshot({ path: path.join(shots, `${kind}-${look}.png`), fullPage: look === 'print' });
      await page.close();
    });
  }
  console.log(`pictures to look at: ${shots}`);
}

if (!readFileSync(path.join(folder, 'index.html'), 'utf8').includes(base)) {
  throw new Error(`the site in ${folder} does not take ${base} for its address`);
}
const browser = await launch();
checkKinds();
for (const check of [checkQuiet, checkLooks, checkSearch, checkMarkup, checkFeeds, checkScores, takeShots]) {
  await tally.attempt(check.name, () => check(browser));
}
await browser.close();
process.exit(tally.end());
