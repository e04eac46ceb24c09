#!/usr/bin/env node
import { noteFirstSignals } from './process/first-signals.ts';
import { isOldNode, refuseOldNode } from './process/node-version.ts';
import { createFilesPrivate } from './process/private-files.ts';

const firstSignals = noteFirstSignals();
// Nothing but the version check may run on an old Node: what it lacks is asked for below.
if (isOldNode()) {
    const { existsSync } = await import('node:fs');
    // The script that starts the Node of a checkout is not in the package.
    refuseOldNode(existsSync(new URL('../elt', import.meta.url)));
}
createFilesPrivate();
// Node keeps what it has compiled for the next start.
process.getBuiltinModule('node:module').enableCompileCache();
const { runCommandLine } = await import('./command-line.ts');
process.exitCode = await runCommandLine(process.argv, firstSignals);
