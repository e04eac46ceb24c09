import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT, type Ran, runProgram, workFolder } from './elt.ts';

/** Sail and a client of Spark's protocol: https://pypi.org/project/pysail, https://pypi.org/project/pyspark-client. */
const PACKAGES = ['pysail==0.7.2', 'pyspark-client==4.2.0'];
const FOLDER = join(PROJECT, 'node_modules', '.elt-sail');

/**
 * The Python that has Sail: `ELT_SAIL_PYTHON`, or an environment of its own, which `CI=true` and `npm run scale` create.
 * Undefined where there is none; the test that needs it is skipped then.
 */
export function findSail(mayInstall = process.env.CI === 'true'): string | undefined {
    const named = process.env.ELT_SAIL_PYTHON;
    const own = join(FOLDER, 'bin', 'python');
    if (named !== undefined || existsSync(join(FOLDER, 'bin', 'sail'))) {
        return named ?? own;
    }
    if (!mayInstall) {
        console.warn(`skipped: no Sail here (set ELT_SAIL_PYTHON to a Python with ${PACKAGES.join(' and ')})`);
        return undefined;
    }
    for (const [program, words] of [
        ['python3', ['-m', 'venv', FOLDER]],
        [join(FOLDER, 'bin', 'pip'), ['install', '--quiet', '--disable-pip-version-check', ...PACKAGES]],
    ] as const) {
        const done = spawnSync(program, words, { encoding: 'utf8' });
        if (done.status !== 0) {
            throw new Error(`${program} ${words.join(' ')} ended with ${done.status}: ${done.stderr}`);
        }
    }
    return own;
}

/** A program that takes the words of `spark-sql`, and runs on Sail. */
export function sailProgram(python: string): string {
    const program = join(workFolder(), 'spark-sql');
    writeFileSync(program, `#!/bin/sh\nexec '${python}' '${join(PROJECT, 'test', 'support', 'sail.py')}' "$@"\n`, {
        mode: 0o755,
    });
    return program;
}

/** Runs a script of `elt print --engine sail`. */
export async function runOnSail(python: string, script: string): Promise<Ran> {
    const folder = workFolder();
    writeFileSync(join(folder, 'run.sql'), script);
    return await runProgram(sailProgram(python), ['-f', join(folder, 'run.sql')], { cwd: folder });
}
