// What was checked, and how it came out.

const SHOWN = 20;

export class Tally {
  #counts = { passed: 0, failed: 0, skipped: 0 };

  /** check: one check; it failed when there are problems, which are told. */
  check(name, problems) {
    this.#counts[problems.length ? 'failed' : 'passed']++;
    const told = [...new Set(problems)];
    if (told.length) {
      const more = told.length > SHOWN ? [`and ${told.length - SHOWN} more`] : [];
      console.log([`failed: ${name}`, ...told.slice(0, SHOWN), ...more].join('\n    '));
    }
  }

  skip(name, reason) {
    this.#counts.skipped++;
    console.log(`skipped: ${name}: ${reason}`);
  }

  /** attempt: runs a group of checks; what it throws is one failure. */
  async attempt(name, run) {
    try {
      await run();
    } catch (error) {
      this.check(name, [error.stack ?? String(error)]);
    }
  }

  /** end: the closing line. Returns: the exit status */
  end() {
    const { passed, failed, skipped } = this.#counts;
    console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
    return failed === 0 && passed > 0 ? 0 : 1;
  }
}
