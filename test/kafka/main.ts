import { parseArgs } from 'node:util';
import { hasKafka } from '../support/kafka.ts';
import { Broker } from '../support/kafka-broker.ts';
import { Random } from '../support/random.ts';
import { killedRounds } from './kill-rounds.ts';
import { TopicWorld } from './topic-world.ts';

/**
 * The crash test at length: `npm run kafka-tests -- --seed N --kills 200`. Messages are sent, and the follower is killed at a
 * random moment, again and again; in the end rows and offsets are those of a follower that nobody disturbed.
 */

const { values: options } = parseArgs({
    options: {
        seed: { type: 'string', default: '1' },
        kills: { type: 'string', default: '200' },
    },
});
const seed = Number(options.seed);
const kills = Number(options.kills);

if (!hasKafka) {
    process.exit(1);
}
const topic = 'killed';
const source = { [topic]: `create table ${topic} (id integer primary key, note text);\n` };
const broker = await Broker.start();
let failed = false;
try {
    await broker.createTopic(topic, 3);
    const world = new TopicWorld(broker, source);
    const told = (kill: number): void => {
        if (kill % 10 === 0) {
            console.log(`${kill} kills: ${world.count(`stg_${topic}`)} rows, ${world.offsets().join(', ')}`);
        }
    };
    await killedRounds({ broker, world, topic, random: new Random(seed), kills, first: 0, told });
    await world.load([topic]);
    const other = new TopicWorld(broker, source);
    await other.load([topic]);
    const rows = `select id, note, _lsn from stg_${topic} order by _lsn`;
    const [found, wanted] = [JSON.stringify(world.rows(rows)), JSON.stringify(other.rows(rows))];
    const verified = await world.elt(['verify']);
    failed = found !== wanted || world.offsets().join() !== other.offsets().join() || verified.status !== 0;
    console.log(
        `seed ${seed}: ${kills} kills, ${world.count(`stg_${topic}`)} rows of ${other.count(`stg_${topic}`)}: ${failed ? 'NOT as undisturbed' : 'as undisturbed'}`,
    );
} finally {
    await broker.stop();
}
process.exit(failed ? 1 : 0);
