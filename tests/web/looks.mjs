// How pages look and are reached: findings of axe, widths, text of twice the size, print, keyboard.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PHONE = { width: 390, height: 844 };
const DESK = { width: 1280, height: 900 };

export const LOOKS = {
  light: { viewport: DESK, colorScheme: 'light' },
  dark: { viewport: DESK, colorScheme: 'dark' },
  phone: { viewport: PHONE, colorScheme: 'light', isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
};

const GRAVE = ['serious', 'critical'];

/** axe: Returns: the findings that are grave, and the others, as lines */
export async function axe(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => globalThis.axe.run({ resultTypes: ['violations'] }));
  const lines = (found) =>
    found.flatMap(({ id, impact, help, nodes }) => nodes.map((node) => `${id} (${impact}): ${help}: ${node.target.join(' ')}`));
  return {
    grave: lines(violations.filter(({ impact }) => GRAVE.includes(impact))),
    others: lines(violations.filter(({ impact }) => !GRAVE.includes(impact))),
  };
}

// What stands out to the right, where the page itself does.
const wideElements = () => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) {
    return [];
  }
  const wide = [...document.body.querySelectorAll('*')].filter((element) => element.getBoundingClientRect().right > width + 1);
  const names = wide.slice(-3).map((element) => `<${element.localName} class="${element.className}">`);
  return [`${document.documentElement.scrollWidth} px of ${width} px: ${names.join(', ')}`];
};

/** widths: Returns: at which widths the page must be scrolled sideways */
export async function widths(page) {
  const problems = [];
  for (const width of [320, 390, 768, 1280]) {
    await page.setViewportSize({ width, height: 844 });
    problems.push(...(await page.evaluate(wideElements)).map((text) => `at ${width} px: ${text}`));
  }
  return problems;
}

const textSize = () => parseFloat(getComputedStyle(document.body).fontSize);

const cutElements = () =>
  [...document.querySelectorAll('main *')]
    .filter((element) => getComputedStyle(element).overflowX === 'hidden' && element.scrollWidth > element.clientWidth + 1)
    .map((element) => `cut off: <${element.localName} class="${element.className}">`);

/** zoom: the reader's own text size doubled. Returns: what is too small then, cut off, or must be scrolled sideways */
export async function zoom(page) {
  await page.setViewportSize(DESK);
  const before = await page.evaluate(textSize);
  const session = await page.context().newCDPSession(page);
  await session.send('Page.setFontSizes', { fontSizes: { standard: 32, fixed: 26 } });
  const after = await page.evaluate(textSize);
  // Not quite twice: sizes follow the width of the window a little as well.
  const problems = after < before * 1.8 ? [`text of ${before} px became ${after} px`] : [];
  return [...problems, ...(await page.evaluate(wideElements)), ...(await page.evaluate(cutElements))];
}

const printed = () => {
  const luminance = (colour) => {
    const [red, green, blue] = colour.match(/[\d.]+/g).map(Number);
    return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255;
  };
  const heading = document.querySelector('h1');
  const problems = heading?.checkVisibility() ? [] : ['no heading'];
  const light = [...document.querySelectorAll('main h1, main p, main li, main a')]
    .filter((element) => element.checkVisibility() && luminance(getComputedStyle(element).color) > 0.5)
    .map((element) => `too light for paper: <${element.localName} class="${element.className}">`);
  return [...problems, ...light];
};

/** print: on paper, of a reader whose screen is dark. Returns: problems */
export async function print(page) {
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  const problems = await page.evaluate(printed);
  const pdf = await page.pdf({ format: 'A4' });
  await page.emulateMedia({ media: null, colorScheme: null });
  return pdf.length > 1000 ? problems : [...problems, `a PDF of ${pdf.length} bytes`];
}

const focused = () => {
  const element = document.activeElement;
  const box = element.getBoundingClientRect();
  const style = getComputedStyle(element);
  const isSeen = box.width > 0 && box.right > 0 && box.left < innerWidth && box.bottom > 0 && box.top < innerHeight;
  const isMarked = (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
  return { name: `${element.localName} "${element.textContent.trim().slice(0, 40)}"`, href: element.href ?? '',
           isBody: element === document.body, isSeen, isMarked, isInMain: element.closest('main') !== null };
};

// Wherever the page put the focus, the walk begins at its top.
const toTop = () => {
  const root = document.documentElement;
  root.tabIndex = -1;
  root.focus();
  root.removeAttribute('tabindex');
};

async function tabThrough(page, limit) {
  const stops = [];
  await page.evaluate(toTop);
  while (stops.length < limit) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate(focused);
    if (stop.isBody) {
      break;
    }
    stops.push(stop);
  }
  return stops;
}

const focusable = () =>
  [...document.querySelectorAll('a[href], button, input, select, summary, [tabindex="0"]')]
    .filter((element) => element.checkVisibility({ checkVisibilityCSS: true }) && !element.disabled).length;

/** tabs: Returns: what a reader with a keyboard does not reach or does not see being reached */
export async function tabs(page) {
  const wanted = await page.evaluate(focusable);
  const stops = await tabThrough(page, wanted + 20);
  const problems = stops.length === wanted ? [] : [`${stops.length} stops for ${wanted} links and fields`];
  const hidden = stops.filter((stop) => !stop.isSeen).map((stop) => `not on the screen when reached: ${stop.name}`);
  const unmarked = stops.filter((stop) => !stop.isMarked).map((stop) => `not marked when reached: ${stop.name}`);
  return [...problems, ...hidden, ...unmarked];
}

/** skips: the first stop leads to the text. Returns: problems */
export async function skips(page) {
  await page.evaluate(toTop);
  await page.keyboard.press('Tab');
  const first = await page.evaluate(focused);
  if (!first.href.includes('#') || !first.isSeen) {
    return [`the first stop is ${first.name}`];
  }
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  const next = await page.evaluate(focused);
  return next.isInMain || next.isBody ? [] : [`after the skip link comes ${next.name}`];
}

/** reaches: how many stops there are before the first link to a story. Returns: problems */
export async function reaches(page) {
  const stops = await tabThrough(page, 40);
  const index = stops.findIndex((stop) => stop.href.includes('/posts/'));
  return index >= 0 && index < 20 ? [] : [`the first story is stop ${index} of ${stops.length}`];
}
