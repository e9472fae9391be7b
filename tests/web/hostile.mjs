// Reads every page of built sites in Chromium: usage: hostile.mjs WANTED.json. WANTED has the `base` that all take for their own
// address, and `sites`: for each folder, by page, the heading (`h1`) and the `texts` that it must show as they are. Prints as JSON
// what was read and what does not hold: {pages, texts, problems}.
import { readFileSync } from 'node:fs';
import { launch, watch } from './browser.mjs';
import { serve } from './serve.mjs';
import { walk } from './site.mjs';

const READERS = 2;
const FRAMES = 6;

// Loads pages of the site into frames beside each other, and tells what is in each once it is parsed. Runs in a page of the site.
async function readAll({ names, wanted, frames }) {
  const ELEMENTS = new Set(['html', 'head', 'meta', 'title', 'link', 'script', 'body', 'header', 'main', 'nav', 'footer', 'section',
    'article', 'aside', 'div', 'p', 'a', 'span', 'bdi', 'b', 'strong', 'em', 'i', 'small', 'abbr', 'time', 'figure', 'figcaption',
    'blockquote', 'cite', 'q', 'h1', 'h2', 'h3', 'h4', 'ul', 'ol', 'li', 'dl', 'dt', 'dd', 'hr', 'br', 'img', 'label', 'input']);
  const ADDRESSES = new Set(['href', 'src', 'cite', 'action', 'formaction', 'data', 'poster', 'background', 'srcset', 'ping',
    'longdesc', 'manifest', 'xlink:href', 'usemap', 'profile', 'codebase', 'classid', 'archive']);
  const SCHEMES = new Set(['http:', 'https:', 'mailto:']);
  const FORBIDDEN = new Set(['style', 'srcdoc', 'is', 'slot', 'contenteditable', 'autofocus', 'accesskey', 'target']);
  const plain = (text) => text.normalize().replace(/\s+/g, ' ').trim();

  function isGoodAddress(value, base) {
    try {
      return SCHEMES.has(new URL(value, base).protocol);
    } catch {
      return false;
    }
  }

  function checkAttribute(element, { name, value }) {
    const isTold = element.localName === 'meta' && name === 'content' && /(url|image|audio|video|player)$/.test(element.getAttribute('property'));
    const isAddress = ADDRESSES.has(name) || isTold;
    const isWrong = name.startsWith('on') || FORBIDDEN.has(name) || (isAddress && !isGoodAddress(value, element.baseURI));
    return isWrong ? [`an attribute: <${element.localName} ${name}=${JSON.stringify(value.slice(0, 100))}>`] : [];
  }

  function checkElement(element) {
    const isSearch = /\/search\/index\.html$/.test(element.ownerDocument.location.pathname);
    const isOurScript = element.localName !== 'script' || (isSearch && /^[./]*search\.js$/.test(element.getAttribute('src') ?? ''));
    const isOurField = element.localName !== 'input' || isSearch;
    const isPolicy = !element.hasAttribute('http-equiv') || element.httpEquiv === 'Content-Security-Policy';
    const isHtml = element.namespaceURI === 'http://www.w3.org/1999/xhtml';
    const isOurs = ELEMENTS.has(element.localName) && isHtml && isOurScript && isOurField && isPolicy && !element.shadowRoot;
    return [...(isOurs ? [] : [`an element: ${element.outerHTML.slice(0, 200)}`]),
      ...[...element.attributes].flatMap((attribute) => checkAttribute(element, attribute))];
  }

  function inspect(page, { h1, texts }) {
    const elements = [...page.querySelectorAll('*')];
    const shown = plain(page.body.textContent);
    const heading = plain(page.querySelector('main h1')?.textContent ?? '');
    const isHeaded = h1 === undefined || (heading === plain(h1) && plain(page.title).includes(heading));
    return [
      ...elements.flatMap(checkElement),
      ...(elements.length > 5 ? [] : ['an empty page']),
      ...(isHeaded ? [] : [`the heading is ${JSON.stringify(heading)}, the title ${JSON.stringify(page.title)}, not ${JSON.stringify(h1)}`]),
      ...texts.map(plain).filter((text) => !shown.includes(text)).map((text) => `does not show ${JSON.stringify(text)}`),
    ];
  }

  function load(frame, name) {
    return new Promise((resolve) => {
      frame.onload = resolve;
      frame.src = new URL(name.split('/').map(encodeURIComponent).join('/'), location.href).href;
    });
  }

  // A frame that leaves a page would cut off what its script asks for.
  async function settle({ contentDocument: page, contentWindow: own }) {
    const isAsking = () => page.querySelector('script[src]') && !own.performance.getEntriesByName(new URL('../search.json', page.URL)).length;
    for (let i = 0; page && isAsking() && i < 100; i++) {
      await new Promise((resolve) => { setTimeout(resolve, 50); });
    }
  }

  async function work(queue, problems) {
    const frame = document.body.appendChild(document.createElement('iframe'));
    for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
      await load(frame, name);
      await settle(frame);
      const isThere = frame.contentDocument?.URL === frame.src;
      const found = isThere ? inspect(frame.contentDocument, wanted[name] ?? { texts: [] }) : ['leads elsewhere'];
      problems.push(...found.map((problem) => `${name}: ${problem}`));
    }
    frame.remove();
  }

  const problems = [];
  const queue = [...names];
  await Promise.all(Array.from({ length: frames }, () => work(queue, problems)));
  return problems;
}

async function readLot(context, base, wanted, names) {
  const page = await context.newPage();
  const complaints = watch(page, (url) => url.startsWith(base));
  await page.goto(`${base}reader.html`);
  const own = Object.fromEntries(names.filter((name) => name in wanted).map((name) => [name, wanted[name]]));
  const problems = await page.evaluate(readAll, { names, wanted: own, frames: FRAMES });
  await page.close();
  return [...problems, ...complaints];
}

async function readSite(browser, folder, base, wanted) {
  const context = await browser.newContext({ viewport: { width: 400, height: 300 } });
  const reader = { contentType: 'text/html', body: '<!DOCTYPE html><title>reader</title>' };
  await context.route(`${base}reader.html`, (route) => route.fulfill(reader));
  const names = walk(folder).filter((file) => file.endsWith('.html'));
  const missing = Object.keys(wanted).filter((name) => !names.includes(name)).map((name) => `${name}: is not there`);
  const lots = Array.from({ length: READERS }, (_, i) => names.filter((_, index) => index % READERS === i));
  const problems = (await Promise.all(lots.map((lot) => readLot(context, base, wanted, lot)))).flat();
  await context.close();
  const texts = Object.values(wanted).reduce((sum, page) => sum + page.texts.length + ('h1' in page), 0);
  return { pages: names.length, texts, problems: [...missing, ...problems].map((problem) => `${folder}: ${problem}`) };
}

const { base, sites } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const { host, pathname } = new URL(base);
const shown = { folder: undefined };
const browser = await launch([`--host-resolver-rules=MAP ${host}:80 ${await serve(shown, pathname)}`]);
const told = { pages: 0, texts: 0, problems: [] };
for (const [folder, wanted] of Object.entries(sites)) {
  shown.folder = folder;
  const { pages, texts, problems } = await readSite(browser, folder, base, wanted);
  told.pages += pages;
  told.texts += texts;
  told.problems.push(...problems);
}
await browser.close();
process.stdout.write(`${JSON.stringify(told)}\n`, () => process.exit(0));
