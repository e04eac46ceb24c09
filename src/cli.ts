#!/usr/bin/env node
import { refuseOldNode } from './process/node-version.ts';

refuseOldNode();
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
