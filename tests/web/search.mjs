// The search page, with and without JavaScript.

const STORY = 'main a[href*="posts/"]';

const shown = (selector) =>
  [...document.querySelectorAll(selector)].filter((link) => link.checkVisibility()).map((link) => link.href);

async function results(page, words) {
  await page.fill('main input', words);
  await page.keyboard.press('Enter');
  return page.evaluate(shown, STORY);
}

/** searchFinds: @stories: [{slug, headline, topic}]. Returns: problems */
export async function searchFinds(page, stories) {
  const problems = [];
  for (const { slug, headline, topic } of stories) {
    const longest = headline.split(/[^\p{L}\p{N}]+/u).sort((a, b) => b.length - a.length)[0];
    for (const words of [longest, longest.toUpperCase(), longest.slice(0, -1), topic].filter(Boolean)) {
      const found = await results(page, words);
      if (!found.some((href) => href.includes(`/posts/${slug}/`))) {
        problems.push(`"${words}" finds ${found.length} stories, but not ${slug}`);
      }
    }
  }
  const nothing = await results(page, 'qqzzxxjjvv');
  const text = await page.innerText('main');
  if (nothing.length > 0 || !/nothing|no stor/i.test(text)) {
    problems.push(`what is nowhere finds ${nothing.length} stories, and the page says: ${text.slice(0, 200)}`);
  }
  await page.fill('main input', '');
  const listed = await page.evaluate(shown, STORY);
  await page.evaluate(() => document.querySelector('.skip').click());
  const kept = await page.evaluate(shown, STORY);
  if (kept.length !== listed.length) {
    problems.push(`the link past the masthead turns a list of ${listed.length} stories into one of ${kept.length}`);
  }
  return problems;
}

/** searchLists: without JavaScript. Returns: problems */
export async function searchLists(page, count) {
  const links = new Set(await page.$$eval(STORY, (found) => found.map((link) => link.href)));
  const isUseless = await page.isVisible('main input');
  return [
    ...(links.size >= count ? [] : [`${links.size} of ${count} stories are listed`]),
    ...(isUseless ? ['a field is shown that does nothing'] : []),
  ];
}
