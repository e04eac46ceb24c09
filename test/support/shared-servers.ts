import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The variable that names the folder of what the test files of one run share. */
export const SHARED = 'ELT_TEST_SHARED';
/** In it: the process of a server that the first file has started. */
export const SEARCH_PID = 'search.pid';

let folder = '';

/** Called once before all test files. */
export function setup(): void {
    folder = mkdtempSync(join(tmpdir(), 'elt-shared-'));
    // Commands that a test starts as another user reach what lies in it.
    chmodSync(folder, 0o755);
    process.env[SHARED] = folder;
}

/** Called once after all of them. */
export function teardown(): void {
    const pid = join(folder, SEARCH_PID);
    if (existsSync(pid)) {
        try {
            process.kill(Number(readFileSync(pid, 'utf8')), 'SIGKILL');
        } catch {
            // It has ended by itself.
        }
    }
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}
