// Runs at the end of a build: makes the bin executable, notes what it was built from.
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sourceHash } from './build-stamp.mjs';

chmodSync(join('dist', 'cli.js'), 0o755);
writeFileSync(join('dist', '.built'), sourceHash());
