import type { DiskFaults } from '../support/disk-faults.ts';
import type { Calm, DisturbedCommand, FaultGround } from '../support/fault-ground.ts';
import { loadLarge } from '../support/large-source.ts';
import { Random } from '../support/random.ts';

/** The long forms of the faults, and what they found. */
export class LongFaults {
    readonly #ground: FaultGround;
    readonly #commands: readonly DisturbedCommand[];
    readonly #source: Random;
    readonly #counts = { kills: 0, errors: 0, cuts: 0 };
    #problems = 0;
    readonly #began = performance.now();

    constructor(ground: FaultGround, commands: readonly DisturbedCommand[], seed: number) {
        this.#ground = ground;
        this.#commands = commands;
        this.#source = new Random(seed);
    }

    /** Kills each command in turn, and its recovery once or twice, until there were so many kills. */
    async kill(kills: number): Promise<void> {
        const calms = await this.#calms();
        for (let round = 0; this.#counts.kills < kills; round++) {
            const [command, calm] = calms[round % calms.length] as (typeof calms)[number];
            const moments = Array.from({ length: 2 + (round % 2) }, () => this.#random());
            const result = await this.#ground.killRound(command, calm, moments, round % 5 === 0);
            this.#counts.kills += result.kills;
            this.#report(`killed at ${moments.map((moment) => moment.toFixed(3)).join(', ')}`, command, result.wrong);
            if (round % 50 === 49) {
                this.#say(`${this.#counts.kills} kills`);
            }
        }
        this.#say(`${this.#counts.kills} kills`);
    }

    /** Lets a random write, sync or truncation of each command fail, so often for each. */
    async failDisk(disk: DiskFaults, rounds: number): Promise<void> {
        for (const [command, calm] of await this.#calms()) {
            const { of } = await this.#operations(disk, command, calm);
            for (let round = 0; round < rounds; round++) {
                const failAt = 1 + Math.floor(this.#random() * of);
                const [errno, stays] = [this.#random() < 0.5 ? 5 : 28, this.#random() < 0.3] as const;
                const { failed, wrong } = await this.#ground.failRound(disk, command, calm, failAt, errno, stays);
                this.#counts.errors += failed ? 1 : 0;
                this.#report(`error ${errno} at ${failAt} of ${of}${stays ? ', and on' : ''}`, command, wrong);
            }
            this.#say(`${command.what}: ${rounds} failing disks`);
        }
    }

    /** Cuts the power behind a random one of them. */
    async cutPower(disk: DiskFaults, rounds: number): Promise<void> {
        for (const [command, calm] of await this.#calms()) {
            const { of } = await this.#operations(disk, command, calm);
            for (let round = 0; round < rounds; round++) {
                const cutAt = round % 10 === 0 ? -1 : 1 + Math.floor(this.#random() * of);
                const seed = Math.floor(this.#random() * 1e9);
                const { cut, wrong } = await this.#ground.powerRound(disk, command, calm, cutAt, seed);
                this.#counts.cuts += cut ? 1 : 0;
                this.#report(`power cut at ${cutAt} of ${of}, seed ${seed}`, command, wrong);
            }
            this.#say(`${command.what}: ${rounds} power cuts`);
        }
    }

    /** Lands a transaction of 1 GB in one record. */
    async loadLarge(): Promise<void> {
        const { cwd } = this.#ground;
        const { status, load, stderr, maxRssKib } = await loadLarge('transaction', 1_000, 'large.db', cwd);
        const isRight = status === 0 && load.records === 1 && load.changes === load.lastSeq && maxRssKib < 150 * 1024;
        this.#say(`a transaction of ${load.bytes} bytes: ${load.changes} changes, ${maxRssKib} KiB of memory`);
        if (!isRight) {
            this.#problems++;
            this.#say(stderr);
        }
    }

    /** Prints the figures; 1 if anything was wrong. */
    summary(): 0 | 1 {
        const { kills, errors, cuts } = this.#counts;
        this.#say(`${kills} kills, ${errors} errors of the disk, ${cuts} power cuts: ${this.#problems} problems`);
        return this.#problems === 0 ? 0 : 1;
    }

    /** In [0, 1). */
    #random(): number {
        return this.#source.uint32() / 2 ** 32;
    }

    async #calms(): Promise<(readonly [DisturbedCommand, Calm])[]> {
        const calms: (readonly [DisturbedCommand, Calm])[] = [];
        for (const command of this.#commands) {
            calms.push([command, await this.#ground.calm(command)]);
        }
        return calms;
    }

    async #operations(disk: DiskFaults, command: DisturbedCommand, calm: Calm): Promise<{ of: number }> {
        // One that comes after all others: nothing fails.
        const { wrong } = await this.#ground.failRound(disk, command, calm, Number.MAX_SAFE_INTEGER, 5, false);
        this.#report('nothing fails', command, wrong);
        return { of: disk.lastCount() };
    }

    #report(fault: string, { what }: DisturbedCommand, wrong: readonly unknown[]): void {
        if (wrong.length > 0) {
            this.#problems++;
            this.#say(`${what}: ${fault}: ${JSON.stringify(wrong.slice(0, 3))}`);
        }
    }

    #say(text: string): void {
        console.log(`${Math.round((performance.now() - this.#began) / 1_000)} s  ${text}`);
    }
}
