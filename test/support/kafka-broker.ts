import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Admin, Producer } from '@platformatic/kafka';
import { kafkaJars } from '../../.ci/kafka.mjs';
import { type Sent, sendWith, type TestProducer } from './topic-producer.ts';

const START_MS_MAX = 90_000;
const JAVA = ['-Xmx256m', '-Xms64m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'];
const CLUSTER_ID = '4L6g3nShT-eMCtK--X86sw';

export interface BrokerOptions {
    readonly clusterId?: string;
    /** Further lines of its settings, and listeners besides the plain one: `SASL_SSL`. */
    readonly settings?: readonly string[] | ((ports: Readonly<Record<string, number>>) => readonly string[]);
    readonly listeners?: readonly string[];
    readonly folder?: string;
    /** Further words when its folder is made: `--add-scram`, a user. */
    readonly formatting?: readonly string[];
}

/**
 * One Kafka broker on this machine alone, from the jars that Maven brought. Owns its process and its folder; `stop` ends
 * the one and removes the other.
 */
export class Broker {
    readonly folder: string;
    readonly port: number;
    /** By the name of the listener. */
    readonly ports: Readonly<Record<string, number>>;
    #child: ChildProcess | null = null;
    /** Ends the broker when this process is gone, whatever ended it: its input is then at its end. */
    #watcher: ChildProcess | null = null;
    #admin: Admin | null = null;
    #producer: TestProducer | null = null;
    readonly #atExit = (): void => this.#destroy();

    private constructor(folder: string, ports: Readonly<Record<string, number>>) {
        this.folder = folder;
        this.ports = ports;
        this.port = ports.PLAINTEXT as number;
        process.once('exit', this.#atExit);
    }

    static async start(options: BrokerOptions = {}): Promise<Broker> {
        const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'elt-kafka-'));
        const names = ['PLAINTEXT', 'CONTROLLER', ...(options.listeners ?? [])];
        const free = await freePorts(names.length);
        const ports = Object.fromEntries(names.map((name, index) => [name, free[index] as number]));
        const broker = new Broker(folder, ports);
        const { settings = [] } = options;
        const more = typeof settings === 'function' ? settings(ports) : settings;
        writeFileSync(join(folder, 'server.properties'), settingsOf(folder, ports, more));
        await broker.#java(
            'kafka.tools.StorageTool',
            'format',
            '-t',
            options.clusterId ?? CLUSTER_ID,
            '-c',
            'server.properties',
            ...(options.formatting ?? []),
        );
        await broker.run();
        return broker;
    }

    address(...topics: readonly string[]): string {
        return `kafka://127.0.0.1:${this.port}/${topics.join(',')}`;
    }

    get pid(): number | undefined {
        return this.#child?.pid;
    }

    /** Starts it again, as it was. */
    async run(): Promise<void> {
        const child = spawn('java', [...JAVA, '-cp', join(kafkaJars(), '*'), 'kafka.Kafka', 'server.properties'], {
            cwd: this.folder,
            stdio: ['ignore', 'pipe', 'pipe'],
        });
        let said = '';
        child.stdout?.on('data', (chunk: Buffer) => {
            said = (said + chunk).slice(-4_000);
        });
        child.stderr?.on('data', (chunk: Buffer) => {
            said = (said + chunk).slice(-4_000);
        });
        this.#child = child;
        const words = ['-c', `cat > /dev/null; kill -9 ${child.pid}; rm -rf "$0"`, this.folder];
        this.#watcher = spawn('sh', words, { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
        this.#watcher.unref();
        for (const end = performance.now() + START_MS_MAX; performance.now() < end; ) {
            if (child.exitCode !== null) {
                throw new Error(`the broker ended with ${child.exitCode}:\n${said}`);
            }
            if (await listens(this.port)) {
                return;
            }
            await sleep(50);
        }
        throw new Error(`the broker does not listen:\n${said}`);
    }

    /** Ends it as its owner would, or with a signal that cannot be caught; its messages stay. */
    async halt(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
        await this.#forgetClients();
        this.#watcher?.kill('SIGKILL');
        const child = this.#child;
        if (child !== null && child.exitCode === null) {
            child.kill(signal);
            await once(child, 'exit');
        }
        this.#child = null;
    }

    get admin(): Admin {
        this.#admin ??= new Admin(this.#client());
        return this.#admin;
    }

    async createTopic(topic: string, partitions = 1, configs: Readonly<Record<string, string>> = {}): Promise<void> {
        await this.admin.createTopics({
            topics: [topic],
            partitions,
            replicas: 1,
            configs: Object.entries(configs).map(([name, value]) => ({ name, value })),
        } as never);
        // What is sent before that is sent again, and lies in the topic twice.
        while (!(await this.#hasLeaders(topic, partitions))) {
            await sleep(20);
        }
    }

    async #hasLeaders(topic: string, partitions: number): Promise<boolean> {
        try {
            const { topics } = await this.admin.metadata({ topics: [topic], forceUpdate: true });
            const found = topics.get(topic)?.partitions ?? [];
            return found.length === partitions && found.every(({ leader }) => leader >= 0);
        } catch {
            return false;
        }
    }

    /** Messages in order; one request for each thousand. */
    async send(topic: string, messages: readonly Sent[], more: Readonly<Record<string, unknown>> = {}): Promise<void> {
        this.#producer ??= this.producer();
        await sendWith(this.#producer, topic, messages, more);
    }

    producer(more: Readonly<Record<string, unknown>> = {}): TestProducer {
        return new Producer({ ...this.#client(), idempotent: true, ...more } as never) as never;
    }

    async stop(): Promise<void> {
        await this.#forgetClients();
        process.off('exit', this.#atExit);
        this.#destroy();
    }

    #client() {
        return { clientId: 'test', bootstrapBrokers: [`127.0.0.1:${this.port}`], retries: 5, retryDelay: 200 };
    }

    async #forgetClients(): Promise<void> {
        const clients = [this.#admin, this.#producer];
        this.#admin = null;
        this.#producer = null;
        await Promise.all(clients.map((one) => one?.close().catch(() => undefined)));
    }

    async #java(...words: readonly string[]): Promise<void> {
        const child = spawn('java', [...JAVA, '-cp', join(kafkaJars(), '*'), ...words], { cwd: this.folder });
        const said: Buffer[] = [];
        child.stdout.on('data', (chunk: Buffer) => said.push(chunk));
        child.stderr.on('data', (chunk: Buffer) => said.push(chunk));
        const [status] = await once(child, 'close');
        if (status !== 0) {
            throw new Error(`java ${words.join(' ')} ended with ${status}:\n${Buffer.concat(said)}`);
        }
    }

    #destroy(): void {
        this.#watcher?.kill('SIGKILL');
        this.#child?.kill('SIGKILL');
        this.#child = null;
        rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
    }
}

function settingsOf(folder: string, ports: Readonly<Record<string, number>>, more: readonly string[]): string {
    const list = Object.entries(ports).map(([name, port]) => `${name}://127.0.0.1:${port}`);
    const protocols = Object.keys(ports).map((name) => `${name}:${name === 'CONTROLLER' ? 'PLAINTEXT' : name}`);
    return [
        'process.roles=broker,controller',
        'node.id=1',
        `listeners=${list.join(',')}`,
        `advertised.listeners=${list.filter((one) => !one.startsWith('CONTROLLER')).join(',')}`,
        'controller.listener.names=CONTROLLER',
        'inter.broker.listener.name=PLAINTEXT',
        `listener.security.protocol.map=${protocols.join(',')}`,
        `controller.quorum.voters=1@127.0.0.1:${ports.CONTROLLER}`,
        `log.dirs=${join(folder, 'data')}`,
        'num.partitions=3',
        'offsets.topic.replication.factor=1',
        'offsets.topic.num.partitions=1',
        'transaction.state.log.replication.factor=1',
        'transaction.state.log.min.isr=1',
        'transaction.state.log.num.partitions=1',
        'share.coordinator.state.topic.replication.factor=1',
        'share.coordinator.state.topic.min.isr=1',
        'share.coordinator.state.topic.num.partitions=1',
        'group.initial.rebalance.delay.ms=0',
        'auto.create.topics.enable=false',
        // A topic is compacted, and what is deleted is gone, at once and not in minutes.
        'log.cleaner.backoff.ms=200',
        'log.cleaner.min.compaction.lag.ms=0',
        'log.retention.check.interval.ms=500',
        'log.segment.delete.delay.ms=200',
        'log.cleaner.dedupe.buffer.size=2097152',
        ...more,
        '',
    ].join('\n');
}

/** Taken together, so that none comes twice. */
async function freePorts(count: number): Promise<readonly number[]> {
    const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
    await Promise.all(servers.map((server) => once(server, 'listening')));
    const ports = servers.map((server) => (server.address() as { port: number }).port);
    await Promise.all(servers.map((server) => once(server.close(), 'close')));
    return ports;
}

function listens(port: number): Promise<boolean> {
    return new Promise((resolve) => {
        const socket = connect(port, '127.0.0.1');
        socket.once('connect', () => {
            socket.destroy();
            resolve(true);
        });
        socket.once('error', () => resolve(false));
    });
}
