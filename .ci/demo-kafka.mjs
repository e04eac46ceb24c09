// Topics of a real broker into a file, and the dashboard that follows: `npm run demo:kafka`. With --once it ends after
// the topics have been read twice; else it sends messages and serves the dashboard until Ctrl-C.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { bringKafka } from './kafka.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
const node = join('node_modules', '.bin', 'node');
if (process.env.ELT_DEMO_NODE === undefined && existsSync(node)) {
    // The broker's client, and TypeScript, need the checkout's own Node.
    const again = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], {
        stdio: 'inherit',
        env: { ...process.env, ELT_DEMO_NODE: '1' },
    });
    // Ctrl-C reaches the child too, which ends what it has started.
    process.on('SIGINT', () => undefined);
    again.on('close', (status) => process.exit(status ?? 1));
} else {
    await demo();
}

async function demo() {
    const reason = bringKafka();
    if (reason !== null) {
        process.stderr.write(`${reason}\n`);
        process.exit(1);
    }
    const { Broker } = await import('../test/support/kafka-broker.ts');
    const folder = mkdtempSync(join(tmpdir(), 'elt-demo-kafka-'));
    const database = join(folder, 'cash_flow.db');
    const children = [];
    say('A Kafka broker, on this machine alone.');
    const broker = await Broker.start();
    try {
        const topics = ['cash_ins', 'cash_outs_created', 'cash_outs_processed', 'cash_outs_refunded'];
        for (const topic of topics) {
            await broker.createTopic(topic, 3);
        }
        await publish(broker, 0, 4_000);
        const address = broker.address(...topics);
        const common = ['--pipeline', 'cash_flow', '--db', database];
        say('Read the four topics into a file, 500 messages a transaction.');
        run([...common, 'run', address, '--chunk', '500']);
        const first = run([...common, 'query', 'daily']);
        say('The same again: nothing is doubled.');
        run([...common, 'run', address, '--chunk', '500']);
        if (run([...common, 'query', 'daily']) !== first) {
            throw new Error('the second run has changed the rows');
        }
        run([...common, 'source', 'status']);
        if (!process.argv.includes('--once')) {
            await live(broker, address, common, children);
        }
    } finally {
        for (const child of children) {
            child.kill('SIGTERM');
        }
        await Promise.all(children.map((child) => new Promise((resolve) => child.once('close', resolve))));
        await broker.stop();
        rmSync(folder, { recursive: true, force: true });
    }
    process.exit(0);
}

async function live(broker, address, common, children) {
    say('Follow them, and serve the dashboard. Messages are sent until Ctrl-C.');
    let isOver = false;
    process.on('SIGINT', () => {
        isOver = true;
    });
    const start = (words) => {
        prompt(words);
        const child = spawn(process.execPath, [join('dist', 'cli.js'), ...words], {
            stdio: ['ignore', 'inherit', 'inherit'],
        });
        children.push(child);
    };
    start([...common, '--quiet', 'run', '--follow', address]);
    start([...common, 'serve', '--port', '8080']);
    say('Dashboard: http://127.0.0.1:8080/dashboard/cash_flow');
    for (let next = 4_000; !isOver; next += 20) {
        await publish(broker, next, 20);
        await sleep(1_000);
    }
}

/** Cash-ins and cash-outs, of which some are processed and some refunded; the same numbers give the same messages. */
async function publish(broker, from, count) {
    const id = (kind, number) => `${kind}0000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
    const message = (row) => ({ key: row.transaction_id, value: JSON.stringify(row) });
    const rows = { cash_ins: [], cash_outs_created: [], cash_outs_processed: [], cash_outs_refunded: [] };
    for (let number = from; number < from + count; number++) {
        // Milliseconds; a few days in all.
        const at = 1_700_000_000_000 + number * 61_000;
        const of = { account_id: id('a', number % 97), counterparty_account_id: id('b', number % 31) };
        rows.cash_ins.push({ transaction_id: id('1', number), ...of, amount: 100 + (number % 9_000), inserted_at: at });
        rows.cash_outs_created.push({
            transaction_id: id('2', number),
            ...of,
            amount: 50 + (number % 700),
            inserted_at: at,
        });
        if (number % 5 !== 0) {
            const kind = number % 11 === 0 ? 'cash_outs_refunded' : 'cash_outs_processed';
            rows[kind].push({ transaction_id: id('2', number), inserted_at: at + 30_000 + (number % 600) * 1_000 });
        }
    }
    for (const [topic, of] of Object.entries(rows)) {
        await broker.send(topic, of.map(message));
    }
}

function run(words) {
    prompt(words);
    const { status, stdout } = spawnSync(process.execPath, [join('dist', 'cli.js'), ...words], {
        stdio: ['ignore', 'pipe', 'inherit'],
        encoding: 'utf8',
    });
    const lines = stdout.split('\n');
    process.stdout.write(lines.length > 14 ? `${lines.slice(0, 12).join('\n')}\n…\n` : stdout);
    if (status !== 0) {
        throw new Error(`elt ended with status ${status}`);
    }
    return stdout;
}

function prompt(words) {
    process.stdout.write(`$ elt ${words.join(' ')}\n`);
}

function say(text) {
    process.stdout.write(`\n${text}\n`);
}
