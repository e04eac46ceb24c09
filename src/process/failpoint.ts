/** The variable that names one: tests kill the process where a crash would be hardest to survive. */
const FAILPOINT = 'ELT_FAILPOINT';

/** Ends the process without a trace of politeness, if that place is asked for. */
export function failpoint(name: string): void {
    if (process.env[FAILPOINT] === name) {
        process.kill(process.pid, 'SIGKILL');
    }
}
