const ADDRESS = /^https?:\/\//;
const SENT_MS_MAX = 10_000;

/**
 * Sends a message: to an address by POST, as JSON; else to a command of the shell, on its standard input.
 * @throws Error in the words of what refused it.
 */
export async function sendAlert(to: string, message: object): Promise<void> {
    const text = `${JSON.stringify(message)}\n`;
    if (!ADDRESS.test(to)) {
        await runCommand(to, text);
        return;
    }
    const response = await fetch(to, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: text,
        redirect: 'error',
        signal: AbortSignal.timeout(SENT_MS_MAX),
    });
    await response.body?.cancel();
    if (!response.ok) {
        throw new Error(`it answered ${response.status}`);
    }
}

function runCommand(command: string, input: string): Promise<void> {
    return new Promise((resolve, reject) => {
        const { spawn } = process.getBuiltinModule('node:child_process');
        const child = spawn('sh', ['-c', command], {
            stdio: ['pipe', 'ignore', 'inherit'],
            timeout: SENT_MS_MAX,
        });
        child.stdin.on('error', () => undefined);
        child.on('error', reject);
        child.on('close', (code, signal) => {
            if (code === 0) {
                resolve();
            } else {
                reject(new Error(signal === null ? `it ended with ${code}` : `it was ended after ${SENT_MS_MAX} ms`));
            }
        });
        child.stdin.end(input);
    });
}
