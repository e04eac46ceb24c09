#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { refuseOldNode } from './process/node-version.ts';
import { createFilesPrivate } from './process/private-files.ts';

// The script that starts the Node of a checkout is not in the package.
refuseOldNode(existsSync(new URL('../elt', import.meta.url)));
createFilesPrivate();
await keepCompiled();
// Loaded here, not above: nothing but the version check may run on an old Node.
const { runCommandLine } = await import('./command-line.ts');
process.exitCode = await runCommandLine(process.argv);

/**
 * Lets Node keep what it has compiled for the next start. Not above: nothing but the version check may run on an old
 * Node.
 */
async function keepCompiled(): Promise<void> {
    const { enableCompileCache } = await import('node:module');
    enableCompileCache();
}
