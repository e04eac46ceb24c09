import { parseArgs } from 'node:util';
import { diskFaults } from '../support/disk-faults.ts';
import { DISTURBED, FaultGround } from '../support/fault-ground.ts';
import { LongFaults } from './long-faults.ts';

/*
 * npm run faults -- [--seed N] [--kills N] [--rounds N] [--only 'load behind others'] [--large]
 * Every command is killed at random moments and again during its recovery, until there were so many kills; then, so
 * often for each command, a write or sync fails (EIO, ENOSPC), and the power is cut with unsynced sectors gone. With
 * --large a transaction of 1 GB lands too.
 * Exit status 0: each file was whole, and the same command continued to the content of an undisturbed run; 1: not.
 */
const { values } = parseArgs({
    options: {
        seed: { type: 'string', default: '1' },
        kills: { type: 'string', default: '1000' },
        rounds: { type: 'string', default: '100' },
        large: { type: 'boolean', default: false },
        only: { type: 'string', default: '' },
    },
});

const ground = new FaultGround();
await ground.prepare(12_000, 3_000);
const disk = diskFaults();
const commands = DISTURBED.filter(({ what }) => what.startsWith(values.only));
const faults = new LongFaults(ground, commands, Number(values.seed));
await faults.kill(Number(values.kills));
if (disk === null) {
    console.log('no faults of the disk: they need Linux and gcc');
} else {
    await ground.prepare(1_500, 500);
    await faults.failDisk(disk, Number(values.rounds));
    await faults.cutPower(disk, Number(values.rounds));
}
if (values.large) {
    await faults.loadLarge();
}
process.exitCode = faults.summary();
