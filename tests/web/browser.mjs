// Chromium, and what a page says or asks for while it is open.
import { chromium } from 'playwright-core';

export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';

// Chromium refuses its sandbox to root.
export const FLAGS = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-gpu',
  '--no-first-run',
  ...(process.getuid() === 0 ? ['--no-sandbox'] : []),
];

export function launch(flags = []) {
  return chromium.launch({ executablePath: CHROMIUM, args: [...FLAGS, ...flags], chromiumSandbox: process.getuid() !== 0 });
}

/** watch: the list of complaints about @page, which grows while it is open. @isOwn: (url) whether an address is the site's */
export function watch(page, isOwn) {
  const complaints = [];
  const isMissing = (url) => url === page.expectsMissing;
  page.on('console', (message) => {
    const isTold = ['error', 'warning', 'assert'].includes(message.type());
    if (isTold && !isMissing(message.location().url)) {
      complaints.push(`console ${message.type()}: ${message.text()}`);
    }
  });
  page.on('pageerror', (error) => complaints.push(`page error: ${error.message}`));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    dialog.dismiss().catch(() => {});
  });
  page.on('popup', (popup) => complaints.push(`popup: ${popup.url()}`));
  page.on('request', (request) => isOwn(request.url()) || complaints.push(`request off the site: ${request.url()}`));
  page.on('requestfailed', (request) => complaints.push(`request failed: ${request.url()} ${request.failure()?.errorText}`));
  page.on('response', (response) => {
    if (response.status() >= 400 && !isMissing(response.url())) {
      complaints.push(`answered with ${response.status()}: ${response.url()}`);
    }
  });
  return complaints;
}
