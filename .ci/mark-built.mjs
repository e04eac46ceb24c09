// Runs after the compiler: brings what it does not compile, makes the bin executable, notes what it was built from.
import { chmodSync, copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sourceHash } from './build-stamp.mjs';

for (const file of ['page.css', 'icon.svg']) {
    copyFileSync(join('src', 'serve', 'browser', file), join('dist', 'browser', file));
}
chmodSync(join('dist', 'cli.js'), 0o755);
writeFileSync(join('dist', '.built'), sourceHash());
